//! Which kind of document a cloud file becomes: decided by the MIME type the cloud gives, never by the client.

use hawser_entity::document::DocumentKind;

pub fn kind_of(mime_type: &str) -> DocumentKind {
    match mime_type.split_once('/').map(|(family, _)| family) {
        Some("image") => DocumentKind::Picture,
        Some("video") => DocumentKind::Video,
        Some("audio") => DocumentKind::Audio,
        _ if mime_type == "application/vnd.google-apps.drawing" => DocumentKind::Picture,
        _ => DocumentKind::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_of_the_mime_type_decides_the_kind() {
        for (mime, kind) in [
            ("image/png", DocumentKind::Picture),
            ("video/mp4", DocumentKind::Video),
            ("audio/mpeg", DocumentKind::Audio),
            ("application/pdf", DocumentKind::File),
            ("application/vnd.google-apps.document", DocumentKind::File),
            ("application/vnd.google-apps.drawing", DocumentKind::Picture),
            ("nonsense", DocumentKind::File),
        ] {
            assert_eq!(kind_of(mime), kind, "{mime}");
        }
    }
}
