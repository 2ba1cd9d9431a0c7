//! How much of what was expected came out of a file.

use std::fmt;

use hawser_extract::{Metadata, child::Answer, picture::Picture};
use image::GenericImageView;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use super::corpus::File;

/// So many of so many.
#[derive(Clone, Copy, Default)]
pub struct Share {
    pub found: usize,
    pub of: usize,
}

impl Share {
    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.of += other.of;
    }

    fn count(&mut self, found: bool) {
        self.found += usize::from(found);
        self.of += 1;
    }

    pub fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.found as f64 / self.of as f64)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            0 => write!(f, "-"),
            of => write!(f, "{}/{of}", self.found),
        }
    }
}

pub struct Verdict {
    pub phrases: Share,
    pub metadata: Share,
    pub pictures: Share,
    /// What may not be, in words.
    pub wrong: Vec<String>,
}

pub fn of(file: &File, answer: &Answer, drawn: &Answer) -> Verdict {
    let mut wrong = Vec::new();
    let outcome = answer.report.outcome;
    if !file.expect.allows(outcome) {
        wrong.push(format!("{outcome:?} instead of {}: {:?}", file.expect.status, answer.report.detail));
    }
    let text = folded(&answer.text);
    for word in file.expect.forbid.iter().filter(|word| text.contains(&folded(word))) {
        wrong.push(format!("{word} should not be found"));
    }
    if let Some(limits) = &file.expect.limits {
        for (what, answer) in [("text", answer), ("picture", drawn)] {
            let (wall, memory) = (answer.elapsed.as_secs_f64(), answer.peak_memory >> 20);
            if wall > limits.wall_s || memory > limits.rss_mib {
                wrong.push(format!("its {what} took {wall:.1} s and {memory} MiB"));
            }
        }
    }
    let metadata = metadata(file, &answer.report.metadata);
    Verdict { phrases: phrases(file, &answer.text), metadata, pictures: pictures(file, drawn), wrong }
}

/// The phrases that are in the text.
pub fn phrases(file: &File, text: &str) -> Share {
    let text = folded(text);
    let found = file.expect.phrases.iter().filter(|phrase| text.contains(&folded(phrase))).count();
    Share { found, of: file.expect.phrases.len() }
}

/// NFKC, lower case, and runs of white space as one space.
fn folded(text: &str) -> String {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn metadata(file: &File, known: &Metadata) -> Share {
    let mut share = Share::default();
    let exif = &file.expect.exif;
    let size = |name| exif.get(name).and_then(Value::as_u64);
    if file.expect.pixels.is_none() {
        number(&mut share, size("ImageWidth"), known.width);
        number(&mut share, size("ImageHeight"), known.height);
    }
    if let Some((width, height)) = file.expect.pixels {
        share.count((known.width, known.height) == (Some(width), Some(height)));
    }
    // Upright is what a file is that does not say.
    number(&mut share, size("Orientation"), Some(known.orientation.unwrap_or(1)));
    word(&mut share, exif, "Make", known.camera_make.as_deref());
    word(&mut share, exif, "Model", known.camera_model.as_deref());
    if let Some(taken) = exif.get("DateTimeOriginal").and_then(Value::as_str) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).take(14).collect::<String>();
        share.count(known.taken_at.as_deref().is_some_and(|known| digits(known) == digits(taken)));
    }
    near(&mut share, exif.get("GPSLatitude"), known.latitude, 1e-4);
    near(&mut share, exif.get("GPSLongitude"), known.longitude, 1e-4);
    media(&mut share, &file.expect.media, known);
    share
}

