//! From the body or the address of a request to the parameters of operations. The type is checked and the bytes are
//! counted before anything is parsed.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
    },
    web::Payload,
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde_json::{Map, Value, error::Category};
use url::form_urlencoded;

use super::refusal::Refusal;
use crate::{graphql::Parameters, transport::BODY};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// What some editors and .NET put in front of UTF-8.
const MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// What a request asks for.
pub enum Sent {
    One(Parameters),
    Several(Vec<Parameters>),
}

impl Sent {
    /// What the client calls itself.
    pub fn name_client(&mut self, name: Option<String>) {
        match self {
            Sent::One(parameters) => parameters.client_name = name,
            Sent::Several(list) => list.iter_mut().for_each(|parameters| parameters.client_name.clone_from(&name)),
        }
    }
}

pub async fn body(request: &HttpRequest, payload: Payload) -> Result<Sent, Refusal> {
    check_type(request)?;
    let declared = word(request, CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > BODY) {
        return Err(too_large());
    }
    let body = tokio::time::timeout(PATIENCE, collect(payload)).await;
    let body = body.map_err(|_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive"))??;
    parse(body.strip_prefix(MARK).unwrap_or(&body))
}

/// JSON in UTF-8, which no page can send elsewhere without the browser asking first.
fn check_type(request: &HttpRequest) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    let sent = word(request, CONTENT_TYPE).unwrap_or_default();
    let mut pieces = sent.split(';').map(str::trim);
    if !pieces.next().unwrap_or_default().eq_ignore_ascii_case("application/json") {
        return refuse("send the operation as JSON, with `Content-Type: application/json`");
    }
    let charset =
        pieces.filter_map(|piece| piece.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let is_utf8 = |charset: &str| ["utf-8", "utf8"].iter().any(|known| charset.eq_ignore_ascii_case(known));
    if charset.is_some_and(|(_, charset)| !is_utf8(charset.trim_matches('"'))) {
        return refuse("send the JSON in UTF-8");
    }
    match word(request, CONTENT_ENCODING) {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => refuse("send the body as it is, without a coding"),
        _ => Ok(()),
    }
}

async fn collect(mut payload: Payload) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Refusal::unreadable(format!("the body broke off: {error}")))?;
        if body.len() + chunk.len() > BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn parse(body: &[u8]) -> Result<Sent, Refusal> {
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let sent = if is_list {
        serde_json::from_slice(body).map(Sent::Several)
    } else {
        serde_json::from_slice(body).map(Sent::One)
    };
    let sent = sent.map_err(|error| match error.classify() {
        Category::Data => Refusal::ill_formed(format!(
            "the body is JSON, but no GraphQL request: {error}; `query`, `operationName` and `documentId` are texts, \
             `variables` and `extensions` objects"
        )),
        _ => Refusal::unreadable(format!("the body is not JSON: {error}")),
    })?;
    if let Sent::One(parameters) = &sent {
        check(parameters)?;
    }
    Ok(sent)
}

/// A document has to be there, or at least its name.
fn check(sent: &Parameters) -> Result<(), Refusal> {
    let is_persisted = sent.extensions.as_ref().is_some_and(|extensions| extensions.contains_key("persistedQuery"));
    match sent.query.is_some() || sent.document_id.is_some() || is_persisted {
        true => Ok(()),
        false => Err(Refusal::ill_formed("the request has no `query`")),
    }
}

/// The parameters in the address. An empty one is as good as none.
pub fn address(query: &str) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        let value = value.into_owned();
        let twice = match name.as_ref() {
            "query" => parameters.query.replace(value).is_some(),
            "operationName" => parameters.operation_name.replace(value).is_some(),
            "documentId" => parameters.document_id.replace(value).is_some(),
            "variables" => put(&mut parameters.variables, &name, &value)?,
            "extensions" => put(&mut parameters.extensions, &name, &value)?,
            _ => false,
        };
        if twice {
            return Err(Refusal::ill_formed(format!("`{name}` is there twice")));
        }
    }
    check(&parameters)?;
    Ok(parameters)
}

/// Whether there was one before.
fn put(place: &mut Option<Map<String, Value>>, name: &str, value: &str) -> Result<bool, Refusal> {
    let map: Option<Map<String, Value>> = serde_json::from_str(value).map_err(|error| match error.classify() {
        Category::Data => Refusal::ill_formed(format!("`{name}` is no JSON object")),
        _ => Refusal::unreadable(format!("`{name}` is not JSON: {error}")),
    })?;
    Ok(match map {
        Some(map) => place.replace(map).is_some(),
        None => false,
    })
}

fn word(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {} KiB", BODY / 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_parameter_of_the_address_is_none_and_null_is_a_name() {
        let read = |query| address(query).unwrap();
        let all =
            read("query=%7Ba%7D&operationName=null&variables=%7B%22b%22:1%7D&extensions=null&documentId=x&y=1&y=2");
        assert_eq!((all.query.as_deref(), all.operation_name.as_deref()), (Some("{a}"), Some("null")));
        assert_eq!((all.variables.unwrap()["b"].as_i64(), all.document_id.as_deref()), (Some(1), Some("x")));
        assert!(all.extensions.is_none());
        let none = read("query=a&operationName=&variables=&extensions=&documentId=");
        assert!(none.operation_name.is_none() && none.document_id.is_none());
        assert!(read("extensions=%7B%22persistedQuery%22:%7B%7D%7D").query.is_none());
        assert!(none.variables.is_none() && none.extensions.is_none());
        for (query, status) in [
            ("variables=%7B", 400),
            ("variables=7", 422),
            ("extensions=%5B%5D", 422),
            ("query=a&query=b", 422),
            ("query=", 422),
            ("", 422),
        ] {
            assert_eq!(address(query).unwrap_err().status.as_u16(), status, "{query}");
        }
    }
}
