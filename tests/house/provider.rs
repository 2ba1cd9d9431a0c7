//! Providers: the administrator's form, who sees what of it, its test, its end.

use hawser_domain::{
    Error,
    provider::{self, Form},
    providers::ProviderKind,
};
use hawser_tests::{Cloud, House, Person};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: ProviderCreateInput!) { providerCreate(input: $input) { \
    provider { id name kind availability { isAvailable reason } configuration { \
    clientId hasClientSecret authorizationUrl tokenUrl revokeUrl apiUrl redirectUri scopes isEnabled pollSeconds isPushOn \
    configurationToken } } userErrors { __typename code message path } } }";

async fn create(house: &House, who: &Person, input: Value) -> Value {
    house.data(who, CREATE, json!({ "input": input })).await["providerCreate"].take()
}

#[tokio::test]
async fn a_new_provider_needs_a_name_only_and_has_the_clouds_own_addresses() {
    let house = House::start().await;
    let admin = house.admin().await;
    let made = create(&house, &admin, json!({ "kind": "GOOGLE_DRIVE", "name": "Drive" })).await;
    assert_eq!(made["userErrors"], json!([]));
    let provider = &made["provider"];
    assert_eq!(provider["availability"], json!({ "isAvailable": false, "reason": "the client id is missing" }));
    let configuration = &provider["configuration"];
    assert_eq!(configuration["tokenUrl"], "https://oauth2.googleapis.com/token");
    assert_eq!(configuration["scopes"], json!(["https://www.googleapis.com/auth/drive"]));
    assert_eq!(configuration["pollSeconds"], 300);
    assert_eq!(configuration["hasClientSecret"], false);
    let redirect = configuration["redirectUri"].as_str().expect("an address");
    assert!(redirect.starts_with(&format!("http://{}/oauth/callback/", house.address)), "{redirect}");
}

#[tokio::test]
async fn every_fault_of_the_form_is_named_with_its_path_and_nothing_is_stored() {
    let house = House::start().await;
    let admin = house.admin().await;
    let input = json!({
        "kind": "GOOGLE_DRIVE", "name": " ", "tokenUrl": "ftp://x/", "apiUrl": "https://10.0.0.1/",
        "authorizationUrl": "nonsense", "scopes": ["a b"], "pollSeconds": 29, "clientId": "a\u{0}b",
    });
    let made = create(&house, &admin, input).await;
    assert_eq!(made["provider"], Value::Null);
    let mut paths: Vec<_> =
        made["userErrors"].as_array().expect("a list").iter().map(|fault| &fault["path"][1]).collect();
    paths.sort_by_key(|path| path.to_string());
    assert_eq!(paths, ["apiUrl", "authorizationUrl", "clientId", "name", "pollSeconds", "scopes", "tokenUrl"]);
    let none = house.data(&admin, "{ providers { totalCount } }", json!({})).await;
    assert_eq!(none["providers"]["totalCount"], 0);
}

