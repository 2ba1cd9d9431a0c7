//! The front door: parses, says who asks, calls the domain, renders. GraphQL lives in `graphql`, the ways it travels in
//! `transport`, and doors that are not GraphQL in `http`.

use std::{net::TcpListener, sync::Arc};

use actix_web::{HttpServer, dev::Server, middleware::from_fn, web};
use hawser_domain::App;

pub mod graphql;
mod http;
mod presence;
mod transport;

pub use graphql::{Engine, sdl};
pub use http::has_graphiql;

/// A server on this listener. It stops when told through `Server::handle` and lets running requests finish.
///
/// # Errors
/// When the listener cannot be used.
pub fn server(engine: Engine, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(web::Data::from(engine.app().clone()))
            .app_data(web::Data::new(engine.clone()))
            .wrap(from_fn(transport::number))
            .configure(transport::configure)
            .configure(http::configure)
    });
    Ok(server.disable_signals().shutdown_timeout(10).listen(listener)?.run())
}

/// The door of operations on this listener: what only those who run the house should see. Every process may have one.
///
/// # Errors
/// When the listener cannot be used.
pub fn operations(app: Arc<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        actix_web::App::new().app_data(web::Data::from(app.clone())).configure(http::configure_operations)
    });
    Ok(server.disable_signals().workers(1).shutdown_timeout(1).listen(listener)?.run())
}
