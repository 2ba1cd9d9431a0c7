//! What differs from run to run, put into words, so that answers can be compared as wholes. The same id gets the same
//! number everywhere in one answer.

use serde_json::Value;

/// The value with ids, times, tokens and cursors replaced: `[doc 1]`, `[time]`, `[token]`, `[uuid 1]`.
pub fn redacted(value: &Value) -> Value {
    let mut seen = Vec::new();
    walk(value, &mut seen)
}

/// The answer without what it says of its cost.
pub fn without_cost(mut answer: Value) -> Value {
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("extensions");
    }
    answer
}

fn walk(value: &Value, seen: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) => Value::String(word(text, seen)),
        Value::Array(items) => items.iter().map(|item| walk(item, seen)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| match (key.as_str(), field) {
                ("cursor" | "startCursor" | "endCursor", Value::String(_)) => (key.clone(), "[cursor]".into()),
                ("cost", Value::Object(_)) => (key.clone(), "[cost]".into()),
                _ => (key.clone(), walk(field, seen)),
            })
            .collect(),
        other => other.clone(),
    }
}

fn word(text: &str, seen: &mut Vec<String>) -> String {
    if let Some((prefix, rest)) = text.rsplit_once('_')
        && rest.len() == 26
        && rest.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    {
        return format!("[{prefix} {}]", number(text, seen));
    }
    if uuid::Uuid::parse_str(text).is_ok() {
        return format!("[uuid {}]", number(text, seen));
    }
    if (text.starts_with("hws_") || text.starts_with("hwp_")) && text.len() == 40 {
        return "[token]".into();
    }
    if text.len() >= 20 && chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "[time]".into();
    }
    text.to_owned()
}

fn number(text: &str, seen: &mut Vec<String>) -> usize {
    let known = seen.iter().position(|it| it == text);
    known.unwrap_or_else(|| {
        seen.push(text.to_owned());
        seen.len() - 1
    }) + 1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::redacted;

    #[test]
    fn what_differs_between_runs_is_put_into_words_and_the_rest_is_kept() {
        let answer = json!({
            "id": "doc_01h2xcejqtf2nbrexx3vqjhp41", "again": "doc_01h2xcejqtf2nbrexx3vqjhp41", "at": "2026-11-21T12:00:00Z",
            "token": "hwp_012345678901234567890123456789012345", "endCursor": "WzFd", "name": "doc_1", "size": 3,
        });
        let expected = json!({
            "id": "[doc 1]", "again": "[doc 1]", "at": "[time]", "token": "[token]", "endCursor": "[cursor]",
            "name": "doc_1", "size": 3,
        });
        assert_eq!(redacted(&answer), expected);
    }
}
