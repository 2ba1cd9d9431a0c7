//! Reads a mask: names, `a/b`, `a(b,c)`, `*`, to any depth.

use std::collections::BTreeMap;

use super::{Mask, schema};

/// The mask, or the name that does not belong there.
pub fn parse(text: &str, schema: &str) -> Result<Mask, String> {
    if text.trim().is_empty() {
        return Ok(Mask::Only(BTreeMap::new()));
    }
    let mut reader = Reader { text, at: 0 };
    let mask = reader.list(Some(schema))?;
    if reader.at < text.len() {
        return Err(text[reader.at..].to_owned());
    }
    Ok(mask)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let found = self.text[self.at..].starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn name(&mut self, free: bool) -> Result<&'a str, String> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let stop = |letter: char| matches!(letter, ',' | '(' | ')') || (letter == '/' && !free);
        let length = rest.find(stop).unwrap_or(rest.len());
        let name = rest[..length].trim_end();
        self.at += length;
        if name.is_empty() {
            return Err(rest.chars().take(1).collect());
        }
        Ok(name)
    }

    /// `schema` is `None` below free keys, where every name is right.
    fn list(&mut self, schema: Option<&str>) -> Result<Mask, String> {
        let mut fields = BTreeMap::new();
        let mut everything = false;
        loop {
            match self.item(schema)? {
                None => everything = true,
                Some((name, mask)) => {
                    let before = fields.remove(&name);
                    fields.insert(name, join(before, mask));
                }
            }
            if !self.eat(',') {
                break;
            }
        }
        Ok(if everything { Mask::Everything } else { Mask::Only(fields) })
    }

    /// One name with what hangs on it; `None` is `*`.
    fn item(&mut self, schema: Option<&str>) -> Result<Option<(String, Mask)>, String> {
        let name = self.name(schema.is_none())?;
        let of = match schema {
            _ if name == "*" => Some("*"),
            None => Some("*"),
            Some(schema) => schema::field(schema, name).ok_or_else(|| name.to_owned())?,
        };
        let below = match of {
            Some("*") => None,
            Some(of) => Some(of),
            None => Some(""),
        };
        let mask = if self.eat('/') {
            match self.item(below)? {
                None => Mask::Everything,
                Some((inner, mask)) => Mask::Only([(inner, mask)].into()),
            }
        } else if self.eat('(') {
            let mask = self.list(below)?;
            if !self.eat(')') {
                return Err(name.to_owned());
            }
            mask
        } else {
            Mask::Everything
        };
        Ok((name != "*").then(|| (name.to_owned(), mask)))
    }
}

fn join(before: Option<Mask>, mask: Mask) -> Mask {
    match (before, mask) {
        (None, mask) => mask,
        (Some(Mask::Only(mut all)), Mask::Only(more)) => {
            for (name, mask) in more {
                let before = all.remove(&name);
                all.insert(name, join(before, mask));
            }
            Mask::Only(all)
        }
        _ => Mask::Everything,
    }
}
