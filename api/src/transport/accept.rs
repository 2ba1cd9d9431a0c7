//! Which of the two media types an answer gets: the client's order of preference decides.

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status speaks for the answer.
    Response,
    /// `application/json`: 200 for whatever is a GraphQL answer.
    Json,
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Response => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
        }
    }

    /// `None` when the client takes neither.
    pub fn negotiate(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept.filter(|text| !text.trim().is_empty()) else { return Some(Media::Json) };
        let mut best: Option<(f32, Self)> = None;
        for part in accept.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let media = match pieces.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Media::Response,
                "application/json" | "application/*" | "*/*" => Media::Json,
                _ => continue,
            };
            let quality = pieces.find_map(|piece| piece.strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_comes_before_order_and_unknown_types_are_passed_over() {
        let choose = Media::negotiate;
        assert_eq!(choose(None), Some(Media::Json));
        assert_eq!(choose(Some("*/*")), Some(Media::Json));
        assert_eq!(choose(Some("application/graphql-response+json,application/json;q=0.9")), Some(Media::Response));
        assert_eq!(choose(Some("application/graphql-response+json;q=0.5, application/json")), Some(Media::Json));
        assert_eq!(choose(Some("text/event-stream, application/graphql-response+json")), Some(Media::Response));
        assert_eq!(choose(Some("text/html")), None);
        assert_eq!(choose(Some("application/json;q=0")), None);
    }
}
