//! The three files in which compilers of front ends list the operations they found: the map of the codegen client preset
//! (`sha256:…` to text), that of the Relay compiler (its hash to text), and the manifest of Apollo (version 1).

use serde::Deserialize;
use serde_json::{Map, Value};

/// Characters of a name.
pub(super) const LONGEST_KEY: usize = 256;

/// One operation of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What clients call it by, without the prefix `sha256:`.
    pub key: String,
    pub text: String,
    /// The operation's own name, where the manifest tells it.
    pub name: Option<String>,
}

const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    version: u64,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
    #[serde(default)]
    name: Option<String>,
}

/// The operations of a manifest, in its order.
///
/// # Errors
/// Everything that is wrong with it, each as a sentence.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, Vec<String>> {
    let map: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|error| vec![format!("is not a JSON object: {error}")])?;
    let found = match map.get("format") {
        Some(Value::String(format)) if format == APOLLO => apollo(map)?,
        _ if map.contains_key("operations") => return Err(vec![format!("says no `format`; {APOLLO:?} is known")]),
        _ => named(map)?,
    };
    if found.is_empty() {
        return Err(vec!["holds no operation".to_owned()]);
    }
    let faults: Vec<_> = found.iter().filter_map(|(said, entry)| fault(said, entry)).collect();
    if faults.is_empty() { Ok(found.into_iter().map(|(_, entry)| entry).collect()) } else { Err(faults) }
}

/// With the name as it was written.
type Found = Vec<(String, Entry)>;

fn entry(said: String, text: String, name: Option<String>) -> (String, Entry) {
    let key = super::key(&said).to_owned();
    (said, Entry { key, text, name })
}

fn apollo(map: Map<String, Value>) -> Result<Found, Vec<String>> {
    let manifest: Apollo = serde_json::from_value(Value::Object(map))
        .map_err(|error| vec![format!("is not a manifest as Apollo writes it: {error}")])?;
    if manifest.version != 1 {
        return Err(vec![format!("is of version {}; version 1 is known", manifest.version)]);
    }
    Ok(manifest.operations.into_iter().map(|it| entry(it.id, it.body, it.name)).collect())
}

fn named(map: Map<String, Value>) -> Result<Found, Vec<String>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (name, text) in map {
        match text {
            Value::String(text) => found.push(entry(name, text, None)),
            _ => faults.push(format!("{name}: is not the text of an operation")),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// A name that is, or says it is, a hash has to be that of its text: or the file was changed by hand, or broke off.
fn fault(said: &str, entry: &Entry) -> Option<String> {
    let is_readable = |it: char| it.is_ascii_graphic();
    if entry.key.is_empty() || entry.key.len() > LONGEST_KEY || !entry.key.chars().all(is_readable) {
        return Some(format!("{said:?}: a name has 1 to {LONGEST_KEY} letters, digits and signs"));
    }
    let is_hash = entry.key.len() == 64 && entry.key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash = hex::encode(super::hash(&entry.text));
    let claims = is_hash || said.starts_with("sha256:");
    (claims && hash != entry.key).then(|| format!("{said}: is not the SHA-256 of its text, which is {hash}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "query Who { viewer { isSession } }";

    fn read_json(value: Value) -> Result<Vec<Entry>, Vec<String>> {
        read(value.to_string().as_bytes())
    }

    #[test]
    fn the_files_of_three_compilers_say_the_same() {
        let hash = hex::encode(crate::persisted_operation::hash(TEXT));
        let codegen = read_json(json!({ format!("sha256:{hash}"): TEXT })).unwrap();
        let operation = json!({ "id": hash, "body": TEXT, "name": "Who", "type": "query" });
        let apollo = read_json(json!({ "format": APOLLO, "version": 1, "operations": [operation] })).unwrap();
        let relay = read_json(json!({ "0f343b0931126a20f133d67c2b018a3b": TEXT })).unwrap();
        assert_eq!(codegen, [Entry { key: hash.clone(), text: TEXT.into(), name: None }]);
        assert_eq!(apollo, [Entry { name: Some("Who".into()), ..codegen[0].clone() }]);
        assert_eq!(relay[0].key, "0f343b0931126a20f133d67c2b018a3b");
        assert_eq!(relay[0].text, TEXT);
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_every_reason() {
        for (value, reasons) in [
            (json!([TEXT]), 1),
            (json!({}), 1),
            (json!({ "a": 1, "b": null, "c": TEXT }), 2),
            (json!({ "operations": [] }), 1),
            (json!({ "format": APOLLO, "version": 2, "operations": [] }), 1),
            (json!({ "format": APOLLO, "version": 1, "operations": [{ "id": "x" }] }), 1),
            (json!({ "": TEXT, "with space": TEXT }), 2),
            (json!({ "sha256:0f": TEXT, "0".repeat(64): TEXT }), 2),
        ] {
            let faults = read_json(value.clone()).expect_err("a bad manifest was taken");
            assert_eq!(faults.len(), reasons, "{value}: {faults:?}");
        }
    }
}
