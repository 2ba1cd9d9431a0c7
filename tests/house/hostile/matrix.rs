//! Every root field, asked by everybody. What is forbidden has to look like what is not there, to the last letter.

use hawser_api::graphql::{Caller, Parameters, run};
use hawser_domain::Principal;
use hawser_tests::{Heard, redacted};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    cast::{Cast, Who, id},
    contract::{Contract, Root},
    table::{Answer, TABLE},
};

impl Cast {
    pub async fn ask(&self, who: Option<Principal>, operation: &str, variables: &Value) -> Value {
        let app = &self.scene.house.app;
        let request_id = app.randomness.id(self.scene.house.clock.now());
        let caller = Caller { principal: who, address: None, request_id };
        let sent = Parameters::of(operation).variables(variables.clone());
        serde_json::to_value(run(&self.scene.house.engine, sent, caller).await).expect("an answer is JSON")
    }
}

/// What the table says of a field.
pub fn row(root: Root, name: &str) -> Option<[Answer; 8]> {
    TABLE.iter().find(|(known, _)| *known == key(root, name)).map(|(_, row)| *row)
}

fn key(root: Root, name: &str) -> String {
    if root == Root::Subscription { format!("Subscription.{name}") } else { name.to_owned() }
}

/// What an answer of this field comes to; `shows` stands in the answers of those who may see.
pub fn judged(answer: &Value, field: &str, shows: Option<&str>) -> Answer {
    let word = |code: &Value| -> &'static str { code.as_str().expect("a code").to_owned().leak() };
    if let Some(error) = answer["errors"].get(0) {
        return Answer::Top(word(&error["extensions"]["code"]));
    }
    let data = &answer["data"][field];
    let errors = [&data["userErrors"], &data["results"][0]["userErrors"]];
    if let Some(error) = errors.into_iter().find_map(|errors| errors.get(0)) {
        return Answer::User(word(&error["code"]));
    }
    match data.is_null() || shows.is_some_and(|shows| !data.to_string().contains(shows)) {
        true => Answer::Nothing,
        false => Answer::Ok,
    }
}

/// Nouns whose things this person may not know of. Names of people and groups are no secret, and providers are not.
fn hidden(who: Who) -> &'static [&'static str] {
    match who {
        Who::Reader | Who::Writer | Who::Keeper => &["audit", "conn", "feed", "flow", "job", "token"],
        // Sees everything.
        Who::Administrator => &[],
        _ => &["audit", "conn", "doc", "feed", "flow", "job", "token"],
    }
}

/// The same arguments about things that do not exist.
fn about_nothing(variables: &Value, hidden: &[&str]) -> Value {
    let again = |value: &Value| about_nothing(value, hidden);
    match variables {
        Value::String(text) => match text.split_once('_') {
            Some((prefix, rest)) if hidden.contains(&prefix) && rest.len() == 26 => {
                id(prefix, Uuid::from_u128(7)).into()
            }
            _ => variables.clone(),
        },
        Value::Array(items) => items.iter().map(again).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), again(value))).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn everybody_gets_of_every_field_what_the_table_says_and_forbidden_looks_like_missing() {
    let (cast, contract) = (Box::pin(Cast::set()).await, Contract::read());
    let (mut wrong, mut cells, mut compared) = (Vec::new(), 0, 0);
    for (root, field) in contract.roots() {
        let name = field.name.node.as_str();
        let Some(expected) = row(root, name) else {
            wrong.push(format!("{root:?}.{name} is not in the table"));
            continue;
        };
        if root == Root::Subscription {
            continue;
        }
        for (who, expected) in Who::ALL.into_iter().zip(expected) {
            let question = Box::pin(cast.question(name)).await;
            let operation = contract.operation(root, &field, &question.variables);
            let answer = cast.ask(cast.principal(who).await, &operation, &question.variables).await;
            let got = judged(&answer, name, question.shows.as_deref());
            cells += 1;
            if got != expected {
                wrong.push(format!("{root:?}.{name} as {who:?}: {got:?} instead of {expected:?}: {answer}"));
            }
            let nothing = about_nothing(&question.variables, hidden(who));
            if got != Answer::Ok && nothing != question.variables {
                compared += 1;
                let missing = cast.ask(cast.principal(who).await, &operation, &nothing).await;
                if redacted(&missing) != redacted(&answer) {
                    wrong.push(format!(
                        "{root:?}.{name} as {who:?} tells: {answer}, but of what is not there: {missing}"
                    ));
                }
            }
        }
    }
    cast.scene.house.drain().await;
    assert!(wrong.is_empty(), "{}\n{} cells are wrong", wrong.join("\n"), wrong.len());
    assert!(cells > 450 && compared > 100, "{cells} cells, {compared} compared");
}

#[test]
fn the_table_names_only_fields_that_exist() {
    let roots = Contract::read().roots();
    for (known, _) in TABLE {
        let there = roots.iter().any(|(root, field)| key(*root, &field.name.node) == *known);
        assert!(there, "{known} is gone from the schema: take it out of the table");
    }
}

#[tokio::test]
async fn somebody_disabled_gets_nothing_of_any_field() {
    let (cast, contract) = (Box::pin(Cast::set()).await, Contract::read());
    let (token, served) = (cast.disabled().await, cast.scene.house.serve().await);
    for (root, field) in contract.roots() {
        let operation = contract.operation(root, &field, &json!({}));
        let answer = served.post(None, &operation).bearer_auth(&token).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401, "{}", field.name.node);
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
        assert!(answer.get("data").is_none(), "{answer:#}");
    }
    let mut socket = served.socket().await;
    let payload = json!({ "authorization": format!("Bearer {token}") });
    socket.say(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.hear().await, Heard::Closed(4403));
}
