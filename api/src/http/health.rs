//! Whether the process lives, and whether it can serve: for supervisors and load balancers.

use actix_web::{HttpResponse, get, web::Data};
use hawser_domain::{App, change};

#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

/// Ready means that the database answers.
#[get("/health/ready")]
pub async fn ready(app: Data<App>) -> HttpResponse {
    match change::head(&app).await {
        Ok(_) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("not ready\n")
        }
    }
}
