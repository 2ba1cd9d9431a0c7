//! Doors that are not GraphQL. One line per door.

use actix_web::web::ServiceConfig;

mod content;
mod graphiql;
mod health;
mod metrics;
mod oauth;
mod refusal;
mod webhooks;

pub use graphiql::is_built_in as has_graphiql;

/// What the door of operations offers.
pub fn configure_operations(config: &mut ServiceConfig) {
    config.service(metrics::metrics).configure(health::configure);
}

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(content::download)
        .service(content::pdf)
        .service(content::redirect)
        .service(content::thumbnail)
        .service(webhooks::push)
        .configure(health::configure)
        .configure(graphiql::configure)
        .configure(oauth::configure);
}
