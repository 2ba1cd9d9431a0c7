//! What a file says of itself, under one set of names whatever its format and cloud.

use async_graphql::{Description, Enum, Object, SimpleObject};
use hawser_domain::extraction::{Facts, Origin as DomainOrigin};

use crate::graphql::scalar::Long;

/// Who says so.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainOrigin")]
pub enum MetadataOrigin {
    /// Read out of the file's bytes here.
    Hawser,
    /// Told by the cloud.
    Provider,
}

/// Where one of the values comes from.
#[derive(SimpleObject)]
pub struct MetadataSource {
    /// The name of the field it is about, as in this schema.
    field: String,
    /// Who says it.
    origin: MetadataOrigin,
}

/// A place on Earth, WGS 84.
#[derive(SimpleObject)]
pub struct GeoPoint {
    /// Degrees; north is positive.
    latitude: f64,
    /// Degrees; east is positive.
    longitude: f64,
}

/// What a document's file says of itself, or its cloud of it. Null means that nobody says anything.
#[derive(Description)]
pub struct DocumentMetadata(pub Facts);

#[Object(use_type_description)]
impl DocumentMetadata {
    /// The title inside the file.
    async fn title(&self) -> Option<&str> {
        self.0.metadata.title.as_deref()
    }

    /// Who wrote it, or from whom a mail is.
    async fn author(&self) -> Option<&str> {
        self.0.metadata.author.as_deref()
    }

    /// What it is about.
    async fn subject(&self) -> Option<&str> {
        self.0.metadata.subject.as_deref()
    }

    /// Words it is filed under.
    async fn keywords(&self) -> &[String] {
        &self.0.metadata.keywords
    }

    /// When it was made, by its own word; ISO 8601, without an offset where none is known.
    async fn created_at(&self) -> Option<&str> {
        self.0.metadata.created_at.as_deref()
    }

    /// When it was last changed, by its own word; ISO 8601, without an offset where none is known.
    async fn modified_at(&self) -> Option<&str> {
        self.0.metadata.modified_at.as_deref()
    }

    /// Pages, slides or sheets.
    async fn pages(&self) -> Option<u32> {
        self.0.metadata.pages
    }

    /// The language of the text, as in ISO 639-1.
    async fn language(&self) -> Option<&str> {
        self.0.metadata.language.as_deref()
    }

    /// Pixels from left to right as stored, before it is turned.
    async fn width(&self) -> Option<u32> {
        self.0.metadata.width
    }

    /// Pixels from top to bottom as stored, before it is turned.
    async fn height(&self) -> Option<u32> {
        self.0.metadata.height
    }

    /// How it is to be turned for showing: 1 to 8 as in EXIF. Thumbnails are turned already.
    async fn orientation(&self) -> Option<u8> {
        self.0.metadata.orientation
    }

    /// When a picture or film was taken; ISO 8601, without an offset where none is known.
    async fn taken_at(&self) -> Option<&str> {
        self.0.metadata.taken_at.as_deref()
    }

    /// Who made the camera.
    async fn camera_make(&self) -> Option<&str> {
        self.0.metadata.camera_make.as_deref()
    }

    /// Which camera.
    async fn camera_model(&self) -> Option<&str> {
        self.0.metadata.camera_model.as_deref()
    }

    /// Which lens.
    async fn lens(&self) -> Option<&str> {
        self.0.metadata.lens.as_deref()
    }

    /// Where a picture or film was taken.
    async fn location(&self) -> Option<GeoPoint> {
        let (latitude, longitude) = (self.0.metadata.latitude?, self.0.metadata.longitude?);
        Some(GeoPoint { latitude, longitude })
    }

    /// How long it plays, in milliseconds.
    async fn duration_ms(&self) -> Option<Long> {
        self.0.metadata.duration_ms.and_then(|ms| i64::try_from(ms).ok()).map(Long)
    }

    /// The container of a sound or film, such as `mp4`.
    async fn container(&self) -> Option<&str> {
        self.0.metadata.container.as_deref()
    }

    /// The codec of the pictures of a film.
    async fn video_codec(&self) -> Option<&str> {
        self.0.metadata.video_codec.as_deref()
    }

    /// The codec of a sound.
    async fn audio_codec(&self) -> Option<&str> {
        self.0.metadata.audio_codec.as_deref()
    }

    /// Frames a second.
    async fn frame_rate(&self) -> Option<f64> {
        self.0.metadata.frame_rate
    }

    /// Bits a second.
    async fn bitrate(&self) -> Option<Long> {
        self.0.metadata.bitrate.and_then(|bits| i64::try_from(bits).ok()).map(Long)
    }

    /// Samples a second.
    async fn sample_rate(&self) -> Option<u32> {
        self.0.metadata.sample_rate
    }

    /// Channels of a sound.
    async fn channels(&self) -> Option<u8> {
        self.0.metadata.channels
    }

    /// Who plays or sings.
    async fn artist(&self) -> Option<&str> {
        self.0.metadata.artist.as_deref()
    }

    /// The album it is from.
    async fn album(&self) -> Option<&str> {
        self.0.metadata.album.as_deref()
    }

    /// Who says which of these.
    async fn sources(&self) -> Vec<MetadataSource> {
        let shown = |(name, origin): &(String, DomainOrigin)| MetadataSource {
            field: camel(match name.as_str() {
                "latitude" | "longitude" => "location",
                other => other,
            }),
            origin: (*origin).into(),
        };
        let mut sources: Vec<_> = self.0.origins.iter().map(shown).collect();
        sources.sort_by(|a, b| a.field.cmp(&b.field));
        sources.dedup_by(|a, b| a.field == b.field);
        sources
    }
}

/// `taken_at` as `takenAt`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}
