//! An answer on its way out: its JSON, its status, and the headers that came with it from inside.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE, VARY, WWW_AUTHENTICATE,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
};
use async_graphql::Response;
use hawser_domain::config::StatusProfile;
use serde_json::json;

use super::status;
use crate::{
    graphql::ran,
    transport::{accept::Media, compress},
};

/// What in a request makes a difference to its answer.
const DIFFERENCE: &str = "Accept, Accept-Encoding, Authorization, Cookie, Origin";

/// Sends one answer.
pub async fn one(request: &HttpRequest, profile: StatusProfile, media: Media, response: &Response) -> HttpResponse {
    with_status(request, profile, media, status::of(response), response).await
}

/// Sends one answer with a status that does not follow from it.
pub async fn with_status(
    request: &HttpRequest,
    profile: StatusProfile,
    media: Media,
    status: StatusCode,
    response: &Response,
) -> HttpResponse {
    let (status, media) = status::sent(status, profile, media);
    let mut builder = begin(status, media.content_type());
    pass_on(&mut builder, response);
    send(request, builder, json(response)).await
}

/// What every answer begins with.
pub fn begin(status: StatusCode, content_type: &'static str) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, DIFFERENCE))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if status == StatusCode::UNAUTHORIZED {
        builder.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    builder
}

/// The headers that resolvers and limits gave the answer.
pub fn pass_on(builder: &mut HttpResponseBuilder, response: &Response) {
    for (name, value) in &response.http_headers {
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_str().as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        else {
            continue;
        };
        match name {
            // The form of the answer is the door's business.
            CONTENT_TYPE | CONTENT_ENCODING => {}
            SET_COOKIE => drop(builder.append_header((name, value))),
            name => drop(builder.insert_header((name, value))),
        }
    }
}

pub async fn send(request: &HttpRequest, mut builder: HttpResponseBuilder, body: Vec<u8>) -> HttpResponse {
    let (body, coding) = compress::body(request, body).await;
    if let Some(coding) = coding {
        builder.insert_header((CONTENT_ENCODING, coding));
    }
    builder.body(body)
}

/// `data` is left out where nothing ran: null would say that something did.
pub fn json(response: &Response) -> Vec<u8> {
    let written = if ran(response) {
        serde_json::to_vec(response)
    } else if response.extensions.is_empty() {
        serde_json::to_vec(&json!({ "errors": response.errors }))
    } else {
        serde_json::to_vec(&json!({ "errors": response.errors, "extensions": response.extensions }))
    };
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::RETRY_AFTER, test::TestRequest};

    use super::*;
    use crate::{graphql::Code, transport::http::Refusal};

    fn response(status: StatusCode, code: Code) -> Response {
        let mut response = Refusal::new(status, "no").into_response(uuid::Uuid::nil());
        response.errors[0].extensions.get_or_insert_default().set("code", code.as_str());
        response
    }

    #[tokio::test]
    async fn headers_from_inside_go_out_and_the_first_code_of_what_did_not_run_decides_the_status() {
        let request = TestRequest::default().to_http_request();
        let mut limited = response(StatusCode::OK, Code::RateLimited);
        for (name, value) in [
            ("retry-after", "7"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("content-type", "text/html"),
            ("cache-control", "private"),
        ] {
            limited.http_headers.append(name, value.parse().unwrap());
        }
        for media in [Media::Response, Media::Json] {
            let answer = one(&request, StatusProfile::Audit, media, &limited).await;
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), "7");
            assert_eq!(answer.headers().get_all(SET_COOKIE).count(), 2);
            assert_eq!(answer.headers().get(CACHE_CONTROL).unwrap(), "private", "inside knows better");
            assert_eq!(answer.headers().get(CONTENT_TYPE).unwrap(), Media::Response.content_type());
        }
        for (code, status) in [
            (Code::Unauthenticated, 401),
            (Code::Forbidden, 403),
            (Code::ServiceUnavailable, 503),
            (Code::InternalServerError, 500),
            (Code::GraphqlValidationFailed, 400),
            (Code::ComplexityExceeded, 400),
        ] {
            let fault = response(StatusCode::OK, code);
            let answer = one(&request, StatusProfile::Audit, Media::Response, &fault).await;
            assert_eq!(answer.status().as_u16(), status, "{code:?}");
        }
    }

    #[test]
    fn what_ran_has_data_even_null_and_what_did_not_has_none() {
        let null = Response::new(async_graphql::Value::Null);
        assert_eq!(json(&null), b"{\"data\":null}");
        let text = String::from_utf8(json(&response(StatusCode::OK, Code::BadUserInput))).unwrap();
        assert!(text.starts_with("{\"errors\":[{") && !text.contains("data"), "{text}");
    }
}
