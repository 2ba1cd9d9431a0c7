//! Tokens: what they open, and when they stop.

use std::time::Duration;

use hawser_domain::{Error, entity::token::Entity as Tokens, principal::Scope, token, user};
use hawser_tests::{House, Person, redacted};
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::people::id_of;

const DAY: Duration = Duration::from_secs(86_400);

const CREATE: &str = "mutation($scopes: [Scope!]!, $at: DateTime!) {
    tokenCreate(input: {name: \"nightly\", scopes: $scopes, expiresAt: $at}) {
        secret token { id kind name hint scopes lastUsedAt expiresAt revokedAt isCurrent } userErrors { code path }
    }
}";

/// A personal token of this person with these scopes, good for a day.
async fn personal(house: &House, person: &Person, scopes: &[Scope]) -> Person {
    let new = token::New { name: "script".into(), scopes: scopes.to_vec(), expires_at: house.clock.now() + DAY };
    let issued = token::create(&house.app, &person.principal, new).await.unwrap();
    let token = issued.secret.expose_secret().to_owned();
    let principal = token::authenticate(&house.app, &token, None).await.unwrap();
    Person { id: person.id, principal, token }
}

async fn opens(house: &House, token: &str) -> bool {
    match token::authenticate(&house.app, token, None).await {
        Ok(_) => true,
        Err(Error::Unauthenticated(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_personal_token_is_shown_once_listed_and_revoked() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let at = (house.clock.now() + DAY).to_rfc3339();
    let made = house.data(&ann, CREATE, json!({ "scopes": ["WRITE", "READ", "READ"], "at": at })).await;
    let made = &made["tokenCreate"];
    let secret = made["secret"].as_str().unwrap();
    assert!(
        secret.starts_with("hwp_") && secret.len() == 40 && secret.starts_with(made["token"]["hint"].as_str().unwrap())
    );
    assert_eq!(made["token"]["scopes"], json!(["READ", "WRITE"]));
    assert_eq!(made["token"]["kind"], "PERSONAL");
    assert!(opens(&house, secret).await);

    let list = "{ viewer { tokens { totalCount nodes { id name kind isCurrent lastUsedAt } } } }";
    let listed = house.data(&ann, list, json!({})).await;
    assert!(!listed.to_string().contains(secret));
    let expected = json!({ "totalCount": 2, "nodes": [
        { "id": "[token 1]", "name": "nightly", "kind": "PERSONAL", "isCurrent": false, "lastUsedAt": "[time]" },
        { "id": "[token 2]", "name": "Session", "kind": "SESSION", "isCurrent": true, "lastUsedAt": "[time]" },
    ] });
    assert_eq!(redacted(&listed)["viewer"]["tokens"], expected);

    let revoke = "mutation($id: ID!) { tokenRevoke(input: {id: $id}) { token { revokedAt } userErrors { code } } }";
    let data = house.data(&ann, revoke, json!({ "id": made["token"]["id"] })).await;
    assert_eq!(redacted(&data)["tokenRevoke"], json!({ "token": { "revokedAt": "[time]" }, "userErrors": [] }));
    assert!(!opens(&house, secret).await);
    let listed = house.data(&ann, list, json!({})).await;
    assert_eq!(listed["viewer"]["tokens"]["totalCount"], 1);
}

#[tokio::test]
async fn a_token_stops_at_its_time_or_with_its_user() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let script = personal(&house, &ann, &[Scope::Read]).await;
    house.clock.advance(DAY - Duration::from_secs(60));
    assert!(opens(&house, &script.token).await);
    house.clock.advance(Duration::from_secs(60));
    assert!(!opens(&house, &script.token).await, "an expired token opens");

    let ann = house.person(ann.id).await;
    let script = personal(&house, &ann, &[Scope::Read]).await;
    user::disable(&house.app, &admin.principal, ann.id).await.unwrap();
    assert!(!opens(&house, &script.token).await, "a disabled person's token opens");
}

#[tokio::test]
async fn a_token_with_a_wrong_checksum_is_refused_without_asking_the_database() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    house.app.database.read().clone().close().await.unwrap();
    let Err(Error::Unavailable(_)) = token::authenticate(&house.app, &ann.token, None).await else {
        panic!("a good token was not looked up");
    };
    let last = ann.token.len() - 1;
    let other = if ann.token.ends_with('0') { "1" } else { "0" };
    for bad in [format!("{}{other}", &ann.token[..last]), "hws_".into(), "x".repeat(40), String::new()] {
        assert!(!opens(&house, &bad).await, "{bad}");
    }
}

#[tokio::test]
async fn only_a_keyed_hash_of_a_token_is_stored() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let rows = Tokens::find().all(house.app.database.read()).await.unwrap();
    assert!(!rows.is_empty());
    use sha2::Digest;
    let plain = sha2::Sha256::digest(ann.token.as_bytes()).to_vec();
    for row in rows {
        assert_eq!(row.hash.len(), 32);
        assert_ne!(row.hash, plain, "the hash has no key");
        let rest = format!("{} {} {}", row.hint, row.name, row.scopes);
        assert!(!rest.contains(&ann.token[8..]), "{rest}");
    }
}

