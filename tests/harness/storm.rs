//! Writers and readers of the change log, all at once. Some of what is written is given up at the very end, after the log was
//! written; every reader has to come to the same log, without a gap and without what was given up.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use hawser_domain::{
    App,
    change::{self, Position},
    entity::change::{ChangeKind, Noun},
    principal::Actor,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::House;

#[derive(Debug, Clone, Copy)]
pub struct Storm {
    pub seed: u64,
    pub writers: usize,
    pub readers: usize,
    /// Transactions in all, of which one in twenty is given up.
    pub commits: usize,
}

#[derive(Debug)]
pub struct Weathered {
    pub committed: usize,
    pub given_up: usize,
    /// From the first write to the last.
    pub seconds: f64,
}

/// # Panics
/// When a reader missed a commit, saw one twice or out of order, saw what was given up, or found a gap.
pub async fn storm(house: &House, storm: Storm) -> Weathered {
    let start = change::head(&house.app).await.expect("the head");
    let (left, over) = (Arc::new(AtomicUsize::new(storm.commits)), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> =
        (0..storm.readers).map(|_| tokio::spawn(read(house.app.clone(), start, over.clone()))).collect();
    let began = Instant::now();
    let writers: Vec<_> = (0..storm.writers)
        .map(|writer| tokio::spawn(write(house.app.clone(), storm.seed, writer, left.clone())))
        .collect();
    let (mut committed, mut given_up) = (HashSet::new(), 0);
    for writer in writers {
        let wrote = writer.await.expect("a writer ends well");
        committed.extend(wrote.committed);
        given_up += wrote.given_up;
    }
    let seconds = began.elapsed().as_secs_f64();
    over.store(true, Ordering::Release);
    // Whoever waits for news looks once more.
    let mut w = house.app.write(Actor::System).await.expect("a transaction");
    w.announce(Noun::Provider, Uuid::nil(), ChangeKind::Updated);
    w.commit().await.expect("a commit");
    committed.insert(Uuid::nil());
    for reader in readers {
        let seen = reader.await.expect("a reader ends well");
        assert_eq!(seen.len(), committed.len(), "a reader missed commits, or saw what was given up");
        let mut last = vec![None; storm.writers];
        for subject in &seen[..seen.len() - 1] {
            assert!(committed.contains(subject), "what was given up was seen");
            let (writer, n) = subject.as_u64_pair();
            let before = last[writer as usize - 1].replace(n);
            assert!(before.is_none_or(|before| before < n), "commits of one writer came in another order");
        }
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "a commit was seen twice");
    }
    Weathered { committed: committed.len() - 1, given_up, seconds }
}

struct Wrote {
    committed: Vec<Uuid>,
    given_up: usize,
}

async fn write(app: Arc<App>, seed: u64, writer: usize, left: Arc<AtomicUsize>) -> Wrote {
    let mut rng = StdRng::seed_from_u64(seed << 8 | writer as u64);
    let mut wrote = Wrote { committed: Vec::new(), given_up: 0 };
    let mut n = 0;
    while left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok() {
        n += 1;
        let subject = Uuid::from_u64_pair(writer as u64 + 1, n);
        let mut w = app.write(Actor::System).await.expect("a transaction");
        if rng.random_ratio(1, 20) {
            let line = change::New {
                noun: Noun::Provider,
                subject_id: subject,
                kind: ChangeKind::Updated,
                owner_id: None,
                audience: None,
            };
            change::commit_changes(w.db(), &[line], None, w.now).await.expect("the log is written");
            w.rollback().await.expect("it is given up");
            wrote.given_up += 1;
        } else {
            w.announce(Noun::Provider, subject, ChangeKind::Updated);
            w.commit().await.expect("a commit");
            wrote.committed.push(subject);
        }
    }
    wrote
}

/// Follows the log until the writers are done, and returns what it said, in its order.
async fn read(app: Arc<App>, start: Position, over: Arc<AtomicBool>) -> Vec<Uuid> {
    let (mut position, mut seen, mut news) = (start, Vec::new(), app.news.subscribe());
    loop {
        news.mark_unchanged();
        let batch = change::read(&app, position, 500).await.expect("the log");
        assert!(!batch.resync, "nobody was too slow");
        for line in &batch.lines {
            position.seq += 1;
            assert_eq!(line.seq, position.seq, "a gap in the log");
            seen.push(line.subject_id);
        }
        if seen.last() == Some(&Uuid::nil()) && over.load(Ordering::Acquire) {
            return seen;
        }
        if !batch.has_more {
            news.changed().await.expect("the house stands");
        }
    }
}
