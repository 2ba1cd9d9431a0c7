//! Counts the tokens of a text, before any parser sees it: one pass, no recursion, no memory.
//! <https://spec.graphql.org/September2025/#sec-Language.Source-Text>

use async_graphql::ServerError;

use super::bound::{BRACKETS, TOKENS};
use crate::graphql::error::{Code, fault};

/// How many tokens the text has. Characters no token begins with count as one each: what they are worth, the parser says.
///
/// # Errors
/// `COMPLEXITY_EXCEEDED` for more tokens or deeper brackets than allowed; `GRAPHQL_PARSE_FAILED` for a string without an
/// end, which would hide everything behind it.
pub fn tokens(text: &str) -> Result<usize, ServerError> {
    let bytes = text.as_bytes();
    let (mut at, mut count, mut open, mut deepest) = (0, 0, 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(rest, |byte| !matches!(byte, b'\n' | b'\r'));
                continue;
            }
            // The byte order mark.
            0xEF if rest.starts_with(b"\xEF\xBB\xBF") => {
                at += 3;
                continue;
            }
            b'"' => {
                string(rest).ok_or_else(|| fault(Code::GraphqlParseFailed, "a string of the document has no end"))?
            }
            b'.' if rest.starts_with(b"...") => 3,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => run(rest, |byte| byte == b'_' || byte.is_ascii_alphanumeric()),
            b'-' | b'0'..=b'9' => number(rest),
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            _ => 1,
        };
        at += length;
        count += 1;
    }
    TOKENS.hold(count)?;
    BRACKETS.hold(deepest)?;
    Ok(count)
}

/// The bytes at the beginning that are of this kind.
fn run(bytes: &[u8], of: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !of(*byte)).unwrap_or(bytes.len())
}

/// The bytes of a string with its quotes; `None` when it does not end.
fn string(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"\"\"\"") {
        let mut at = 3;
        loop {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            match rest {
                [b'\\', b'"', b'"', b'"', ..] => at += 4,
                [b'"', b'"', b'"', ..] => return Some(at + 3),
                _ => at += 1,
            }
        }
    }
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The bytes of a number: a minus, digits, a fraction, an exponent.
fn number(bytes: &[u8]) -> usize {
    let digits = |from: usize| from + bytes.get(from..).map_or(0, |rest| run(rest, |byte| byte.is_ascii_digit()));
    let mut at = digits(1);
    if let [b'.', b'0'..=b'9', ..] = bytes.get(at..).unwrap_or_default() {
        at = digits(at + 1);
    }
    match bytes.get(at..).unwrap_or_default() {
        [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] => digits(at + 2),
        [b'e' | b'E', b'0'..=b'9', ..] => digits(at + 1),
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(error: &ServerError) -> String {
        let code = error.extensions.as_ref().and_then(|values| values.get("code")).expect("a code");
        code.clone().into_json().expect("JSON").as_str().expect("a text").to_owned()
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_says() {
        for (text, count) in [
            ("", 0),
            ("{a}", 3),
            ("\u{feff}query Q($x: [Int!]! = [1, -2.5e+3]) @a { ...F }", 23),
            ("{ a(s: \"x \\\" } y\") }", 8),
            ("{ a(s: \"\"\"x \\\"\"\" } \" \"\"\") }", 8),
            ("{ a(s: \"\") b(s: \"\"\"\"\"\") }", 14),
            ("# { a b c\n{a}#", 3),
            ("1...2", 3),
            ("1.5.6", 3),
            ("é", 2),
        ] {
            assert_eq!(tokens(text).expect(text), count, "{text}");
        }
    }

    #[test]
    fn the_most_passes_and_one_more_does_not() {
        assert_eq!(tokens(&"a ".repeat(2_000)).expect("the most passes"), 2_000);
        let error = tokens(&"a ".repeat(2_001)).expect_err("too many");
        assert_eq!(code(&error), "COMPLEXITY_EXCEEDED");
        assert_eq!(error.message, "the limit `tokens` is 2000, and this operation has 2001");
        for open in ["{", "[", "("] {
            tokens(&open.repeat(64)).expect("the most passes");
            let error = tokens(&open.repeat(65)).expect_err("too deep");
            assert_eq!(error.message, "the limit `brackets` is 64, and this operation has 65");
        }
    }

    #[test]
    fn a_string_without_an_end_is_refused() {
        for text in ["{ a(s: \"x) }", "{ a(s: \"x\n\") }", "{ a(s: \"\"\"x\") }", "\"\\", "\"\"\"\\"] {
            assert_eq!(code(&tokens(text).expect_err(text)), "GRAPHQL_PARSE_FAILED");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_counted_without_a_panic(text in "\\PC*") {
            let _ = tokens(&text);
        }

        #[test]
        fn any_text_of_the_language_s_own_characters_is_counted(text in "[{}()\\[\\]\"\\\\#.,:!$@|&=a1eE+\\-\\n ]{0,400}") {
            let _ = tokens(&text);
        }
    }
}
