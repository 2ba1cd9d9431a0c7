//! Metadata under one set of names: what the file says of itself, and where it says nothing, what its cloud says.

use hawser_entity::extraction;
use hawser_extract::Metadata;
use hawser_providers::{CloudFile, Media};
use serde_json::Value;

use crate::Result;

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Read out of the bytes here.
    Hawser,
    /// Told by the cloud.
    Provider,
}

/// What is known, and who says which of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub metadata: Metadata,
    /// A name, as in `Metadata`, for everything that is not absent, in the order of the names.
    pub origins: Vec<(String, Origin)>,
}

/// What is known of a content. The file's own word goes before its cloud's.
pub fn facts(extraction: Option<&extraction::Model>, file: Option<&CloudFile>) -> Result<Facts> {
    let ours = extraction.map(|row| row.metadata.clone()).unwrap_or(Value::Null);
    let theirs = match file.and_then(|file| file.media.as_ref()) {
        Some(media) => serde_json::to_value(of_cloud(media))?,
        None => Value::Null,
    };
    let (mut merged, mut origins) = (serde_json::Map::new(), Vec::new());
    for (said, origin) in [(ours, Origin::Hawser), (theirs, Origin::Provider)] {
        let Value::Object(said) = said else { continue };
        for (name, value) in said {
            let is_absent = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if !is_absent && !merged.contains_key(&name) {
                origins.push((name.clone(), origin));
                merged.insert(name, value);
            }
        }
    }
    origins.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Facts { metadata: serde_json::from_value(Value::Object(merged))?, origins })
}

fn of_cloud(media: &Media) -> Metadata {
    Metadata {
        width: media.width,
        height: media.height,
        orientation: media.quarter_turns.and_then(|turns| [1, 6, 3, 8].get(usize::from(turns % 4)).copied()),
        taken_at: media.taken_at.clone(),
        camera_make: media.camera_make.clone(),
        camera_model: media.camera_model.clone(),
        lens: media.lens.clone(),
        latitude: media.latitude,
        longitude: media.longitude,
        duration_ms: media.duration_ms,
        ..Metadata::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn media() -> Media {
        Media { width: Some(640), height: Some(480), quarter_turns: Some(1), latitude: Some(48.5), ..Media::default() }
    }

    #[test]
    fn what_only_the_cloud_knows_is_told_as_its_word() {
        let file = json!({ "id": "1", "name": "a.jpg", "mime_type": "image/jpeg", "trashed": false, "parents": [],
            "has_thumbnail": false, "can_download": true, "can_edit": false, "is_folder": false, "is_native": false,
            "export_types": [] });
        let mut file: CloudFile = serde_json::from_value(file).unwrap();
        file.media = Some(media());
        let facts = facts(None, Some(&file)).unwrap();
        assert_eq!((facts.metadata.width, facts.metadata.orientation), (Some(640), Some(6)));
        let names: Vec<_> = facts.origins.iter().map(|(name, origin)| (name.as_str(), *origin)).collect();
        let theirs = |name| (name, Origin::Provider);
        assert_eq!(names, [theirs("height"), theirs("latitude"), theirs("orientation"), theirs("width")]);
    }
}
