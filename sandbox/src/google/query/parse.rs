//! Reads `q`. `not` binds tightest, then `and`, then `or`; strings stand in single quotes with `\'` and `\\`.

use super::{Op, Query, Term};
use crate::clock;

/// The tree, or nothing when the text is not a query.
pub fn parse(text: &str) -> Option<Query> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Some(Query::Everything);
    }
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let query = reader.either()?;
    (reader.at == tokens.len()).then_some(query)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 10] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", "{", "}"];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = if first == '\'' {
            let (value, used) = quoted(rest)?;
            out.push(Token::Text(value));
            used
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(Token::Sign(sign));
            sign.len()
        } else {
            let end = |letter: char| !(letter.is_alphanumeric() || "._-:+".contains(letter));
            let used = rest.find(end).unwrap_or(rest.len());
            if used == 0 {
                return None;
            }
            out.push(Token::Word(rest[..used].to_owned()));
            used
        };
        rest = rest[used..].trim_start();
    }
    Some(out)
}

fn quoted(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.push(letters.next()?.1),
            '\'' => return Some((value, at + 1)),
            other => value.push(other),
        }
    }
    None
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<&Token> {
        self.at += 1;
        self.tokens.get(self.at - 1)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(known)) if known == word);
        self.at += usize::from(found);
        found
    }

    fn eat_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(known)) if *known == sign);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Option<Query> {
        let mut left = self.both()?;
        while self.eat_word("or") {
            left = Query::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Query> {
        let mut left = self.one()?;
        while self.eat_word("and") {
            left = Query::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Query> {
        // Nesting is bounded so that a hostile query cannot exhaust the stack.
        self.depth += 1;
        if self.depth > 200 {
            return None;
        }
        let query = if self.eat_word("not") {
            Query::Not(Box::new(self.one()?))
        } else if self.eat_sign("(") {
            let inner = self.either()?;
            self.eat_sign(")").then_some(inner)?
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Some(query)
    }

    fn comparison(&mut self) -> Option<Query> {
        match self.next()?.clone() {
            Token::Text(value) => {
                let listed = self.eat_word("in");
                let Token::Word(word) = self.next()?.clone() else {
                    return None;
                };
                let term = term(&word)
                    .filter(|term| matches!(term, Term::Parents | Term::Owners | Term::Writers | Term::Readers))?;
                listed.then_some(Query::In(value, term))
            }
            Token::Word(word) if word == "properties" || word == "appProperties" => self.has(word == "appProperties"),
            Token::Word(word) => self.term(term(&word)?),
            Token::Sign(_) => None,
        }
    }

    fn term(&mut self, term: Term) -> Option<Query> {
        let op = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if word == "contains" => Some(Op::Contains),
            Some(Token::Sign("=")) => Some(Op::Equal),
            Some(Token::Sign("!=")) => Some(Op::NotEqual),
            Some(Token::Sign("<")) => Some(Op::Less),
            Some(Token::Sign("<=")) => Some(Op::LessOrEqual),
            Some(Token::Sign(">")) => Some(Op::Greater),
            Some(Token::Sign(">=")) => Some(Op::GreaterOrEqual),
            _ => None,
        };
        let Some(op) = op else {
            let truth = matches!(term, Term::SharedWithMe | Term::Starred | Term::Trashed);
            return truth.then(|| Query::Is(term, Op::Equal, "true".to_owned()));
        };
        self.at += 1;
        let (value, is_text) = match self.next()?.clone() {
            Token::Text(value) => (value, true),
            Token::Word(value) => (value, false),
            Token::Sign(_) => return None,
        };
        allowed(term, op, &value, is_text).then_some(Query::Is(term, op, value))
    }

    fn has(&mut self, of_app: bool) -> Option<Query> {
        let opened = self.eat_word("has") && self.eat_sign("{");
        let key = self.pair("key")?;
        let joined = self.eat_word("and");
        let value = self.pair("value")?;
        (opened && joined && self.eat_sign("}")).then_some(Query::Has(of_app, key, value))
    }

    fn pair(&mut self, name: &str) -> Option<String> {
        if !(self.eat_word(name) && self.eat_sign("=")) {
            return None;
        }
        match self.next()? {
            Token::Text(value) => Some(value.clone()),
            _ => None,
        }
    }
}

fn allowed(term: Term, op: Op, value: &str, is_text: bool) -> bool {
    use Op::{Contains, Equal, NotEqual};
    match term {
        Term::Name | Term::MimeType => is_text && matches!(op, Contains | Equal | NotEqual),
        Term::FullText => is_text && op == Contains,
        Term::ModifiedTime | Term::CreatedTime | Term::ViewedByMeTime | Term::SharedWithMeTime => {
            is_text && op != Contains && clock::parse(value).is_some()
        }
        Term::Trashed | Term::Starred | Term::SharedWithMe => {
            matches!(op, Equal | NotEqual) && !is_text && (value == "true" || value == "false")
        }
        Term::Visibility | Term::ShortcutTarget => is_text && matches!(op, Equal | NotEqual),
        Term::Parents | Term::Owners | Term::Writers | Term::Readers => false,
    }
}

fn term(word: &str) -> Option<Term> {
    Some(match word {
        "name" => Term::Name,
        "fullText" => Term::FullText,
        "mimeType" => Term::MimeType,
        "modifiedTime" => Term::ModifiedTime,
        "viewedByMeTime" => Term::ViewedByMeTime,
        "createdTime" => Term::CreatedTime,
        "sharedWithMeTime" => Term::SharedWithMeTime,
        "trashed" => Term::Trashed,
        "starred" => Term::Starred,
        "sharedWithMe" => Term::SharedWithMe,
        "parents" => Term::Parents,
        "owners" => Term::Owners,
        "writers" => Term::Writers,
        "readers" => Term::Readers,
        "visibility" => Term::Visibility,
        "shortcutDetails.targetId" => Term::ShortcutTarget,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_queries_of_real_clients_are_read() {
        for text in [
            "trashed=false and ('ROOT' in parents) and (name='a.txt')",
            "trashed=false and ('a' in parents or 'b' in parents) and mimeType!='application/vnd.google-apps.folder'",
            "(modifiedTime >= '2006-01-02T15:04:05' or mimeType = 'x')",
            "name contains 'hello' and name contains 'goodbye'",
            "not name contains 'hello'",
            "sharedWithMe and name contains 'hello'",
            "appProperties has { key='additionalID' and value='8e8aceg2af2ge72e78' }",
            "'test@example.org' in writers and visibility='limited'",
            r"name = 'it\'s \\ here'",
            "shortcutDetails.targetId='x'",
            "",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "name",
            "name =",
            "name = hello",
            "name < 'a'",
            "foo = 'a'",
            "name = 'a' and",
            "('a' in parents",
            "'a' in name",
            "modifiedTime > 'yesterday'",
            "trashed = 'true'",
            "name = 'open",
            "fullText = 'a'",
            "name = 'a' name = 'b'",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"(".repeat(100_000)), None);
    }

    #[test]
    fn and_binds_tighter_than_or_and_the_parent_is_found_only_where_it_must_hold() {
        let query = parse("trashed=false or name='a' and 'p' in parents").unwrap();
        assert!(matches!(query, Query::Or(..)));
        assert_eq!(query.parent(), None);
        let query = parse("trashed=false and ('p' in parents) and name='a'").unwrap();
        assert_eq!(query.parent(), Some("p"));
    }
}
