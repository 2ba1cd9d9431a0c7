//! What ffprobe says, in our names. It writes numbers as text, leaves out what it does not know, and takes covers for
//! films; nothing of it is relied upon.

use serde_json::Value;

use crate::{
    Fault, Metadata,
    media::{Found, fill, from_iso6709, place, rfc3339},
};

/// Reads ffprobe's JSON.
///
/// # Errors
/// `Malformed` where it is none.
pub fn told(stdout: &[u8]) -> Result<Metadata, Fault> {
    let json: Value = serde_json::from_slice(stdout).map_err(|_| Fault::malformed("the program said nothing"))?;
    let mut found = Found::default();
    let metadata = &mut found.metadata;
    let streams = json["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kind = |stream: &&Value, kind: &str| stream["codec_type"] == kind;
    let is_cover = |stream: &&Value| number(&stream["disposition"]["attached_pic"]) == Some(1.0);
    if let Some(video) = streams.iter().find(|stream| kind(stream, "video") && !is_cover(stream)) {
        metadata.video_codec = text(&video["codec_name"]);
        metadata.width = whole(&video["width"]).and_then(|width| u32::try_from(width).ok());
        metadata.height = whole(&video["height"]).and_then(|height| u32::try_from(height).ok());
        metadata.frame_rate = rate(&video["avg_frame_rate"]).or_else(|| rate(&video["r_frame_rate"]));
        metadata.orientation = turned(video);
    }
    if let Some(audio) = streams.iter().find(|stream| kind(stream, "audio")) {
        metadata.audio_codec = text(&audio["codec_name"]);
        metadata.sample_rate = whole(&audio["sample_rate"]).and_then(|rate| u32::try_from(rate).ok());
        metadata.channels = whole(&audio["channels"]).and_then(|channels| u8::try_from(channels).ok());
    }
    let format = &json["format"];
    let longest = streams
        .iter()
        .filter_map(|stream| number(&stream["duration"]))
        .fold(None, |most: Option<f64>, length| Some(most.map_or(length, |most| most.max(length))));
    let seconds = number(&format["duration"]).or(longest).filter(|seconds| (0.0..1e9).contains(seconds));
    metadata.duration_ms = seconds.map(|seconds| (seconds * 1000.0).round() as u64);
    metadata.bitrate = whole(&format["bit_rate"]);
    metadata.container = text(&format["format_name"]).map(|names| container(&names).to_owned());
    // Ogg keeps its tags with its streams.
    for tags in std::iter::once(format).chain(streams).map(|part| &part["tags"]) {
        take(tags, metadata);
    }
    Ok(found.metadata)
}

/// Our own reading, completed by what a program told. Where both speak of length and codecs the program is believed: it
/// has decoded some of it.
pub fn complete(own: Metadata, told: Metadata) -> Metadata {
    Metadata {
        title: own.title.or(told.title),
        artist: own.artist.or(told.artist),
        album: own.album.or(told.album),
        created_at: own.created_at.or(told.created_at),
        taken_at: own.taken_at.or(told.taken_at),
        latitude: own.latitude.or(told.latitude),
        longitude: own.longitude.or(told.longitude),
        camera_make: own.camera_make.or(told.camera_make),
        camera_model: own.camera_model.or(told.camera_model),
        width: own.width.or(told.width),
        height: own.height.or(told.height),
        orientation: own.orientation.or(told.orientation),
        container: own.container.or(told.container),
        duration_ms: told.duration_ms.or(own.duration_ms),
        video_codec: told.video_codec.or(own.video_codec),
        audio_codec: told.audio_codec.or(own.audio_codec),
        frame_rate: told.frame_rate.or(own.frame_rate),
        bitrate: told.bitrate.or(own.bitrate),
        sample_rate: told.sample_rate.or(own.sample_rate),
        channels: told.channels.or(own.channels),
        ..own
    }
}

fn take(tags: &Value, metadata: &mut Metadata) {
    let Some(tags) = tags.as_object() else { return };
    for (key, value) in tags {
        let Some(value) = text(value) else { continue };
        match key.to_ascii_lowercase().as_str() {
            "title" => fill(&mut metadata.title, &value),
            "artist" => fill(&mut metadata.artist, &value),
            "album" => fill(&mut metadata.album, &value),
            "make" | "com.apple.quicktime.make" => fill(&mut metadata.camera_make, &value),
            "model" | "com.apple.quicktime.model" => fill(&mut metadata.camera_model, &value),
            "creation_time" if metadata.created_at.is_none() => metadata.created_at = rfc3339(&value, None),
            "com.apple.quicktime.creationdate" => metadata.taken_at = rfc3339(&value, None),
            "location" | "com.apple.quicktime.location.iso6709" if metadata.latitude.is_none() => {
                let found = from_iso6709(&value).and_then(|(north, east)| place(Some(north), Some(east)));
                (metadata.latitude, metadata.longitude) = found.unzip();
            }
            _ => {}
        }
    }
}

/// ffprobe counts degrees against the clock, in side data; before that it wrote a tag with degrees by the clock.
fn turned(video: &Value) -> Option<u8> {
    let sides = video["side_data_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by_clock = sides
        .iter()
        .find_map(|side| number(&side["rotation"]).map(|degrees| -degrees))
        .or_else(|| number(&video["tags"]["rotate"]))?;
    match (by_clock.round() as i64).rem_euclid(360) {
        0 => Some(1),
        90 => Some(6),
        180 => Some(3),
        270 => Some(8),
        _ => None,
    }
}

/// The first of the names that a reader goes by, in our words.
fn container(names: &str) -> &str {
    match names {
        names if names.starts_with("mov,") => "mp4",
        names if names.starts_with("matroska") => "matroska",
        names => names.split(',').next().unwrap_or(names),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty() && *text != "unknown").map(str::to_owned)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

fn whole(value: &Value) -> Option<u64> {
    number(value).filter(|number| (0.0..1e15).contains(number)).map(|number| number as u64).filter(|number| *number > 0)
}

fn rate(value: &Value) -> Option<f64> {
    let (over, under) = value.as_str()?.split_once('/')?;
    let rate = over.parse::<f64>().ok()? / under.parse::<f64>().ok()?;
    (rate.is_finite() && rate > 0.0).then_some((rate * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_texts_and_covers_are_no_films() {
        let metadata = told(
            br#"{"streams":[
                {"codec_type":"video","codec_name":"mjpeg","width":500,"height":500,"disposition":{"attached_pic":1}},
                {"codec_type":"video","codec_name":"h264","width":320,"height":"240","avg_frame_rate":"30000/1001",
                 "side_data_list":[{"rotation":-90}],"tags":{"language":"eng"}},
                {"codec_type":"audio","codec_name":"aac","sample_rate":"44100","channels":2}],
               "format":{"format_name":"mov,mp4,m4a,3gp,3g2,mj2","duration":"3.021","bit_rate":"351234",
                 "tags":{"TITLE":"harbour","artist":"Trio","location":"+48.8584+002.2945/","creation_time":"2026-11-21T07:00:00.000000Z"}}}"#,
        )
        .unwrap();
        assert_eq!((metadata.width, metadata.height, metadata.orientation), (Some(320), Some(240), Some(6)));
        assert_eq!((metadata.video_codec.as_deref(), metadata.audio_codec.as_deref()), (Some("h264"), Some("aac")));
        assert_eq!((metadata.frame_rate, metadata.sample_rate, metadata.channels), (Some(29.97), Some(44100), Some(2)));
        assert_eq!((metadata.duration_ms, metadata.bitrate), (Some(3021), Some(351_234)));
        assert_eq!((metadata.title.as_deref(), metadata.artist.as_deref()), (Some("harbour"), Some("Trio")));
        assert_eq!((metadata.latitude, metadata.longitude), (Some(48.8584), Some(2.2945)));
        assert_eq!(metadata.created_at.as_deref(), Some("2026-11-21T07:00:00Z"));
        assert_eq!(metadata.container.as_deref(), Some("mp4"));
    }

    #[test]
    fn what_is_missing_or_mad_is_left_out() {
        assert_eq!(told(b"{}").unwrap(), Metadata::default());
        assert_eq!(told(br#"{"streams":7,"format":[1]}"#).unwrap(), Metadata::default());
        let mad = told(br#"{"format":{"duration":"N/A","bit_rate":"-1"},"streams":[{"codec_type":"video","width":-3,"avg_frame_rate":"0/0"}]}"#);
        assert_eq!(mad.unwrap(), Metadata::default());
        assert!(told(b"").is_err());
    }

    #[test]
    fn a_program_completes_what_we_read_and_corrects_its_length() {
        let own = Metadata { title: Some("ours".into()), duration_ms: Some(1), ..Metadata::default() };
        let told =
            Metadata { title: Some("theirs".into()), duration_ms: Some(2), width: Some(3), ..Metadata::default() };
        let both = complete(own, told);
        assert_eq!((both.title.as_deref(), both.duration_ms, both.width), (Some("ours"), Some(2), Some(3)));
    }
}
