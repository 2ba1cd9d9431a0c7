//! The fields of the language, and what their values mean.

use chrono::{DateTime, Utc};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

use super::{Filter, Kind, MAX_CLAUSES, Part, Place, State, TextField, date, size};

pub enum Field {
    Text(TextField),
    /// By its name in the language.
    Filter(&'static str),
}

const FILTERS: &[&str] =
    &["ext", "type", "provider", "in", "owner", "lang", "size", "modified", "created", "taken", "is", "has", "id"];

pub const KINDS: &[(&str, Kind)] = &[
    ("document", Kind::Document),
    ("spreadsheet", Kind::Spreadsheet),
    ("presentation", Kind::Presentation),
    ("pdf", Kind::Pdf),
    ("image", Kind::Image),
    ("video", Kind::Video),
    ("audio", Kind::Audio),
    ("archive", Kind::Archive),
    ("code", Kind::Code),
    ("text", Kind::Text),
    ("mail", Kind::Mail),
    ("folder", Kind::Folder),
    ("other", Kind::Other),
    // What people say as well; the first name of a kind is the one that is written.
    ("doc", Kind::Document),
    ("sheet", Kind::Spreadsheet),
    ("slides", Kind::Presentation),
    ("picture", Kind::Image),
    ("photo", Kind::Image),
    ("movie", Kind::Video),
    ("music", Kind::Audio),
    ("email", Kind::Mail),
];
pub const STATES: &[(&str, State)] =
    &[("encrypted", State::Encrypted), ("unavailable", State::Unavailable), ("native", State::Native)];
pub const PARTS: &[(&str, Part)] = &[("text", Part::Text), ("thumbnail", Part::Thumbnail)];

/// The field of a name in any case.
pub fn named(name: &str) -> Option<Field> {
    let name = name.to_lowercase();
    let text = match name.as_str() {
        "name" => TextField::Name,
        "title" => TextField::Title,
        "author" => TextField::Author,
        "content" => TextField::Content,
        _ => return FILTERS.iter().find(|it| **it == name).map(|it| Field::Filter(it)),
    };
    Some(Field::Text(text))
}

/// What was written after a field's colon.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Chunk(&'a str),
    Quoted(&'a str),
    Group(&'a str),
}

impl<'a> Value<'a> {
    pub fn text(self) -> &'a str {
        match self {
            Self::Chunk(text) | Self::Quoted(text) | Self::Group(text) => text,
        }
    }

    /// `a,b` · `"a"` · `(a, "b" OR c)`
    fn list(self) -> Vec<&'a str> {
        let elements: Vec<&str> = match self {
            Self::Chunk(text) => text.split(',').collect(),
            Self::Quoted(text) => vec![text.trim()],
            Self::Group(text) => text
                .split('"')
                .enumerate()
                .flat_map(|(at, part)| match at % 2 {
                    0 => {
                        let elements = part.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|'));
                        elements.filter(|element| *element != "OR").collect()
                    }
                    _ => vec![part.trim()],
                })
                .collect(),
        };
        elements.into_iter().filter(|element| !element.is_empty()).collect()
    }

    fn single(self) -> Option<&'a str> {
        let single = match self {
            Self::Chunk(text) | Self::Quoted(text) => text.trim(),
            Self::Group(_) => *self.list().first().filter(|_| self.list().len() == 1)?,
        };
        Some(single).filter(|single| !single.is_empty())
    }
}

/// The filter and whether its list was cut; none if the value means nothing for the field.
pub fn filter(name: &str, value: Value<'_>, now: DateTime<Utc>) -> Option<(Filter, bool)> {
    let list = value.list();
    let (is_cut, list) = (list.len() > MAX_CLAUSES, &list[..list.len().min(MAX_CLAUSES)]);
    let filter = match name {
        "ext" => Filter::Extension(every(list, |it| {
            Some(it.trim_start_matches('.').to_lowercase()).filter(|it| !it.is_empty())
        })?),
        "type" => Filter::Kind(every(list, |it| known(KINDS, it))?),
        "provider" => Filter::Provider(every(list, |it| Some(it.to_owned()))?),
        "lang" => Filter::Language(every(list, language)?),
        "id" => Filter::Id(every(list, id)?),
        "in" => Filter::In(place(value.single()?)),
        "owner" => Filter::Owner(value.single()?.to_owned()),
        "size" => Filter::Size(size::range(value.single()?)?),
        "modified" => Filter::Modified(date::range(value.single()?, now)?),
        "created" => Filter::Created(date::range(value.single()?, now)?),
        "taken" => Filter::Taken(date::range(value.single()?, now)?),
        "is" => Filter::Is(known(STATES, value.single()?)?),
        "has" => Filter::Has(known(PARTS, value.single()?)?),
        _ => return None,
    };
    Some((filter, is_cut))
}

fn every<T>(list: &[&str], meaning: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let all: Option<Vec<T>> = list.iter().map(|element| meaning(element)).collect();
    all.filter(|all| !all.is_empty())
}

fn known<T: Copy>(names: &[(&str, T)], value: &str) -> Option<T> {
    let value = value.to_lowercase();
    let named = |name: &str| names.iter().find(|(it, _)| *it == name).map(|(_, meaning)| *meaning);
    named(&value).or_else(|| named(value.strip_suffix('s')?))
}

fn language(code: &str) -> Option<String> {
    let code = code.to_lowercase().replace('_', "-");
    let mut parts = code.split('-');
    let is_code =
        parts.next().is_some_and(|it| matches!(it.len(), 2 | 3) && it.bytes().all(|c| c.is_ascii_lowercase()))
            && parts.all(|it| matches!(it.len(), 1..=8) && it.bytes().all(|c| c.is_ascii_alphanumeric()));
    is_code.then_some(code)
}

/// With or without the word that says whose id it is: `doc_01j…`.
fn id(text: &str) -> Option<Uuid> {
    let typed = || Some(text.parse::<TypeSafeId<DynamicType>>().ok()?.uuid());
    text.parse().ok().or_else(typed)
}

fn place(text: &str) -> Place {
    id(text)
        .map_or_else(|| Place::Path(text.trim_matches(|c: char| c == '/' || c.is_whitespace()).to_owned()), Place::Id)
}