#[tokio::test]
async fn a_reading_token_changes_nothing_and_an_admin_scope_makes_no_administrator() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let id = id_of(&house, &admin).await;
    let reader = personal(&house, &admin, &[Scope::Read]).await;
    let writer = personal(&house, &admin, &[Scope::Read, Scope::Write]).await;
    house.data(&reader, "{ viewer { user { name } } }", json!({})).await;
    let at = (house.clock.now() + DAY).to_rfc3339();
    for operation in [
        format!("userUpdate(input: {{id: \"{id}\", role: ADMIN}}) {{ user {{ id }} }}"),
        "userCreate(input: {email: \"x@example.org\", name: \"x\"}) { user { id } }".to_owned(),
        format!("userDisable(input: {{id: \"{id}\"}}) {{ user {{ id }} }}"),
        format!("userEnable(input: {{id: \"{id}\"}}) {{ user {{ id }} }}"),
        format!("passwordSet(input: {{userId: \"{id}\", password: \"0123456789\"}}) {{ user {{ id }} }}"),
        "passwordChange(input: {oldPassword: \"x\", newPassword: \"0123456789\"}) { user { id } }".to_owned(),
        "groupCreate(input: {name: \"x\"}) { group { id } }".to_owned(),
        format!("tokenCreate(input: {{name: \"x\", scopes: [ADMIN], expiresAt: \"{at}\"}}) {{ secret }}"),
    ] {
        for token in [&reader, &writer] {
            let answer = house.gql(token, &format!("mutation {{ {operation} }}"), json!({})).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{operation}: {answer:#}");
        }
    }
    let rename = format!("mutation {{ userUpdate(input: {{id: \"{id}\", name: \"Chief\"}}) {{ user {{ name }} }} }}");
    assert_eq!(code(&house.gql(&reader, &rename, json!({})).await), "FORBIDDEN");
    assert_eq!(house.data(&writer, &rename, json!({})).await["userUpdate"]["user"]["name"], "Chief");

    let answer = house.gql(&ann, CREATE, json!({ "scopes": ["ADMIN"], "at": at })).await;
    assert_eq!(code(&answer), "FORBIDDEN", "{answer:#}");
}

#[tokio::test]
async fn a_role_taken_away_weakens_the_tokens_made_before() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let role = |role| user::Update { name: None, role: Some(role) };
    user::update(&house.app, &admin.principal, ann.id, role(user::Role::Admin)).await.unwrap();
    let script = personal(&house, &house.person(ann.id).await, &Scope::ALL).await;
    house.data(&script, "{ users { nodes { id } } }", json!({})).await;
    user::update(&house.app, &admin.principal, ann.id, role(user::Role::Member)).await.unwrap();
    let answer = house.gql(&script, "{ users { nodes { id } } }", json!({})).await;
    assert_eq!(code(&answer), "FORBIDDEN");
}

#[tokio::test]
async fn a_token_needs_a_scope_and_an_end_within_a_year() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let now = house.clock.now();
    for (scopes, at, path) in [
        (json!([]), now + DAY, "scopes"),
        (json!(["READ"]), now - DAY, "expiresAt"),
        (json!(["READ"]), now + 367 * DAY, "expiresAt"),
    ] {
        let data = house.data(&ann, CREATE, json!({ "scopes": scopes, "at": at.to_rfc3339() })).await;
        let expected = json!({
            "secret": null, "token": null, "userErrors": [{ "code": "INVALID", "path": ["input", path] }],
        });
        assert_eq!(data["tokenCreate"], expected);
    }
}

#[tokio::test]
async fn other_peoples_tokens_look_missing_but_to_an_administrator() {
    let house = House::start().await;
    let (admin, ann, bob) = (house.admin().await, house.member("ann").await, house.member("bob").await);
    let tokens = house.data(&ann, "{ viewer { tokens { nodes { id } } } }", json!({})).await;
    let id = &tokens["viewer"]["tokens"]["nodes"][0]["id"];
    let revoke = "mutation($id: ID!) { tokenRevoke(input: {id: $id}) { token { id } userErrors { code } } }";
    let data = house.data(&bob, revoke, json!({ "id": id })).await;
    assert_eq!(data["tokenRevoke"], json!({ "token": null, "userErrors": [{ "code": "NOT_FOUND" }] }));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(house.data(&bob, node, json!({ "id": id })).await["node"], Value::Null);
    assert!(opens(&house, &ann.token).await);
    house.data(&admin, revoke, json!({ "id": id })).await;
    assert!(!opens(&house, &ann.token).await);
}

#[tokio::test]
async fn the_last_use_is_known_to_within_five_minutes_and_costs_no_write_in_between() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let used = async || {
        let found = token::find(&house.app, &ann.principal, ann.principal.token_id).await.unwrap();
        found.last_used_at.expect("it was used")
    };
    let first = used().await;
    house.clock.advance(Duration::from_secs(240));
    assert!(opens(&house, &ann.token).await);
    assert_eq!(used().await, first);
    house.clock.advance(Duration::from_secs(61));
    assert!(opens(&house, &ann.token).await);
    assert!(used().await > first);
}
