//! In which form an answer goes out: the client's weights decide, then whether it named the type, then its order. A list
//! that merely mentions streams, as some clients send with every query, does not make one of a query.
//! <https://httpwg.org/specs/rfc9110.html#field.accept>

use std::cmp::Reverse;

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status speaks for the answer.
    Response,
    /// `application/json`, for clients that know nothing else.
    Json,
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Response => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
        }
    }
}

/// What a client takes; one of the two at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// The form of a single answer; `None` when only a stream will do.
    pub answer: Option<Media>,
    /// Whether a stream of events will do.
    pub stream: bool,
    /// Whether it likes a stream better than a single answer.
    pub stream_first: bool,
}

impl Accept {
    /// `None` when the client takes nothing that there is.
    pub fn negotiate(header: Option<&str>) -> Option<Self> {
        let Some(header) = header.filter(|text| !text.trim().is_empty()) else {
            return Some(Self { answer: Some(Media::Json), stream: false, stream_first: false });
        };
        let ranges: Vec<_> =
            header.split(',').enumerate().filter_map(|(place, text)| Range::read(place, text)).collect();
        let response = rank(&ranges, &["application/graphql-response+json"]);
        let json = rank(&ranges, &["application/json", "application/*", "*/*"]);
        let stream = rank(&ranges, &["text/event-stream"]);
        let answer = match (response, json) {
            (None, None) => None,
            (response, json) if response >= json => Some(Media::Response),
            _ => Some(Media::Json),
        };
        let accept = Self { answer, stream: stream.is_some(), stream_first: stream > response.max(json) };
        (accept.stream || answer.is_some()).then_some(accept)
    }
}

/// One part of the header.
struct Range {
    place: usize,
    essence: String,
    /// Thousandths.
    weight: u16,
}

/// The greater, the better liked: the weight, whether the type is named in full, and its place in the list.
type Rank = (u16, bool, Reverse<usize>);

impl Range {
    /// `None` for what asks for another charset than ours.
    fn read(place: usize, text: &str) -> Option<Self> {
        let mut pieces = text.split(';').map(|piece| piece.trim().to_ascii_lowercase());
        let essence = pieces.next().unwrap_or_default();
        let mut weight = 1000;
        for piece in pieces {
            let Some((name, value)) = piece.split_once('=') else { continue };
            match (name.trim(), value.trim().trim_matches('"')) {
                ("q", value) => weight = thousandths(value),
                ("charset", charset) if !matches!(charset, "utf-8" | "utf8") => return None,
                // Other parameters narrow down what we have only one of.
                _ => {}
            }
        }
        Some(Self { place, essence, weight })
    }
}

/// A weight that cannot be read says nothing.
fn thousandths(text: &str) -> u16 {
    let weight = text.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0);
    // Lies between 0 and 1000.
    (weight * 1000.0) as u16
}

/// How much the client likes a type, which goes by these names, the most exact first. The most exact name it uses counts.
fn rank(ranges: &[Range], names: &[&str]) -> Option<Rank> {
    let exact = names.iter().find_map(|name| ranges.iter().find(|range| range.essence == **name));
    let rank = |range: &Range| (range.weight, !range.essence.ends_with('*'), Reverse(range.place));
    exact.filter(|range| range.weight > 0).map(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: Option<Accept> = Some(Accept { answer: Some(Media::Response), stream: false, stream_first: false });
    const JSON: Option<Accept> = Some(Accept { answer: Some(Media::Json), stream: false, stream_first: false });
    const STREAM: Option<Accept> = Some(Accept { answer: None, stream: true, stream_first: true });

    fn and_stream(accept: Option<Accept>, stream_first: bool) -> Option<Accept> {
        accept.map(|accept| Accept { stream: true, stream_first, ..accept })
    }

    #[test]
    fn weight_comes_before_exactness_and_exactness_before_order() {
        for (header, expected) in [
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            ("application/json", JSON),
            ("application/json; charset=utf-8", JSON),
            ("application/json;CHARSET=\"UTF-8\"", JSON),
            ("APPLICATION/GraphQL-Response+JSON", RESPONSE),
            ("application/graphql-response+json,application/json;q=0.9", RESPONSE),
            ("application/json;q=0.9 , application/graphql-response+json", RESPONSE),
            ("application/graphql-response+json;q=0.5, application/json", JSON),
            ("application/graphql-response+json; q=0.5 , application/json; Q=0.4", RESPONSE),
            ("application/json, application/graphql-response+json", JSON),
            ("*/*, application/graphql-response+json", RESPONSE),
            ("application/graphql-response+json;q=0, */*", JSON),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
            ("application/json;q=nan", JSON),
            ("application/json;version=1", JSON),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=0, */*", None),
            ("application/json;charset=utf-16", None),
            (";;;q=x,,", None),
        ] {
            assert_eq!(Accept::negotiate(Some(header)), expected, "{header}");
        }
        assert_eq!(Accept::negotiate(None), JSON);
    }

    #[test]
    fn only_who_puts_a_stream_first_gets_one_for_a_query() {
        let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, \
                    multipart/mixed";
        for (header, expected) in [
            ("text/event-stream", STREAM),
            ("text/event-stream, multipart/mixed", STREAM),
            (urql, and_stream(RESPONSE, false)),
            ("application/json, text/event-stream", and_stream(JSON, false)),
            ("text/event-stream, application/json", and_stream(JSON, true)),
            ("text/event-stream, */*", and_stream(JSON, true)),
            ("text/event-stream;q=0.5, */*", and_stream(JSON, false)),
            ("text/event-stream;q=0, */*", JSON),
            ("text/*", None),
        ] {
            assert_eq!(Accept::negotiate(Some(header)), expected, "{header}");
        }
    }
}
