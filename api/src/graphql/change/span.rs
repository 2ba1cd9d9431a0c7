//! Which part of the change log one execution of a subscription tells of. Whoever starts the execution may say so in the
//! request's data; what is said of nothing tells from its own beginning on, for ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Context;
use hawser_domain::change::Position;

/// Where an execution ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Never,
    /// Where nothing more is to be read.
    AtHead,
    At(Position),
}

/// Clones share how far the execution has come.
#[derive(Debug, Clone)]
pub struct Span {
    begin: Option<Position>,
    end: End,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    reached: Option<Position>,
    ended: bool,
}

impl Default for Span {
    fn default() -> Self {
        Self { begin: None, end: End::Never, told: Arc::default() }
    }
}

impl Span {
    /// What the subscription itself asks for, until there is no more for the moment.
    pub fn to_head() -> Self {
        Self { end: End::AtHead, ..Self::default() }
    }

    /// What comes after `begin`, for ever.
    pub fn after(begin: Position) -> Self {
        Self { begin: Some(begin), ..Self::default() }
    }

    /// What comes after `begin`, up to `end` at least.
    pub fn between(begin: Position, end: Position) -> Self {
        Self { begin: Some(begin), end: End::At(end), ..Self::default() }
    }

    pub fn of(ctx: &Context<'_>) -> Self {
        ctx.data_opt::<Self>().cloned().unwrap_or_default()
    }

    /// Where it was told to begin; by this it also goes on where another execution has already said where one stands.
    pub fn begin(&self) -> Option<Position> {
        self.begin
    }

    /// All up to here was told, which is to say: taken by whoever polls the execution.
    pub fn reach(&self, position: Position) {
        self.told().reached = Some(position);
    }

    pub fn reached(&self) -> Option<Position> {
        self.told().reached
    }

    /// Whether nothing after `position` is to be told.
    pub fn ends_at(&self, position: Position, has_more: bool) -> bool {
        let ends = match self.end {
            End::Never => false,
            End::AtHead => !has_more,
            End::At(end) => position.epoch == end.epoch && position.seq >= end.seq,
        };
        self.told().ended = ends;
        ends
    }

    /// Where the execution ended as it should; nowhere when it failed.
    pub fn ended(&self) -> Option<Position> {
        let told = self.told();
        told.reached.filter(|_| told.ended)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
