//! One search from the text to a page of documents. The state of the index is taken first and the state of the database
//! after it, so that whatever the index does not know yet is in the log between the two.

use std::collections::{BTreeSet, HashMap};

use hawser_entity::document;
use uuid::Uuid;

use super::{
    ask::{Facet, Facets, Wanted},
    cursor::{Cursor, Order, Sort},
    fault::Fault,
    highlight::{self, Fragment},
    load,
    place::{self, Resolved},
    query::{self, Node, Parsed, TextField, Warning},
    rights::{self, Sight},
};
use crate::{
    App, Principal, Result, document as documents,
    page::{Page, Span},
    principal::Scope,
};

/// Pieces of a text shown of one hit, and their length in characters.
const FRAGMENTS: usize = 3;
const FRAGMENT_LENGTH: usize = 160;
/// Hits of one page.
const MOST: u64 = 100;

#[derive(Debug, Clone, Default)]
pub struct Request {
    /// As typed; empty asks for everything.
    pub text: String,
    /// Must hold as well.
    pub filter: Option<Node>,
    /// Without it: what fits best where there are words, else what was modified last.
    pub order: Option<Order>,
    pub facets: BTreeSet<Facet>,
    /// Without highlights, for which the texts of the hits have to be read.
    pub plain: bool,
    /// Which of the hits, by their cursors; a page holds 100 at most.
    pub span: Span<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Highlights {
    pub name: Vec<Fragment>,
    pub title: Vec<Fragment>,
    pub content: Vec<Fragment>,
}

#[derive(Debug, Clone)]
pub struct Hit {
    pub document: document::Model,
    pub highlights: Highlights,
    pub cursor: String,
}

#[derive(Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// All there are, on whichever page.
    pub total: u64,
    /// Not while there is no index yet, or when something changed during the search itself.
    pub is_exact: bool,
    pub facets: Facets,
    pub warnings: Vec<Warning>,
    /// What may have been meant, where nothing was found.
    pub suggestion: Option<String>,
    pub has_previous: bool,
    pub has_next: bool,
}

/// Searches what the caller may see.
///
/// # Errors
/// `Forbidden` for tokens that may not read; `Invalid` for a cursor that does not fit.
pub async fn search(app: &App, who: &Principal, request: &Request) -> Result<Found> {
    who.require(Scope::Read)?;
    let parsed = query::parse(&request.text, app.clock.now());
    let usual = Order {
        sort: if parsed.root.as_ref().is_some_and(scores) { Sort::Relevance } else { Sort::Modified },
        descending: true,
    };
    let order = request.order.unwrap_or(usual);
    let mut span = request.span.try_map(|text| Cursor::read(text, order))?;
    span.most = span.most.min(MOST);
    let warnings = parsed.warnings.clone();
    let Some(view) = app.search.view().await? else { return Ok(Found { warnings, ..Found::default() }) };
    if parsed.root.is_none() && warnings.contains(&Warning::NoWords) {
        return Ok(Found { warnings, is_exact: true, ..Found::default() });
    }
    let snapshot = app.database.snapshot().await?;
    let sight = rights::sight(app, &snapshot, who, view.position()).await?;
    let nodes: Vec<&Node> = parsed.root.iter().chain(&request.filter).collect();
    let resolved = place::resolve(&snapshot, who, &nodes).await?;
    snapshot.rollback().await?;

    let wanted = Wanted {
        order,
        span: span.clone(),
        most: usize::try_from(span.most).unwrap_or_default() + 1,
        facets: request.facets.clone(),
        now: app.clock.now().timestamp_micros(),
    };
    let marked = parsed.root.clone().filter(|root| !request.plain && scores(root));
    let look = Look { sight, resolved, parsed, filter: request.filter.clone(), typed: request.text.clone() };
    let (collected, suggestion) = view.look(look, wanted).await?;
    let page = Page::cut(&span, collected.hits);
    let mut found = Found {
        total: collected.total,
        is_exact: true,
        has_previous: page.has_previous || collected.beyond.0,
        has_next: page.has_next || collected.beyond.1,
        facets: collected.facets,
        warnings,
        suggestion,
        hits: Vec::new(),
    };
    show(app, who, marked, page.rows, order, &mut found).await?;
    Ok(found)
}

/// Whether anything in it weighs more or less: words do, outside of what must not be there.
fn scores(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(scores),
        Node::Not(_) | Node::Filter(_) => false,
        Node::Word { .. } | Node::Prefix { .. } | Node::Phrase { .. } => true,
    }
}

/// Everything an engine needs for one search.
pub(super) struct Look {
    pub sight: Sight,
    pub resolved: Resolved,
    pub parsed: Parsed,
    pub filter: Option<Node>,
    /// The text as typed.
    pub typed: String,
}

/// Hits as documents, asked for once more under the rights of this very moment.
async fn show(
    app: &App,
    who: &Principal,
    marked: Option<Node>,
    hits: Vec<(super::cursor::Key, Uuid)>,
    order: Order,
    found: &mut Found,
) -> Result<()> {
    let ids: Vec<Uuid> = hits.iter().map(|(_, id)| *id).collect();
    let seen = documents::find_many(app, who, &ids).await?;
    let mut seen: HashMap<Uuid, document::Model> =
        seen.into_iter().filter(|document| document.trash_root_id.is_none()).map(|it| (it.id, it)).collect();
    let missing = ids.iter().filter(|id| !seen.contains_key(*id)).count() as u64;
    if missing > 0 {
        found.total = found.total.saturating_sub(missing);
        found.is_exact = false;
    }
    let mut highlights = match marked {
        Some(root) => highlight(app, &seen, root).await?,
        None => HashMap::new(),
    };
    for (key, id) in hits {
        if let Some(document) = seen.remove(&id) {
            let cursor = Cursor { order, key, id }.write()?;
            let highlights = highlights.remove(&id).unwrap_or_default();
            found.hits.push(Hit { document, highlights, cursor });
        }
    }
    Ok(())
}

async fn highlight(app: &App, seen: &HashMap<Uuid, document::Model>, root: Node) -> Result<HashMap<Uuid, Highlights>> {
    let named: Vec<(Uuid, String)> = seen.values().map(|document| (document.id, document.name.clone())).collect();
    let ids: Vec<Uuid> = named.iter().map(|(id, _)| *id).collect();
    let mut read = load::readings(app, &ids).await?;
    let shown = tokio::task::spawn_blocking(move || {
        let wanted =
            [TextField::Name, TextField::Title, TextField::Content].map(|field| highlight::Wanted::of(&root, field));
        let piece = |text: &str, wanted| highlight::fragments(text, wanted, FRAGMENTS, FRAGMENT_LENGTH);
        named
            .into_iter()
            .map(|(id, name)| {
                let (title, text) = read.remove(&id).unwrap_or_default();
                let highlights = Highlights {
                    name: piece(&name, &wanted[0]),
                    title: piece(title.as_deref().unwrap_or_default(), &wanted[1]),
                    content: piece(load::cut(&text), &wanted[2]),
                };
                (id, highlights)
            })
            .collect()
    });
    Ok(shown.await.map_err(Fault::from)?)
}
