//! The `fields` parameter: parsed against the response's schema, then used twice, to render only what was asked and to prune what is nested.
//! Unknown names are refused by name; a blank mask asks for nothing.

mod parse;
mod schema;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use parse::parse;

/// What of an object is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mask {
    Everything,
    Only(BTreeMap<String, Mask>),
}

impl Mask {
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(fields) => fields.contains_key(name),
        }
    }

    /// The mask of a nested object; one that wants nothing when the field is not wanted.
    pub fn child(&self, name: &str) -> Mask {
        match self {
            Self::Everything => Self::Everything,
            Self::Only(fields) => fields.get(name).cloned().unwrap_or(Self::Only(BTreeMap::new())),
        }
    }

    /// The part of a value that is wanted; lists are pruned item by item.
    pub fn prune(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Only(_), Value::Array(items)) => {
                Value::Array(items.into_iter().map(|item| self.prune(item)).collect())
            }
            (Self::Only(fields), Value::Object(object)) => {
                let kept = object.into_iter().filter_map(|(name, value)| {
                    let mask = fields.get(&name)?;
                    Some((name, mask.prune(value)))
                });
                Value::Object(kept.collect::<Map<_, _>>())
            }
            (_, value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pruned(fields: &str, schema: &str, value: Value) -> Value {
        parse(fields, schema).unwrap().prune(value)
    }

    #[test]
    fn a_mask_keeps_what_it_names_at_any_depth() {
        let list = json!({
            "kind": "drive#fileList", "nextPageToken": "x",
            "files": [{"id": "1", "name": "a", "owners": [{"emailAddress": "e", "me": true}]}]
        });
        assert_eq!(
            pruned("nextPageToken, files(id,owners/emailAddress)", "FileList", list.clone()),
            json!({"nextPageToken": "x", "files": [{"id": "1", "owners": [{"emailAddress": "e"}]}]})
        );
        assert_eq!(pruned("files/*", "FileList", list.clone()), json!({"files": list["files"]}));
        assert_eq!(pruned("*", "FileList", list.clone()), list);
        assert_eq!(pruned("", "FileList", list), json!({}));
    }

    #[test]
    fn naming_one_field_twice_joins_what_was_asked() {
        let file = json!({"capabilities": {"canEdit": true, "canCopy": false, "canShare": true}});
        assert_eq!(
            pruned("capabilities/canEdit,capabilities(canCopy)", "File", file),
            json!({"capabilities": {"canEdit": true, "canCopy": false}})
        );
    }

    #[test]
    fn unknown_names_and_broken_brackets_are_refused_by_name() {
        assert_eq!(parse("files(id)", "File"), Err("files".to_owned()));
        assert_eq!(parse("files(id,nope)", "FileList"), Err("nope".to_owned()));
        assert_eq!(parse("id/x", "File"), Err("x".to_owned()));
        assert!(parse("files(id", "FileList").is_err());
        assert!(parse("id)", "File").is_err());
        assert!(parse("id,,name", "File").is_err());
        assert!(parse("exportLinks(application/pdf),appProperties/key", "File").is_ok());
    }
}
