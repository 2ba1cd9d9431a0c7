//! How GraphQL travels: HTTP, server-sent events and WebSocket at one address, with one authentication and one set of
//! limits.

mod accept;
mod authentication;
mod client;
mod compress;
mod cors;
mod forgery;
mod http;
mod number;
mod origin;
pub mod session_cookie;
mod sse;
mod trace;
mod websocket;

use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::{Method, header},
    middleware::from_fn,
    web::{self, Data, Payload, ServiceConfig},
};

use crate::graphql::Engine;

pub use authentication::address;
pub use number::{RequestId, number};

/// Bytes of one operation, in a body or in a WebSocket message.
const BODY: usize = 256 * 1024;

/// Python's gql finds the protocol's header only in these very letters, and takes us for a server of an older protocol
/// without it. Names of headers leave here in small letters; what stands behind the status leaves as it is.
const SWITCHED: &str = "Switching Protocols\r\nSec-WebSocket-Protocol: graphql-transport-ws";

pub fn configure(config: &mut ServiceConfig) {
    config.service(
        web::resource("/graphql")
            .wrap(from_fn(cors::share))
            .route(web::post().to(http::post))
            .route(web::get().guard(guard::Header("upgrade", "websocket")).to(upgrade))
            .route(web::get().to(http::get))
            .route(web::method(Method::OPTIONS).to(cors::options))
            .default_service(web::to(http::other)),
    );
}

async fn upgrade(request: HttpRequest, payload: Payload, engine: Data<Engine>) -> actix_web::Result<HttpResponse> {
    let mut response = websocket::open(&request, payload, engine.get_ref().clone()).await?;
    if response.headers_mut().remove(header::SEC_WEBSOCKET_PROTOCOL).next().is_some() {
        response.head_mut().reason = Some(SWITCHED);
    }
    Ok(response)
}