fn media(share: &mut Share, expect: &Map<String, Value>, known: &Metadata) {
    near(share, expect.get("duration_s"), known.duration_ms.map(|length| length as f64 / 1e3), 0.15);
    word(share, expect, "title", known.title.as_deref());
    word(share, expect, "artist", known.artist.as_deref());
    word(share, expect, "album", known.album.as_deref());
    if let Some(audio) = expect.get("audio").and_then(Value::as_object) {
        word(share, audio, "codec", known.audio_codec.as_deref());
        number(share, audio.get("rate").and_then(Value::as_u64), known.sample_rate);
    }
    if let Some(video) = expect.get("video").and_then(Value::as_object) {
        word(share, video, "codec", known.video_codec.as_deref());
        number(share, video.get("width").and_then(Value::as_u64), known.width);
        number(share, video.get("height").and_then(Value::as_u64), known.height);
    }
}

fn number(share: &mut Share, expected: Option<u64>, known: Option<impl Into<u64>>) {
    if expected.is_some() {
        share.count(expected == known.map(Into::into));
    }
}

fn near(share: &mut Share, expected: Option<&Value>, known: Option<f64>, by: f64) {
    if let Some(expected) = expected.and_then(Value::as_f64) {
        share.count(known.is_some_and(|known| (known - expected).abs() <= by));
    }
}

fn word(share: &mut Share, of: &Map<String, Value>, name: &str, known: Option<&str>) {
    if let Some(expected) = of.get(name).and_then(Value::as_str) {
        share.count(known.is_some_and(|known| folded(known) == folded(expected)));
    }
}

/// The picture of a file that must have one: there, no larger than it may be, of the right shape, the right way up.
fn pictures(file: &File, drawn: &Answer) -> Share {
    let is_expected = file.expect.pixels.is_some()
        || file.expect.media.contains_key("video")
        || file.expect.media.contains_key("cover")
        || (matches!(file.kind.as_str(), "pdf" | "image") && file.expect.status == "ok");
    let mut share = Share::default();
    if is_expected {
        let is_right = drawn.pictures.first().is_some_and(|picture| is_right(file, drawn, picture));
        if !is_right {
            println!("    no sound picture of {}: {:?} {:?}", file.name, drawn.report.outcome, drawn.report.detail);
        }
        share.count(is_right);
    }
    share
}

fn is_right(file: &File, drawn: &Answer, picture: &Picture) -> bool {
    let Ok(pixels) = image::load_from_memory(&picture.bytes) else { return false };
    let (width, height) = pixels.dimensions();
    let is_as_told = (width, height) == (picture.info.width, picture.info.height);
    let is_small = width.max(height) <= 512 && drawn.pictures.len() == 2;
    let orientation = file.expect.exif.get("Orientation").and_then(Value::as_u64).unwrap_or(1);
    let is_shaped = file.expect.pixels.is_none_or(|(w, h)| {
        let (w, h) = if orientation >= 5 { (h, w) } else { (w, h) };
        let scale = (512.0 / f64::from(w.max(h))).min(1.0);
        let near = |is: u32, was: u32| (f64::from(is) - f64::from(was) * scale).abs() <= 1.0;
        near(width, w) && near(height, h)
    });
    is_as_told && is_small && is_shaped && (!file.has_corners || has_corners(&pixels.to_rgb8(), orientation))
}

/// Red, green and blue where the stored top left, top right and bottom left come to lie, with room for what compression
/// does.
fn has_corners(pixels: &image::RgbImage, orientation: u64) -> bool {
    let (width, height) = pixels.dimensions();
    let (left, right) = (width / 10, width - 1 - width / 10);
    let (top, bottom) = (height / 10, height - 1 - height / 10);
    let [tl, tr, bl, br] = [(left, top), (right, top), (left, bottom), (right, bottom)];
    let places = match orientation {
        2 => [tr, tl, br],
        3 => [br, bl, tr],
        4 => [bl, br, tl],
        5 => [tl, bl, tr],
        6 => [tr, br, tl],
        7 => [br, tr, bl],
        8 => [bl, tl, br],
        _ => [tl, tr, bl],
    };
    places.into_iter().enumerate().all(|(part, (x, y))| {
        let pixel = pixels.get_pixel(x, y).0;
        (0..3).all(|at| if at == part { pixel[at] > 150 } else { pixel[at] < 100 })
    })
}
