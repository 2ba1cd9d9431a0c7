//! Thousands of messages that are nearly right: each gets an answer or a code that is written down, and nobody else
//! notices. The same seed makes the same messages.

use futures::StreamExt;
use hawser_tests::{Heard, House, Person, Served, Socket};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

const MESSAGES: usize = 2_000;
/// Every code a client can bring about by what it says.
const CODES: [u16; 5] = [4400, 4401, 4403, 4409, 4429];
const QUERIES: [&str; 9] = [
    "{ __typename }",
    "{ viewer { user { name } } }",
    "subscription { changes { cursor } }",
    "mutation { nonsense }",
    "query A { __typename } query B { __typename }",
    "{ ...a } fragment a on Query { ...a }",
    "{",
    "",
    "\u{0}\u{feff}",
];

const KINDS: [&str; 7] = ["connection_init", "ping", "pong", "complete", "subscribe", "subscribe", "subscribe"];
const KEYS: [&str; 8] = ["type", "id", "payload", "query", "operationName", "variables", "extensions", "documentId"];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(&QUERIES[..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z_]{0,10}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn good() -> impl Strategy<Value = Value> {
    (prop::sample::select(&KINDS[..]), 0..4_u8, prop::sample::select(&QUERIES[..])).prop_map(|(kind, id, query)| {
        match kind {
            "subscribe" => json!({
                "type": kind, "id": id.to_string(),
                "payload": { "query": query, "operationName": null, "variables": {}, "extensions": {} },
            }),
            "complete" => json!({ "type": kind, "id": id.to_string() }),
            _ => json!({ "type": kind, "payload": {} }),
        }
    })
}

/// A good message with something put where it does not belong, or taken away, and then perhaps cut or spoilt as text.
fn nearly() -> impl Strategy<Value = String> {
    let change = (prop::sample::select(&KEYS[..]), prop::option::weighted(0.8, any_json()), any::<bool>());
    let spoil = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<char>(), any::<bool>()));
    (good(), prop::collection::vec(change, 0..3), spoil).prop_map(|(mut message, changes, spoil)| {
        for (key, value, inside) in changes {
            let target = if inside { &mut message["payload"] } else { &mut message };
            let Value::Object(target) = target else { continue };
            match value {
                Some(value) => drop(target.insert(key.to_owned(), value)),
                None => drop(target.remove(key)),
            }
        }
        let text = message.to_string();
        let Some((place, with, cut)) = spoil else { return text };
        let mut letters: Vec<char> = text.chars().collect();
        let place = place.index(letters.len());
        if cut {
            letters.truncate(place)
        } else {
            letters.insert(place, with)
        }
        letters.into_iter().collect()
    })
}

fn any_message() -> impl Strategy<Value = String> {
    prop_oneof![8 => nearly(), 1 => any_json().prop_map(|json| json.to_string()), 1 => ".{0,40}"]
}

/// Says one message, at a socket of its own or where others were said before, and returns the socket if it lives on.
async fn survives(mut socket: Socket, message: &str, number: usize) -> Option<Socket> {
    socket.say_raw(message).await;
    // A socket that is being closed does not take it; what it is closed with is still heard.
    let probe = json!({ "probe": number });
    socket.try_say(&json!({ "type": "ping", "payload": probe })).await;
    loop {
        match socket.hear().await {
            Heard::Closed(code) => {
                assert!(CODES.contains(&code), "{message:?} closed with {code}");
                return None;
            }
            Heard::Message(heard) if heard["type"] == "pong" && heard["payload"] == probe => return Some(socket),
            Heard::Message(heard) => {
                let known = ["connection_ack", "next", "error", "complete", "pong"];
                assert!(heard["type"].as_str().is_some_and(|kind| known.contains(&kind)), "{message:?}: {heard}");
            }
        }
    }
}

async fn opened(served: &Served, person: &Person, number: usize) -> Socket {
    let mut socket = served.socket().await;
    if !number.is_multiple_of(4) {
        socket.sign_in(person).await;
    }
    socket
}

#[tokio::test]
async fn two_thousand_malformed_messages_get_an_answer_or_a_code() {
    let house = House::with(|config| {
        config.sockets_per_user = 10_000;
        config.socket_init_seconds = 3600;
    })
    .await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let messages: Vec<_> =
        (0..MESSAGES).map(|_| any_message().new_tree(&mut runner).expect("a message").current()).collect();
    let chunks = messages.chunks(MESSAGES / 8).enumerate();
    let survived: Vec<usize> = futures::stream::iter(chunks)
        .map(async |(chunk, messages)| {
            let (mut socket, mut survived) = (None, 0);
            for (number, message) in messages.iter().enumerate() {
                let here = match socket.take() {
                    Some(socket) => socket,
                    None => opened(&served, &ann, chunk + number).await,
                };
                socket = survives(here, message, number).await;
                survived += usize::from(socket.is_some());
            }
            survived
        })
        .buffer_unordered(8)
        .collect()
        .await;
    let survived: usize = survived.iter().sum();
    assert!((100..1_900).contains(&survived), "{survived} of {MESSAGES} left their socket open");
    served.socket().await.sign_in(&ann).await;
}
