//! Every request has a number: in its logs, in its errors, in its trace, and in the header of its answer. It is counted and
//! timed here too, by the door it came to.

use std::time::Instant;

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use hawser_domain::App;
use tracing::{Instrument, Span, field::Empty};
use uuid::Uuid;

use super::trace;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The number of the request at hand; handlers take it as an argument.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub Uuid);

/// The middleware that gives it.
pub async fn number(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = request.app_data::<Data<App>>().cloned();
    let id = app.as_ref().map_or_else(Uuid::nil, |app| app.randomness.id(app.clock.now()));
    request.extensions_mut().insert(RequestId(id));
    // The pattern and never the path, which may hold a ticket.
    let door = request.match_pattern().unwrap_or_else(|| "other".to_owned());
    let span = tracing::info_span!("request", request_id = %id, method = %request.method(), door, status = Empty);
    trace::adopt(&span, request.headers());
    let begun = Instant::now();
    let mut response = next.call(request).instrument(span.clone()).await?;
    told(&span, app.as_ref().map(|app| &***app), &door, response.status().as_u16(), begun);
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    Ok(response)
}

fn told(span: &Span, app: Option<&App>, door: &str, status: u16, begun: Instant) {
    let took = begun.elapsed();
    span.record("status", status);
    span.in_scope(|| tracing::debug!(status, milliseconds = took.as_secs_f64() * 1000.0, "answered"));
    if let Some(app) = app {
        app.metrics.request(door, status, took);
    }
}

impl FromRequest for RequestId {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(request.extensions().get().copied().unwrap_or(Self(Uuid::nil()))))
    }
}
