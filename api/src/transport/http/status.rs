//! Which status an answer gets. Statuses are found as the draft asks for them; the other profile and clients that know
//! only `application/json` are given less exact ones. What is no success never goes out as `application/json`: it could
//! come from anybody on the way, and clients would not read it.

use actix_web::http::StatusCode;
use async_graphql::Response;
use hawser_domain::config::StatusProfile;

use crate::{
    graphql::{Code, is_unknown, ran},
    transport::accept::Media,
};

/// `data` and `errors` both.
const PARTIAL: u16 = 294;

/// The status of an answer before the profile is applied.
pub fn of(response: &Response) -> StatusCode {
    if ran(response) {
        let partial = StatusCode::from_u16(PARTIAL).unwrap_or(StatusCode::OK);
        return if response.errors.is_empty() { StatusCode::OK } else { partial };
    }
    if is_unknown(response) {
        return StatusCode::NOT_FOUND;
    }
    let code = first_code(response).unwrap_or_default();
    match code.as_str() {
        code if code == Code::GraphqlParseFailed.as_str() => StatusCode::BAD_REQUEST,
        code if code == Code::Unauthenticated.as_str() => StatusCode::UNAUTHORIZED,
        code if code == Code::Forbidden.as_str() => StatusCode::FORBIDDEN,
        code if code == Code::RateLimited.as_str() => StatusCode::TOO_MANY_REQUESTS,
        code if [Code::Timeout, Code::ServiceUnavailable].map(Code::as_str).contains(&code) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        code if code == Code::InternalServerError.as_str() => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Whether it is the request that was turned away, whatever the operation says.
pub fn is_of_request(response: &Response) -> bool {
    let turned_away = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    turned_away.contains(&of(response))
}

/// What is sent, by profile and by what the client takes.
pub fn sent(status: StatusCode, profile: StatusProfile, media: Media) -> (StatusCode, Media) {
    let status = match profile {
        StatusProfile::Audit => as_audited(status, media),
        StatusProfile::Draft if status.as_u16() == PARTIAL && media == Media::Json => StatusCode::OK,
        StatusProfile::Draft => status,
    };
    (status, if status.is_success() { media } else { Media::Response })
}

fn as_audited(status: StatusCode, media: Media) -> StatusCode {
    match status {
        status if status.as_u16() == PARTIAL => StatusCode::OK,
        // Clients ask on by themselves: nothing is wrong with what they sent.
        StatusCode::NOT_FOUND => StatusCode::OK,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if media == Media::Json => StatusCode::OK,
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    }
}

fn first_code(response: &Response) -> Option<String> {
    match response.errors.first()?.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_has_its_own_statuses_and_only_successes_go_out_as_plain_json() {
        for (status, media, audit, draft) in [
            (200, Media::Response, (200, Media::Response), (200, Media::Response)),
            (200, Media::Json, (200, Media::Json), (200, Media::Json)),
            (294, Media::Response, (200, Media::Response), (294, Media::Response)),
            (294, Media::Json, (200, Media::Json), (200, Media::Json)),
            (400, Media::Response, (400, Media::Response), (400, Media::Response)),
            (400, Media::Json, (200, Media::Json), (400, Media::Response)),
            (422, Media::Response, (400, Media::Response), (422, Media::Response)),
            (422, Media::Json, (200, Media::Json), (422, Media::Response)),
            (404, Media::Response, (200, Media::Response), (404, Media::Response)),
            (401, Media::Json, (401, Media::Response), (401, Media::Response)),
            (405, Media::Json, (405, Media::Response), (405, Media::Response)),
            (413, Media::Json, (413, Media::Response), (413, Media::Response)),
            (429, Media::Json, (429, Media::Response), (429, Media::Response)),
            (500, Media::Json, (500, Media::Response), (500, Media::Response)),
        ] {
            let of = |profile| {
                let (status, media) = sent(StatusCode::from_u16(status).unwrap(), profile, media);
                (status.as_u16(), media)
            };
            assert_eq!(of(StatusProfile::Audit), audit, "{status} as {media:?}");
            assert_eq!(of(StatusProfile::Draft), draft, "{status} as {media:?}");
        }
    }
}
