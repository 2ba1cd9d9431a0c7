//! A crowd of subscribers whose sockets break at random, while what they listen to is renamed, shared and unshared at
//! random. At the end it is held against the log that each heard all it had a right to, in order, and nothing else.

mod reader;
mod world;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use hawser_domain::{change, entity::change::ChangeKind};
use rand::{SeedableRng, rngs::StdRng};
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use crate::House;
use reader::{Notes, Reader};
use world::World;

const PATIENCE: Duration = Duration::from_secs(300);
/// Lines between two marks, at each of which half of the crowd is waited for: the others may be as late as they like.
const STRIDE: i64 = 400;

#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub seed: u64,
    pub subscribers: usize,
    pub people: usize,
    /// Lines of the change log.
    pub events: i64,
    /// Of so many batches, about one is the last before the socket breaks.
    pub patience: u32,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Report {
    pub lines: i64,
    pub changes_of_rights: usize,
    pub batches: usize,
    pub changes: usize,
    pub gone: usize,
    pub reconnects: usize,
    pub seconds: f64,
}

/// # Panics
/// When anybody missed something, heard something twice, out of order or without a right to it.
pub async fn run(scale: Scale) -> Report {
    // Nobody is to be told to read anew: everything must be heard.
    let house = House::with(|config| config.live_lag = 1_000_000).await;
    let served = house.serve().await;
    let mut rng = StdRng::seed_from_u64(scale.seed);
    let mut world = World::new(&house, scale.people, &mut rng).await;
    let begin = change::head(&house.app).await.expect("the head").seq;
    let marks: Vec<Uuid> = (0..=scale.events / STRIDE + 1).map(|n| Uuid::from_u128(1 + n as u128)).collect();
    let heard: HashMap<Uuid, AtomicUsize> = marks.iter().map(|mark| (*mark, AtomicUsize::new(0))).collect();
    let (heard, last) = (Arc::new(heard), marks[marks.len() - 1]);
    let (progress, mut progressed) = watch::channel(0);

    let mut readers = Vec::new();
    for n in 0..scale.subscribers {
        let person = n % scale.people;
        let view = world.workspaces.iter().enumerate().filter(|(at, _)| world.sees(person, *at));
        let view = view.map(|(_, it)| (it.id, it.name.clone())).collect();
        let reader = Reader {
            url: served.url.clone(),
            person: world.people[person].clone(),
            seed: scale.seed << 16 | n as u64,
            patience: scale.patience,
            acts: world.acts.clone(),
            marks: heard.clone(),
            last,
            progress: progress.clone(),
        };
        readers.push(tokio::spawn(reader.read(view)));
    }
    let ready = timeout(PATIENCE, progressed.wait_for(|ready| *ready == scale.subscribers)).await;
    drop(ready.expect("all sit down").expect("nobody panicked"));

    let began = Instant::now();
    let (mut lines, mut marked) = (0, 0);
    while lines < scale.events {
        lines += world.act(&house, &mut rng).await;
        if lines >= STRIDE * (marked as i64 + 1) {
            world.mark(&house, marks[marked]).await;
            lines += 1;
            let half = |_: &usize| heard[&marks[marked]].load(Ordering::Relaxed) >= scale.subscribers / 2;
            drop(
                timeout(PATIENCE, progressed.wait_for(half))
                    .await
                    .expect("half of them follow")
                    .expect("none panicked"),
            );
            marked += 1;
        }
    }
    world.mark(&house, last).await;
    let mut report = Report { lines, changes_of_rights: world.changes_of_rights, ..Report::default() };
    let log = Log::read(&house, begin, &world).await;
    for (n, reader) in readers.into_iter().enumerate() {
        let notes = timeout(PATIENCE, reader).await.expect("everybody hears the last mark").expect("nobody panicked");
        log.judge(&world, n % scale.people, &notes);
        report.batches += notes.batches;
        report.changes += notes.noted.len();
        report.gone += notes.noted.iter().filter(|noted| noted.gone).count();
        report.reconnects += notes.reconnects;
    }
    report.seconds = began.elapsed().as_secs_f64();
    report
}

/// The log as it is in the end.
struct Log {
    /// Each line by what a reader can tell of it: one transaction names a subject once in a way.
    numbers: HashMap<(Uuid, String, DateTime<Utc>), i64>,
    /// The lines of workspaces, each with the place of its workspace.
    lines: Vec<(i64, usize)>,
    acts: Vec<i64>,
    end: i64,
}

impl Log {
    async fn read(house: &House, begin: i64, world: &World) -> Self {
        let places: HashMap<Uuid, usize> = world.workspaces.iter().enumerate().map(|(at, it)| (it.id, at)).collect();
        let mut position = change::Position { seq: begin, ..change::head(&house.app).await.expect("the head") };
        let (mut numbers, mut lines) = (HashMap::new(), Vec::new());
        loop {
            let batch = change::read(&house.app, position, 10_000).await.expect("the log");
            for line in &batch.lines {
                let known = numbers.insert((line.subject_id, word(line.kind), line.at), line.seq);
                assert!(known.is_none(), "two lines cannot be told from each other");
                lines.extend(places.get(&line.subject_id).map(|at| (line.seq, *at)));
            }
            position = batch.position;
            if !batch.has_more {
                let acts = world.acts.lock().expect("nobody panicked").clone();
                return Self { numbers, lines, acts, end: position.seq };
            }
        }
    }

    fn judge(&self, world: &World, person: usize, notes: &Notes) {
        let places: HashMap<Uuid, usize> = world.workspaces.iter().enumerate().map(|(at, it)| (it.id, at)).collect();
        let mut before = notes.begin;
        let mut heard = std::collections::HashSet::new();
        for noted in &notes.noted {
            let seq = self.numbers[&(noted.subject, noted.kind.clone(), noted.at)];
            assert!(seq > before, "line {seq} was heard after {before}");
            let (from, to) = noted.between;
            assert!(from < seq && seq <= to, "line {seq} was heard between the cursors {from} and {to}");
            before = seq;
            let Some(at) = places.get(&noted.subject) else { continue };
            // It was read after the line was written, and before the end of the act that was under way when it came.
            let until = self.acts.get(noted.acts).copied().unwrap_or(self.end);
            let sights = &world.sights[person][*at];
            let wanted = !noted.gone;
            assert!(was(sights, seq, until, wanted), "line {seq} was heard by {until}, gone: {}", noted.gone);
            if !noted.gone {
                heard.insert(seq);
            }
        }
        for (seq, at) in self.lines.iter().filter(|(seq, _)| *seq > notes.begin) {
            let missed = !was(&world.sights[person][*at], *seq, self.end, false) && !heard.contains(seq);
            assert!(!missed, "line {seq} was to be heard, and was not");
        }
        let seen = world.workspaces.iter().enumerate().filter(|(at, _)| world.sees(person, *at));
        let seen: HashMap<Uuid, String> = seen.map(|(_, it)| (it.id, it.name.clone())).collect();
        assert_eq!(notes.view, seen, "what was heard comes to what can be seen");
    }
}

/// Whether it could be seen, or could not, at any moment between the two lines.
fn was(sights: &[(i64, bool)], from: i64, to: i64, wanted: bool) -> bool {
    let ends = sights.iter().skip(1).map(|(seq, _)| *seq).chain([i64::MAX]);
    sights.iter().zip(ends).any(|((begin, sees), end)| *sees == wanted && *begin <= to && end > from)
}

/// A kind as the API writes it.
fn word(kind: ChangeKind) -> String {
    let word = serde_json::to_value(kind).expect("a word");
    word.as_str().expect("a word").to_owned()
}
