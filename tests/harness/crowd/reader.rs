//! One of a crowd: a subscriber at a WebSocket that breaks off again and again, comes back with the cursor it heard last,
//! and notes all it hears.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Heard, Person, Socket};

/// Long enough for a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

const QUERY: &str = "subscription($since: String, $most: Int) {
    changes(since: $since, maxBatch: $most, filter: { nouns: [DOCUMENT, PROVIDER] }) {
        cursor resync changes { noun kind at subjectId gone document { name } } } }";

/// One change, as heard.
pub struct Noted {
    pub subject: Uuid,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub gone: bool,
    /// The batch's own place in the log, and that of the batch before.
    pub between: (i64, i64),
    /// Acts that had begun when it came.
    pub acts: usize,
}

#[derive(Default)]
pub struct Notes {
    /// Where the subscription began.
    pub begin: i64,
    pub noted: Vec<Noted>,
    pub batches: usize,
    pub reconnects: usize,
    /// What the reader believes to see, by name.
    pub view: HashMap<Uuid, String>,
}

pub struct Reader {
    pub url: String,
    pub person: Person,
    pub seed: u64,
    /// Of so many batches, about one is the last before the socket breaks.
    pub patience: u32,
    pub acts: Arc<Mutex<Vec<i64>>>,
    /// Readers who have heard of each mark.
    pub marks: Arc<HashMap<Uuid, AtomicUsize>>,
    /// The last of the marks.
    pub last: Uuid,
    pub progress: watch::Sender<usize>,
}

impl Reader {
    /// Reads until the last mark. `view` is what the person sees at first.
    pub async fn read(self, view: HashMap<Uuid, String>) -> Notes {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let most = if self.seed.is_multiple_of(2) { 25 } else { 100 };
        let mut notes = Notes { view, ..Notes::default() };
        let mut cursor = Value::Null;
        loop {
            let mut socket = Socket::open(&self.url).await;
            let credentials = format!("Bearer {}", self.person.token);
            socket.say(json!({ "type": "connection_init", "payload": { "authorization": credentials } })).await;
            match socket.hear_within(PATIENCE).await {
                Heard::Message(message) if message["type"] == "connection_ack" => {}
                other => panic!("not let in but {other:?}"),
            }
            socket.subscribe("1", QUERY, json!({ "since": cursor, "most": most })).await;
            let opening = batch(&mut socket).await;
            if cursor.is_null() {
                cursor = opening["cursor"].clone();
                notes.begin = place(&cursor);
                self.progress.send_modify(|ready| *ready += 1);
            }
            assert_eq!(opening["cursor"], cursor, "it goes on where it was");
            loop {
                let batch = batch(&mut socket).await;
                let between = (place(&cursor), place(&batch["cursor"]));
                cursor = batch["cursor"].clone();
                notes.batches += 1;
                if self.note(&mut notes, &batch, between) {
                    return notes;
                }
                if rng.random_ratio(1, self.patience) {
                    notes.reconnects += 1;
                    break;
                }
            }
        }
    }

    /// Returns whether the last mark was in it.
    fn note(&self, notes: &mut Notes, batch: &Value, between: (i64, i64)) -> bool {
        assert_eq!(batch["resync"], false);
        let acts = self.acts.lock().expect("nobody panicked").len();
        let mut last = false;
        for change in batch["changes"].as_array().expect("changes") {
            let subject = uuid(change["subjectId"].as_str().expect("an id"));
            let gone = change["gone"] == true;
            if let Some(mark) = self.marks.get(&subject) {
                mark.fetch_add(1, Ordering::Relaxed);
                self.progress.send_modify(|_| {});
                last |= subject == self.last;
            } else if gone {
                notes.view.remove(&subject);
            } else {
                let name = change["document"]["name"].as_str().expect("what is not gone is shown");
                notes.view.insert(subject, name.to_owned());
            }
            let kind = change["kind"].as_str().expect("a kind").to_owned();
            let at = change["at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
            notes.noted.push(Noted { subject, kind, at, gone, between, acts });
        }
        last
    }
}

async fn batch(socket: &mut Socket) -> Value {
    match socket.hear_within(PATIENCE).await {
        Heard::Message(mut message) if message["type"] == "next" => message["payload"]["data"]["changes"].take(),
        other => panic!("no batch but {other:?}"),
    }
}

/// The number of the line that a cursor stands at.
fn place(cursor: &Value) -> i64 {
    let bytes = cursor.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).expect("a cursor");
    i64::from_be_bytes(*bytes.last_chunk().expect("a cursor"))
}

/// What an id of the API stands for: 26 characters of five bits.
fn uuid(id: &str) -> Uuid {
    let digit = |it: char| "0123456789abcdefghjkmnpqrstvwxyz".find(it).expect("a digit of an id") as u128;
    let (_, digits) = id.rsplit_once('_').expect("an id");
    Uuid::from_u128(digits.chars().fold(0, |known, it| known << 5 | digit(it)))
}
