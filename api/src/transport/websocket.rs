//! GraphQL over WebSocket: the protocol `graphql-transport-ws`. One task per socket owns everything; operations run in
//! its queue of streams, and control messages never wait for them.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::header, web::Payload};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use async_graphql::Response;
use futures::{
    StreamExt,
    stream::{AbortHandle, Abortable, BoxStream, SelectAll},
};
use hawser_domain::{Error, Principal, token};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use super::{BODY, authentication, origin};
use crate::graphql::{Caller, Engine, Parameters, listen, ran};

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to say who it is.
const INIT: Duration = Duration::from_secs(3);
/// How often it is looked whether the token still holds; a revoked one is cut off within twice that.
const CHECK: Duration = Duration::from_secs(2);
const OPERATIONS: usize = 50;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Value>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// Why a socket is closed: a code of the protocol, and a word to its developer.
struct Close(u16, &'static str);

type Ended = Result<(), Close>;

/// Accepts the socket and leaves it to a task of its own.
pub fn open(request: &HttpRequest, payload: Payload, engine: Engine) -> actix_web::Result<HttpResponse> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if !origin::is_allowed(header(header::ORIGIN), &engine.app().config) {
        return Ok(HttpResponse::Forbidden().body("pages of other origins may not open a socket here\n"));
    }
    let speaks =
        header(header::SEC_WEBSOCKET_PROTOCOL).is_some_and(|all| all.split(',').any(|it| it.trim() == PROTOCOL));
    let address = authentication::address(request);
    let (response, session, messages) = actix_ws::handle_with_protocols(request, payload, &[PROTOCOL])?;
    let messages = messages.max_frame_size(BODY).aggregate_continuations().max_continuation_size(BODY);
    let mut socket =
        Socket { engine, session, messages, address, operations: SelectAll::new(), running: HashMap::new() };
    actix_web::rt::spawn(async move {
        let ended = if speaks { socket.run().await } else { Err(Close(4406, "Subprotocol not acceptable")) };
        let reason = ended
            .err()
            .map(|Close(code, word)| CloseReason { code: CloseCode::from(code), description: Some(word.into()) });
        // The peer may be gone already: then there is nobody to tell.
        let _ = socket.session.close(reason).await;
    });
    Ok(response)
}

struct Socket {
    engine: Engine,
    session: Session,
    messages: AggregatedMessageStream,
    address: Option<IpAddr>,
    /// The answers of all running operations, taken in turn.
    operations: SelectAll<BoxStream<'static, (String, Option<Response>)>>,
    running: HashMap<String, AbortHandle>,
}

