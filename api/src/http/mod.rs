//! Doors that are not GraphQL. One line per door.

use actix_web::web::ServiceConfig;

mod content;
mod graphiql;
mod health;
mod oauth;
mod refusal;
mod webhooks;

pub use graphiql::is_built_in as has_graphiql;

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(health::live)
        .service(health::ready)
        .service(content::download)
        .service(content::pdf)
        .service(content::redirect)
        .service(content::thumbnail)
        .service(webhooks::push)
        .configure(graphiql::configure)
        .configure(oauth::configure);
}
