//! What Drive says of pictures and films (`imageMediaMetadata`, `videoMediaMetadata` of the files resource).

use serde::Deserialize;

use super::number::int64;
use crate::Media;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    width: Option<u32>,
    height: Option<u32>,
    /// Clockwise quarter turns.
    rotation: Option<i64>,
    /// As EXIF writes it: `2026:11:21 07:00:01`.
    time: Option<String>,
    camera_make: Option<String>,
    camera_model: Option<String>,
    lens: Option<String>,
    location: Option<Location>,
}

#[derive(Debug, Default, Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Video {
    width: Option<u32>,
    height: Option<u32>,
    #[serde(default, deserialize_with = "int64")]
    duration_millis: Option<u64>,
}

pub fn media(image: Option<Image>, video: Option<Video>) -> Option<Media> {
    if let Some(video) = video {
        return Some(Media {
            width: video.width,
            height: video.height,
            duration_ms: video.duration_millis,
            ..Media::default()
        });
    }
    let image = image?;
    let location = image.location.unwrap_or_default();
    Some(Media {
        width: image.width,
        height: image.height,
        quarter_turns: image.rotation.and_then(|turns| u8::try_from(turns.rem_euclid(4)).ok()),
        taken_at: image.time.as_deref().and_then(date_time),
        camera_make: image.camera_make,
        camera_model: image.camera_model,
        lens: image.lens,
        latitude: location.latitude,
        longitude: location.longitude,
        duration_ms: None,
    })
}

/// `2026:11:21 07:00:01` as `2026-11-21T07:00:01`; `None` for what is no such time.
fn date_time(text: &str) -> Option<String> {
    let time = chrono::NaiveDateTime::parse_from_str(text.trim(), "%Y:%m:%d %H:%M:%S").ok()?;
    Some(time.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_tells_its_size_turn_time_and_place() {
        let image = serde_json::from_str(
            r#"{"width":640,"height":480,"rotation":3,"time":"2026:11:21 07:00:01","location":{"latitude":48.5,"longitude":-2.25}}"#,
        );
        let media = media(Some(image.unwrap()), None).unwrap();
        assert_eq!((media.width, media.height, media.quarter_turns), (Some(640), Some(480), Some(3)));
        assert_eq!(media.taken_at.as_deref(), Some("2026-11-21T07:00:01"));
        assert_eq!((media.latitude, media.longitude), (Some(48.5), Some(-2.25)));
        assert_eq!(date_time("0000:00:00 00:00:00"), None);
    }

    #[test]
    fn a_film_tells_its_length_as_text_or_number() {
        for json in [r#"{"durationMillis":"1500"}"#, r#"{"durationMillis":1500}"#] {
            let video = serde_json::from_str(json).unwrap();
            assert_eq!(media(None, Some(video)).unwrap().duration_ms, Some(1500), "{json}");
        }
    }
}
