//! Sizes in bytes. A kilobyte has 1024; `5mb` alone is everything from five to less than six.

use super::Range;

/// `>10mb` · `<=1.5gb` · `1mb..5mb` · `..5mb` · `5mb`. An end of a range belongs to it.
pub fn range(text: &str) -> Option<Range<u64>> {
    let text = text.to_lowercase();
    if let Some((from, to)) = text.split_once("..") {
        let end = |text: &str| if text.is_empty() { Some(None) } else { amount(text).map(|(size, _)| Some(size)) };
        let (from, to) = match (end(from)?, end(to)?) {
            (None, None) => return None,
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            ends => ends,
        };
        return Some(Range { from, to: to.map(|to| to.checked_add(1)).map_or(Some(None), |to| to.map(Some))? });
    }
    let size = |rest: &str| Some(amount(rest)?.0);
    let (from, to) = if let Some(rest) = text.strip_prefix(">=").or_else(|| text.strip_prefix('≥')) {
        (Some(size(rest)?), None)
    } else if let Some(rest) = text.strip_prefix("<=").or_else(|| text.strip_prefix('≤')) {
        (None, Some(size(rest)?.checked_add(1)?))
    } else if let Some(rest) = text.strip_prefix('>') {
        (Some(size(rest)?.checked_add(1)?), None)
    } else if let Some(rest) = text.strip_prefix('<') {
        (None, Some(size(rest)?))
    } else {
        let (size, step) = amount(text.strip_prefix('=').unwrap_or(&text))?;
        (Some(size), Some(size.checked_add(step)?))
    };
    Some(Range { from, to })
}

/// Bytes, and how many of them the last digit stands for.
fn amount(text: &str) -> Option<(u64, u64)> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let unit: u128 = match text[digits..].trim_start() {
        "" | "b" | "byte" | "bytes" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    let (whole, part) = text[..digits].split_once('.').unwrap_or((&text[..digits], ""));
    if whole.is_empty() || whole.len() > 20 || part.len() > 6 {
        return None;
    }
    let tens = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let part: u128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let size = whole.parse::<u128>().ok()? * unit + part * unit / tens;
    Some((u64::try_from(size).ok()?, u64::try_from((unit / tens).max(1)).ok()?))
}
