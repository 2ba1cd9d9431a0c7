//! IPTC's records, as photo agencies write them: title, caption, maker, keywords and the day.

use super::{
    Found,
    found::{decode, fill},
    when,
};

/// Reads the records of the application's part.
pub fn read(records: &[u8], found: &mut Found) {
    let (mut date, mut time) = (String::new(), String::new());
    for (record, kind, data) in walk(records) {
        if record != 2 {
            continue;
        }
        let text = decode(data);
        match kind {
            5 => fill(&mut found.metadata.title, &text),
            25 => found.keyword(&text),
            55 => date = text,
            60 => time = text,
            80 => fill(&mut found.metadata.author, &text),
            120 => fill(&mut found.metadata.subject, &text),
            // Headline, city, region, country, credit, copyright.
            105 | 90 | 95 | 101 | 110 | 116 => found.word(&text),
            _ => {}
        }
    }
    if found.metadata.taken_at.is_none() {
        found.metadata.taken_at = when::rfc3339(&format!("{date}{time}"), None).or_else(|| when::rfc3339(&date, None));
    }
}

fn walk(mut rest: &[u8]) -> impl Iterator<Item = (u8, u8, &[u8])> {
    std::iter::from_fn(move || {
        let [0x1c, record, kind, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Lengths beyond 32 767 are written another way, which no caption needs.
        let data = rest.get(5..5 + length).filter(|_| length < 0x8000)?;
        rest = &rest[5 + length..];
        Some((record, kind, data))
    })
}
