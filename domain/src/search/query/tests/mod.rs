//! The language by a table, and by texts of any kind.

mod table;

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

/// A Wednesday.
fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 18, 10, 30, 0).single().expect("a time")
}

fn warned(text: &str) -> Vec<Warning> {
    parse(text, now()).warnings
}

fn written(text: &str) -> String {
    parse(text, now()).to_string()
}

/// `(& a b)`, `(| a b)`, `!a`, `name=a`, `a*`, `"a b"~2`, and filters as they are written.
fn compact(node: &Node) -> String {
    let all = |nodes: &[Node]| nodes.iter().map(compact).collect::<Vec<_>>().join(" ");
    let of = |field: &TextField| match field {
        TextField::Any => String::new(),
        field => format!("{field:?}=").to_lowercase(),
    };
    match node {
        Node::And(nodes) => format!("(& {})", all(nodes)),
        Node::Or(nodes) => format!("(| {})", all(nodes)),
        Node::Not(node) => format!("!{}", compact(node)),
        Node::Word { field, text } => format!("{}{text}", of(field)),
        Node::Prefix { field, text } => format!("{}{text}*", of(field)),
        Node::Phrase { field, text, slop: 0 } => format!("{}\"{text}\"", of(field)),
        Node::Phrase { field, text, slop } => format!("{}\"{text}\"~{slop}", of(field)),
        Node::Filter(filter) => format!("[{filter}]"),
    }
}

