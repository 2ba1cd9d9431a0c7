//! What a name may be, and when two names are the same one.

use caseless::default_case_fold_str;
use unicode_normalization::UnicodeNormalization;

use crate::{Error, Result};

/// Bytes of UTF-8 that every file system and every cloud still takes.
pub const MAX_BYTES: usize = 255;

/// The name as it is stored: NFC, without surrounding white space.
///
/// # Errors
/// `Invalid` at `path` for empty names, `.` and `..`, slashes, control characters and names over 255 bytes.
pub fn clean(name: &str, path: &[&str]) -> Result<String> {
    let name: String = name.trim().nfc().collect();
    let fault = if name.is_empty() {
        Some("a name needs at least one visible character".to_owned())
    } else if name == "." || name == ".." {
        Some(format!("{name:?} means a place, not a name"))
    } else if name.contains('/') {
        Some("a name cannot contain a slash".to_owned())
    } else if name.chars().any(char::is_control) {
        Some("a name cannot contain control characters".to_owned())
    } else if name.len() > MAX_BYTES {
        Some(format!("a name has at most {MAX_BYTES} bytes in UTF-8; this one has {}", name.len()))
    } else {
        None
    };
    match fault {
        Some(message) => Err(Error::invalid(path, message)),
        None => Ok(name),
    }
}

/// Two names with the same key are the same name in one place: NFC of the full case folding of NFD (Unicode 3.13, D145).
pub fn key(name: &str) -> String {
    let decomposed: String = name.nfd().collect();
    default_case_fold_str(&decomposed).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_or_composition_share_a_key() {
        for (left, right) in [
            ("Straße", "STRASSE"),
            ("e\u{301}tude", "Étude"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("한글", "\u{1112}\u{1161}\u{11ab}글"),
        ] {
            assert_eq!(key(left), key(right), "{left} and {right}");
        }
        assert_ne!(key("a"), key("b"));
        assert_ne!(key("ı"), key("i"), "the dotless i is a letter of its own outside Turkish");
    }

    #[test]
    fn names_that_no_file_system_takes_are_refused() {
        for name in ["", "  ", ".", "..", "a/b", "a\u{0}b", "a\nb", &"é".repeat(128)] {
            assert!(clean(name, &["input", "name"]).is_err(), "{name:?}");
        }
        assert_eq!(clean(" Cafe\u{301} ", &[]).unwrap(), "Café");
        assert!(clean(&"e".repeat(255), &[]).is_ok());
    }
}
