//! Dates mean all the time they name: `2026-01` is the month. Times count in microseconds, in UTC if not said otherwise.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::Range;

type Time = DateTime<Utc>;

/// What one word or number names.
#[derive(Clone, Copy)]
enum Named {
    /// From, and up to.
    Span(Time, Time),
    /// So long ago.
    Ago(Time),
}

impl Named {
    fn start(self) -> Time {
        match self {
            Self::Span(start, _) | Self::Ago(start) => start,
        }
    }

    fn end(self) -> Time {
        match self {
            Self::Span(_, end) => end,
            Self::Ago(time) => time,
        }
    }
}

/// `2026` · `2026-01` · `>=2026-01-15` · `2026-01..2026-03` · `today` · `7d` (since then) · `<7d` (before then) ·
/// `this week`. An end of a range belongs to it.
pub fn range(text: &str, now: Time) -> Option<Range<Time>> {
    let text = text.to_lowercase();
    let range = |from: Option<Time>, to: Option<Time>| Some(Range { from, to });
    if let Some((from, to)) = text.split_once("..") {
        let end = |text: &str| if text.is_empty() { Some(None) } else { named(text, now).map(Some) };
        return match (end(from)?, end(to)?) {
            (None, None) => None,
            (Some(from), Some(to)) => {
                let (from, to) = if from.start() <= to.start() { (from, to) } else { (to, from) };
                (from.start() < to.end()).then_some(Range { from: Some(from.start()), to: Some(to.end()) })
            }
            (from, to) => range(from.map(Named::start), to.map(Named::end)),
        };
    }
    let of = |rest: &str| named(rest, now);
    if let Some(rest) = text.strip_prefix(">=").or_else(|| text.strip_prefix('≥')) {
        range(Some(of(rest)?.start()), None)
    } else if let Some(rest) = text.strip_prefix("<=").or_else(|| text.strip_prefix('≤')) {
        range(None, Some(of(rest)?.end()))
    } else if let Some(rest) = text.strip_prefix('>') {
        range(Some(of(rest)?.end()), None)
    } else if let Some(rest) = text.strip_prefix('<') {
        range(None, Some(of(rest)?.start()))
    } else {
        match of(text.strip_prefix('=').unwrap_or(&text))? {
            Named::Span(start, end) => range(Some(start), Some(end)),
            Named::Ago(time) => range(Some(time), None),
        }
    }
}

fn named(text: &str, now: Time) -> Option<Named> {
    let text = text.trim();
    by_word(text, now).or_else(|| ago(text, now)).or_else(|| by_number(text)).filter(|named| {
        // Years that can be written with four digits, on both ends.
        (1..=9998).contains(&named.start().year()) && (1..=9999).contains(&named.end().year())
    })
}

fn by_word(text: &str, now: Time) -> Option<Named> {
    let today = now.date_naive();
    let month = today.with_day(1)?;
    let year = month.with_month(1)?;
    let week = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let word: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
    let (from, to) = match word.as_str() {
        "today" => (today, today.checked_add_days(Days::new(1))?),
        "yesterday" => (today.checked_sub_days(Days::new(1))?, today),
        "thisweek" => (week, week.checked_add_days(Days::new(7))?),
        "lastweek" => (week.checked_sub_days(Days::new(7))?, week),
        "thismonth" => (month, month.checked_add_months(Months::new(1))?),
        "lastmonth" => (month.checked_sub_months(Months::new(1))?, month),
        "thisyear" => (year, year.checked_add_months(Months::new(12))?),
        "lastyear" => (year.checked_sub_months(Months::new(12))?, year),
        _ => return None,
    };
    Some(Named::Span(midnight(from), midnight(to)))
}

fn ago(text: &str, now: Time) -> Option<Named> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = text.get(..digits).filter(|it| !it.is_empty() && it.len() <= 5)?.parse().ok()?;
    let time = match text[digits..].trim_start() {
        "h" | "hour" | "hours" => now.checked_sub_signed(TimeDelta::hours(number.into())),
        "d" | "day" | "days" => now.checked_sub_days(Days::new(number.into())),
        "w" | "week" | "weeks" => now.checked_sub_days(Days::new(u64::from(number) * 7)),
        "m" | "month" | "months" => now.checked_sub_months(Months::new(number)),
        "y" | "year" | "years" => now.checked_sub_months(Months::new(number * 12)),
        _ => None,
    };
    time.map(Named::Ago)
}

