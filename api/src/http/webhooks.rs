//! Pushes from clouds. A push is a hint: all it can do is ask for a poll. It is answered at once.

use actix_web::{HttpRequest, HttpResponse, post, web::Data, web::Path};
use hawser_domain::{
    App, Error,
    feed::{self, PushOutcome},
};
use uuid::Uuid;

use super::refusal;

/// The body is not read: these clouds say everything in headers.
#[post("/webhooks/{feed}")]
pub async fn push(request: HttpRequest, feed: Path<Uuid>, app: Data<App>) -> HttpResponse {
    let read = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // Read before anything is awaited: the request cannot be shared between threads.
    let headers: std::collections::HashMap<String, String> =
        request.headers().keys().filter_map(|name| Some((name.as_str().to_owned(), read(name.as_str())?))).collect();
    let by_name = move |name: &str| headers.get(&name.to_ascii_lowercase()).cloned();
    match feed::receive_push(&app, *feed, &by_name).await {
        Ok(PushOutcome::Queued | PushOutcome::Ignored) => HttpResponse::Ok().finish(),
        Ok(PushOutcome::Refused) => HttpResponse::Unauthorized().finish(),
        // Gone for good: an error would only make the cloud try again.
        Err(Error::NotFound { .. }) => HttpResponse::Ok().finish(),
        Err(error) => refusal::of(&error),
    }
}
