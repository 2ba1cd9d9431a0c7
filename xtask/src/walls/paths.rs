//! The paths a source file names, such as `std::env::var`, with their lines; comments and texts do not count.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One path in the code, or one single name. `use a::{b, c}` names `a::b` and `a::c`.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    pub path: String,
    /// Counted from 1.
    pub line: usize,
}

impl Named {
    /// Whether this is `path` or lies below it.
    pub fn is_below(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    /// Whether this is `path`, however it was reached.
    pub fn ends_with(&self, path: &str) -> bool {
        self.path.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
    }

    /// The words between the colons.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.path.split("::")
    }
}

/// All paths of a source text. Fails when the text is not made of Rust tokens.
pub fn named(text: &str) -> Result<Vec<Named>, String> {
    let tokens = TokenStream::from_str(text).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    walk(tokens, &[], &mut found);
    Ok(found)
}

fn walk(tokens: TokenStream, inside: &[String], found: &mut Vec<Named>) {
    let mut path: Vec<String> = inside.to_vec();
    let mut line = 0;
    let mut joined = true;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) => {
                if !joined {
                    close(&mut path, line, inside, found);
                }
                line = name.span().start().line;
                path.push(name.to_string().trim_start_matches("r#").to_owned());
                joined = false;
            }
            TokenTree::Punct(first) if first.as_char() == ':' && is_colon(tokens.peek()) => {
                tokens.next();
                joined = true;
            }
            TokenTree::Group(group) => {
                let is_list = joined && path.len() > inside.len() && group.delimiter() == Delimiter::Brace;
                if is_list {
                    walk(group.stream(), &path, found);
                    path = inside.to_vec();
                } else {
                    close(&mut path, line, inside, found);
                    walk(group.stream(), &[], found);
                }
                joined = true;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                close(&mut path, line, inside, found);
                joined = true;
            }
        }
    }
    close(&mut path, line, inside, found);
}

/// Ends a path and begins the next one where the list we are in begins.
fn close(path: &mut Vec<String>, line: usize, inside: &[String], found: &mut Vec<Named>) {
    if path.len() > inside.len() {
        found.push(Named { path: path.join("::"), line });
    }
    path.truncate(inside.len());
    path.clone_from_slice(inside);
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        named(text).unwrap().into_iter().map(|it| format!("{}:{}", it.line, it.path)).collect()
    }

    #[test]
    fn a_list_in_a_use_is_told_name_by_name() {
        let text = "use std::{\n  env::{self, var as read},\n  fs,\n};";
        assert_eq!(
            paths(text),
            ["1:use", "2:std::env::self", "2:std::env::var", "2:std::env::as", "2:std::env::read", "3:std::fs"]
        );
    }

    #[test]
    fn paths_inside_macros_blocks_and_arguments_are_seen() {
        let seen = paths("fn a() { log!(\"{}\", f(std::env::var(\"X\"))); if x { SystemTime::now() } }");
        assert!(seen.contains(&"1:std::env::var".into()), "{seen:?}");
        assert!(seen.contains(&"1:SystemTime::now".into()), "{seen:?}");
    }

    #[test]
    fn comments_and_texts_do_not_count() {
        let seen = paths("// std::env\n/* apalis */ const A: &str = \"std::env::var\"; const B: &str = r#\"apalis\"#;");
        assert!(!seen.iter().any(|it| it.contains("env") || it.contains("apalis")), "{seen:?}");
    }

    #[test]
    fn a_type_annotation_is_not_a_path_through_the_name() {
        assert_eq!(paths("a: std::env::Args, b"), ["1:a", "1:std::env::Args", "1:b"]);
    }
}
