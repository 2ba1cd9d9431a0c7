//! A sight as a query of the embedded engine: it matches exactly what the caller may find.

use std::collections::HashSet;

use tantivy::{
    DocId, SegmentReader,
    columnar::Column,
    query::{
        AllScorer,
        doc_predicate_query::{ConstOrVariableSegmentPredicate, DocPredicate, SegmentDocPredicate},
    },
};
use uuid::Uuid;

use super::schema::column;
use crate::search::{load::term, rights::Sight};

impl DocPredicate for Sight {
    type SegmentDocPredicate = Here;

    fn doc_predicate(&self, segment: &SegmentReader) -> tantivy::Result<ConstOrVariableSegmentPredicate<Here>> {
        if self.readable.is_none() && self.lag.is_empty() {
            return Ok(ConstOrVariableSegmentPredicate::Const(true));
        }
        if self.readable.as_ref().is_some_and(|readable| readable.is_empty()) {
            return Ok(ConstOrVariableSegmentPredicate::Const(false));
        }
        let here = Here::new(self.clone(), segment)?;
        let necessary_condition = Box::new(AllScorer::new(segment.max_doc()));
        Ok(ConstOrVariableSegmentPredicate::Variable { predicate: here, necessary_condition })
    }
}

/// A sight in one segment, where words are numbers.
pub struct Here {
    sight: Sight,
    id_high: Column<u64>,
    id_low: Column<u64>,
    acl: Option<Column<u64>>,
    /// By number of the rules.
    allowed: Vec<bool>,
    ancestors: Option<Column<u64>>,
    /// By number of the ancestor; empty when none is gone.
    gone: HashSet<u64>,
}

impl Here {
    fn new(sight: Sight, segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let acl = columns.str(column::ACL)?;
        let mut allowed = Vec::new();
        if let Some(acl) = &acl {
            let mut rules = acl.dictionary().stream()?;
            while rules.advance() {
                let id = Uuid::try_parse_ascii(rules.key());
                allowed.push(id.is_ok_and(|id| sight.may_read(id)));
            }
        }
        let ancestors = columns.str(column::ANCESTORS)?;
        let mut gone = HashSet::new();
        if let Some(ancestors) = &ancestors {
            for id in &sight.lag.gone {
                gone.extend(ancestors.dictionary().term_ord(term(*id))?);
            }
        }
        Ok(Self {
            id_high: columns.u64(column::ID_HIGH)?,
            id_low: columns.u64(column::ID_LOW)?,
            acl: acl.map(|acl| acl.ords().clone()),
            allowed,
            ancestors: ancestors.map(|ancestors| ancestors.ords().clone()),
            gone,
            sight,
        })
    }
}

impl SegmentDocPredicate for Here {
    fn eval(&mut self, doc: DocId) -> bool {
        let lag = &self.sight.lag;
        if !lag.is_empty() {
            let high = self.id_high.first(doc).unwrap_or_default();
            let id = Uuid::from_u64_pair(high, self.id_low.first(doc).unwrap_or_default());
            match lag.now.get(&id) {
                Some(now) => return now.is_some_and(|acl_id| self.sight.may_read(acl_id)),
                None if lag.is_all => return false,
                None => {}
            }
            let above = self.ancestors.as_ref().filter(|_| !self.gone.is_empty());
            if above.is_some_and(|above| above.values_for_doc(doc).any(|ancestor| self.gone.contains(&ancestor))) {
                return false;
            }
        }
        let rules = self.acl.as_ref().and_then(|acl| acl.first(doc));
        let allowed = rules.and_then(|rules| self.allowed.get(usize::try_from(rules).ok()?));
        allowed.copied().unwrap_or_default()
    }
}
