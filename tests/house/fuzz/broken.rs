//! Good operations broken in every layer: the text, the JSON around it, and its bytes.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::corpus::Good;

/// What may stand anywhere in a document, and mostly must not stand there.
const TOKENS: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "@",
    "$",
    "|",
    "&",
    "...",
    "..",
    ".",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "null",
    "true",
    "$x",
    "@skip(if: true)",
    "@include",
    "@oneOf",
    "@deprecated",
    "extend",
    "schema",
    "\"",
    "\"\"\"",
    "\"\\u12\"",
    "\"\\uD800\"",
    "\"\\q\"",
    "0123",
    "-",
    "-0",
    "1e999",
    "1.",
    "99999999999999999999999",
    "#",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "\u{1f6a2}",
    "é",
    "__typename",
];

pub fn choose<T: Copy>(random: &mut StdRng, from: &[T]) -> T {
    *from.choose(random).expect("something to choose from")
}

pub fn chance(random: &mut StdRng, in_hundred: u32) -> bool {
    random.random_ratio(in_hundred, 100)
}

pub fn noise(random: &mut StdRng, most: usize) -> Vec<u8> {
    let length = random.random_range(0..=most);
    (0..length).map(|_| random.random()).collect()
}

/// An operation whose text or variables are broken, as the parameters of a request.
pub fn parameters(good: &Good, random: &mut StdRng) -> Value {
    let mut text = good.text.to_owned();
    let mut variables = good.variables.clone();
    match random.random_range(0..10) {
        0..5 => text = broken_text(&text, random),
        5..7 => spoil(&mut variables, random),
        7 => text = grown(random),
        _ => {
            text = broken_text(&text, random);
            spoil(&mut variables, random);
        }
    }
    let mut all = json!({ "query": text, "variables": variables });
    if chance(random, 15) {
        all["operationName"] = json!(choose(random, &["List", "Nobody", "", "\u{0}", "__typename"]));
    }
    if chance(random, 15) {
        all["extensions"] = extensions(random);
    }
    if chance(random, 10) {
        all["documentId"] = json!(choose(random, &["", "sha256:", "sha256:zz", "\u{1f6a2}", "../../etc/passwd"]));
    }
    if chance(random, 10) {
        let key = choose(random, &["query", "variables", "operationName", "extensions", "documentId"]);
        all[key] = anything(random);
    }
    if chance(random, 3) {
        all = json!([all, anything(random)]);
    }
    all
}

/// The parameters as bytes, which may be no JSON any more.
pub fn body(good: &Good, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = match random.random_range(0..100) {
        0..85 => parameters(good, random).to_string().into_bytes(),
        85..90 => anything(random).to_string().into_bytes(),
        90..93 => nested(random),
        93..95 => {
            format!("{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {}}}}}", huge(random)).into_bytes()
        }
        95..97 => {
            format!("{{\"query\": \"{{ a }}\", \"query\": \"{{ b }}\"{}}}", ", \"query\": 1".repeat(3)).into_bytes()
        }
        _ => noise(random, 3_000),
    };
    if chance(random, 25) {
        spoil_bytes(&mut bytes, random);
    }
    bytes
}

fn extensions(random: &mut StdRng) -> Value {
    let hash = choose(random, &["", "0", "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38", "zz"]);
    match random.random_range(0..4) {
        0 => json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } }),
        1 => json!({ "persistedQuery": { "version": anything(random), "sha256Hash": hash } }),
        2 => json!({ "persistedQuery": anything(random) }),
        _ => anything(random),
    }
}

/// Some tokens dropped, doubled, exchanged or put in.
fn broken_text(text: &str, random: &mut StdRng) -> String {
    let mut tokens: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let end = match is_word(first) {
            true => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    for _ in 0..random.random_range(1..4) {
        let (at, other) = (random.random_range(0..tokens.len()), random.random_range(0..tokens.len()));
        match random.random_range(0..6) {
            0 if tokens.len() > 1 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[other]),
            2 => tokens.swap(at, other),
            3 => tokens.truncate(at.max(1)),
            4 => tokens[at] = choose(random, &TOKENS),
            _ => tokens.insert(at, choose(random, &TOKENS)),
        }
    }
    tokens.concat()
}

