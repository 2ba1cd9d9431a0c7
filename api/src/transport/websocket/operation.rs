//! One operation of a socket, from what was sent to its answers: admitted like at every door, then run in its turn.

use std::{net::IpAddr, pin::pin, sync::Arc};

use async_graphql::{ErrorExtensionValues, ServerError, parser::types::OperationType};
use futures::{
    StreamExt,
    future::{self, Either},
    stream::BoxStream,
};
use hawser_domain::{Error, Principal, token};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::close::Close;
use crate::{
    graphql::{Answer as Written, Caller, Code, Engine, Parameters, prepare, ran, stream},
    presence::Ended,
};

/// What an operation says. Its end says itself.
#[derive(Debug)]
pub enum Answer {
    Next(Written),
    /// It could not run; its only answer.
    Error(Vec<ServerError>),
    /// It shows that the socket must be closed.
    Close(Close),
}

/// Queries and mutations of one socket that run at once; others wait in order.
pub const RUNNING: usize = 16;
/// Subscriptions of one socket.
pub const SUBSCRIPTIONS: usize = 50;

/// What the operations of one socket share.
#[derive(Debug, Clone)]
pub struct Bounds {
    running: Arc<Semaphore>,
    subscriptions: Arc<Semaphore>,
}

impl Default for Bounds {
    fn default() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { running: semaphore(RUNNING), subscriptions: semaphore(SUBSCRIPTIONS) }
    }
}

/// The answers of an operation in the name of `who`, as they are by now.
pub fn answers(
    engine: Engine,
    bounds: Bounds,
    who: Option<Principal>,
    address: Option<IpAddr>,
    sent: Parameters,
) -> BoxStream<'static, Answer> {
    async_stream::stream! {
        let app = engine.app();
        let request_id = app.randomness.id(app.clock.now());
        let admitted = async {
            let principal = again(&engine, who).await.map_err(Answer::Close)?;
            let caller = Caller { principal, address, request_id };
            prepare(&engine, sent, caller).await.map_err(|response| Answer::Error(response.errors))
        };
        // Whoever came first runs first, however long it took to admit them; what turns out to go on leaves the line again.
        let turn = Box::pin(bounds.running.acquire_owned());
        let (admitted, turn) = match future::select(turn, pin!(admitted)).await {
            Either::Left((turn, admitted)) => (admitted.await, Either::Left(future::ready(turn))),
            Either::Right((admitted, turn)) => (admitted, Either::Right(turn)),
        };
        let operation = match admitted {
            Ok(operation) => operation,
            Err(answer) => {
                yield answer;
                return;
            }
        };
        if operation.kind != OperationType::Subscription {
            // The semaphore is never closed.
            let permit = turn.await;
            let written = pin!(stream(&engine, operation)).next().await;
            drop(permit);
            if let Some(written) = written {
                yield answer(written);
            }
            return;
        }
        drop(turn);
        let Ok(permit) = bounds.subscriptions.try_acquire_owned() else {
            let message = format!("a socket carries {SUBSCRIPTIONS} subscriptions; complete one, or open another socket");
            yield Answer::Error(vec![too_many(message, request_id)]);
            return;
        };
        for await response in stream(&engine, operation) {
            let answer = answer(response);
            let last = !matches!(answer, Answer::Next(_));
            yield answer;
            if last {
                break;
            }
        }
        drop(permit);
    }
    .boxed()
}

/// Who asks, as of now.
async fn again(engine: &Engine, who: Option<Principal>) -> Result<Option<Principal>, Close> {
    let Some(who) = who else { return Ok(None) };
    let now = token::authenticate_again(engine.app(), &who).await;
    now.map(Some).map_err(|error| refused(&error))
}

/// Why somebody is not let in, or not any more.
pub fn refused(error: &Error) -> Close {
    let ended = Ended::from(error);
    if ended == Ended::Unknown {
        tracing::error!(%error, "signing in failed");
    }
    ended.into()
}

fn answer(written: Written) -> Answer {
    if ran(&written) { Answer::Next(written) } else { Answer::Error(written.errors.clone()) }
}

/// The fault of an operation more than there may be.
pub fn too_many(message: impl Into<String>, request_id: Uuid) -> ServerError {
    let mut values = ErrorExtensionValues::default();
    values.set("code", Code::RateLimited.as_str());
    values.set("requestId", request_id.to_string());
    ServerError { extensions: Some(values), ..ServerError::new(message, None) }
}