#[test]
fn every_text_of_the_table_is_the_tree_that_is_written_there() {
    assert!(table::TABLE.len() >= 80, "{} rows", table::TABLE.len());
    let wrong: Vec<String> = table::TABLE
        .iter()
        .map(|(text, tree)| (text, tree, parse(text, now()).root.as_ref().map(compact).unwrap_or_default()))
        .filter(|(_, tree, found)| found != *tree)
        .map(|(text, tree, found)| format!("{text}\n  wanted {tree}\n  found  {found}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table::TABLE.len(), wrong.join("\n"));
}

#[test]
fn the_table_survives_being_written() {
    for (text, _) in table::TABLE {
        let root = parse(text, now()).root;
        let text = root.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!(parse(&text, now()).root, root, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_warned_of() {
    for text in ["a b", "\"a b", "((a", "a)", "", "*", "C:\\x 10:30 http://a.b/c", "-a", "a OR", "name:a", "size:>1kb"]
    {
        assert_eq!(warned(text), [], "{text}");
    }
    let bad = |field: &str, value: &str| Warning::BadValue { field: field.to_owned(), value: value.to_owned() };
    assert_eq!(warned("modified:soon"), [bad("modified", "soon")]);
    assert_eq!(warned("size:\"very big\""), [bad("size", "very big")]);
    assert_eq!(warned("is:shared"), [bad("is", "shared")]);
    assert_eq!(warned("name: a"), [bad("name", "")]);
    assert_eq!(warned("tag:a"), [Warning::UnknownField("tag".to_owned())]);
    assert_eq!(warned("r*"), [Warning::PrefixTooShort("r".to_owned())]);
    assert_eq!(warned("?!"), [Warning::NoWords]);
    assert_eq!(warned("\"a b\"~11"), [Warning::SlopTooLarge]);
    assert_eq!(Warning::TooLong.to_string(), format!("only the first {MAX_CHARACTERS} characters were read"));
}

#[test]
fn what_is_too_much_is_cut_and_warned_of() {
    let long = "word ".repeat(300);
    let parsed = parse(&long, now());
    assert_eq!(parsed.warnings, [Warning::TooLong, Warning::TooManyClauses]);
    assert_eq!(clauses(parsed.root.as_ref()), MAX_CLAUSES);
    assert_eq!(written(&format!("{} {}", "a".repeat(1000), "b".repeat(50))), "a".repeat(1000), "no half word");
    assert_eq!(warned(&"é".repeat(MAX_CHARACTERS)), []);

    let deep = format!("{}a|b{} c", "(x ".repeat(12), ")".repeat(12));
    assert_eq!(warned(&deep), [Warning::TooDeep]);
    assert!(written(&deep).ends_with(" c"), "{}", written(&deep));

    let phrase = format!("\"{}\"", "word ".repeat(40));
    let parsed = parse(&phrase, now());
    assert_eq!(parsed.warnings, [Warning::PhraseTooLong]);
    assert_eq!(parsed.to_string().matches("word").count(), MAX_WORDS);
    assert_eq!(warned(&format!("ext:({})", "a,".repeat(70))), [Warning::TooManyClauses]);
}

#[test]
fn a_text_is_open_right_after_a_word() {
    for text in ["rep", "a rep", "name:rep", "a OR (b rep", "foo:rep", "a -b rep"] {
        let parsed = parse(text, now());
        assert!(parsed.is_open, "{text}");
        assert!(matches!(last(parsed.root.as_ref()), Some(Node::Word { text, .. }) if text == "rep"), "{text}");
    }
    for text in ["", "rep ", "rep*", "\"rep", "-rep", "NOT rep", "-(a rep", "ext:pdf", "(rep)", "rep,", "rep |"] {
        assert!(!parse(text, now()).is_open, "{text}");
    }
}

fn last(node: Option<&Node>) -> Option<&Node> {
    match node? {
        Node::And(nodes) | Node::Or(nodes) => last(nodes.last()),
        Node::Not(_) => None,
        leaf => Some(leaf),
    }
}

fn clauses(node: Option<&Node>) -> usize {
    match node {
        None => 0,
        Some(Node::And(nodes) | Node::Or(nodes)) => nodes.iter().map(|node| clauses(Some(node))).sum(),
        Some(Node::Not(node)) => clauses(Some(node)),
        Some(_) => 1,
    }
}

/// Levels of the tree; each parenthesis may bring an `Or`, an `And` and a `Not`.
fn depth(node: &Node) -> usize {
    match node {
        Node::And(nodes) | Node::Or(nodes) => 1 + nodes.iter().map(depth).max().unwrap_or(0),
        Node::Not(node) => 1 + depth(node),
        _ => 1,
    }
}

fn is_normal(node: &Node) -> bool {
    match node {
        Node::And(nodes) => nodes.len() > 1 && nodes.iter().all(|it| !matches!(it, Node::And(_)) && is_normal(it)),
        Node::Or(nodes) => nodes.len() > 1 && nodes.iter().all(|it| !matches!(it, Node::Or(_)) && is_normal(it)),
        Node::Not(node) => !matches!(**node, Node::Not(_)) && is_normal(node),
        Node::Word { text, .. } | Node::Prefix { text, .. } | Node::Phrase { text, .. } => {
            crate::search::words::extent(text) == Some((0, text.len()))
        }
        Node::Filter(_) => true,
    }
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let parsed = parse(text, now());
    if let Some(root) = &parsed.root {
        prop_assert!(clauses(Some(root)) <= MAX_CLAUSES);
        prop_assert!(depth(root) <= 3 * (MAX_DEPTH + 1) + 1, "{}", depth(root));
        prop_assert!(is_normal(root), "{:?}", root);
    }
    let written = parsed.to_string();
    let again = parse_whole(&written, now());
    prop_assert_eq!(&again.root, &parsed.root, "{:?}", written);
    prop_assert_eq!(again.to_string(), written);
    Ok(())
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        "(",
        ")",
        "((((((",
        "(((((((((",
        "-foo:",
        "-foo:bar",
        "))))",
        "\"",
        "\"",
        "~3",
        "~",
        "-",
        "-",
        "+",
        "|",
        "*",
        "*",
        ":",
        ",",
        ".",
        "..",
        " ",
        " ",
        " ",
        " ",
        " OR ",
        " AND ",
        " NOT ",
        "OR",
        "NOT",
        "a",
        "foo",
        "bar",
        "can't",
        "東京",
        "か\u{3099}",
        "ไท",
        "🎉",
        "\u{301}",
        "é",
        "“",
        "”",
        "\u{200f}",
        "＂",
        "：",
        "（",
        "name:",
        "title:",
        "content:",
        "foo:",
        "tag:",
        "ext:",
        "type:",
        "pdf",
        "size:",
        ">10mb",
        "1kb..5kb",
        "modified:",
        "2026-01",
        "today",
        "7d",
        ">=2026-01-01",
        "in:",
        "/a/b",
        "owner:",
        "provider:",
        "lang:",
        "en",
        "is:",
        "encrypted",
        "has:",
        "text",
        "id:",
        "01939c2e-0000-7000-8000-000000000000",
        "10:30",
        "C:\\x",
        "http://a.b/c",
        "--",
        "_",
        "²",
        "\u{93e}",
        "\u{0}",
        "#️⃣",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_a_tree_that_can_be_written(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn anything_made_of_the_language_is_a_tree_that_can_be_written(text in pieces()) {
        holds(&text)?;
    }
}