/// Documents that are far too much of one thing.
fn grown(random: &mut StdRng) -> String {
    let count = choose(random, &[10_usize, 100, 1_000, 5_000]);
    match random.random_range(0..10) {
        0 => format!("{}{}", "{ a ".repeat(count), "}".repeat(count)),
        1 => format!("{{ {} }}", (0..count).map(|n| format!("a{n}: __typename ")).collect::<String>()),
        2 => format!("query({}) {{ __typename }}", (0..count).map(|n| format!("$v{n}: ID ")).collect::<String>()),
        3 => format!("{{ __typename {} }}", "@skip(if: false) ".repeat(count)),
        4 => format!("{{ search(query: {}1{}) {{ totalCount }} }}", "[".repeat(count), "]".repeat(count)),
        5 => "query A { __typename } ".repeat(count.min(1_000)),
        6 => format!(
            "{{ ...f0 }} {}",
            (0..count).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1)).collect::<String>()
        ),
        7 => "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }".to_owned(),
        8 => format!("{{ search(query: \"{}\") {{ totalCount }} }}", "(\\\"a OR ".repeat(count)),
        _ => format!("query($a: {}ID{}) {{ __typename }}", "[".repeat(count), "]".repeat(count)),
    }
}

/// A value where another one is expected.
pub fn anything(random: &mut StdRng) -> Value {
    match random.random_range(0..14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!(""),
        6 => json!("\u{0}\u{202e}\u{1f6a2}"),
        7 => json!("x".repeat(random.random_range(1..20_000))),
        8 => json!([]),
        9 => json!([[[]], {}, null]),
        10 => json!({ "": { "": "" } }),
        11 => json!({ "__proto__": { "a": 1 }, "constructor": null }),
        12 => json!("doc_00000000000000000000000000"),
        _ => json!("2026-13-45T99:99:99Z"),
    }
}

/// Puts something else somewhere into it.
fn spoil(value: &mut Value, random: &mut StdRng) {
    let inside = match value {
        Value::Object(fields) if !fields.is_empty() && chance(random, 80) => {
            let at = random.random_range(0..fields.len());
            fields.values_mut().nth(at)
        }
        Value::Array(items) if !items.is_empty() && chance(random, 70) => {
            let at = random.random_range(0..items.len());
            items.get_mut(at)
        }
        _ => None,
    };
    match inside {
        Some(inside) => spoil(inside, random),
        None => *value = anything(random),
    }
}

fn nested(random: &mut StdRng) -> Vec<u8> {
    let count = choose(random, &[100, 127, 128, 129, 1_000, 20_000, 100_000]);
    let (open, close) = choose(random, &[("[", "]"), ("{\"a\":", "}")]);
    format!(
        "{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {}1{}}}}}",
        open.repeat(count),
        close.repeat(count)
    )
    .into_bytes()
}

fn huge(random: &mut StdRng) -> String {
    match random.random_range(0..5) {
        0 => "9".repeat(random.random_range(20..5_000)),
        1 => format!("1e{}", random.random_range(300..100_000)),
        2 => format!("-0.{}1", "0".repeat(random.random_range(1..5_000))),
        3 => "1e-99999999999".to_owned(),
        _ => choose(random, &["+1", "01", "NaN", "Infinity", "0x10", ".5", "1.", "-"]).to_owned(),
    }
}

/// Cuts it off, doubles a part, or puts bytes in that no text has.
pub fn spoil_bytes(bytes: &mut Vec<u8>, random: &mut StdRng) {
    if bytes.is_empty() {
        return;
    }
    let at = random.random_range(0..bytes.len());
    match random.random_range(0..5) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.random_range(0..8),
        2 => bytes[at] = choose(random, &[0xff, 0xc0, 0x00, 0xed, 0x80, b'"', b'\\']),
        3 => {
            let part = bytes[at..(at + random.random_range(1..50)).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {
            let end = (at + random.random_range(1..50)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
}
