//! One state of a content in a word. While it is the same, nothing is downloaded again: not after a rename, not after a move.

use hawser_entity::content;

const PLACE: &str = "at";

/// Where the cloud tells a hash of the bytes, equal words mean equal bytes in whatever document; else the word is good for
/// this file only.
pub fn source(content: &content::Model) -> String {
    match (&content.hash_kind, &content.hash, content.size) {
        (Some(kind), Some(hash), Some(size)) => format!("{kind}:{hash}:{size}"),
        _ => {
            let changed = content.remote_modified_at.map(|at| at.to_rfc3339());
            let state = content.revision.clone().or(changed).unwrap_or_default();
            format!("{PLACE}:{}:{}:{}:{state}", content.connection_id, content.remote_id, content.mime_type)
        }
    }
}

/// Whether another document with the same word holds the same bytes.
pub fn is_of_bytes(source: &str) -> bool {
    !source.starts_with(PLACE)
}
