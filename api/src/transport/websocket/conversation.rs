//! The conversation over one socket, from its opening to the reason of its end. One task owns everything; in its loop the
//! words of the protocol go before answers, and answers are only made while the client takes them.

use std::time::Duration;

use actix_ws::{AggregatedMessage, ProtocolError};
use futures::{
    FutureExt, Stream, StreamExt,
    future::{self, LocalBoxFuture},
};
use hawser_domain::Principal;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use super::{
    close::Close,
    door::{Admitted, Door},
    hear::{Heard, Said, heard},
    operation::{Answer, RUNNING, SUBSCRIPTIONS},
    outbox::Outbox,
    pace::Pace,
    say,
    turns::Turns,
};
use crate::graphql::Parameters;

/// Operations of one socket that wait for their turn to run.
const WAITING: usize = 64;
/// Operations of one socket altogether.
const OPERATIONS: usize = SUBSCRIPTIONS + RUNNING + WAITING;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// The client, to say who it is.
    pub init: Duration,
    /// From one sign of life to the next.
    pub ping: Duration,
}

pub struct Conversation<D, M> {
    door: D,
    messages: M,
    outbox: Outbox,
    pace: Pace,
    stage: Stage,
    /// Resolves when whoever was let in may not stay.
    ended: LocalBoxFuture<'static, Close>,
    turns: Turns<Answer>,
    heartbeat: Interval,
    /// Whether the client was heard since it was last asked for a sign of life, and how far it had read then.
    alive: bool,
    progress: Option<u64>,
}

enum Stage {
    /// For the first message, until then.
    Waiting(Instant),
    Checking(LocalBoxFuture<'static, Result<Admitted, Close>>),
    Open(Option<Principal>),
}

impl<D, M> Conversation<D, M>
where
    D: Door,
    M: Stream<Item = Result<AggregatedMessage, ProtocolError>> + Unpin,
{
    pub fn new(door: D, messages: M, outbox: Outbox, pace: Pace, times: Times) -> Self {
        let now = Instant::now();
        let mut heartbeat = interval_at(now + times.ping, times.ping);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            door,
            messages,
            outbox,
            pace,
            stage: Stage::Waiting(now + times.init),
            ended: future::pending().boxed_local(),
            turns: Turns::default(),
            heartbeat,
            alive: true,
            progress: None,
        }
    }

    /// Talks until there is a reason to stop, and tells the client which.
    pub async fn run(mut self) {
        let close = match self.talk().await {
            Ok(never) => match never {},
            Err(close) => close,
        };
        // What runs is dropped before the client reads the end, however slowly it does.
        drop(self.turns);
        self.outbox.close(close.reason()).await;
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, Close> {
        let mut left = self.door.left();
        loop {
            let may_hear = !self.outbox.is_stuffed();
            let may_answer = self.outbox.has_room();
            let next_at = self.pace.next_at();
            let late = match &self.stage {
                Stage::Waiting(until) => Some(*until),
                _ => None,
            };
            tokio::select! {
                biased;
                () = &mut left => return Err(Close::Leaving),
                close = &mut self.ended => return Err(close),
                message = listen(&mut self.messages, next_at), if may_hear => self.obey(heard(message)?)?,
                admitted = admission(&mut self.stage) => self.welcome(admitted?),
                () = sleep_until(late.unwrap_or_else(Instant::now)), if late.is_some() => return Err(Close::Late),
                flushed = self.outbox.flush(), if !may_answer => flushed?,
                _ = self.heartbeat.tick() => self.feel()?,
                (id, answer) = self.turns.next(), if may_answer => self.tell(&id, answer)?,
            }
        }
    }

    fn welcome(&mut self, Admitted { who, greeting, ended }: Admitted) {
        self.stage = Stage::Open(who);
        self.ended = ended;
        self.outbox.say(say::ack(&greeting));
    }

    fn obey(&mut self, heard: Heard) -> Result<(), Close> {
        self.alive = true;
        self.pace.count(Instant::now());
        match heard {
            Heard::Sign => {}
            Heard::Ping(bytes) => self.outbox.pong(bytes),
            Heard::Said(Said::Pong) => {}
            Heard::Said(Said::Ping(payload)) => self.outbox.say(say::pong(payload)),
            Heard::Said(Said::Init(payload)) => match self.stage {
                Stage::Waiting(_) => self.stage = Stage::Checking(self.door.admit(payload)),
                _ => return Err(Close::Repeated),
            },
            // An operation that ended on its own meanwhile is no error.
            Heard::Said(Said::Complete { id }) => self.turns.end(&id),
            Heard::Said(Said::Subscribe { id, sent }) => self.begin(id, sent)?,
        }
        Ok(())
    }

    fn begin(&mut self, id: String, sent: Parameters) -> Result<(), Close> {
        let Stage::Open(who) = &self.stage else { return Err(Close::Early) };
        if self.turns.contains(&id) {
            return Err(Close::Taken(id));
        }
        if self.turns.len() >= OPERATIONS {
            let fault = self.door.too_many("too many operations at once on this socket; wait for some to end");
            self.outbox.say(say::error(&id, &[fault]));
            return Ok(());
        }
        let answers = self.door.answers(who.clone(), sent);
        self.turns.begin(&id, answers);
        Ok(())
    }

    /// Passes an answer on, or the end of an operation.
    fn tell(&mut self, id: &str, answer: Option<Answer>) -> Result<(), Close> {
        match answer {
            Some(Answer::Next(response)) => self.outbox.answer(say::next(id, say::payload(&response))),
            Some(Answer::Error(errors)) => {
                self.turns.end(id);
                self.outbox.answer(say::error(id, &errors));
            }
            Some(Answer::Close(close)) => return Err(close),
            None => self.outbox.answer(say::complete(id)),
        }
        Ok(())
    }

    /// Looks whether the client is still there, and asks it for the next sign.
    fn feel(&mut self) -> Result<(), Close> {
        let progress = self.outbox.progress();
        let reads = self.progress.is_some() && progress.is_some() && progress != self.progress;
        if !self.alive && !reads {
            return Err(Close::Silent);
        }
        self.alive = false;
        self.progress = progress;
        self.outbox.ping();
        Ok(())
    }
}

/// The outcome of the check that is going on, if one is.
async fn admission(stage: &mut Stage) -> Result<Admitted, Close> {
    match stage {
        Stage::Checking(check) => check.await,
        _ => future::pending().await,
    }
}

/// The next message, not before its time.
async fn listen<M>(messages: &mut M, next_at: Option<Instant>) -> Option<M::Item>
where
    M: Stream + Unpin,
{
    if let Some(next_at) = next_at.filter(|next_at| *next_at > Instant::now()) {
        sleep_until(next_at).await;
    }
    messages.next().await
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
