//! Answers as a stream of server-sent events, one operation per connection: the mode "distinct connections" of
//! graphql-sse. An event carries the cursor of the change log as its id, which browsers send back when they come again.
//! The stream is made as it is read, so that a slow reader costs no memory.

use std::{borrow::Borrow, convert::Infallible, time::Duration};

use actix_web::{HttpResponse, HttpResponseBuilder};
use async_graphql::{Response, Value};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use hawser_domain::{Error, Principal, Result, token};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use super::http::{Refusal, json};
use crate::graphql::Engine;

pub const CONTENT_TYPE: &str = "text/event-stream; charset=utf-8";
/// What comes at once, so that everybody on the way sees a stream; and when to come again after a break, in milliseconds.
const OPENING: &str = "retry: 2000\n\n";
/// A comment: it keeps those on the way from closing a silent connection, and tells us of readers who left.
const HEARTBEAT: &str = ":\n\n";
const PACE: Pace = Pace { silence: Duration::from_secs(12), check: Duration::from_secs(2) };
/// With an empty line of data: browsers pass over events without any.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// What happens by the clock.
#[derive(Clone, Copy)]
struct Pace {
    /// How long a stream may be silent.
    silence: Duration,
    /// How often it is looked whether the token still holds; a revoked one is cut off within twice that.
    check: Duration,
}

/// Whose stream it is, and the number of their request.
pub struct Reader {
    pub engine: Engine,
    pub who: Option<Principal>,
    pub request_id: Uuid,
}

impl Reader {
    /// # Errors
    /// `Unauthenticated` once the token is of no more use.
    async fn check(&self) -> Result<()> {
        match &self.who {
            Some(who) => token::authenticate_again(self.engine.app(), who).await.map(drop),
            None => Ok(()),
        }
    }
}

/// Sends these answers as they come, until the last or until the reader's token ends.
pub fn open(
    mut builder: HttpResponseBuilder,
    reader: Reader,
    answers: impl Stream<Item = impl Borrow<Response> + 'static> + 'static,
) -> HttpResponse {
    // Proxies of the kind of nginx would hold events back.
    builder.insert_header(("X-Accel-Buffering", "no"));
    let request_id = reader.request_id;
    let events = events(answers, request_id, PACE, async move || reader.check().await);
    builder.streaming(events.map(Ok::<_, Infallible>))
}

enum Turn<A> {
    Check,
    Answer(Option<A>),
    Silence,
}

fn events(
    answers: impl Stream<Item = impl Borrow<Response>>,
    request_id: Uuid,
    pace: Pace,
    check: impl AsyncFn() -> Result<()>,
) -> impl Stream<Item = Bytes> {
    async_stream::stream! {
        yield Bytes::from_static(OPENING.as_bytes());
        let mut answers = std::pin::pin!(answers);
        let mut checks = interval_at(Instant::now() + pace.check, pace.check);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silence = Instant::now() + pace.silence;
        loop {
            // A reader who took his time is looked at before he is told anything more.
            let turn = tokio::select! {
                biased;
                _ = checks.tick() => Turn::Check,
                answer = answers.next() => Turn::Answer(answer),
                () = tokio::time::sleep_until(silence) => Turn::Silence,
            };
            match turn {
                Turn::Check => match check().await {
                    Ok(()) => continue,
                    Err(error @ Error::Unauthenticated(_)) => {
                        yield next(&Refusal::unauthenticated(&error, request_id).into_response(request_id));
                        yield Bytes::from_static(COMPLETE.as_bytes());
                        break;
                    }
                    // Without an end: the reader comes again and is looked at then.
                    Err(error) => {
                        tracing::error!(%request_id, %error, "a token could not be looked at");
                        break;
                    }
                },
                Turn::Answer(Some(answer)) => yield next(answer.borrow()),
                Turn::Answer(None) => {
                    yield Bytes::from_static(COMPLETE.as_bytes());
                    break;
                }
                Turn::Silence => yield Bytes::from_static(HEARTBEAT.as_bytes()),
            }
            silence = Instant::now() + pace.silence;
        }
    }
}

/// JSON of one line, so that it is one line of data.
fn next(answer: &Response) -> Bytes {
    let mut event = Vec::new();
    if let Some(cursor) = cursor(&answer.data) {
        event.extend_from_slice(format!("id: {cursor}\n").as_bytes());
    }
    event.extend_from_slice(b"event: next\ndata: ");
    event.extend(json(answer));
    event.extend_from_slice(b"\n\n");
    event.into()
}

