//! The numbers of this process and of the house, for Prometheus. On the door of operations only: they tell much.

use actix_web::{HttpResponse, get, web::Data};
use hawser_domain::{App, metric};

#[get("/metrics")]
pub async fn metrics(app: Data<App>) -> HttpResponse {
    match metric::scrape(&app).await {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .insert_header(("cache-control", "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the numbers cannot be told");
            HttpResponse::InternalServerError().body("the numbers cannot be told\n")
        }
    }
}
