//! What every request may touch: the clock, the faults, the record and one locked world.
//! The lock is held for one whole answer, so an answer never shows half a change.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64},
};

use tokio::sync::mpsc::UnboundedSender;

use crate::{
    clock::Clock,
    fault::Faults,
    google::{delivery::Message, world::World},
    record::Recorder,
};

#[derive(Debug)]
pub struct Shared {
    pub clock: Clock,
    pub faults: Mutex<Faults>,
    pub recorder: Mutex<Recorder>,
    pub push_enabled: AtomicBool,
    pub pushes_delivered: AtomicU64,
    pub pushes_lost: AtomicU64,
    google: Mutex<World>,
}

impl Shared {
    pub fn new(seed: u64, pushes: UnboundedSender<Message>) -> Self {
        let clock = Clock::default();
        let world = World::new(seed, clock.now_ms(), pushes);
        Self {
            clock,
            faults: Mutex::default(),
            recorder: Mutex::default(),
            push_enabled: AtomicBool::new(true),
            pushes_delivered: AtomicU64::new(0),
            pushes_lost: AtomicU64::new(0),
            google: Mutex::new(world),
        }
    }

    /// The world, at the present time.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = locked(&self.google);
        world.now = self.clock.now_ms();
        world
    }
}

/// A room that panicked while holding a lock must not silence all the others.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
