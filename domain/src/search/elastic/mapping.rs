//! What Elasticsearch is told of an index: fields, and that there are no others. Texts come as words of ours with a blank
//! between each, so that one analyser of the server's core is enough and both engines have the same words.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Moves when the same mapping is filled differently: other words, other values.
const CONTENTS: u32 = 1;

/// Longer values are not found by, which is better than a document that is refused.
pub(super) const LONGEST: u32 = 8191;

/// The body that makes an index.
pub fn index() -> Value {
    let word = || json!({ "type": "keyword", "ignore_above": LONGEST });
    let only_sorted = json!({ "type": "keyword", "index": false, "ignore_above": LONGEST });
    let number = || json!({ "type": "long" });
    let text = || json!({ "type": "text", "analyzer": "whitespace", "index_options": "positions" });
    json!({
        "settings": {
            "index": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
                // The follower says when what it wrote is to be seen.
                "refresh_interval": "-1",
                "mapping.total_fields.limit": 50,
                "mapping.depth.limit": 2,
            }
        },
        "mappings": {
            "dynamic": "strict",
            // What a document looks like is in the database.
            "_source": { "includes": ["mark"] },
            "properties": {
                "mark": { "type": "object", "enabled": false },
                "deleted": { "type": "boolean" },
                "deleted_at": number(),
                "refused": { "type": "boolean" },
                "id": word(),
                "acl": word(),
                "ancestors": word(),
                "kind": word(),
                "type": word(),
                "name": text(),
                "name_ways": { "type": "text", "analyzer": "whitespace", "norms": false },
                "name_key": only_sorted,
                "extension": word(),
                "mime": word(),
                "provider": word(),
                "provider_id": word(),
                "owner": word(),
                "created": number(),
                "modified": number(),
                "taken": number(),
                "size": number(),
                "size_key": { "type": "long", "index": false },
                "width": number(),
                "height": number(),
                "duration": number(),
                "language": word(),
                "title": text(),
                "author": text(),
                "content": text(),
                "stems": { "type": "text", "analyzer": "whitespace", "index_options": "freqs" },
                "flags": word(),
            }
        }
    })
}

/// The version of this mapping, short enough for the name of an index.
pub fn version() -> String {
    let mut hash = Sha256::new_with_prefix(index().to_string());
    hash.update(CONTENTS.to_be_bytes());
    let mut version = hex::encode(hash.finalize());
    version.truncate(12);
    version
}