#[tokio::test]
async fn members_see_that_a_provider_is_there_and_nothing_of_its_configuration() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let input = json!({ "kind": "GOOGLE_DRIVE", "name": "Drive", "clientId": "id-1", "clientSecret": "secret-1" });
    create(&house, &admin, input).await;
    let query = "{ providers { nodes { name kind availability { isAvailable } capabilities { feature capability } \
        configuration { clientId } viewerCan { connect configure } } } }";
    let seen = house.data(&ann, query, json!({})).await;
    let seen = &seen["providers"]["nodes"][0];
    assert_eq!(seen["configuration"], Value::Null);
    assert_eq!(seen["availability"]["isAvailable"], true);
    assert_eq!(seen["viewerCan"], json!({ "connect": true, "configure": false }));
    let native = json!({ "feature": "PIN", "capability": "NATIVE" });
    assert!(seen["capabilities"].as_array().expect("a list").contains(&native));
    let refused = house.gql(&ann, CREATE, json!({ "input": { "kind": "GOOGLE_DRIVE", "name": "Mine" } })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_change_needs_the_token_that_was_read_and_a_name_nobody_has() {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let named = |name: &str| Form { name: Some(name.into()), ..Form::default() };
    let one = provider::create(&house.app, &admin, ProviderKind::GoogleDrive, &named("One"), None).await.expect("one");
    provider::create(&house.app, &admin, ProviderKind::GoogleDrive, &named("Two"), None).await.expect("two");
    let taken = provider::update(&house.app, &admin, one.id, 1, &named("TWO")).await;
    assert!(matches!(taken, Err(Error::Invalid { ref path, .. }) if path == &["input", "name"]), "{taken:?}");
    let changed = provider::update(&house.app, &admin, one.id, 1, &named("Uno")).await.expect("changed");
    assert_eq!((changed.name.as_str(), changed.revision), ("Uno", 2));
    let stale = provider::update(&house.app, &admin, one.id, 1, &named("Eins")).await;
    assert!(matches!(stale, Err(Error::StaleToken { ref current, .. }) if current == "2"), "{stale:?}");
}

#[tokio::test]
async fn a_repeated_create_with_the_same_key_makes_one_provider() {
    let house = House::start().await;
    let admin = house.admin().await;
    let input = json!({ "kind": "GOOGLE_DRIVE", "name": "Drive", "idempotencyKey": "k" });
    let (first, second) = (create(&house, &admin, input.clone()).await, create(&house, &admin, input).await);
    assert_eq!(first["provider"]["id"], second["provider"]["id"]);
    let other = create(&house, &admin, json!({ "kind": "GOOGLE_DRIVE", "name": "B", "idempotencyKey": "k" })).await;
    assert_eq!(other["userErrors"][0]["code"], "KEY_REUSED");
}

#[tokio::test]
async fn the_secret_is_not_sent_to_another_server_than_it_was_entered_for() {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let form = Form { name: Some("Drive".into()), client_secret: Some("s".into()), ..Form::default() };
    let made = provider::create(&house.app, &admin, ProviderKind::GoogleDrive, &form, None).await.expect("made");
    let elsewhere = Form { token_url: Some("https://evil.example/token".into()), ..Form::default() };
    let refused = provider::update(&house.app, &admin, made.id, 1, &elsewhere).await;
    assert!(matches!(refused, Err(Error::Faults(_))), "{refused:?}");
    let entered = Form { client_secret: Some("s2".into()), ..elsewhere };
    provider::update(&house.app, &admin, made.id, 1, &entered).await.expect("the secret was entered again");
}

#[tokio::test]
async fn a_test_says_what_is_wrong_and_what_to_do() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let admin = house.admin().await;
    let provider = house.provider(&cloud).await;
    let query =
        "mutation($id: ID!) { providerTest(input: { id: $id }) { passed checks { name verdict message advice } } }";
    let id = {
        let data = house.data(&admin, "{ providers { nodes { id } } }", json!({})).await;
        data["providers"]["nodes"][0]["id"].clone()
    };
    let good = house.data(&admin, query, json!({ "id": id })).await;
    assert_eq!(good["providerTest"]["passed"], true, "{good:#}");

    let wrong = Form { client_secret: Some("wrong".into()), ..Form::default() };
    provider::update(&house.app, &admin.principal, provider.id, 1, &wrong).await.expect("changed");
    let bad = house.data(&admin, query, json!({ "id": id })).await;
    let checks = bad["providerTest"]["checks"].as_array().expect("a list");
    let client = checks.iter().find(|check| check["name"] == "CLIENT").expect("a check of the client");
    assert_eq!(client["verdict"], "FAILED");
    let advice = client["advice"].as_str().expect("an advice");
    assert!(advice.contains(&provider::redirect_uri(&house.app, provider.id)), "{advice}");
    let endpoint = checks.iter().find(|check| check["name"] == "TOKEN_ENDPOINT").expect("a check of the endpoint");
    assert_eq!(endpoint["verdict"], "PASSED");

    let gone = Form {
        client_secret: Some("sandbox-secret".into()),
        token_url: Some(format!("{}/nowhere", cloud.url)),
        ..Form::default()
    };
    provider::update(&house.app, &admin.principal, provider.id, 2, &gone).await.expect("changed");
    let bad = house.data(&admin, query, json!({ "id": id })).await;
    assert_eq!(bad["providerTest"]["passed"], false, "{bad:#}");
}

#[tokio::test]
async fn a_provider_in_use_is_deleted_only_by_force_and_its_connections_end() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let connection = house.connect(&cloud, &ann, "ann@cloud.example").await;
    let provider = house.provider(&cloud).await;
    let refused = provider::delete(&house.app, &admin.principal, provider.id, provider.revision, false).await;
    let Err(Error::WrongState { message, .. }) = refused else { panic!("deleted: {refused:?}") };
    assert!(message.contains("1 connection") && message.contains("0 document"), "{message}");
    provider::delete(&house.app, &admin.principal, provider.id, provider.revision, true).await.expect("deleted");
    assert_eq!(cloud.control.count("/revoke").await.expect("a count"), 1);
    let query =
        "query($id: ID!) { node(id: $id) { ... on Connection { state provider { id } } } providers { totalCount } }";
    let id = house.data(&ann, "{ connections { nodes { id } } }", json!({})).await;
    let left = house.data(&ann, query, json!({ "id": id["connections"]["nodes"][0]["id"] })).await;
    assert_eq!(left["node"], json!({ "state": "REVOKED", "provider": null }));
    assert_eq!(left["providers"]["totalCount"], 0);
    assert_eq!(connection.owner_id, ann.id);
    house.drain().await;
}
