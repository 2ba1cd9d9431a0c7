//! Identical subscriptions are computed once. Those with the same document, variables and token form a cohort: one
//! execution goes along the change log, and all get its answers.
//!
//! Everybody knows their own place in the log, and every answer says for which stretch of it it speaks. A member takes an
//! answer only if it stands at its beginning; before that, and whenever it has fallen behind, it runs the operation by
//! itself for just the stretch it lacks. So nothing is missed or repeated, whoever is slow, and nobody waits for them.

use std::{
    collections::{BTreeMap, HashMap},
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::Poll,
};

use async_graphql::{
    Name, Request, Variables,
    parser::types::{Directive, Field, Selection, SelectionSet},
};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use hawser_domain::{
    Principal,
    change::{self, Position},
    token,
};
use serde_json::Map;
use tokio::{sync::broadcast, task::AbortHandle};
use uuid::Uuid;

use super::{
    Account, Answer, Asked, Engine, answers,
    cache::Checked,
    document::{Document, Hash},
    request,
};
use crate::graphql::{
    Caller,
    change::{SHARED, Span},
    fresh::Lasting,
};

/// Answers that wait for a slow member; it has to get by itself what it finds gone.
const WAITING: usize = 64;

/// An operation that others may ask for as well.
pub struct Shared {
    key: Key,
    document: Arc<Document>,
    operation_name: Option<String>,
    variables: Variables,
    caller: Caller,
    who: Principal,
}

/// What is the same for all members.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    token_id: Uuid,
    document: Hash,
    operation_name: Option<String>,
    variables: String,
}

impl Shared {
    /// `None` for operations that every caller runs alone.
    pub fn of(
        document: &Arc<Document>,
        operation_name: Option<&str>,
        sent: Option<&Map<String, serde_json::Value>>,
        variables: &Variables,
        caller: &Caller,
    ) -> Option<Self> {
        let who = caller.principal.clone()?;
        let field = only_field(document, operation_name)?;
        if !SHARED.contains(&field.name.node.as_str()) {
            return None;
        }
        let mut told: BTreeMap<_, _> = sent.into_iter().flatten().collect();
        if let Some(since) = beginning(document, field) {
            told.retain(|name, _| **name != since);
        }
        let key = Key {
            token_id: who.token_id,
            document: document.hash,
            operation_name: operation_name.map(str::to_owned),
            variables: serde_json::to_string(&told).ok()?,
        };
        Some(Self {
            key,
            document: document.clone(),
            operation_name: operation_name.map(str::to_owned),
            variables: variables.clone(),
            caller: caller.clone(),
            who,
        })
    }

    fn request(&self, engine: &Engine, span: &Span) -> Request {
        let (document, cache) = (self.document.clone(), engine.cache.clone());
        let call = document.call(self.operation_name.as_deref(), &self.variables);
        let checked = Checked { cache, document, call, register_for: None, share: None };
        let (name, variables) = (self.operation_name.clone(), self.variables.clone());
        let request = request(&engine.app, checked, name, variables, self.caller.clone());
        request.data(Lasting).data(span.clone())
    }

    fn asked(&self, request_id: Uuid) -> Asked {
        Asked { document: self.document.clone(), name: self.operation_name.clone(), request_id }
    }
}

/// The only thing a subscription asks for.
fn only_field<'a>(document: &'a Document, name: Option<&str>) -> Option<&'a Field> {
    let mut all = document.parsed.operations.iter();
    let found = all.find(|(known, _)| name.is_none() || known.map(Name::as_str) == name);
    match found?.1.node.selection_set.node.items.as_slice() {
        [only] => match &only.node {
            Selection::Field(field) => Some(&field.node),
            _ => None,
        },
        _ => None,
    }
}

