//! The sandbox's own time: the machine's clock plus an offset that only the control API moves.
//! Milliseconds since 1970 come out; nothing else in this crate asks the machine for the time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SecondsFormat, Utc};

#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The present of this sandbox, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        machine_ms() + self.offset_ms.load(Ordering::SeqCst)
    }

    pub fn advance(&self, by_ms: i64) {
        self.offset_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    pub fn set(&self, to_ms: i64) {
        self.offset_ms.store(to_ms - machine_ms(), Ordering::SeqCst);
    }
}

#[allow(clippy::disallowed_methods)] // this is the injected clock
fn machine_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// RFC 3339 with milliseconds and `Z`, as Google writes every time.
pub fn rfc3339(ms: i64) -> String {
    moment(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An HTTP date, as headers carry it.
pub fn http_date(ms: i64) -> String {
    moment(ms).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads RFC 3339; a time without a zone is UTC, a bare date is its midnight.
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    let zoneless = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let date = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    zoneless.or_else(date).map(|time| time.and_utc().timestamp_millis())
}

fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds_and_read_with_or_without_a_zone() {
        assert_eq!(rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!(parse("2023-11-14T22:13:20.123Z"), Some(1_700_000_000_123));
        assert_eq!(parse("2023-11-14T22:13:20"), Some(1_700_000_000_000));
        assert_eq!(parse("2023-11-14T23:13:20+01:00"), Some(1_700_000_000_000));
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn the_clock_moves_only_when_told() {
        let clock = Clock::default();
        clock.set(1_000_000);
        clock.advance(500);
        let now = clock.now_ms();
        assert!((1_000_500..1_060_000).contains(&now), "{now}");
    }
}
