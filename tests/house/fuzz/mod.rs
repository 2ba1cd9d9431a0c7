//! Malformed operations by the thousand at the real program, over HTTP, server-sent events and WebSocket: never a 5xx, never
//! a panic, every answer well-formed, no growing process, and it still answers afterwards. The same seed sends the same
//! requests; `FUZZ_SEED` chooses another.

use std::{collections::BTreeMap, sync::Arc};

use hawser_tests::{Heard, Socket};
use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use crate::hostile::server::Server;

use self::corpus::{Good, corpus};

mod answer;
mod broken;
mod corpus;
mod frame;
mod http;
mod socket;

/// What is sent in all, and at once.
const REQUESTS: u64 = 20_000;
const LANES: u64 = 8;
/// After each of these it is looked what the process holds.
const ROUNDS: u64 = 4;
/// Of so many, this many are sessions over WebSocket, of some messages each.
const SOCKETS: u64 = 5;
const OF: u64 = 20;
const SEED: u64 = 5;
/// What the process may grow by, in KiB.
const GROWTH: u64 = 50 * 1024;
/// A lane that has seen so many faults sends no more.
const FAULTS: usize = 3;

/// Where requests go, and with whose token.
#[derive(Clone)]
pub struct Target {
    pub address: String,
    pub token: String,
    pub corpus: Arc<Vec<Good>>,
}

impl Target {
    /// A good operation.
    fn good(&self, random: &mut StdRng) -> &Good {
        self.corpus.choose(random).expect("a good operation")
    }
}

/// What came of the requests of one lane.
#[derive(Default)]
pub struct Tally {
    /// How often each kind of answer came.
    counts: BTreeMap<String, u64>,
    faults: Vec<String>,
}

impl Tally {
    fn count(&mut self, answer: String) {
        *self.counts.entry(answer).or_default() += 1;
    }

    fn add(&mut self, other: Tally) {
        for (answer, count) in other.counts {
            *self.counts.entry(answer).or_default() += count;
        }
        self.faults.extend(other.faults);
    }

    /// How many answers were of a kind that begins like this.
    fn beginning(&self, with: &str) -> u64 {
        self.counts.iter().filter(|(answer, _)| answer.starts_with(with)).map(|(_, count)| count).sum()
    }
}

/// The requests of one lane, one after the other: what each of them is depends on the seed and these numbers alone.
async fn lane(target: Target, seed: u64, round: u64, lane: u64) -> Tally {
    let mut random = StdRng::seed_from_u64((seed * ROUNDS + round) * LANES + lane);
    let mut tally = Tally::default();
    let mut wire = http::Wire::default();
    for number in 0..REQUESTS / ROUNDS / LANES {
        let (sent, came) = match number % OF < SOCKETS {
            true => socket::session(&target, &mut random).await,
            false => wire.request(&target, &mut random).await,
        };
        match came {
            Ok(answers) => answers.into_iter().for_each(|answer| tally.count(answer)),
            Err(fault) => {
                let sent: String = String::from_utf8_lossy(&sent).chars().take(700).collect();
                tally.faults.push(format!("{fault}\n  round {round}, lane {lane}, request {number}: {sent:?}"));
            }
        }
        if tally.faults.len() >= FAULTS {
            break;
        }
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_malformed_requests_bring_no_5xx_no_panic_and_no_growth() {
    let seed = std::env::var("FUZZ_SEED").map_or(SEED, |seed| seed.parse().expect("FUZZ_SEED is a number"));
    // Nobody is to be refused for asking too often: the requests themselves are what is looked at.
    let server = Server::start_with(&[
        ("HAWSER_EXTRACT", "false"),
        ("HAWSER_GRAPHQL_POINTS", "1000000000"),
        ("HAWSER_GRAPHQL_POINTS_PER_SECOND", "1000000000"),
        ("HAWSER_GRAPHQL_STRANGER_POINTS", "1000000000"),
        ("HAWSER_GRAPHQL_STRANGER_POINTS_PER_SECOND", "1000000000"),
        ("HAWSER_GRAPHQL_INTROSPECTION", "everyone"),
    ]);
    let token = server.sign_in().await;
    let workspace = server.workspace(&token).await;
    let corpus = Arc::new(corpus(&workspace));
    let target = Target { address: server.address.clone(), token: token.clone(), corpus };
    still_answers(&server, &token).await;
    let before = server.memory();

    let (mut all, mut grown) = (Tally::default(), Vec::new());
    for round in 0..ROUNDS {
        let lanes = (0..LANES).map(|number| tokio::spawn(lane(target.clone(), seed, round, number)));
        for lane in lanes.collect::<Vec<_>>() {
            all.add(lane.await.expect("a lane ends"));
        }
        grown.push(server.memory().saturating_sub(before));
    }

    println!("seed {seed}: from {before} KiB grown by {grown:?} KiB; {:#?}", all.counts);
    assert!(all.faults.is_empty(), "FUZZ_SEED={seed}:\n{}", all.faults.join("\n"));
    still_answers(&server, &token).await;
    let said = server.end();
    assert!(!said.contains("panicked"), "FUZZ_SEED={seed}: {said}");
    assert!(!said.contains(&token), "FUZZ_SEED={seed}: the log has a token");
    assert!(grown.iter().all(|it| *it < GROWTH), "FUZZ_SEED={seed}: grown by {grown:?} KiB");
    // Otherwise what was sent would not have been malformed, or not have reached what it was made for.
    let (refused, ran) = (all.beginning("4"), all.beginning("200"));
    assert!(refused > REQUESTS / 3 && ran > REQUESTS / 50, "FUZZ_SEED={seed}: {refused} refused, {ran} ran");
    for kind in ["next", "error", "closed 4400", "closed 4401", "closed 4403", "closed 4409", "closed 4429"] {
        assert!(all.beginning(kind) > 0, "FUZZ_SEED={seed}: no socket ever heard {kind}");
    }
}

/// A good query over each door.
async fn still_answers(server: &Server, token: &str) {
    assert_eq!(server.who(token).await, "Administrator");
    let mut socket = Socket::open(&format!("http://{}", server.address)).await;
    let payload = json!({ "authorization": format!("Bearer {token}") });
    socket.say(json!({ "type": "connection_init", "payload": payload })).await;
    assert!(matches!(socket.hear().await, Heard::Message(message) if message["type"] == "connection_ack"));
    socket.subscribe("1", "{ viewer { user { name } } }", json!({})).await;
    let heard = socket.hear().await;
    let Heard::Message(message) = &heard else { panic!("{heard:?}") };
    assert_eq!(message["payload"]["data"]["viewer"]["user"]["name"], "Administrator", "{message:#}");
}
