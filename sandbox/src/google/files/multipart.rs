//! Cutting `multipart/related` and `multipart/mixed` bodies into parts. Boundaries may be quoted and hold `=`;
//! lines may end with LF alone.

use bytes::Bytes;

#[derive(Debug)]
pub struct Part {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Part {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

pub fn boundary(content_type: &str) -> Option<String> {
    let at = content_type.to_ascii_lowercase().find("boundary=")?;
    let rest = content_type[at + "boundary=".len()..].trim();
    let value = match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        None => rest.split(';').next()?.trim(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// The parts in order, or nothing when the body does not end as it should.
pub fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let mark = format!("--{boundary}");
    let mark = mark.as_bytes();
    let mut parts = Vec::new();
    let mut at = find(body, mark, 0)? + mark.len();
    loop {
        if body[at..].starts_with(b"--") {
            return Some(parts);
        }
        let start = find(body, b"\n", at)? + 1;
        // A boundary only counts at the beginning of a line.
        let mut from = start;
        let end = loop {
            let hit = find(body, mark, from)?;
            if hit == start || body[hit - 1] == b'\n' {
                break hit;
            }
            from = hit + 1;
        };
        let mut stop = end;
        if stop > start && body[stop - 1] == b'\n' {
            stop -= 1;
        }
        if stop > start && body[stop - 1] == b'\r' {
            stop -= 1;
        }
        parts.push(part(body.slice(start..stop)));
        at = end + mark.len();
    }
}

fn part(text: Bytes) -> Part {
    let (headers, body) = head(&text);
    Part { headers, body }
}

/// Headers up to the first empty line, and what follows it.
pub fn head(text: &Bytes) -> (Vec<(String, String)>, Bytes) {
    let mut headers = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = find(text, b"\n", at).unwrap_or(text.len());
        let line = String::from_utf8_lossy(&text[at..end]);
        let line = line.trim_end_matches('\r');
        at = (end + 1).min(text.len());
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (headers, text.slice(at..))
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = from;
    while at + needle.len() <= haystack.len() {
        let hit = haystack[at..].iter().position(|byte| *byte == first)? + at;
        if haystack[hit..].starts_with(needle) {
            return Some(hit);
        }
        at = hit + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_at_boundaries_that_begin_a_line() {
        let body = "--=ab\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n--=ab\nX: y\n\nnot --=ab here\n--=ab--";
        let parts = parts(&Bytes::from(body), "=ab").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].header("content-type"), Some("application/json"));
        assert_eq!(&parts[0].body[..], b"{\"a\":1}");
        assert_eq!(&parts[1].body[..], b"not --=ab here");
    }

    #[test]
    fn a_boundary_may_be_quoted_and_an_unfinished_body_is_refused() {
        assert_eq!(boundary("multipart/mixed; boundary=\"===1==\""), Some("===1==".to_owned()));
        assert_eq!(boundary("multipart/related; boundary=x; charset=y"), Some("x".to_owned()));
        assert!(parts(&Bytes::from("--x\n\nbody"), "x").is_none());
    }
}
