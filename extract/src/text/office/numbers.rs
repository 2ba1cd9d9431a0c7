//! The numbers of list items, as a document shows them.

use office_oxide::ir::{List, ListStyle};

/// The number of an item as it is shown. Numbers of outer levels are not known here.
pub fn marker(list: &List, number: u32) -> String {
    let shown = match list.style {
        Some(ListStyle::LowerRoman) => roman(number),
        Some(ListStyle::UpperRoman) => roman(number).to_uppercase(),
        Some(ListStyle::LowerAlpha) => letters(number),
        Some(ListStyle::UpperAlpha) => letters(number).to_uppercase(),
        _ => number.to_string(),
    };
    match list.marker_pattern.as_deref() {
        Some(pattern) if pattern.matches('%').count() == 1 => {
            pattern.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().replace('%', &shown)
        }
        _ => format!("{shown}."),
    }
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut left = number.min(3999);
    let mut shown = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            shown.push_str(sign);
            left -= value;
        }
    }
    shown
}

/// a, b … z, aa, bb …
fn letters(number: u32) -> String {
    let at = number.max(1) - 1;
    let letter = char::from(b'a' + (at % 26) as u8);
    std::iter::repeat_n(letter, (at / 26 + 1).min(10) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_their_style() {
        assert_eq!(roman(1994), "mcmxciv");
        assert_eq!((letters(1), letters(26), letters(27)), ("a".into(), "z".into(), "aa".into()));
        let list = List { style: Some(ListStyle::UpperAlpha), marker_pattern: Some("%1)".into()), ..List::default() };
        assert_eq!(marker(&list, 3), "C)");
    }
}
