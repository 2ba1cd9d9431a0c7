//! One search in one state of the index.

use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, doc_predicate_query::DocPredicateQuery};

use super::{
    View,
    compile::{Compiler, unscored},
    suggest,
};
use crate::search::{
    ask::{Collected, Wanted},
    fault::Fault,
    find::Look,
    query::Node,
};

/// What is found, and what may have been meant where nothing is.
pub fn look(view: &View, look: Look, wanted: &Wanted) -> Result<(Collected, Option<String>), Fault> {
    let here = Here { view, look };
    let query = here.query(here.look.parsed.root.as_ref(), here.look.parsed.is_open)?;
    let collected = view.searcher.search(&query, wanted)?;
    let suggestion = if collected.total == 0 { suggest::suggest(&here)? } else { None };
    Ok((collected, suggestion))
}

/// A search in a state of the index.
pub(super) struct Here<'a> {
    pub view: &'a View,
    pub look: Look,
}

impl Here<'_> {
    /// What matches and may be seen: rights stand outside of everything that was typed.
    pub fn query(&self, root: Option<&Node>, is_open: bool) -> Result<BooleanQuery, Fault> {
        let (searcher, fields) = (&self.view.searcher, &*self.view.fields);
        let compiler = Compiler { searcher, fields, resolved: &self.look.resolved };
        let typed = match root {
            Some(root) => compiler.compile(root, is_open)?,
            None => unscored(Box::new(AllQuery)),
        };
        let mut all = vec![(Occur::Must, typed), (Occur::Must, self.seen())];
        if let Some(filter) = &self.look.filter {
            all.push((Occur::Must, unscored(compiler.compile(filter, false)?)));
        }
        Ok(BooleanQuery::new(all))
    }

    pub fn seen(&self) -> Box<dyn Query> {
        unscored(Box::new(DocPredicateQuery::from(self.look.sight.clone())))
    }
}