/// The variable that says where to begin, if it says nothing else: members may begin anywhere.
fn beginning(document: &Document, field: &Field) -> Option<String> {
    let (_, value) = field.arguments.iter().find(|(name, _)| name.node == "since")?;
    let variable = value.node.to_string();
    let name = variable.strip_prefix('$')?;
    let inside = &document.parsed.fragments;
    let sets = inside.values().map(|it| &it.node.selection_set.node).chain([&field.selection_set.node]);
    let others = field.arguments.iter().filter(|(name, _)| name.node != "since");
    let elsewhere = others.map(|(_, value)| &value.node).any(|value| value.to_string().contains(&variable))
        || field.directives.iter().any(|it| names(&it.node, &variable))
        || sets.into_iter().any(|set| is_named_in(set, &variable));
    (!elsewhere).then(|| name.to_owned())
}

fn is_named_in(set: &SelectionSet, variable: &str) -> bool {
    set.items.iter().any(|item| {
        let (inside, arguments) = match &item.node {
            Selection::Field(field) => (Some(&field.node.selection_set), field.node.arguments.as_slice()),
            Selection::InlineFragment(fragment) => (Some(&fragment.node.selection_set), &[][..]),
            Selection::FragmentSpread(_) => (None, &[][..]),
        };
        arguments.iter().any(|(_, value)| value.node.to_string().contains(variable))
            || item.node.directives().iter().any(|it| names(&it.node, variable))
            || inside.is_some_and(|set| is_named_in(&set.node, variable))
    })
}

fn names(directive: &Directive, variable: &str) -> bool {
    directive.arguments.iter().any(|(_, value)| value.node.to_string().contains(variable))
}

/// All cohorts of a server. Clones share them.
#[derive(Clone, Default)]
pub struct Cohorts(Arc<Mutex<HashMap<Key, Weak<Cohort>>>>);

/// Lives as long as it has members.
struct Cohort {
    key: Key,
    all: Cohorts,
    stage: Arc<Stage>,
    /// Gone when the execution has ended.
    frames: broadcast::WeakSender<Arc<Frame>>,
    run: AbortHandle,
}

/// How far the answers go that were given out.
struct Stage(Mutex<Position>);

/// Answers to a stretch of the log.
struct Frame {
    since: Position,
    /// There was nothing to tell up to here.
    quiet: Position,
    to: Position,
    answers: Vec<Answer>,
    at: DateTime<Utc>,
    /// The execution ended with these.
    last: bool,
}

impl Frame {
    fn begins_at(&self, position: Position) -> bool {
        position == self.since
            || position.epoch == self.since.epoch
                && position.epoch == self.quiet.epoch
                && (self.since.seq..=self.quiet.seq).contains(&position.seq)
    }
}

/// Who listens together, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audience {
    pub members: usize,
    /// What is computed for them.
    pub executions: usize,
}

struct Seat {
    frames: broadcast::Receiver<Arc<Frame>>,
    /// What comes out of `frames` begins here.
    position: Position,
    /// Kept alive by this.
    _cohort: Arc<Cohort>,
}

impl Cohorts {
    /// A seat in the cohort; whoever is the first stands where its execution begins.
    fn join(&self, engine: &Engine, shared: &Arc<Shared>, at: Position) -> Seat {
        let mut all = self.all();
        let known = all.get(&shared.key).and_then(Weak::upgrade);
        if let Some(seat) = known.as_ref().and_then(Cohort::seat) {
            return seat;
        }
        let (sender, frames) = broadcast::channel(WAITING);
        let weak = sender.downgrade();
        let stage = Arc::new(Stage(Mutex::new(at)));
        let run = tokio::spawn(run(engine.clone(), shared.clone(), sender, stage.clone(), at)).abort_handle();
        let cohort = Arc::new(Cohort { key: shared.key.clone(), all: self.clone(), stage, frames: weak, run });
        all.insert(shared.key.clone(), Arc::downgrade(&cohort));
        // One that ended may be let go only after the list of all is free again.
        drop(all);
        drop(known);
        Seat { frames, position: at, _cohort: cohort }
    }

