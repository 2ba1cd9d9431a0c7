//! The change log: nobody who reads it by cursor misses a line or sees two out of order.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hawser_domain::{
    App,
    change::{self, Position},
    entity::change::{ChangeKind, Noun},
    principal::Actor,
};
use hawser_tests::House;
use uuid::Uuid;

const WRITERS: u64 = 8;
const READERS: usize = 4;
const COMMITS: i64 = 50_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_and_four_readers_miss_and_reorder_nothing_in_fifty_thousand_commits() {
    let house = House::start().await;
    let start = change::head(&house.app).await.unwrap();
    let left = Arc::new(AtomicI64::new(COMMITS));
    let began = std::time::Instant::now();
    let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(write(house.app.clone(), n, left.clone()))).collect();
    let readers: Vec<_> = (0..READERS).map(|_| tokio::spawn(follow(house.app.clone(), start))).collect();
    let mut written = Vec::new();
    for writer in writers {
        written.extend(writer.await.unwrap());
    }
    written.sort_unstable();
    assert_eq!(i64::try_from(written.len()).unwrap(), COMMITS);
    for reader in readers {
        let mut read = reader.await.unwrap();
        read.sort_unstable();
        assert!(read == written, "a reader saw other changes than were committed");
    }
    let rate = COMMITS as f64 / began.elapsed().as_secs_f64();
    println!(
        "{COMMITS} commits by {WRITERS} writers, {READERS} readers: {rate:.0} commits/s, nothing missed or reordered"
    );
}

/// Commits one change at a time, and gives up every twentieth transaction. Returns the subjects committed.
async fn write(app: Arc<App>, writer: u64, left: Arc<AtomicI64>) -> Vec<Uuid> {
    let mut subjects = Vec::new();
    for n in 0u64.. {
        let mut w = app.write(Actor::System).await.unwrap();
        let subject = Uuid::from_u64_pair(writer + 1, n);
        w.announce(Noun::Provider, subject, ChangeKind::Updated);
        if n % 20 == 7 {
            w.rollback().await.unwrap();
            continue;
        }
        if left.fetch_sub(1, Ordering::Relaxed) <= 0 {
            break;
        }
        w.commit().await.unwrap();
        subjects.push(subject);
    }
    subjects
}

/// Reads to the end by cursor, insisting that every number follows the one before. Returns the subjects read.
async fn follow(app: Arc<App>, start: Position) -> Vec<Uuid> {
    let mut subjects = Vec::new();
    let mut position = start;
    let mut news = app.news.subscribe();
    loop {
        news.mark_unchanged();
        let batch = change::read(&app, position, 500).await.unwrap();
        assert!(!batch.resync);
        assert!(!batch.lines.is_empty() || !batch.has_more, "more is promised and nothing is there");
        for line in &batch.lines {
            position.seq += 1;
            assert_eq!(line.seq, position.seq, "a gap, or a line out of order");
            subjects.push(line.subject_id);
        }
        if position.seq >= start.seq + COMMITS {
            return subjects;
        }
        if !batch.has_more {
            news.changed().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_history_or_of_purged_lines_is_told_to_begin_anew() {
    let house = House::start().await;
    let head = change::head(&house.app).await.unwrap();
    for stale in [
        Position { epoch: Uuid::nil(), seq: head.seq },
        Position { seq: head.seq + 1, ..head },
        Position { seq: -5, ..head },
    ] {
        let batch = change::read(&house.app, stale, 10).await.unwrap();
        assert!(batch.resync, "{stale:?}");
        assert_eq!(batch.position, head);
    }
    assert!(!change::read(&house.app, head, 10).await.unwrap().resync);
}

#[tokio::test]
async fn a_rolled_back_transaction_announces_nothing() {
    let house = House::start().await;
    let head = change::head(&house.app).await.unwrap();
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.announce(Noun::Provider, Uuid::from_u128(1), ChangeKind::Updated);
    drop(w);
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.announce(Noun::Provider, Uuid::from_u128(2), ChangeKind::Updated);
    w.announce(Noun::Provider, Uuid::from_u128(2), ChangeKind::Updated);
    w.commit().await.unwrap();
    let batch = change::read(&house.app, head, 10).await.unwrap();
    let subjects: Vec<_> = batch.lines.iter().map(|line| line.subject_id).collect();
    assert_eq!(subjects, [Uuid::from_u128(2)], "once, although it was announced twice");
    assert_eq!(house.app.news.head(), batch.position.seq);
}
