//! `Retry-After` (RFC 9110 section 10.2.3) as a wait we are ready to believe.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Longer waits are cut to this: a cloud that says "in ten years" has made a mistake.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Seconds or an HTTP-date, counted from `now`; `None` for anything negative, past or unreadable.
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds is still a number, and too long a one.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    }
    let wait = (http_date(value)? - now).to_std().ok()?;
    Some(wait.min(MAX_RETRY_AFTER))
}

/// The three forms of RFC 9110 section 5.6.7: the current one, RFC 850 and asctime.
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(value, form).ok())
        .map(|naive| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: &str) -> Option<u64> {
        let now = "2026-05-01T12:00:00Z".parse().expect("a time");
        retry_after(value, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_believed_up_to_an_hour() {
        assert_eq!(wait("0"), Some(0));
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait(" 120 "), Some(120));
        assert_eq!(wait("3600"), Some(3600));
        assert_eq!(wait("315360000"), Some(3600));
        assert_eq!(wait("99999999999999999999999"), Some(3600));
    }

    #[test]
    fn dates_in_all_three_forms_are_counted_from_now() {
        assert_eq!(wait("Fri, 01 May 2026 12:00:30 GMT"), Some(30));
        assert_eq!(wait("Friday, 01-May-26 12:01:00 GMT"), Some(60));
        assert_eq!(wait("Fri May  1 12:02:00 2026"), Some(120));
        assert_eq!(wait("Thu, 01 May 2036 12:00:00 GMT"), Some(3600));
    }

    #[test]
    fn garbage_and_the_past_give_no_wait() {
        for value in ["", "-5", "soon", "1.5", "1e3", "+5", "5s", "Fri, 01 May 2026 11:59:00 GMT", "\u{663}"] {
            assert_eq!(wait(value), None, "{value:?}");
        }
    }
}
