//! Found words in their surroundings, and what of a query was not understood.

use async_graphql::{Description, Enum, Object, SimpleObject};
use hawser_domain::search::{Highlights, highlight::Fragment, query::Warning};

/// What was found in a document. A list is empty where nothing was found in that place.
#[derive(Description)]
pub struct SearchHighlights<'a>(pub &'a Highlights);

#[Object(use_type_description)]
impl SearchHighlights<'_> {
    /// In its name.
    async fn name(&self) -> Vec<SearchFragment> {
        fragments(&self.0.name)
    }

    /// In the title inside its file.
    async fn title(&self) -> Vec<SearchFragment> {
        fragments(&self.0.title)
    }

    /// In its text: at most three pieces.
    async fn content(&self) -> Vec<SearchFragment> {
        fragments(&self.0.content)
    }
}

/// A piece of a text in which something was found.
#[derive(SimpleObject)]
struct SearchFragment {
    /// The piece, as it is in the text.
    text: String,
    /// What was found in it.
    marks: Vec<SearchMark>,
    /// The piece as HTML: escaped, with `mark` elements around what was found. Safe to be put into a page.
    html: String,
}

/// A part of a piece of text, in characters (Unicode scalar values) from its beginning.
#[derive(SimpleObject)]
struct SearchMark {
    /// The first character.
    from: usize,
    /// Behind the last one.
    to: usize,
}

fn fragments(found: &[Fragment]) -> Vec<SearchFragment> {
    let shown = |it: &Fragment| SearchFragment {
        text: it.text.clone(),
        marks: it.marks.iter().map(|range| SearchMark { from: range.start, to: range.end }).collect(),
        html: html(it),
    };
    found.iter().map(shown).collect()
}

fn html(fragment: &Fragment) -> String {
    let mut html = String::with_capacity(fragment.text.len() + 32);
    for (place, c) in fragment.text.chars().enumerate() {
        if fragment.marks.iter().any(|mark| mark.start == place) {
            html.push_str("<mark>");
        }
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
        if fragment.marks.iter().any(|mark| mark.end == place + 1) {
            html.push_str("</mark>");
        }
    }
    html
}

/// What happened to a part of a query.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchWarningCode {
    /// Only its beginning was read.
    TooLong,
    /// Only its first words and filters were read.
    TooManyClauses,
    /// Parentheses within too many others were ignored.
    TooDeep,
    /// Only the beginning of a phrase was read.
    PhraseTooLong,
    /// The words of a phrase may not be that far apart.
    SlopTooLarge,
    /// A beginning was too short and read as a word.
    PrefixTooShort,
    /// There is no such field; it was read as words.
    UnknownField,
    /// The value means nothing for its field; both were read as words.
    BadValue,
    /// Nothing in it could be a word.
    NoWords,
}

/// What of a query was cut, or taken for something else than it may have been meant as.
#[derive(SimpleObject)]
pub struct SearchWarning {
    /// What happened, for programs.
    code: SearchWarningCode,
    /// What happened, for people.
    message: String,
}

impl From<Warning> for SearchWarning {
    fn from(warning: Warning) -> Self {
        let code = match &warning {
            Warning::TooLong => SearchWarningCode::TooLong,
            Warning::TooManyClauses => SearchWarningCode::TooManyClauses,
            Warning::TooDeep => SearchWarningCode::TooDeep,
            Warning::PhraseTooLong => SearchWarningCode::PhraseTooLong,
            Warning::SlopTooLarge => SearchWarningCode::SlopTooLarge,
            Warning::PrefixTooShort(_) => SearchWarningCode::PrefixTooShort,
            Warning::UnknownField(_) => SearchWarningCode::UnknownField,
            Warning::BadValue { .. } => SearchWarningCode::BadValue,
            Warning::NoWords => SearchWarningCode::NoWords,
        };
        Self { code, message: warning.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_becomes_html_that_holds_nothing_but_marks() {
        let fragment = Fragment { text: "a <b> & é's".into(), marks: vec![2..5, 8..9] };
        assert_eq!(html(&fragment), "a <mark>&lt;b&gt;</mark> &amp; <mark>é</mark>&#39;s");
    }
}