fn by_number(text: &str) -> Option<Named> {
    let (date, time) = text.split_once(['t', ' ']).map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split(['-', '/']);
    let mut number = |lengths: std::ops::RangeInclusive<usize>| match parts.next() {
        None => Some(None),
        Some(part) if lengths.contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit()) => {
            part.parse::<u32>().ok().map(Some)
        }
        Some(_) => None,
    };
    let (year, month, day) = (number(4..=4)??, number(1..=2)?, number(1..=2)?);
    if parts.next().is_some() {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month.unwrap_or(1), day.unwrap_or(1))?;
    if let Some(time) = time {
        day?;
        return clock(first, time);
    }
    let next = match (month, day) {
        (_, Some(_)) => first.checked_add_days(Days::new(1)),
        (Some(_), None) => first.checked_add_months(Months::new(1)),
        (None, _) => first.checked_add_months(Months::new(12)),
    };
    Some(Named::Span(midnight(first), midnight(next?)))
}

/// `10:30`, `10:30:15.25z`, `10:30+02:00`: as long as its last digit says.
fn clock(date: NaiveDate, text: &str) -> Option<Named> {
    let (text, offset) = match text.strip_suffix('z') {
        Some(text) => (text, 0),
        None => match text.rfind(['+', '-']) {
            Some(at) => (&text[..at], offset(&text[at..])?),
            None => (text, 0),
        },
    };
    let (text, part) = text.split_once('.').map_or((text, None), |(text, part)| (text, Some(part)));
    let numbers: Option<Vec<u32>> = text.split(':').map(|it| it.parse().ok().filter(|_| it.len() == 2)).collect();
    let (hour, minute, second) = match numbers?[..] {
        [hour, minute] if part.is_none() => (hour, minute, None),
        [hour, minute, second] => (hour, minute, Some(second)),
        _ => return None,
    };
    let (micros, length) = match (part, second) {
        (None, None) => (0, TimeDelta::minutes(1)),
        (None, Some(_)) => (0, TimeDelta::seconds(1)),
        (Some(part), _) => {
            let part = part.get(..part.len().min(6)).filter(|it| it.bytes().all(|c| c.is_ascii_digit()))?;
            let step = 10_u32.pow(6 - u32::try_from(part.len()).ok()?);
            (part.parse::<u32>().ok()? * step, TimeDelta::microseconds(step.into()))
        }
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second.unwrap_or(0), micros)?;
    let local = NaiveDateTime::new(date, time).and_local_timezone(FixedOffset::east_opt(offset)?);
    let start = local.single()?.with_timezone(&Utc);
    Some(Named::Span(start, start.checked_add_signed(length)?))
}

fn offset(text: &str) -> Option<i32> {
    let (sign, text) = text.split_at_checked(1)?;
    let (hours, minutes) = text.split_once(':')?;
    let seconds = hours.parse::<u16>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
    Some(i32::from(seconds) * if sign == "-" { -60 } else { 60 })
}

fn midnight(date: NaiveDate) -> Time {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// Such that reading it gives the same range.
pub fn written(range: &Range<Time>) -> String {
    match (range.from, range.to) {
        (Some(from), Some(to)) => format!("{}..{}", first(from), last(to)),
        (Some(from), None) => format!(">={}", first(from)),
        (None, to) => format!("<{}", to.map(first).unwrap_or_default()),
    }
}

fn is_midnight(time: Time) -> bool {
    time.time() == NaiveTime::MIN
}

fn first(time: Time) -> String {
    if is_midnight(time) {
        time.format("%Y-%m-%d").to_string()
    } else {
        time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
}

/// The last day or moment before a time.
fn last(time: Time) -> String {
    if is_midnight(time) {
        (time - TimeDelta::days(1)).format("%Y-%m-%d").to_string()
    } else {
        (time - TimeDelta::microseconds(1)).format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
}
