//! What must hold besides what was typed, as a form fills it in. It becomes the same tree as typed filters do.

use async_graphql::{Enum, InputObject, Result};
use chrono::{DateTime, Utc};
use hawser_domain::{
    Error,
    search::query::{Filter, Kind, Node, Part, Place, Range, State},
};

use crate::graphql::{
    node::{Id, of},
    provider::ProviderKind,
    scalar::Long,
};

/// Values of one list.
const MOST: usize = 100;

/// What a document is, by its bytes and its name.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Kind")]
pub enum SearchKind {
    /// A text with layout: Word, OpenDocument, RTF, EPUB, HTML.
    Document,
    /// A table of cells.
    Spreadsheet,
    /// Slides.
    Presentation,
    /// PDF.
    Pdf,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// Files packed into one.
    Archive,
    /// Source code.
    Code,
    /// Plain text.
    Text,
    /// A mail.
    Mail,
    /// A workspace or a folder.
    Folder,
    /// Anything else.
    Other,
}

/// How a document's content stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "State")]
pub enum SearchState {
    /// It wants a password.
    Encrypted,
    /// Its cloud does not give it at present.
    Unavailable,
    /// Its cloud keeps it in a form of its own.
    Native,
}

/// What there is of a document.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Part")]
pub enum SearchPart {
    /// Text that was read out of it.
    Text,
    /// A picture of it.
    Thumbnail,
}

/// Times between two, one of which may be left out.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct DateTimeRange {
    /// From this on.
    from: Option<DateTime<Utc>>,
    /// Before this.
    to: Option<DateTime<Utc>>,
}

/// Numbers between two, one of which may be left out.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct LongRange {
    /// From this on.
    from: Option<Long>,
    /// Below this.
    to: Option<Long>,
}

/// What must hold besides the query: all that is given, and of each list any.
#[derive(InputObject, Debug, Default)]
pub struct SearchFilter {
    /// What it is.
    kinds: Option<Vec<SearchKind>>,
    /// Which kinds of clouds it lies in.
    providers: Option<Vec<ProviderKind>>,
    /// The ends of its name, without the dot.
    extensions: Option<Vec<String>>,
    /// A folder or workspace it is in, however deep.
    within: Option<Id<of::Document>>,
    /// Who created it here, or whose it is in the cloud.
    owner: Option<Id<of::User>>,
    /// The language of its text, as in ISO 639-1.
    languages: Option<Vec<String>>,
    /// Bytes of its file.
    size: Option<LongRange>,
    /// When it was last changed.
    modified: Option<DateTimeRange>,
    /// When it was created.
    created: Option<DateTimeRange>,
    /// When a picture or film was taken.
    taken: Option<DateTimeRange>,
    /// How its content stands.
    state: Option<SearchState>,
    /// What there is of it; all of these.
    has: Option<Vec<SearchPart>>,
}

impl SearchFilter {
    /// The filter as a tree; nothing where nothing is given.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for lists and numbers beyond their limits.
    pub fn node(self) -> Result<Option<Node>> {
        let mut all = Vec::new();
        let words =
            |list: Vec<String>| list.into_iter().map(|word| word.trim_start_matches('.').to_lowercase()).collect();
        let kinds = self.kinds.map(|list| list.into_iter().map(Kind::from).collect());
        all.extend(list("kinds", kinds)?.map(Filter::Kind));
        let kind = |kind: ProviderKind| hawser_domain::providers::ProviderKind::from(kind).word().to_owned();
        let providers = self.providers.map(|list| list.into_iter().map(kind).collect());
        all.extend(list("providers", providers)?.map(Filter::Provider));
        all.extend(list("extensions", self.extensions.map(words))?.map(Filter::Extension));
        all.extend(list("languages", self.languages.map(words))?.map(Filter::Language));
        all.extend(self.within.map(|id| Filter::In(Place::Id(id.0))));
        all.extend(self.owner.map(|id| Filter::Owner(id.0.to_string())));
        if let Some(size) = self.size.filter(|size| size.from.is_some() || size.to.is_some()) {
            all.push(Filter::Size(Range { from: bytes(size.from)?, to: bytes(size.to)? }));
        }
        let times = |range: Option<DateTimeRange>| {
            let range = range.filter(|range| range.from.is_some() || range.to.is_some());
            range.map(|range| Range { from: range.from, to: range.to })
        };
        all.extend(times(self.modified).map(Filter::Modified));
        all.extend(times(self.created).map(Filter::Created));
        all.extend(times(self.taken).map(Filter::Taken));
        all.extend(self.state.map(|state| Filter::Is(state.into())));
        all.extend(self.has.into_iter().flatten().take(2).map(|part| Filter::Has(part.into())));
        let mut all: Vec<_> = all.into_iter().map(Node::Filter).collect();
        Ok(if all.len() > 1 { Some(Node::And(all)) } else { all.pop() })
    }
}

fn list<T>(name: &str, values: Option<Vec<T>>) -> Result<Option<Vec<T>>> {
    let Some(values) = values.filter(|values| !values.is_empty()) else { return Ok(None) };
    match values.len() <= MOST {
        true => Ok(Some(values)),
        false => Err(Error::invalid(&["filter", name], format!("at most {MOST} values")).into()),
    }
}

fn bytes(number: Option<Long>) -> Result<Option<u64>> {
    let Some(Long(number)) = number else { return Ok(None) };
    let bytes = u64::try_from(number).map_err(|_| Error::invalid(&["filter", "size"], "a size is not negative"))?;
    Ok(Some(bytes))
}
