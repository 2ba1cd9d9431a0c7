//! The tokens of a document, with their places. It reads what the grammar allows and a little more: what is wrong with a
//! text is for the parser to say.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Name,
    /// In quotes, with one or three of them.
    Text,
    /// A number, or anything else.
    Other,
    /// `{`, `(`, `[`, `$`, `@`, `:`, `=`, `!`, `|`, `&`, their counterparts; or the first dot of three.
    Sign(u8),
}

/// A token and its place in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// All tokens, up to the end or to a text that is not closed.
pub fn tokens(text: &str) -> Vec<Token> {
    let (bytes, mut tokens, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(&bytes[at..], |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            _ if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += "\u{feff}".len();
                continue;
            }
            b'"' => {
                let Some(length) = quoted(&bytes[at..]) else { break };
                at += length;
                Kind::Text
            }
            byte if byte == b'_' || byte.is_ascii_alphabetic() => {
                at += run(&bytes[at..], |byte| byte == b'_' || byte.is_ascii_alphanumeric());
                Kind::Name
            }
            byte if byte == b'-' || byte.is_ascii_digit() => {
                at += 1 + run(&bytes[at + 1..], |byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
                Kind::Other
            }
            b'.' if bytes[at..].starts_with(b"...") => {
                at += 3;
                Kind::Sign(b'.')
            }
            byte if byte.is_ascii() => {
                at += 1;
                Kind::Sign(byte)
            }
            _ => {
                at += run(&bytes[at..], |byte| !byte.is_ascii());
                Kind::Other
            }
        };
        tokens.push(Token { kind, start, end: at });
    }
    tokens
}

fn run(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !is(*byte)).unwrap_or(bytes.len())
}

/// The length of a text in quotes; `None` when it is not closed.
fn quoted(bytes: &[u8]) -> Option<usize> {
    let (is_block, mut at) = match bytes.starts_with(b"\"\"\"") {
        true => (true, 3),
        false => (false, 1),
    };
    loop {
        let rest = bytes.get(at..)?;
        at += match rest.first()? {
            b'"' if is_block && rest.starts_with(b"\"\"\"") => return Some(at + 3),
            b'\\' if is_block && rest.starts_with(b"\\\"\"\"") => 4,
            b'"' if !is_block => return Some(at + 1),
            b'\\' if !is_block => 2,
            b'\n' | b'\r' if !is_block => return None,
            _ => 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|it| &text[it.start..it.end]).collect()
    }

    #[test]
    fn texts_and_comments_hide_what_is_in_them() {
        let text = "query # { \"\n($a: [Int!] = -1.5e+3) { a(b: \"}\\\"\", c: \"\"\"\"x\" \\\"\"\" }\"\"\") ...B é }";
        let expected = [
            "query",
            "(",
            "$",
            "a",
            ":",
            "[",
            "Int",
            "!",
            "]",
            "=",
            "-1.5e+3",
            ")",
            "{",
            "a",
            "(",
            "b",
            ":",
            "\"}\\\"\"",
            "c",
            ":",
            "\"\"\"\"x\" \\\"\"\" }\"\"\"",
            ")",
            "...",
            "B",
            "é",
            "}",
        ];
        assert_eq!(words(text), expected);
    }

    #[test]
    fn a_text_that_is_not_closed_ends_the_reading() {
        assert_eq!(words("{ a(b: \"x\n\") }"), ["{", "a", "(", "b", ":"]);
        assert_eq!(words("{ a \"\"\" }"), ["{", "a"]);
        assert_eq!(words("\""), [] as [&str; 0]);
    }
}
