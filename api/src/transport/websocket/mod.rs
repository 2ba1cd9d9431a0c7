//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, from the request that opens a socket on.
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use std::{rc::Rc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{self, SEC_WEBSOCKET_PROTOCOL},
    web::Payload,
};
use tokio::time::Instant;

use super::{BODY, authentication, client, origin};
use crate::graphql::Engine;

mod close;
mod conversation;
mod door;
mod hear;
mod operation;
mod outbox;
mod pace;
mod say;
mod turns;

use close::Close;
use conversation::{Conversation, Times};
use door::House;
use operation::Bounds;
use outbox::{Flow, Metered, Outbox};
use pace::Pace;

const PROTOCOL: &str = "graphql-transport-ws";

/// Accepts the socket and leaves it to a task of its own. What is wrong with the client is said by the code the socket is
/// closed with, since scripts in a page are told nothing of a request that was refused; only foreign pages get no further.
pub async fn open(request: &HttpRequest, payload: Payload, engine: Engine) -> actix_web::Result<HttpResponse> {
    let app = engine.app();
    let origin = request.headers().get(header::ORIGIN).map(|value| value.to_str().unwrap_or_default());
    if !origin::is_allowed(origin, &app.config) {
        return Ok(HttpResponse::Forbidden().body("pages of other origins may not open a socket here\n"));
    }
    let endings = app.endings.subscribe();
    let seat = engine.presence().enter(app, app.config.sockets);
    let knocked = authentication::of_request(app, request).await;
    let (response, session, messages) = actix_ws::handle_with_protocols(request, payload, &[PROTOCOL])?;
    let messages = messages.max_frame_size(BODY).aggregate_continuations().max_continuation_size(BODY);
    let speaks = response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL);
    let flow = Rc::new(Flow::default());
    let outbox = Outbox::new(session, flow.clone());
    let response = response.map_body(|_, body| Metered { body, flow: flow.clone() }.boxed());
    let refused = match seat {
        _ if !speaks => Some(Close::Subprotocol),
        Err(_) => Some(Close::Busy("Too many sockets are open; try again later")),
        Ok(seat) => {
            flow.seat.replace(Some(seat));
            None
        }
    };
    if let Some(close) = refused {
        actix_web::rt::spawn(async move { outbox.close(close.reason()).await });
        return Ok(response);
    }
    let times = Times {
        init: Duration::from_secs(app.config.socket_init_seconds),
        ping: Duration::from_secs(app.config.socket_ping_seconds),
    };
    let address = authentication::address(request);
    let client_name = client::name(request.headers());
    let door = House { engine, address, client_name, knocked, endings, flow, bounds: Bounds::default() };
    let conversation = Conversation::new(door, messages, outbox, Pace::new(Instant::now()), times);
    actix_web::rt::spawn(conversation.run());
    Ok(response)
}
