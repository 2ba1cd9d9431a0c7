//! Whether the process lives, and whether it can serve: for supervisors and load balancers. Text, of which the first line
//! is always the same; what is missing is named after it, and nothing of the inside.

use actix_web::{
    HttpResponse, Responder,
    http::StatusCode,
    web::{self, Data, ServiceConfig},
};
use hawser_domain::{App, health};

/// At these addresses, on the front door and on the one of operations.
pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/live", web::get().to(live))
        .route("/ready", web::get().to(ready))
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready));
}

async fn live() -> HttpResponse {
    text(StatusCode::OK, "alive\n".to_owned())
}

/// Ready means that the database answers and has the tables of this program, and that the process is not about to end.
async fn ready(app: Data<App>) -> impl Responder {
    let health = health::look(&app).await;
    let (status, head) = match health.is_ready() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let faults = health.faults.iter().map(|fault| format!("fault: {fault}\n"));
    let warnings = health.warnings.iter().map(|warning| format!("warning: {warning}\n"));
    text(status, format!("{head}\n{}", faults.chain(warnings).collect::<String>()))
}

fn text(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .insert_header(("cache-control", "no-store"))
        .body(body)
}