    pub fn audience(&self) -> Audience {
        let all = self.all();
        let sizes = all.values().map(Weak::strong_count).filter(|members| *members > 0);
        sizes.fold(Audience { members: 0, executions: 0 }, |known, members| Audience {
            members: known.members + members,
            executions: known.executions + 1,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, Weak<Cohort>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cohort {
    /// `None` when the execution has ended.
    fn seat(self: &Arc<Self>) -> Option<Seat> {
        let position = self.stage.position();
        let frames = self.frames.upgrade()?.subscribe();
        Some(Seat { frames, position: *position, _cohort: self.clone() })
    }
}

impl Drop for Cohort {
    fn drop(&mut self) {
        self.run.abort();
        let mut all = self.all.all();
        if all.get(&self.key).is_some_and(|cohort| cohort.strong_count() == 0) {
            all.remove(&self.key);
        }
    }
}

impl Stage {
    fn position(&self) -> MutexGuard<'_, Position> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Members sit down before or after this, never in between.
    fn publish(&self, frames: &broadcast::Sender<Arc<Frame>>, frame: Frame) {
        let mut position = self.position();
        *position = frame.to;
        // Without members nobody is missing anything.
        let _ = frames.send(Arc::new(frame));
    }
}

/// The execution all members share.
async fn run(
    engine: Engine,
    shared: Arc<Shared>,
    frames: broadcast::Sender<Arc<Frame>>,
    stage: Arc<Stage>,
    begin: Position,
) {
    let app = engine.app();
    let span = Span::after(begin);
    let request_id = app.randomness.id(app.clock.now());
    let mut told = pin!(answers(&engine, shared.request(&engine, &span), shared.asked(request_id), None));
    let (mut since, mut quiet, mut waiting, mut at) = (begin, begin, Vec::new(), app.clock.now());
    loop {
        // Either an answer, or the end of them, or nothing for the moment but that the log was read further.
        let next = poll_fn(|cx| match told.poll_next_unpin(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if span.reached().is_some_and(|to| to != quiet) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        let next = next.await;
        let to = span.reached().unwrap_or(begin);
        if to != quiet {
            // What was answered so far speaks for the log up to here.
            if !waiting.is_empty() {
                let answers = std::mem::take(&mut waiting);
                stage.publish(&frames, Frame { since, quiet, to, answers, at, last: false });
                since = to;
            }
            quiet = to;
        }
        match next {
            None => {}
            Some(Some(answer)) => {
                if waiting.is_empty() {
                    at = app.clock.now();
                }
                waiting.push(answer);
            }
            Some(None) => {
                stage.publish(&frames, Frame { since, quiet, to, answers: waiting, at, last: true });
                return;
            }
        }
    }
}

/// What one member hears.
pub fn listen(
    engine: &Engine,
    own: Request,
    shared: Shared,
    asked: Asked,
    account: Account,
) -> impl Stream<Item = Answer> + use<> {
    let (engine, shared) = (engine.clone(), Arc::new(shared));
    async_stream::stream! {
        // Its own beginning, until it stands where the log ends.
        let span = Span::to_head();
        for await answer in answers(&engine, own.data(Lasting).data(span.clone()), asked.clone(), Some(account)) {
            yield answer;
        }
        let Some(mut at) = span.ended() else { return };
        loop {
            let mut seat = engine.cohorts.join(&engine, &shared, at);
            let mut lacking = Some(seat.position);
            loop {
                if let Some(to) = lacking.take().filter(|to| to.epoch != at.epoch || to.seq > at.seq) {
                    let span = Span::between(at, to);
                    for await answer in answers(&engine, shared.request(&engine, &span), asked.clone(), None) {
                        yield answer;
                    }
                    let Some(reached) = span.ended() else { return };
                    at = reached;
                }
                let frame = match seat.frames.recv().await {
                    Ok(frame) => frame,
                    // The next one shows what is lacking.
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    // Its execution was cut off: begin another.
                    Err(broadcast::error::RecvError::Closed) => break,
                };
                if frame.last || frame.begins_at(at) && still_holds(&engine, &shared, &frame).await {
                    for answer in &frame.answers {
                        yield answer.clone();
                    }
                    if frame.last {
                        return;
                    }
                    at = frame.to;
                } else {
                    lacking = Some(frame.to);
                }
            }
        }
    }
}

/// Whether an answer that may have waited is still for this member.
async fn still_holds(engine: &Engine, shared: &Shared, frame: &Frame) -> bool {
    let app = engine.app();
    change::holds(app, frame.at, frame.to.seq) && token::authenticate_again(app, &shared.who).await.is_ok()
}
