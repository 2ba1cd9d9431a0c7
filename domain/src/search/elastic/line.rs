//! Words in a line: texts and queries as Elasticsearch gets them, each word already what it is looked for by. A line has no
//! two words at one place, and two kinds of words of ours share one: pairs of characters follow their first character
//! instead, and a name with humps is written once for each way to read it.

use crate::search::{
    stems::Stemming,
    words::{self, Mode, Token},
};

/// In UTF-16 units: what the analyser takes for one word.
const LONGEST: usize = 255;
/// Ways to read one name.
const MOST_WAYS: usize = 64;

/// A running text.
pub fn text(text: &str) -> String {
    join(words::tokens(text, Mode::Index))
}

/// A name: its words and their humps.
pub fn name(name: &str) -> String {
    join(words::names(name, Mode::Index))
}

/// A name in every way to read it: each word as a whole or as one of its humps.
pub fn ways(name: &str) -> Vec<String> {
    let mut places: Vec<Vec<String>> = Vec::new();
    let mut last = None;
    for token in words::names(name, Mode::Index) {
        if last != Some(token.position) {
            places.push(Vec::new());
            last = Some(token.position);
        }
        places.last_mut().into_iter().for_each(|place| place.push(word(&token.text)));
    }
    let all = places.iter().try_fold(1_usize, |all, place| all.checked_mul(place.len())).unwrap_or(usize::MAX);
    if all <= MOST_WAYS {
        let mut ways = vec![String::new()];
        for place in &places {
            ways = ways.iter().flat_map(|way| place.iter().map(move |word| format!("{way} {word}"))).collect();
        }
        return ways;
    }
    // Too many: each hump among whole words.
    let whole: Vec<&String> = places.iter().filter_map(|place| place.first()).collect();
    let mut ways = vec![whole.clone()];
    for (at, place) in places.iter().enumerate() {
        for hump in place.iter().skip(1).take(MOST_WAYS) {
            let mut way = whole.clone();
            way[at] = hump;
            ways.push(way);
        }
    }
    let line = |way: Vec<&String>| way.into_iter().fold(String::new(), |line, word| line + " " + word);
    ways.into_iter().take(4 * MOST_WAYS).map(line).collect()
}

/// The stems of a text in a language; none where there is no stemmer for it.
pub fn stems(text: &str, language: &str) -> Option<String> {
    let mut stemming = Stemming::of(language)?;
    let mut tokens = words::tokens(text, Mode::Index);
    let mut line = String::with_capacity(text.len());
    while tokens.advance() {
        if let Some(stem) = stemming.stem(&tokens.token().text) {
            line.push(' ');
            line.push_str(&self::stem(language, &stem));
        }
    }
    Some(line)
}

/// A stem as it stands in the one field for all languages.
pub fn stem(language: &str, stem: &str) -> String {
    word(&format!("{language}|{stem}"))
}

/// What a running text has one after the other where this is in it.
pub fn asked(text: &str) -> Vec<String> {
    let mut tokens: Vec<Token> = words::tokens(text, Mode::Index).collect();
    // In a text the last character of a run may be followed by others, and is in the pair before it.
    if let [.., pair, last] = tokens.as_slice()
        && pair.end == last.end
        && pair.start < last.start
    {
        tokens.pop();
    }
    // The first one is in the pair that stands where it stands.
    if let [first, pair, ..] = tokens.as_slice()
        && first.position == pair.position
    {
        tokens.remove(0);
    }
    tokens.iter().map(|token| word(&token.text)).collect()
}

/// Whether pairs of characters are among what is asked for, which take two places each.
pub fn has_pairs(text: &str) -> bool {
    let tokens: Vec<Token> = words::tokens(text, Mode::Index).collect();
    tokens.windows(2).any(|two| two[0].position == two[1].position)
}

/// What a name has one after the other where this is in it.
pub fn asked_of_name(text: &str) -> Vec<String> {
    words::names(text, Mode::Query).map(|token| word(&token.text)).collect()
}

fn join(mut tokens: words::Tokens<'_>) -> String {
    let mut line = String::new();
    while tokens.advance() {
        line.push(' ');
        line.push_str(&word(&tokens.token().text));
    }
    line
}

/// A word as the analyser leaves it: not too long, and with nothing in it that parts words.
fn word(text: &str) -> String {
    if text.len() <= LONGEST && !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= LONGEST
    };
    text.chars().filter(|c| !c.is_whitespace()).take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_follow_their_first_character() {
        assert_eq!(text("Port 東京都 quay"), " port 東 東京 京 京都 都 quay");
        assert_eq!(text("東"), " 東");
    }

    #[test]
    fn what_is_asked_stands_in_a_row_wherever_it_is() {
        for (asked, wanted) in [
            ("東", vec!["東"]),
            ("東京", vec!["東京"]),
            ("東京都", vec!["東京", "京", "京都"]),
            ("port 東京", vec!["port", "東", "東京"]),
            ("東京 port", vec!["東京", "京", "port"]),
            ("東 port", vec!["東", "port"]),
            ("spring tide", vec!["spring", "tide"]),
            ("...", vec![]),
        ] {
            assert_eq!(super::asked(asked), wanted, "{asked}");
            let line = text(&format!("大{asked}島")) + " " + &text(&format!("a {asked} b"));
            assert!(line.contains(&wanted.join(" ")), "{asked} in {line}");
        }
    }

    #[test]
    fn a_name_is_written_once_for_each_way_to_read_it() {
        assert_eq!(name("quayCrane.pdf"), " quaycrane quay crane pdf");
        assert_eq!(ways("quayCrane.pdf"), [" quaycrane pdf", " quay pdf", " crane pdf"]);
        assert_eq!(ways("aB cD").len(), 9);
        let long = "aB".repeat(40) + " cD eF";
        let ways = ways(&long);
        assert!(ways.len() > 40 && ways.len() <= 256, "{}", ways.len());
        assert!(ways.iter().any(|way| way.ends_with(" d ef")), "every hump among whole words");
    }

    #[test]
    fn no_word_is_longer_than_the_analyser_takes() {
        let long = "ß".repeat(200);
        assert_eq!(text(&long).trim().encode_utf16().count(), 255);
        assert_eq!(asked(&long), [text(&long).trim()]);
    }
}