/// Where the reader may go on from: the field `cursor` of what the subscription answers with, where it was asked for.
fn cursor(data: &Value) -> Option<&str> {
    let Value::Object(fields) = data else { return None };
    let cursor = fields.values().find_map(|payload| match payload {
        Value::Object(payload) => payload.get("cursor"),
        _ => None,
    })?;
    match cursor {
        // A line's end would begin a field of our making.
        Value::String(text) if !text.contains(['\n', '\r', '\0']) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use futures::{pin_mut, stream};

    use super::*;

    const NEVER: Duration = Duration::from_secs(3600);
    const SOON: Duration = Duration::from_millis(1);

    async fn holds() -> Result<()> {
        Ok(())
    }

    async fn revoked() -> Result<()> {
        Err(Error::Unauthenticated("revoked"))
    }

    #[tokio::test]
    async fn an_event_has_the_cursor_of_its_payload_as_its_id() {
        let answers = [
            value!({ "changes": { "cursor": "abc", "changes": [] } }),
            value!({ "__typename": "Subscription", "mine": { "cursor": "def" } }),
            value!({ "documentChanged": { "document": { "cursor": "deeper" } } }),
            value!({ "changes": { "cursor": "two\nlines" } }),
        ];
        let pace = Pace { silence: NEVER, check: NEVER };
        let told: Vec<_> = events(stream::iter(answers.map(Response::new)), Uuid::nil(), pace, holds).collect().await;
        let told: Vec<_> = told.into_iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect();
        let ids: Vec<_> = told[1..5].iter().map(|event| event.strip_prefix("id: ").map(|rest| &rest[..3])).collect();
        assert_eq!(ids, [Some("abc"), Some("def"), None, None], "{told:?}");
        assert_eq!(
            told[1],
            "id: abc\nevent: next\ndata: {\"data\":{\"changes\":{\"cursor\":\"abc\",\"changes\":[]}}}\n\n"
        );
        assert_eq!((told[0].as_str(), told[5].as_str()), (OPENING, COMPLETE));
    }

    #[tokio::test]
    async fn a_silent_stream_gives_signs_of_life() {
        let events = events(stream::pending::<Response>(), Uuid::nil(), Pace { silence: SOON, check: NEVER }, holds);
        pin_mut!(events);
        for expected in [OPENING, HEARTBEAT, HEARTBEAT, HEARTBEAT] {
            assert_eq!(events.next().await.unwrap(), expected);
        }
        assert!((12..=15).contains(&PACE.silence.as_secs()), "longer, and proxies close the connection");
    }

    #[tokio::test]
    async fn a_stream_whose_token_ended_says_so_before_anything_else_and_closes() {
        // One answer, so that the check is due before the next; the stream goes on by itself for ever.
        let answers = stream::once(async { Response::new(value!({ "a": 1 })) }).chain(stream::pending());
        let events = events(answers, Uuid::nil(), Pace { silence: NEVER, check: SOON }, revoked);
        pin_mut!(events);
        assert_eq!(events.next().await.unwrap(), OPENING);
        let mut told = events.next().await.unwrap();
        if told.starts_with(b"event: next\ndata: {\"data\"") {
            told = events.next().await.unwrap();
        }
        let last = String::from_utf8(told.to_vec()).unwrap();
        assert!(last.starts_with("event: next\ndata: {\"errors\":") && last.contains("UNAUTHENTICATED"), "{last}");
        assert_eq!(events.next().await.unwrap(), COMPLETE);
        assert!(events.next().await.is_none());
        assert!(PACE.check.as_secs() * 2 <= 5);
    }

    #[tokio::test]
    async fn a_busy_stream_is_looked_at_as_often_as_a_silent_one() {
        let answers = stream::repeat_with(|| Response::new(value!({ "a": 1 }))).then(async |answer| {
            tokio::task::yield_now().await;
            answer
        });
        let events = events(answers, Uuid::nil(), Pace { silence: NEVER, check: SOON }, revoked);
        let last: Vec<_> = events.collect().await;
        assert_eq!(last.last().unwrap(), COMPLETE, "it would go on for ever otherwise");
    }
}
