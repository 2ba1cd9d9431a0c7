//! Scripted misfortune: a rule matches requests by method, path and query and says what goes wrong, how often.
//! Rules come from the control API; the first that matches and is not used up applies.

use crate::{call::Call, control::wire::Fault};

#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(u64, Fault, u64)>,
    next: u64,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.next += 1;
        self.rules.push((self.next, fault, 0));
        self.next
    }

    pub fn clear(&mut self, id: Option<u64>) {
        self.rules.retain(|(known, ..)| id.is_some_and(|id| id != *known));
    }

    pub fn list(&self) -> impl Iterator<Item = (u64, &Fault, u64)> {
        self.rules.iter().map(|(id, fault, used)| (*id, fault, *used))
    }

    /// The fault this call runs into, counted as used.
    pub fn strike(&mut self, call: &Call) -> Option<Fault> {
        let rule = self
            .rules
            .iter_mut()
            .find(|(_, fault, used)| fault.times.is_none_or(|times| *used < times) && matches(fault, call))?;
        rule.2 += 1;
        Some(rule.1.clone())
    }
}

fn matches(fault: &Fault, call: &Call) -> bool {
    let method = fault.method.as_deref();
    let query = fault.query.as_deref();
    method.is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
        && glob(&fault.path, &call.path)
        && query.is_none_or(|part| call.query_text.contains(part))
}

/// `*` stands for any run of characters; a pattern without `*` also matches everything below it.
pub fn glob(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix("/google").unwrap_or(pattern);
    if !pattern.contains('*') {
        let rest = path.strip_prefix(pattern.trim_end_matches('/'));
        return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return true;
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_as_prefix_of_segments_or_as_glob() {
        assert!(glob("/drive/v3/files", "/drive/v3/files/1abc"));
        assert!(!glob("/drive/v3/files", "/drive/v3/files2"));
        assert!(glob("/drive/v3/files/*/export", "/drive/v3/files/1abc/export"));
        assert!(!glob("/drive/v3/files/*/export", "/drive/v3/files/1abc"));
        assert!(glob("*", "/anything"));
        assert!(glob("/google/token", "/token"));
    }
}
