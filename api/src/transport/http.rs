//! GraphQL over HTTP POST. The body is read by hand: its type is checked and its bytes are counted before anything is
//! parsed. Faults of the request itself are answered in GraphQL's own form, so that clients show them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    web::{Data, Payload},
};
use async_graphql::{ErrorExtensionValues, Response, ServerError};
use bytes::BytesMut;
use futures::StreamExt;
use hawser_domain::Error;

use super::{BODY, RequestId, accept::Media, authentication, client};
use crate::graphql::{Caller, Code, Engine, Parameters, is_unknown, ran, run};

/// Why a request was not run.
struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

pub async fn post(request: HttpRequest, payload: Payload, id: RequestId, engine: Data<Engine>) -> HttpResponse {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let Some(media) = Media::negotiate(accept) else {
        let message = "this door answers in application/graphql-response+json or application/json";
        return refuse(Refusal::new(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput, message), Media::Json, id);
    };
    let mut parameters = match parameters(&request, payload).await {
        Ok(parameters) => parameters,
        Err(refusal) => return refuse(refusal, media, id),
    };
    parameters.client_name = client::name(request.headers());
    let principal = match authentication::of_request(engine.app(), &request).await {
        Ok(principal) => principal,
        Err(error) => return refuse(unauthenticated(error, id), media, id),
    };
    let caller = Caller { principal, address: authentication::address(&request), request_id: id.0 };
    let response = run(&engine, parameters, caller).await;
    let ran = ran(&response);
    let status = match (media, ran) {
        // Clients ask on by themselves: nothing is wrong with what they sent.
        (Media::Response, false) if !is_unknown(&response) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    answer(&response, ran, status, media)
}

/// Anything but POST and the opening of a socket.
pub async fn other(id: RequestId) -> HttpResponse {
    let message = "send operations by POST, or open a WebSocket with the subprotocol graphql-transport-ws";
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
    let mut response = refuse(refusal, Media::Json, id);
    response.headers_mut().insert(ALLOW, header::HeaderValue::from_static("POST"));
    response
}

async fn parameters(request: &HttpRequest, payload: Payload) -> Result<Parameters, Refusal> {
    let sent = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !sent.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let message = "send the operation as JSON, with `Content-Type: application/json`";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput, message));
    }
    let body = body(payload).await?;
    serde_json::from_slice(&body).map_err(|error| {
        let message = format!("the body is not a GraphQL request in JSON: {error}");
        Refusal::new(StatusCode::BAD_REQUEST, Code::BadUserInput, message)
    })
}

async fn body(mut payload: Payload) -> Result<BytesMut, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Refusal::new(StatusCode::BAD_REQUEST, Code::BadUserInput, format!("the body broke off: {error}"))
        })?;
        if body.len() + chunk.len() > BODY {
            let message = format!("the body has more than {} KiB", BODY / 1024);
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput, message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unauthenticated(error: Error, id: RequestId) -> Refusal {
    match error {
        Error::Unauthenticated(_) => Refusal::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, error.to_string()),
        error => {
            tracing::error!(request_id = %id.0, %error, "signing in failed");
            let message = "something went wrong inside; the request id helps to find out what";
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalServerError, message)
        }
    }
}

fn refuse(refusal: Refusal, media: Media, id: RequestId) -> HttpResponse {
    let mut error = ServerError::new(refusal.message, None);
    let mut values = ErrorExtensionValues::default();
    values.set("code", refusal.code.as_str());
    values.set("requestId", id.0.to_string());
    error.extensions = Some(values);
    let mut response = answer(&Response::from_errors(vec![error]), false, refusal.status, media);
    if refusal.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}

/// `data` is left out where nothing ran: null would say that something did.
fn answer(response: &Response, ran: bool, status: StatusCode, media: Media) -> HttpResponse {
    let mut json = serde_json::to_value(response).unwrap_or_default();
    if let (false, Some(map)) = (ran, json.as_object_mut()) {
        map.remove("data");
    }
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, media.content_type()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Accept, Origin, Authorization"))
        .body(json.to_string())
}
