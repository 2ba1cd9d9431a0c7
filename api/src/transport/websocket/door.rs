//! What is behind a socket: who is let in, and what their operations answer. The conversation itself knows no house, so
//! that its fairness and its memory can be measured with operations made for that.

use std::{net::IpAddr, rc::Rc};

use async_graphql::ServerError;
use futures::{
    FutureExt,
    future::{self, LocalBoxFuture},
    stream::BoxStream,
};
use hawser_domain::{Error, Principal, Result, token};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::{
    close::Close,
    operation::{Answer, Bounds, answers, refused, too_many},
    outbox::Flow,
};
use crate::{
    graphql::{Engine, Parameters, cursor_now},
    transport::authentication,
};

/// Somebody who may stay.
pub struct Admitted {
    pub who: Option<Principal>,
    /// The payload of the acknowledgement.
    pub greeting: Value,
    /// Resolves when they may not any more.
    pub ended: LocalBoxFuture<'static, Close>,
}

pub trait Door {
    /// Finds out who this is, from the payload of the first message.
    fn admit(&mut self, payload: Option<Map<String, Value>>) -> LocalBoxFuture<'static, Result<Admitted, Close>>;

    /// Begins an operation.
    fn answers(&self, who: Option<Principal>, sent: Parameters) -> BoxStream<'static, Answer>;

    /// The fault of an operation too many.
    fn too_many(&self, message: &str) -> ServerError;

    /// Resolves when the server is about to stop.
    fn left(&self) -> LocalBoxFuture<'static, ()>;
}

/// The door of the house.
pub struct House {
    pub engine: Engine,
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub client_name: Option<String>,
    /// Who knocked, by a header or a cookie of the request that opened the socket.
    pub knocked: Result<Option<Principal>>,
    /// Subscribed before anybody was authenticated.
    pub endings: watch::Receiver<u64>,
    pub flow: Rc<Flow>,
    pub bounds: Bounds,
}

impl Door for House {
    fn admit(&mut self, payload: Option<Map<String, Value>>) -> LocalBoxFuture<'static, Result<Admitted, Close>> {
        let (engine, address, flow) = (self.engine.clone(), self.address, self.flow.clone());
        let knocked = std::mem::replace(&mut self.knocked, Ok(None));
        let endings = self.endings.clone();
        async move {
            let who = who(&engine, payload, knocked, address).await.map_err(|error| refused(&error))?;
            if let (Some(who), Some(seat)) = (&who, flow.seat.borrow_mut().as_mut()) {
                let most = engine.app().config.sockets_per_user;
                seat.belongs_to(who, most).map_err(|_| Close::Busy("You have too many sockets open"))?;
            }
            let greeting = greeting(&engine, who.is_some()).await.map_err(|error| refused(&error))?;
            let ended = match who.clone() {
                Some(who) => {
                    async move { engine.presence().ended(engine.app(), &who, endings).await.into() }.boxed_local()
                }
                None => future::pending().boxed_local(),
            };
            Ok(Admitted { who, greeting, ended })
        }
        .boxed_local()
    }

    fn answers(&self, who: Option<Principal>, sent: Parameters) -> BoxStream<'static, Answer> {
        let sent = Parameters { client_name: self.client_name.clone(), ..sent };
        answers(self.engine.clone(), self.bounds.clone(), who, self.address, sent)
    }

    fn too_many(&self, message: &str) -> ServerError {
        let app = self.engine.app();
        too_many(message, app.randomness.id(app.clock.now()))
    }

    fn left(&self) -> LocalBoxFuture<'static, ()> {
        let presence = self.engine.presence().clone();
        async move { presence.left().await }.boxed_local()
    }
}

/// What the first message says goes before what the request brought along.
async fn who(
    engine: &Engine,
    payload: Option<Map<String, Value>>,
    knocked: Result<Option<Principal>>,
    address: Option<IpAddr>,
) -> Result<Option<Principal>> {
    let credentials = payload.into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case("authorization"));
    match credentials {
        Some((_, Value::String(credentials))) => {
            authentication::of_credentials(engine.app(), &credentials, address).await.map(Some)
        }
        Some(_) => Err(Error::Unauthenticated("`authorization` is no text")),
        None => match knocked? {
            Some(who) => token::authenticate_again(engine.app(), &who).await.map(Some),
            None => Ok(None),
        },
    }
}

async fn greeting(engine: &Engine, signed_in: bool) -> Result<Value> {
    let app = engine.app();
    let mut greeting = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "heartbeatSeconds": app.config.socket_ping_seconds,
    });
    if signed_in {
        greeting["changeCursor"] = cursor_now(app).await?.into();
    }
    Ok(greeting)
}
