//! Marks are written as brackets.

use chrono::{TimeZone, Utc};
use proptest::prelude::*;

use super::*;
use crate::search::query::{TextField, parse};

fn wanted(query: &str, field: TextField) -> Wanted {
    let now = Utc.timestamp_opt(0, 0).single().expect("a time");
    Wanted::of(&parse(query, now).root.expect("a query"), field)
}

fn bracketed(fragment: &Fragment) -> String {
    let mut text = String::new();
    for (at, c) in fragment.text.chars().enumerate() {
        text.extend(fragment.marks.iter().any(|mark| mark.start == at).then_some('['));
        text.push(c);
        text.extend(fragment.marks.iter().any(|mark| mark.end == at + 1).then_some(']'));
    }
    text
}

fn shown_in(field: TextField, query: &str, text: &str) -> Vec<String> {
    fragments(text, &wanted(query, field), 3, 160).iter().map(bracketed).collect()
}

fn shown(query: &str, text: &str) -> String {
    shown_in(TextField::Content, query, text).join(" … ")
}

#[test]
fn words_phrases_and_beginnings_are_marked_where_they_are() {
    for (query, text, expected) in [
        ("fox", "The quick fox and the FOX.", "The quick [fox] and the [FOX]."),
        ("strasse", "Die Straße", "Die [Straße]"),
        ("cafe", "un cafe\u{301} noir", "un [cafe\u{301}] noir"),
        ("quick fox", "quick brown fox", "[quick] brown [fox]"),
        ("quick OR fox", "a fox", "a [fox]"),
        ("(a OR (b c)) d", "a b c d e", "[a] [b] [c] [d] e"),
        ("\"quick fox\"", "quick, quick fox fox", "quick, [quick fox] fox"),
        ("\"quick fox\"", "quick brown fox", ""),
        ("\"quick fox\"~1", "quick brown fox and a quick red big fox", "[quick] brown [fox] and a quick red big fox"),
        ("\"quick fox\"~1", "fox quick", ""),
        ("\"quick fox\"~2", "fox quick", "[fox] [quick]"),
        ("\"a a\"~2", "b a b", ""),
        ("\"a a\"", "a b a a", "a b [a a]"),
        ("user-name", "user name, user - x name", "[user name], user - x name"),
        ("rep*", "Reports prepare a repair", "[Reports] prepare a [repair]"),
        ("annual-rep*", "annual reports; annual x reports", "[annual reports]; annual x reports"),
        ("fox -dog", "fox and dog", "[fox] and dog"),
        ("fox -(dog OR cat)", "fox dog cat", "[fox] dog cat"),
        ("-dog", "dog", ""),
        ("ext:pdf", "pdf", ""),
        ("東京", "新東京都と京都", "新[東京]都と京都"),
        ("東京都", "東京都庁、京都、東京", "[東京都]庁、京都、東京"),
        ("京", "東京都", "東[京]都"),
        ("\"iPhone東京2024\"", "das iphone東京2024!", "das [iphone東京2024]!"),
        ("東京*", "東京都", "[東京]都"),
        ("한국", "한국어", "[한국]어"),
        ("ガイド", "旅のｶﾞｲﾄﾞ", "旅の[ｶﾞｲﾄﾞ]"),
        ("can't", "I can’t", "I [can’t]"),
        ("🎉", "party 🎉 time", "party [🎉] time"),
        ("fox", "no such animal", ""),
        ("fox", "", ""),
        ("fox", "a\n\n  red\t fox\r\n", "a red [fox]"),
    ] {
        assert_eq!(shown(query, text), expected, "{query} in {text:?}");
    }
}

#[test]
fn only_what_is_asked_of_a_field_is_marked_in_it() {
    let query = "name:plan content:budget 2024";
    assert_eq!(shown_in(TextField::Content, query, "plan budget 2024"), ["plan [budget] [2024]"]);
    assert_eq!(shown_in(TextField::Name, query, "Plan_Budget2024.pdf"), ["[Plan]_Budget[2024].pdf"]);
    assert_eq!(shown_in(TextField::Title, query, "plan budget 2024"), ["plan budget [2024]"]);
    assert_eq!(shown_in(TextField::Name, "point", "PowerPoint.pptx"), ["Power[Point].pptx"]);
    assert_eq!(shown_in(TextField::Name, "POWERPOINT", "PowerPoint.pptx"), ["[PowerPoint].pptx"]);
    assert_eq!(shown_in(TextField::Name, "report-2024", "report2024.pdf"), ["[report2024].pdf"]);
}

#[test]
fn fragments_show_most_of_what_is_wanted_in_the_order_of_the_text() {
    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let text = format!("fox {filler} fox fox {filler} dog fox {filler} cat {filler} fox end");
    let found = shown_in(TextField::Content, "fox dog cat", &text);
    assert_eq!(found.len(), 3);
    assert!(found[0].contains("[fox] [fox]"), "{found:?}");
    assert!(found[1].contains("[dog] [fox]"), "{found:?}");
    assert!(found[2].contains("[cat]"), "{found:?}");
    for fragment in &found {
        let length = fragment.chars().filter(|c| !matches!(c, '[' | ']')).count();
        assert!((120..=160).contains(&length), "{length}: {fragment}");
        assert!(fragment.split(' ').all(|word| format!("[fox] [dog] [cat] {filler}").contains(word)), "{fragment}");
    }
    let text = format!("{}東京{}", "文".repeat(500), "字".repeat(500));
    let found = fragments(&text, &wanted("東京", TextField::Content), 3, 160);
    assert_eq!(found[0].text.chars().count(), 160);
    assert!(found[0].marks.iter().eq([&(79..81)]), "{:?}", found[0].marks);
    assert_eq!(fragments(&text, &wanted("東京", TextField::Content), 0, 160), []);
}

#[test]
fn a_phrase_is_found_after_any_number_of_its_words() {
    let text = format!("{} of the end", "of of the the x ".repeat(5000).replace("of the", "of x the"));
    assert!(shown("\"of the end\"", &text).ends_with("[of the end]"));
}

fn any_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "A",
        "foo",
        "Foo",
        "か\u{3099}",
        "東京",
        "京",
        "ไทย",
        "🎉",
        "é",
        "e\u{301}",
        " ",
        " ",
        "\n",
        ".",
        "-",
        "_",
        "\u{200d}",
        "\u{0}",
        "1",
        "camelCase",
    ]);
    prop::collection::vec(word, 0..80).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn marks_lie_in_order_within_fragments(
        text in any_text(),
        query in "(a|b|\"a b\"~2|\"a b c\"|fo\\*|東京| |-c|\"a a b\"~3){1,6}",
        most in 0..4_usize,
        length in 0..40_usize,
    ) {
        let now = Utc.timestamp_opt(0, 0).single().expect("a time");
        let Some(root) = parse(&query, now).root else { return Ok(()) };
        for field in [TextField::Content, TextField::Name] {
            let found = fragments(&text, &Wanted::of(&root, field), most, length);
            prop_assert!(found.len() <= most);
            for fragment in found {
                prop_assert!(!fragment.marks.is_empty(), "{:?}", fragment);
                let mut before = None;
                for mark in &fragment.marks {
                    prop_assert!(before.is_none_or(|end| end < mark.start) && mark.start < mark.end, "{:?}", fragment);
                    before = Some(mark.end);
                }
                prop_assert!(before <= Some(fragment.text.chars().count()), "{:?}", fragment);
            }
        }
    }
}
