//! Where a picture or a film was taken, in decimal degrees, from the ways in which files write it.

use exif::Rational;

/// Degrees, minutes and seconds with the letter of their hemisphere.
pub fn from_rationals(parts: &[Rational], hemisphere: &[u8]) -> Option<f64> {
    let mut degrees = 0.0;
    for (part, unit) in parts.iter().zip([1.0, 60.0, 3600.0]) {
        // Seconds of 0/0 mean that the minutes hold them.
        if part.denom != 0 {
            degrees += f64::from(part.num) / f64::from(part.denom) / unit;
        } else if unit < 2.0 {
            return None;
        }
    }
    Some(match hemisphere.first().map(u8::to_ascii_uppercase) {
        Some(b'S' | b'W') => -degrees,
        _ => degrees,
    })
}

/// XMP's `48,51.5N` and `48,51,30N`.
pub fn from_xmp(text: &str) -> Option<f64> {
    let text = text.trim();
    let numbers = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let mut degrees = 0.0;
    for (part, unit) in numbers.split(',').zip([1.0, 60.0, 3600.0]) {
        degrees += part.trim().parse::<f64>().ok()? / unit;
    }
    // Some leave the letter out where it is north or east.
    if text.ends_with(['S', 'W', 's', 'w']) { Some(-degrees) } else { Some(degrees) }
}

/// ISO 6709 as in films: `+48.8584+002.2945+035.000/`. Latitude and longitude, in degrees only.
pub fn from_iso6709(text: &str) -> Option<(f64, f64)> {
    let starts: Vec<usize> = text.char_indices().filter(|(_, c)| *c == '+' || *c == '-').map(|(at, _)| at).collect();
    let part = |index: usize| -> Option<f64> {
        let from = *starts.get(index)?;
        let rest = text.get(from..)?;
        let length = rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |at| at + 1);
        rest.get(..length)?.parse().ok()
    };
    Some((part(0)?, part(1)?))
}

/// Only a place on earth is kept. Zero and zero is what receivers without a fix write.
pub fn place(latitude: Option<f64>, longitude: Option<f64>) -> Option<(f64, f64)> {
    let (latitude, longitude) = (latitude?, longitude?);
    let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0);
    is_place.then_some((latitude, longitude))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_however_they_are_written() {
        let parts = [Rational { num: 48, denom: 1 }, Rational { num: 51, denom: 1 }, Rational { num: 30, denom: 1 }];
        assert!((from_rationals(&parts, b"N\0").unwrap() - 48.858_333).abs() < 1e-5);
        assert!((from_rationals(&parts, b"S").unwrap() + 48.858_333).abs() < 1e-5);
        assert!((from_xmp("48,51.5N").unwrap() - 48.858_333).abs() < 1e-5);
        assert!((from_xmp("2,17,40W").unwrap() + 2.294_444).abs() < 1e-5);
        assert_eq!(from_iso6709("+48.8584-002.2945+035.000/"), Some((48.8584, -2.2945)));
        assert_eq!(from_iso6709("somewhere"), None);
    }

    #[test]
    fn places_that_are_not_on_earth_are_none() {
        assert_eq!(place(Some(91.0), Some(0.0)), None);
        assert_eq!(place(Some(f64::NAN), Some(0.0)), None);
        assert_eq!(place(Some(0.0), Some(0.0)), None);
        assert_eq!(place(Some(1.0), None), None);
        assert_eq!(from_rationals(&[Rational { num: 1, denom: 0 }], b"N"), None);
    }
}
