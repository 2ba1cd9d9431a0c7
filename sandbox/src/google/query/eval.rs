//! Whether a file answers a query, seen with one user's eyes.

use super::{Op, Query, Term};
use crate::{
    clock,
    google::world::{
        World,
        file::{Role, Who},
    },
};

/// Who looks, and through which app.
pub struct Eye<'a> {
    pub user: usize,
    pub client: &'a str,
}

pub fn matches(world: &World, eye: &Eye<'_>, query: &Query, file: usize) -> bool {
    match query {
        Query::Everything => true,
        Query::And(left, right) => matches(world, eye, left, file) && matches(world, eye, right, file),
        Query::Or(left, right) => matches(world, eye, left, file) || matches(world, eye, right, file),
        Query::Not(inner) => !matches(world, eye, inner, file),
        Query::In(value, term) => belongs(world, eye, value, *term, file),
        Query::Has(of_app, key, value) => {
            let it = &world.files[file];
            let found = if *of_app {
                it.app_properties.get(eye.client).and_then(|all| all.get(key))
            } else {
                it.properties.get(key)
            };
            found == Some(value)
        }
        Query::Is(term, op, value) => is(world, eye, *term, *op, value, file),
    }
}

fn belongs(world: &World, eye: &Eye<'_>, value: &str, term: Term, file: usize) -> bool {
    let it = &world.files[file];
    if term == Term::Parents {
        let Some(parent) = it.parent else {
            return false;
        };
        return if value == "root" { parent == world.users[eye.user].root } else { world.files[parent].id == value };
    }
    let user = if value == "me" { Some(eye.user) } else { world.user(value) };
    let Some(user) = user else {
        return false;
    };
    match term {
        Term::Owners => it.owner == Some(user),
        Term::Writers => world.role(user, file) >= Some(Role::Writer),
        _ => world.role(user, file).is_some(),
    }
}

fn is(world: &World, eye: &Eye<'_>, term: Term, op: Op, value: &str, file: usize) -> bool {
    let it = &world.files[file];
    let truth = |fact: bool| (fact == (value == "true")) == (op == Op::Equal);
    let same = |text: &str| (text == value) == (op == Op::Equal);
    let time = |at: Option<i64>| {
        let (Some(at), Some(wanted)) = (at, clock::parse(value)) else {
            return false;
        };
        match op {
            Op::Equal => at == wanted,
            Op::NotEqual => at != wanted,
            Op::Less => at < wanted,
            Op::LessOrEqual => at <= wanted,
            Op::Greater => at > wanted,
            Op::GreaterOrEqual => at >= wanted,
            Op::Contains => false,
        }
    };
    match term {
        Term::Name if op == Op::Contains => starts_a_word(&it.name, value),
        Term::Name => (it.name.to_lowercase() == value.to_lowercase()) == (op == Op::Equal),
        Term::MimeType if op == Op::Contains => it.mime.starts_with(value),
        Term::MimeType => same(&it.mime),
        Term::FullText => has_text(world, file, value),
        Term::ModifiedTime => time(Some(it.modified)),
        Term::CreatedTime => time(Some(it.created)),
        Term::ViewedByMeTime => time(it.viewed.get(&eye.user).copied()),
        Term::SharedWithMeTime => time(it.shared_with_me.get(&eye.user).map(|(at, _)| *at)),
        Term::Trashed => truth(world.is_trashed(file)),
        Term::Starred => truth(it.starred.contains(&eye.user)),
        Term::SharedWithMe => truth(it.shared_with_me.contains_key(&eye.user)),
        Term::Visibility => same(visibility(world, file)),
        Term::ShortcutTarget => {
            let target = it.target.map(|target| world.files[target].id.as_str());
            same(target.unwrap_or_default())
        }
        Term::Parents | Term::Owners | Term::Writers | Term::Readers => false,
    }
}

/// `name contains` looks at the beginnings of words only.
fn starts_a_word(name: &str, wanted: &str) -> bool {
    let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
    let mut before = None;
    name.char_indices().any(|(at, letter)| {
        let begins = before.is_none_or(|before: char| !before.is_alphanumeric());
        before = Some(letter);
        begins && name[at..].starts_with(&wanted)
    })
}

/// `fullText contains` looks at whole words; in double quotes, at a phrase.
fn has_text(world: &World, file: usize, wanted: &str) -> bool {
    let it = &world.files[file];
    let mut text = it.name.clone();
    text.push(' ');
    text.push_str(it.description.as_deref().unwrap_or_default());
    if it.mime.starts_with("text/") || it.is_editors_document() {
        text.push(' ');
        text.push_str(&String::from_utf8_lossy(&it.bytes()));
    }
    let have = words(&text);
    let want = words(wanted);
    if want.is_empty() {
        return false;
    }
    if wanted.starts_with('"') && wanted.ends_with('"') {
        return have.windows(want.len()).any(|window| window == want);
    }
    want.iter().all(|word| have.contains(word))
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn visibility(world: &World, file: usize) -> &'static str {
    let open = world.chain(file).flat_map(|at| &world.files[at].grants).find_map(|grant| {
        match (&grant.who, grant.discoverable) {
            (Who::Anyone, true) => Some("anyoneCanFind"),
            (Who::Anyone, false) => Some("anyoneWithLink"),
            (Who::Domain(_), true) => Some("domainCanFind"),
            (Who::Domain(_), false) => Some("domainWithLink"),
            _ => None,
        }
    });
    open.unwrap_or("limited")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_contains_finds_beginnings_of_words_not_their_middles() {
        assert!(starts_a_word("HelloWorld report.txt", "rep"));
        assert!(starts_a_word("HelloWorld", "hello"));
        assert!(!starts_a_word("HelloWorld", "World"));
        assert!(starts_a_word("a_b-c", "c"));
    }
}
