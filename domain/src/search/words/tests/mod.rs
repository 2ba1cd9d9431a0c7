//! Words by their rules, by a table, and against the slow way.

mod golden;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// Tokens of one position are joined by `/`; a position without a token is `_`.
fn written(stream: Tokens<'_>) -> String {
    let mut written = String::new();
    let mut position = None;
    for token in stream {
        match position {
            Some(before) if before == token.position => written.push('/'),
            before => {
                let free = before.map_or(token.position, |before| token.position - before - 1);
                written.extend((0..free).map(|_| " _"));
                written.push(' ');
            }
        }
        position = Some(token.position);
        written.push_str(&token.text);
    }
    written.trim_start_matches(' ').to_owned()
}

#[test]
fn every_text_of_the_table_has_the_words_that_are_written_there() {
    assert!(golden::GOLDEN.len() >= 200, "{} rows", golden::GOLDEN.len());
    let wrong: Vec<String> = golden::GOLDEN
        .iter()
        .map(|(text, words)| (text, words, written(tokens(text, Mode::Index))))
        .filter(|(_, words, found)| found != *words)
        .map(|(text, words, found)| format!("{text:?}\n  wanted {words:?}\n  found  {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), golden::GOLDEN.len(), wrong.join("\n"));
}

#[test]
fn a_query_asks_for_pairs_at_the_positions_of_the_index() {
    for (text, words) in [
        ("東", "東"),
        ("東京", "東京"),
        ("東京都", "東京 京都"),
        ("東京 都", "東京 _ 都"),
        ("iPhone東京2024", "iphone 東京 _ 2024"),
        ("한국어 책", "한국 국어 _ 책"),
        ("can't 3.14", "can't 3.14"),
    ] {
        assert_eq!(written(tokens(text, Mode::Query)), words, "{text}");
    }
}

#[test]
fn names_are_parted_at_signs_digits_and_humps() {
    for (name, at_index, at_query) in [
        ("Annual Report 2024.pdf", "annual report 2024 pdf", "annual report 2024 pdf"),
        ("user_name-v1.2.3.tar.gz", "user name v 1 2 3 tar gz", "user name v 1 2 3 tar gz"),
        ("PowerPoint", "powerpoint/power/point", "powerpoint"),
        ("powerpoint", "powerpoint", "powerpoint"),
        ("iPhone14Pro", "iphone/i/phone 14 pro", "iphone 14 pro"),
        ("PDFReader", "pdfreader/pdf/reader", "pdfreader"),
        ("IMG_2041.HEIC", "img 2041 heic", "img 2041 heic"),
        ("can't.txt", "can t txt", "can t txt"),
        ("Übersicht (Entwurf).docx", "ubersicht entwurf docx", "ubersicht entwurf docx"),
        ("U\u{308}bersicht", "ubersicht", "ubersicht"),
        ("東京タワー.jpg", "東 京 タ ワ ー jpg", "東 京 タ ワ ー jpg"),
        ("ｶﾞｲﾄﾞ２", "ガ イ ド 2", "ガ イ ド 2"),
        ("2024年度", "2024 年 度", "2024 年 度"),
        ("한국abc", "한 국 abc", "한 국 abc"),
        ("\u{1112}\u{1161}\u{11ab}", "한", "한"),
        ("ภาษาไทย.txt", "ภาษาไทย txt", "ภาษาไทย txt"),
        ("ΑθήναΠόλη", "αθήναπόλη/αθήνα/πόλη", "αθήναπόλη"),
        ("🎉", "", ""),
        ("...", "", ""),
    ] {
        assert_eq!(written(names(name, Mode::Index)), at_index, "{name} at index");
        assert_eq!(written(names(name, Mode::Query)), at_query, "{name} at query");
    }
}

#[test]
fn offsets_point_at_what_was_written() {
    let text = "  Straße, ﬁne ｶﾞｲ か\u{3099}く e\u{301}a ภาษา";
    let found: Vec<(String, &str)> =
        tokens(text, Mode::Index).map(|token| (token.text.clone(), &text[token.start..token.end])).collect();
    let expected = [
        ("strasse", "Straße"),
        ("fine", "ﬁne"),
        ("ガ", "ｶﾞ"),
        ("ガイ", "ｶﾞｲ"),
        ("イ", "ｲ"),
        ("が", "か\u{3099}"),
        ("がく", "か\u{3099}く"),
        ("く", "く"),
        ("ea", "e\u{301}a"),
        ("ภาษา", "ภาษา"),
    ];
    assert_eq!(found, expected.map(|(token, written)| (token.to_owned(), written)));
}

#[test]
fn a_very_long_word_is_cut_into_words_of_255() {
    let lengths = |text: &str| tokens(text, Mode::Index).map(|token| token.text.chars().count()).collect::<Vec<_>>();
    assert_eq!(lengths(&"a".repeat(255)), [255]);
    assert_eq!(lengths(&"a".repeat(600)), [255, 255, 90]);
    assert_eq!(lengths(&"é".repeat(256)), [255, 1]);
    assert_eq!(lengths(&"ก".repeat(300)), [255, 45]);
    assert_eq!(lengths(&"𝐀".repeat(128)), [127, 1], "a character of two units is not parted");
    // What would end a window is no part of a word any more.
    assert_eq!(lengths(&format!("{}.{}", "a".repeat(254), "b".repeat(10))), [254, 10]);
    assert_eq!(names(&"a".repeat(600), Mode::Index).count(), 3);
}

#[test]
fn the_extent_leaves_out_what_is_in_no_word() {
    assert_eq!(extent("--foo, bar!"), Some((2, 10)));
    assert_eq!(extent("(🎉)"), Some((1, 5)));
    assert_eq!(extent("x²"), Some((0, 3)), "names keep the small digit");
    assert_eq!(extent("?!"), None);
}

/// Words by the borders of the standard alone, for texts of ASCII.
fn slowly(text: &str) -> Vec<(usize, String)> {
    text.split_word_bound_indices()
        .filter(|(_, segment)| segment.bytes().any(|byte| byte.is_ascii_alphanumeric()))
        .map(|(at, segment)| (at, segment.to_ascii_lowercase()))
        .collect()
}

fn any_text() -> impl Strategy<Value = String> {
    let letters = "[a-zA-Z0-9_.,:;' \"é\u{301}ßﬁ東京かガｶﾞー한\u{1112}\u{1161}ไทย🎉🇩\u{200d}\u{fe0f}م１Ａ：]{0,60}";
    prop_oneof![any::<String>(), letters]
}

proptest! {
    #[test]
    fn the_short_way_through_ascii_finds_the_same_words(text in "[a-cA-C0-2_.,;'\" -]{0,40}") {
        let quickly: Vec<_> = tokens(&text, Mode::Index).map(|token| (token.start, token.text)).collect();
        prop_assert_eq!(quickly, slowly(&text));
    }

    #[test]
    fn any_text_has_words_in_order_within_it(text in any_text()) {
        for mode in [Mode::Index, Mode::Query] {
            for stream in [tokens(&text, mode), names(&text, mode)] {
                let (mut position, mut start) = (0, 0);
                for token in stream {
                    prop_assert!(token.position >= position && token.start >= start, "{:?}", token);
                    (position, start) = (token.position, if token.position > position { token.start } else { start });
                    prop_assert!(text.get(token.start..token.end).is_some_and(|it| !it.is_empty()), "{:?}", token);
                    prop_assert!(!token.text.is_empty());
                }
            }
        }
    }

    #[test]
    fn what_a_query_asks_for_is_in_the_index(text in any_text()) {
        let indexed: Vec<_> = tokens(&text, Mode::Index).map(|token| (token.text, token.position)).collect();
        for token in tokens(&text, Mode::Query) {
            prop_assert!(indexed.contains(&(token.text.clone(), token.position)), "{:?} of {:?}", token, indexed);
        }
        let named: Vec<_> = names(&text, Mode::Index).map(|token| (token.text, token.position)).collect();
        for token in names(&text, Mode::Query) {
            prop_assert!(named.contains(&(token.text.clone(), token.position)), "{:?} of {:?}", token, named);
        }
    }

    #[test]
    fn what_was_cut_to_its_extent_has_that_extent(text in any_text()) {
        if let Some((start, end)) = extent(&text) {
            prop_assert_eq!(extent(&text[start..end]), Some((0, end - start)));
        }
    }
}