impl Socket {
    async fn run(&mut self) -> Ended {
        let Some(mut who) = self.greet().await? else { return Ok(()) };
        let mut check = interval_at(Instant::now() + CHECK, CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = check.tick() => who = self.check(who).await?,
                said = hear(&mut self.messages, &mut self.session) => match said? {
                    Some(said) => self.obey(said, &who).await?,
                    None => return Ok(()),
                },
                Some((id, response)) = self.operations.next(), if !self.operations.is_empty() => self.tell(id, response).await?,
            }
        }
    }

    /// Waits for the first message and finds out who it is. `None` when the client went away.
    async fn greet(&mut self) -> Result<Option<Option<Principal>>, Close> {
        let deadline = Instant::now() + INIT;
        loop {
            let said = timeout_at(deadline, hear(&mut self.messages, &mut self.session)).await;
            match said.map_err(|_| Close(4408, "Connection initialisation timeout"))?? {
                None => return Ok(None),
                Some(Said::ConnectionInit { payload }) => {
                    let who = self.admit(payload).await?;
                    self.say(json!({ "type": "connection_ack" })).await?;
                    return Ok(Some(who));
                }
                Some(Said::Ping { payload }) => self.pong(payload).await?,
                Some(Said::Pong {} | Said::Complete { .. }) => {}
                Some(Said::Subscribe { .. }) => return Err(Close(4401, "Unauthorized")),
            }
        }
    }

    async fn admit(&self, payload: Option<Value>) -> Result<Option<Principal>, Close> {
        let fields = payload.as_ref().and_then(Value::as_object);
        let credentials = fields.and_then(|map| map.iter().find(|(key, _)| key.eq_ignore_ascii_case("authorization")));
        let Some((_, credentials)) = credentials else { return Ok(None) };
        let credentials = credentials.as_str().ok_or(Close(4403, "Forbidden"))?;
        authentication::of_credentials(self.engine.app(), credentials, self.address).await.map(Some).map_err(refused)
    }

    /// The principal as of now.
    async fn check(&self, who: Option<Principal>) -> Result<Option<Principal>, Close> {
        match who {
            None => Ok(None),
            Some(who) => token::authenticate_again(self.engine.app(), &who).await.map(Some).map_err(refused),
        }
    }

    async fn obey(&mut self, said: Said, who: &Option<Principal>) -> Ended {
        match said {
            Said::ConnectionInit { .. } => Err(Close(4429, "Too many initialisation requests")),
            Said::Ping { payload } => self.pong(payload).await,
            Said::Pong {} => Ok(()),
            Said::Complete { id } => {
                if let Some(handle) = self.running.remove(&id) {
                    handle.abort();
                }
                Ok(())
            }
            Said::Subscribe { id, .. } if id.is_empty() => Err(Close(4400, "An operation needs an id")),
            Said::Subscribe { id, .. } if self.running.contains_key(&id) => {
                Err(Close(4409, "Subscriber already exists"))
            }
            Said::Subscribe { .. } if self.running.len() >= OPERATIONS => Err(Close(4400, "Too many operations")),
            Said::Subscribe { id, payload } => {
                self.start(id, payload, who.clone());
                Ok(())
            }
        }
    }

    fn start(&mut self, id: String, sent: Parameters, principal: Option<Principal>) {
        let app = self.engine.app();
        let caller = Caller { principal, address: self.address, request_id: app.randomness.id(app.clock.now()) };
        let answers = listen(&self.engine, sent, caller);
        let (handle, registration) = AbortHandle::new_pair();
        let (of_answer, of_end) = (id.clone(), id.clone());
        let answers = answers.map(move |response| (of_answer.clone(), Some(response)));
        let ended = futures::stream::once(async move { (of_end, None) });
        self.operations.push(Abortable::new(answers.chain(ended), registration).boxed());
        self.running.insert(id, handle);
    }

    /// Passes an answer on, or the end of an operation.
    async fn tell(&mut self, id: String, response: Option<Response>) -> Ended {
        match response {
            // Completed meanwhile by the client.
            _ if !self.running.contains_key(&id) => Ok(()),
            None => {
                self.running.remove(&id);
                self.say(json!({ "type": "complete", "id": id })).await
            }
            // Nothing ran: the operation itself is at fault, and that is its only and last answer.
            Some(response) if !ran(&response) => {
                if let Some(handle) = self.running.remove(&id) {
                    handle.abort();
                }
                self.say(json!({ "type": "error", "id": id, "payload": response.errors })).await
            }
            Some(response) => self.say(json!({ "type": "next", "id": id, "payload": response })).await,
        }
    }

    async fn pong(&mut self, payload: Option<Value>) -> Ended {
        let mut pong = json!({ "type": "pong" });
        if let Some(payload) = payload {
            pong["payload"] = payload;
        }
        self.say(pong).await
    }

    async fn say(&mut self, message: Value) -> Ended {
        self.session.text(message.to_string()).await.map_err(|_| Close(1001, "gone"))
    }
}

/// The next message. `None` when the client went away.
async fn hear(messages: &mut AggregatedMessageStream, session: &mut Session) -> Result<Option<Said>, Close> {
    while let Some(message) = messages.recv().await {
        match message {
            Ok(AggregatedMessage::Text(text)) => {
                let said = serde_json::from_str(&text).map_err(|_| Close(4400, "Invalid message"))?;
                return Ok(Some(said));
            }
            Ok(AggregatedMessage::Ping(bytes)) => {
                if session.pong(&bytes).await.is_err() {
                    return Ok(None);
                }
            }
            Ok(AggregatedMessage::Pong(_)) => {}
            Ok(AggregatedMessage::Binary(_)) => return Err(Close(4400, "Binary messages are not understood")),
            Ok(AggregatedMessage::Close(_)) => return Ok(None),
            Err(_) => return Err(Close(4400, "Invalid message")),
        }
    }
    Ok(None)
}

/// 4403 makes clients get a new token and come again; 1013 makes them come again later.
fn refused(error: Error) -> Close {
    match error {
        Error::Unauthenticated(_) => Close(4403, "Forbidden"),
        error => {
            tracing::error!(%error, "signing in failed");
            Close(1013, "Try again later")
        }
    }
}
