//! What files state of themselves, brought into one form: titles, dates, languages, keywords. What makes no sense is dropped.

/// Characters of a title or name that are kept.
const MAX_TEXT: usize = 1000;
const MAX_KEYWORDS: usize = 100;

/// White space as single blanks; nothing where nothing is left.
pub fn text(stated: &str) -> Option<String> {
    let words = stated.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let joined = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let text: String = joined.chars().take(MAX_TEXT).collect();
    (!text.is_empty()).then_some(text)
}

/// Keywords in one string, parted by commas or semicolons.
pub fn keywords(stated: &str) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for keyword in stated.split([',', ';', '\n', '、', '，']).filter_map(text).take(MAX_KEYWORDS) {
        if !kept.contains(&keyword) {
            kept.push(keyword);
        }
    }
    kept
}

/// A language tag (`de-CH`, `eng`, `pt_BR`) as ISO 639-1.
pub fn language(stated: &str) -> Option<String> {
    let first = stated.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    match first.len() {
        2 if first.bytes().all(|b| b.is_ascii_lowercase()) => Some(first),
        3 => super::language::of_three_letters(&first).map(str::to_owned),
        _ => None,
    }
}

/// A date of ISO 8601 or W3C form as RFC 3339: midnight where no time is stated, no offset where none is.
pub fn date(stated: &str) -> Option<String> {
    let stated = stated.trim();
    let number = |range: std::ops::Range<usize>| stated.get(range)?.parse::<u32>().ok();
    let year = number(0..4)?;
    let dash = |at: usize| stated.as_bytes().get(at) == Some(&b'-');
    let month = if dash(4) { number(5..7)? } else { 1 };
    let day = if dash(4) && dash(7) { number(8..10)? } else { 1 };
    let mut time = (0, 0, 0);
    let mut offset = "";
    if matches!(stated.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        time = (number(11..13)?, number(14..16)?, number(17..19).unwrap_or(0));
        offset = stated.get(16..).map_or("", |rest| rest.find(['Z', 'z', '+', '-']).map_or("", |at| &rest[at..]));
    }
    let date = Date { year: i64::from(year), month, day, hour: time.0, minute: time.1, second: time.2 };
    date.checked().map(|date| format!("{date}{}", offset_of(offset)))
}

/// `Z` or `+hh:mm`, from either or from `+hhmm`.
fn offset_of(stated: &str) -> String {
    let digits: String = stated.chars().filter(char::is_ascii_digit).take(4).collect();
    match stated.chars().next() {
        Some('Z' | 'z') => "Z".to_owned(),
        Some(sign @ ('+' | '-')) if digits.len() == 4 => format!("{sign}{}:{}", &digits[..2], &digits[2..]),
        _ => String::new(),
    }
}

/// A day and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Date {
    /// The time so many seconds after 1970 began.
    pub fn of_unix(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        // Days are counted from the first of March of year 0, in eras of 400 years.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        Self {
            year,
            month: month as u32,
            day: day as u32,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Itself, where a calendar could hold it.
    pub fn checked(self) -> Option<Self> {
        let is_sound = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60;
        is_sound.then_some(self)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_out_in_one_form_or_not_at_all() {
        for (stated, expected) in [
            ("2024-05-01T10:20:30Z", Some("2024-05-01T10:20:30Z")),
            ("2024-05-01T10:20:30.123456789", Some("2024-05-01T10:20:30")),
            ("2024-05-01T10:20:30.5+0200", Some("2024-05-01T10:20:30+02:00")),
            ("2024-05-01 10:20", Some("2024-05-01T10:20:00")),
            ("2024-05-01", Some("2024-05-01T00:00:00")),
            ("1899", Some("1899-01-01T00:00:00")),
            ("2024-13-01", None),
            ("yesterday", None),
            ("20é4-01-01", None),
        ] {
            assert_eq!(date(stated).as_deref(), expected, "{stated}");
        }
    }

    #[test]
    fn seconds_since_1970_are_a_date() {
        assert_eq!(Date::of_unix(1_709_210_096).to_string(), "2024-02-29T12:34:56");
        assert_eq!(Date::of_unix(-1).to_string(), "1969-12-31T23:59:59");
        assert_eq!(Date::of_unix(951_782_400).to_string(), "2000-02-29T00:00:00");
    }

    #[test]
    fn languages_are_two_letters() {
        assert_eq!(language("de-CH").as_deref(), Some("de"));
        assert_eq!(language("eng").as_deref(), Some("en"));
        assert_eq!(language("English"), None);
        assert_eq!(language(""), None);
    }

    #[test]
    fn names_are_trimmed_and_keywords_are_told_once() {
        assert_eq!(text(" a \n\u{0} b\u{1}"), Some("a b".to_owned()));
        assert_eq!(text(" \u{feff}"), None);
        assert_eq!(keywords("a, b;; a ,"), ["a", "b"]);
    }
}
