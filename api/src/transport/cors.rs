//! What browsers ask before pages of other origins may call, and what they look for in answers. The origins stand in the
//! settings; a page of the server itself needs none of this. <https://fetch.spec.whatwg.org/#http-cors-protocol>

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
    middleware::Next,
    web::Data,
};
use hawser_domain::App;

use super::origin;

/// The methods of the door.
pub const METHODS: &str = "GET, POST, OPTIONS";
/// Headers of answers that a page may read.
const SHOWN: &str = "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, \
                     RateLimit-Reset";
/// How long, in seconds, a browser need not ask again; none remembers it for longer than two hours.
const REMEMBERED: &str = "7200";

/// The middleware that lets pages of the named origins read answers.
pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let granted = granted(request.request());
    let mut response = next.call(request).await?;
    if let Some(origin) = granted {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SHOWN));
    }
    Ok(response)
}

/// A browser's question, or anybody's question after the methods.
pub async fn options(request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, METHODS));
    response.insert_header((header::VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    if granted(&request).is_some() && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED));
        // The origin is trusted with the session itself: which headers its client library adds is its own affair.
        if let Some(wanted) = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone()));
        }
    }
    response.finish()
}

fn granted(request: &HttpRequest) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    let app = request.app_data::<Data<App>>()?;
    origin::is_named(origin.to_str().ok()?, &app.config).then(|| origin.clone())
}
