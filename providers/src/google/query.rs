//! Drive's query language: only the few sentences we say in it.

use crate::Place;

/// A string literal: `'` and `\` are the two characters that need escaping.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
    out
}

/// What lies at a place, without the trash.
pub fn at(place: &Place) -> String {
    match place {
        Place::Root => "'root' in parents and trashed = false".into(),
        Place::Drive(id) | Place::Folder { id, .. } => format!("{} in parents and trashed = false", literal(id)),
        Place::SharedWithMe => "sharedWithMe = true and trashed = false".into(),
    }
}

/// Files that contain the words or whose name does.
pub fn matching(words: &str) -> String {
    let words = literal(words);
    format!("(fullText contains {words} or name contains {words}) and trashed = false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_cannot_end_a_literal() {
        assert_eq!(literal("plain"), "'plain'");
        assert_eq!(literal("it's"), r"'it\'s'");
        assert_eq!(literal(r"a\"), r"'a\\'");
        assert_eq!(literal(r"\' or trashed = true or name = '"), r"'\\\' or trashed = true or name = \''");
        assert_eq!(literal(""), "''");
        assert_eq!(literal("Zürich \"北京\""), "'Zürich \"北京\"'");
    }

    #[test]
    fn a_hostile_folder_id_stays_inside_its_literal() {
        let place = Place::Folder { id: "x' or 'a' in owners or 'y".into(), drive_id: None, resource_key: None };
        assert_eq!(at(&place), r"'x\' or \'a\' in owners or \'y' in parents and trashed = false");
    }

    #[test]
    fn the_trash_is_never_listed() {
        for q in [at(&Place::Root), at(&Place::Drive("d".into())), at(&Place::SharedWithMe), matching("x")] {
            assert!(q.ends_with("and trashed = false"), "{q}");
        }
    }
}
