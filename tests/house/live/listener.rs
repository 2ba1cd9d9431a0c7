//! A subscription without a wire, so that a test says when its reader takes the next answer.

use std::{pin::Pin, time::Duration};

use futures::{FutureExt, Stream, StreamExt};
use hawser_api::graphql::{Answer, Audience, Caller, Parameters, listen};
use hawser_domain::{
    entity::change::{ChangeKind, Noun},
    principal::Actor,
};
use hawser_tests::{House, Person};
use serde_json::{Value, json};
use uuid::Uuid;

/// Long enough for a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

pub const CHANGES: &str = "subscription($since: String, $most: Int) {
    changes(since: $since, maxBatch: $most, filter: { nouns: [PROVIDER, DOCUMENT] }) {
        cursor hasMore resync changes { kind subjectId gone document { name } } } }";

pub struct Listener(Pin<Box<dyn Stream<Item = Answer> + Send>>);

impl Listener {
    pub fn new(house: &House, person: &Person, query: &str, variables: Value) -> Self {
        let caller = Caller {
            principal: Some(person.principal.clone()),
            address: None,
            request_id: house.app.randomness.id(house.clock.now()),
        };
        Self(Box::pin(listen(&house.engine, Parameters::of(query).variables(variables), caller)))
    }

    /// One who has heard where it stands, and sits in a cohort of so many by now.
    pub async fn seated(
        house: &House,
        person: &Person,
        query: &str,
        variables: Value,
        audience: (usize, usize),
    ) -> Self {
        let mut listener = Self::new(house, person, query, variables);
        listener.next().await;
        listener.sit(house, audience).await;
        listener
    }

    /// Goes on until so many members share so many executions. Nothing may be heard meanwhile.
    pub async fn sit(&mut self, house: &House, (members, executions): (usize, usize)) {
        let wanted = Audience { members, executions };
        let sat = async {
            while house.engine.audience() != wanted {
                assert!(self.0.next().now_or_never().is_none(), "nothing is to be heard yet");
                tokio::task::yield_now().await;
            }
        };
        let sat = tokio::time::timeout(PATIENCE, sat).await;
        assert!(sat.is_ok(), "{:?} instead of {wanted:?}", house.engine.audience());
    }

    pub async fn answer(&mut self) -> Option<Answer> {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something is heard")
    }

    /// The next answer, unwrapped to its only field.
    pub async fn next(&mut self) -> Value {
        let answer = self.answer().await.expect("the subscription goes on");
        field(&answer)
    }
}

pub fn field(answer: &Answer) -> Value {
    assert!(answer.errors.is_empty(), "{answer:?}");
    let mut json: Value = serde_json::from_str(answer.json()).expect("JSON");
    let data = json["data"].as_object_mut().expect("data");
    data.values_mut().next().expect("a field").take()
}

/// Commits a line for each number, which everybody hears.
pub async fn say(house: &House, numbers: impl IntoIterator<Item = u64>) {
    let mut w = house.app.write(Actor::System).await.expect("a transaction");
    for number in numbers {
        w.announce(Noun::Provider, Uuid::from_u64_pair(0, number), ChangeKind::Updated);
    }
    w.commit().await.expect("a commit");
}

/// The numbers of the lines in a batch.
pub fn said(batch: &Value) -> Vec<u64> {
    let changes = batch["changes"].as_array().expect("changes");
    changes.iter().map(|change| number(change["subjectId"].as_str().expect("an id"))).collect()
}

/// The last half of an id as the API writes it: 26 characters of five bits.
fn number(id: &str) -> u64 {
    let digit = |it: char| "0123456789abcdefghjkmnpqrstvwxyz".find(it).expect("a digit of an id") as u128;
    let (_, digits) = id.rsplit_once('_').expect("an id");
    digits.chars().fold(0_u128, |known, it| known << 5 | digit(it)) as u64
}

/// Variables that name nothing but where to begin.
pub fn since(cursor: &Value) -> Value {
    json!({ "since": cursor })
}
