//! Times as files write them, made RFC 3339. Where a file gives no offset none is made up.

/// Any of `2026:11:21 07:00:01`, `2026-11-21T07:00:01.5+01:00`, `20261121T070001+0100`, `2026-11-21`, with the offset
/// apart or behind. Nothing for what is no time.
pub fn rfc3339(text: &str, offset: Option<&str>) -> Option<String> {
    let mut digits = Vec::new();
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let mut end = text.len();
    for (index, c) in text.char_indices() {
        let is_sign = c == '+' || (c == '-' && digits.len() >= 12) || c == 'Z' || c == 'z' || c == '.';
        if digits.len() == 14 || (digits.len() >= 8 && is_sign) {
            end = index;
            break;
        }
        match c {
            '0'..='9' => digits.push(c),
            ':' | '-' | '/' | ' ' | 'T' | '.' => {}
            _ => return None,
        }
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        digits.get(from..to).map(|digits| digits.iter().filter_map(|c| c.to_digit(10)).fold(0, |sum, d| sum * 10 + d))
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if digits.len() == 8 {
        return Some(date);
    }
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14).unwrap_or(0));
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text[end..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = zone(rest).or_else(|| zone(offset?)).unwrap_or_default();
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

/// `+01:00`, `-0500` and `Z`, written as RFC 3339 does.
fn zone(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.eq_ignore_ascii_case("z") {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|c| *c == '+' || *c == '-')?;
    let digits: String = text[1..].chars().filter(char::is_ascii_digit).collect();
    let minutes = match digits.len() {
        2 => "00",
        4 => digits.get(2..4)?,
        _ => return None,
    };
    let hours = digits.get(..2)?;
    let is_real = hours.parse::<u8>().ok()? <= 14 && minutes.parse::<u8>().ok()? <= 59;
    is_real.then(|| format!("{sign}{hours}:{minutes}"))
}

/// Seconds since 1970, in UTC.
pub fn from_unix(seconds: i64) -> Option<String> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a date, by eras of 400 years that begin in March.
    let shifted = days.checked_add(719_468)?;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_becomes_one() {
        let cases = [
            ("2026:11:21 07:00:01", None, Some("2026-11-21T07:00:01")),
            ("2026:11:21 07:00:01", Some("-05:00"), Some("2026-11-21T07:00:01-05:00")),
            ("2013-03-14T13:09:58.25+00:00", None, Some("2013-03-14T13:09:58+00:00")),
            ("20130314T130958+0530", None, Some("2013-03-14T13:09:58+05:30")),
            ("2013-03-14T13:09-03:00", None, Some("2013-03-14T13:09:00-03:00")),
            ("2013-03-14T13:09:58Z", None, Some("2013-03-14T13:09:58Z")),
            ("2013-03-14", None, Some("2013-03-14")),
            ("    :  :     :  :  ", None, None),
            ("0000:00:00 00:00:00", None, None),
            ("2026:13:01 00:00:00", None, None),
            ("yesterday", None, None),
            ("é2026:11:21", None, None),
        ];
        for (text, offset, expected) in cases {
            assert_eq!(rfc3339(text, offset).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn seconds_become_dates_across_leap_years() {
        assert_eq!(from_unix(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(from_unix(951_782_399).as_deref(), Some("2000-02-28T23:59:59Z"));
        assert_eq!(from_unix(951_868_799).as_deref(), Some("2000-02-29T23:59:59Z"));
        assert_eq!(from_unix(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
        assert_eq!(from_unix(i64::MAX), None);
    }
}
