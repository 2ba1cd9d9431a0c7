//! What the edition of September 2025 allows in a document and the parser does not take: descriptions of operations,
//! fragments and variables, and directives of a variable behind its default value. The first become blanks, so that every
//! place an error names stays true; the latter change sides.

use std::borrow::Cow;

use super::lexer::{Kind, Token};

const OPENS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];

/// The text as the parser takes it, from the text and its tokens.
pub fn readable<'a>(text: &'a str, tokens: &[Token]) -> Cow<'a, str> {
    let changes = changes(text, tokens);
    if changes.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut readable, mut at) = (String::with_capacity(text.len()), 0);
    for (start, end, instead) in changes {
        readable.push_str(&text[at..start]);
        readable.push_str(&instead);
        at = end;
    }
    readable.push_str(&text[at..]);
    Cow::Owned(readable)
}

type Change = (usize, usize, String);

fn changes(text: &str, tokens: &[Token]) -> Vec<Change> {
    let (mut changes, mut braces, mut parentheses, mut brackets) = (Vec::new(), 0u32, 0u32, 0u32);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        let is_definition = braces == 0 && parentheses == 1 && brackets == 0;
        match token.kind {
            Kind::Sign(b'{') => braces += 1,
            Kind::Sign(b'}') => braces = braces.saturating_sub(1),
            Kind::Sign(b'(') => parentheses += 1,
            Kind::Sign(b')') => parentheses = parentheses.saturating_sub(1),
            Kind::Sign(b'[') => brackets += 1,
            Kind::Sign(b']') => brackets = brackets.saturating_sub(1),
            Kind::Text if braces == 0 && parentheses == 0 => {
                let opens = next.is_some_and(|next| OPENS.contains(&&text[next.start..next.end]));
                if opens {
                    changes.push((token.start, token.end, blanks(&text[token.start..token.end])));
                }
            }
            // Behind `=` it is a default value, and the next variable has no description.
            Kind::Text if is_definition && next.is_some_and(|next| next.kind == Kind::Sign(b'$')) => {
                let is_value = at > 0 && matches!(tokens[at - 1].kind, Kind::Sign(b'=' | b':'));
                if !is_value {
                    changes.push((token.start, token.end, blanks(&text[token.start..token.end])));
                }
            }
            Kind::Sign(b'=') if is_definition => {
                let value = after_value(tokens, at + 1);
                let end = after_directives(tokens, value);
                if end > value {
                    let (default, between) = (token.start..tokens[value - 1].end, tokens[value].start);
                    let directives = between..tokens[end - 1].end;
                    let swapped = [&text[directives.clone()], &text[default.end..between], &text[default.clone()]];
                    changes.push((default.start, directives.end, swapped.concat()));
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    changes
}

/// As many columns and lines of nothing.
fn blanks(text: &str) -> String {
    text.chars().map(|it| if it == '\n' || it == '\r' { it } else { ' ' }).collect()
}

/// The token behind the value that begins at this one.
fn after_value(tokens: &[Token], at: usize) -> usize {
    let opens = tokens.get(at).is_some_and(|it| matches!(it.kind, Kind::Sign(b'[' | b'{')));
    if opens { after_group(tokens, at) } else { (at + 1).min(tokens.len()) }
}

/// The token behind the directives that begin at this one, if any do.
fn after_directives(tokens: &[Token], mut at: usize) -> usize {
    let is = |at: usize, kind| tokens.get(at).is_some_and(|it| it.kind == kind);
    while is(at, Kind::Sign(b'@')) && is(at + 1, Kind::Name) {
        at += 2;
        if is(at, Kind::Sign(b'(')) {
            at = after_group(tokens, at);
        }
    }
    at
}

fn after_group(tokens: &[Token], mut at: usize) -> usize {
    let mut open = 0u32;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.kind {
            Kind::Sign(b'[' | b'{' | b'(') => open += 1,
            Kind::Sign(b']' | b'}' | b')') => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::{super::lexer::tokens, *};

    fn read(text: &str) -> String {
        readable(text, &tokens(text)).into_owned()
    }

    #[test]
    fn descriptions_become_blanks_of_the_same_size() {
        let text = "\"\"\"\nWho é\n\"\"\"\nquery Q(\"the one\" $a: Int = 1 \"é\" $b: String = \"x\" $c: [String] = [\"y\"]) { a }\n\
                    \"parts\" fragment F on T { b(c: \"kept\") }";
        let read = read(text);
        let blank = "   \n     \n   \nquery Q(          $a: Int = 1     $b: String = \"x\" $c: [String] = [\"y\"]) { a }\n\
                     \u{20}       fragment F on T { b(c: \"kept\") }";
        assert_eq!(read, blank);
        parse_query(&read).unwrap();
    }

    #[test]
    fn directives_behind_a_default_value_change_sides_with_it() {
        for (text, expected) in [
            ("query($a: Int = 5 @x) { a }", "query($a: Int @x = 5) { a }"),
            (
                "query($a: I = {b: [1]}  @x(y: [\"z\"]) @w $c: Int) { a }",
                "query($a: I @x(y: [\"z\"]) @w  = {b: [1]} $c: Int) { a }",
            ),
        ] {
            let read = read(text);
            assert_eq!(read, expected);
            assert_eq!(read.len(), text.len());
            parse_query(&read).unwrap();
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "query($a: Int @x = 5, $b: String = \"q\") @d(e: \"f\") { a(b: \"query\") @include(if: $c) }",
            "\"stray\" { a }",
            "\"not closed\n query { a }",
            "query($a: Int = ",
            "query($a: Int = 5 @",
            "query(\"a\"",
            "}}))",
            "",
        ] {
            assert!(matches!(readable(text, &tokens(text)), Cow::Borrowed(_)), "{text}");
        }
    }
}
