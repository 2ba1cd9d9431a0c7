//! Operations called by a hash or an id: remembered, imported, admitted and counted.

use std::{path::Path, process::Output, time::Duration};

use hawser_api::graphql::{Caller, Parameters, run};
use hawser_domain::{
    Principal,
    config::Admission,
    persisted_operation::{self as operations, Entry, hash},
    principal::Scope,
    token,
};
use hawser_tests::{Events, Heard, House, Person, without_cost};
use reqwest::{StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

mod wire;

const WHO: &str = "query Who { viewer { user { name } } }";
const RESPONSE: &str = "application/graphql-response+json";

/// A house that runs so much.
async fn house_of(admission: Admission) -> House {
    House::with(|config| config.graphql_documents = admission).await
}

fn hex(text: &str) -> String {
    hash(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What Apollo's clients send: the hash, and the text the second time.
fn by_hash(hash: &str, text: Option<&str>) -> Value {
    let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    if let Some(text) = text {
        body["query"] = text.into();
    }
    body
}

async fn send(house: &House, who: Option<&Principal>, body: Value) -> Value {
    send_from(house, who, body, None).await
}

async fn send_from(house: &House, who: Option<&Principal>, body: Value, client: Option<&str>) -> Value {
    let mut sent: Parameters = serde_json::from_value(body).unwrap();
    sent.client_name = client.map(str::to_owned);
    let request_id = house.app.randomness.id(house.clock.now());
    let caller = Caller { principal: who.cloned(), address: None, request_id };
    serde_json::to_value(run(&house.engine, sent, caller).await).unwrap()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer:#}"))
}

fn entry(key: &str, text: &str) -> Entry {
    Entry { key: key.into(), text: text.into(), name: None }
}

async fn imported(house: &House, key: &str, text: &str) {
    operations::import(&house.app, "web", &[entry(key, text)]).await.unwrap();
}

#[tokio::test]
async fn bad_variables_are_refused_however_often_the_document_ran_with_good_ones() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let documents = "query($first: Int, $state: JobState!, $id: ID!, $after: Cursor) {
        jobs(first: $first, after: $after, filter: { states: [$state] }) { nodes { id } } node(id: $id) { id }
    }";
    let id = "doc_00000000000000000000000000";
    let good = json!({ "first": 1, "state": "DONE", "id": id });
    for round in 0..3 {
        let answer = send(&house, Some(&ann), json!({ "query": documents, "variables": good })).await;
        assert!(answer.get("errors").is_none(), "{round}: {answer:#}");
        for (name, bad) in [
            ("first", json!("one")),
            ("first", json!(1.5)),
            ("state", json!("NONSENSE")),
            ("state", json!(null)),
            ("state", json!(7)),
            ("id", json!({})),
            ("id", json!(true)),
            ("id", json!(null)),
            ("after", json!(7)),
            ("after", json!([""])),
        ] {
            let mut variables = good.clone();
            variables[name] = bad.clone();
            let answer = send(&house, Some(&ann), json!({ "query": documents, "variables": variables })).await;
            assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED", "{round} {name} {bad}: {answer:#}");
            assert_eq!(answer["data"], Value::Null);
        }
    }
}

#[tokio::test]
async fn costs_follow_the_variables() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let groups = (0..10)
        .map(|it| format!("g{it}: groups(first: $n) {{ nodes {{ members(first: $n) {{ nodes {{ id }} }} }} }} "));
    let document = format!("query($n: Int) {{ {} }}", groups.collect::<String>());
    for _ in 0..2 {
        let answer = send(&house, Some(&ann), json!({ "query": document, "variables": { "n": 1 } })).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let answer = send(&house, Some(&ann), json!({ "query": document, "variables": { "n": 100 } })).await;
        assert_eq!(code(&answer), "COMPLEXITY_EXCEEDED", "{answer:#}");
    }
}

#[tokio::test]
async fn each_operation_of_a_document_is_checked_with_its_own_variables() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let document =
        "query A($n: Int) { jobs(first: $n) { nodes { id } } } query B($n: Int) { users(first: $n) { nodes { id } } }";
    let ask = async |name: &str, n: Value| {
        let body = json!({ "query": document, "operationName": name, "variables": { "n": n } });
        send(&house, Some(&ann), body).await
    };
    for _ in 0..2 {
        assert!(ask("A", json!(1)).await.get("errors").is_none());
        assert_eq!(code(&ask("B", json!(1)).await), "FORBIDDEN");
        assert_eq!(code(&ask("A", json!("x")).await), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(code(&ask("B", json!("x")).await), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(code(&ask("C", json!(1)).await), "OPERATION_RESOLUTION_FAILURE");
    }
}

#[tokio::test]
async fn a_text_is_sent_once_and_called_by_its_hash_from_then_on() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let anns = json!({ "data": { "viewer": { "user": { "name": "ann" } } } });
    let miss = send(&house, Some(&ann), by_hash(&hex(WHO), None)).await;
    assert_eq!(miss["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(code(&miss), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(without_cost(send(&house, Some(&ann), by_hash(&hex(WHO), Some(WHO))).await), anns);
    assert_eq!(without_cost(send(&house, Some(&ann), by_hash(&hex(WHO), None)).await), anns);
    assert_eq!(without_cost(send(&house, Some(&ann), by_hash(&hex(WHO).to_uppercase(), None)).await), anns);
    assert_eq!(
        without_cost(send(&house, Some(&ann), json!({ "documentId": format!("sha256:{}", hex(WHO)) })).await),
        anns
    );
}

#[tokio::test]
async fn only_what_would_run_is_registered() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    for (text, expected) in [
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ("query($n: Int!) { users(first: \"x\") { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_eq!(code(&send(&house, Some(&ann), by_hash(&hex(text), Some(text))).await), expected);
        assert_eq!(code(&send(&house, Some(&ann), by_hash(&hex(text), None)).await), "PERSISTED_QUERY_NOT_FOUND");
    }
    // A text without its hash runs and is not registered.
    send(&house, Some(&ann), json!({ "query": WHO })).await;
    assert_eq!(code(&send(&house, Some(&ann), by_hash(&hex(WHO), None)).await), "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn what_is_wrong_with_a_hash_is_said() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let with = |query: Value| json!({ "query": WHO, "extensions": { "persistedQuery": query } });
    let bad = "BAD_USER_INPUT";
    for (body, expected) in [
        (by_hash(&hex("{ other }"), Some(WHO)), bad),
        (by_hash("", Some(WHO)), bad),
        (with(json!({ "version": 1 })), bad),
        (with(json!({ "version": 1, "sha256Hash": 7 })), bad),
        (with(json!({ "version": 2, "sha256Hash": hex(WHO) })), "PERSISTED_QUERY_NOT_SUPPORTED"),
        (with(json!({ "sha256Hash": hex(WHO) })), "PERSISTED_QUERY_NOT_SUPPORTED"),
        (with(json!("nonsense")), "PERSISTED_QUERY_NOT_SUPPORTED"),
        (json!({ "documentId": hex(WHO), "query": WHO }), bad),
        (json!({ "documentId": "unknown" }), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "documentId": "" }), bad),
        (json!({ "query": "" }), bad),
        (json!({}), bad),
    ] {
        let answer = send(&house, Some(&ann), body.clone()).await;
        assert_eq!(code(&answer), expected, "{body}: {answer:#}");
    }
    let unsupported = send(&house, Some(&ann), with(json!({ "version": 2 }))).await;
    assert_eq!(unsupported["errors"][0]["message"], "PersistedQueryNotSupported");
    let none = send(&house, Some(&ann), with(Value::Null)).await;
    assert_eq!(none["data"]["viewer"]["user"]["name"], "ann", "null is as good as absent");
}

#[tokio::test]
async fn a_document_id_is_found_with_and_without_its_prefix_and_by_the_hash_of_its_text() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let text = "query Mine { viewer { isSession } }";
    imported(&house, "0f343b0931126a20f133d67c2b018a3b", text).await;
    imported(&house, &hex(WHO), WHO).await;
    for (id, field) in [
        ("0f343b0931126a20f133d67c2b018a3b".to_owned(), "isSession"),
        (hex(text), "isSession"),
        (format!("sha256:{}", hex(text)), "isSession"),
        (hex(WHO), "user"),
        (format!("sha256:{}", hex(WHO)), "user"),
    ] {
        let answer = send(&house, Some(&ann), json!({ "documentId": id })).await;
        assert!(answer["data"]["viewer"].get(field).is_some(), "{id}: {answer:#}");
        let answer = send(&house, Some(&ann), by_hash(&id, None)).await;
        assert!(answer["data"]["viewer"].get(field).is_some(), "{id} as a hash: {answer:#}");
    }
}

#[tokio::test]
async fn where_only_trusted_documents_run_nothing_else_does_but_for_administrators() {
    let house = house_of(Admission::Trusted).await;
    let (ann, admin) = (house.member("ann").await.principal, house.admin().await.principal);
    imported(&house, &hex(WHO), WHO).await;
    let free = "query Free { viewer { isSession } }";
    for (body, expected) in [
        (json!({ "query": free }), "PERSISTED_OPERATION_REQUIRED"),
        (by_hash(&hex(free), Some(free)), "PERSISTED_OPERATION_REQUIRED"),
        (by_hash(&hex(free), None), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "documentId": hex(free) }), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "query": "{ viewer {" }), "PERSISTED_OPERATION_REQUIRED"),
    ] {
        for who in [Some(&ann), None] {
            let answer = send(&house, who, body.clone()).await;
            assert_eq!(code(&answer), expected, "{body}");
        }
    }
    for body in [json!({ "documentId": hex(WHO) }), json!({ "query": WHO }), by_hash(&hex(WHO), Some(WHO))] {
        assert_eq!(send(&house, Some(&ann), body).await["data"]["viewer"]["user"]["name"], "ann");
    }
    let answer = send(&house, Some(&admin), by_hash(&hex(free), Some(free))).await;
    assert_eq!(answer["data"]["viewer"]["isSession"], true, "{answer:#}");
    // What an administrator ran is not thereby known.
    assert_eq!(code(&send(&house, Some(&ann), by_hash(&hex(free), None)).await), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(code(&send(&house, Some(&ann), json!({ "query": free })).await), "PERSISTED_OPERATION_REQUIRED");
}

#[tokio::test]
async fn an_administrators_token_without_that_scope_runs_trusted_documents_only() {
    let house = house_of(Admission::Trusted).await;
    let admin = house.admin().await.principal;
    for (scopes, free) in [(vec![Scope::Read, Scope::Admin], true), (vec![Scope::Read, Scope::Write], false)] {
        let expires_at = house.clock.now() + chrono::Duration::days(1);
        let new = token::New { name: "script".into(), scopes, expires_at };
        let issued = token::create(&house.app, &admin, new).await.unwrap();
        let script = token::authenticate(&house.app, issued.secret.expose_secret(), None).await.unwrap();
        let answer = send(&house, Some(&script), json!({ "query": WHO })).await;
        assert_eq!(answer.get("errors").is_none(), free, "{answer:#}");
    }
}

#[tokio::test]
async fn where_hashes_are_asked_for_a_text_runs_with_its_hash_and_then_without() {
    let house = house_of(Admission::Apq).await;
    let ann = house.member("ann").await.principal;
    let other = "query Other { viewer { isSession } }";
    assert_eq!(code(&send(&house, Some(&ann), json!({ "query": WHO })).await), "PERSISTED_OPERATION_REQUIRED");
    assert_eq!(code(&send(&house, Some(&ann), by_hash(&hex(WHO), None)).await), "PERSISTED_QUERY_NOT_FOUND");
    for body in [by_hash(&hex(WHO), Some(WHO)), by_hash(&hex(WHO), None), json!({ "query": WHO })] {
        assert_eq!(send(&house, Some(&ann), body).await["data"]["viewer"]["user"]["name"], "ann");
    }
    // Strangers run a text with its hash, and leave nothing behind.
    assert_eq!(code(&send(&house, None, by_hash(&hex(other), Some(other))).await), "UNAUTHENTICATED");
    assert_eq!(code(&send(&house, None, by_hash(&hex(other), None)).await), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(code(&send(&house, None, by_hash(&hex(WHO), None)).await), "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_import_is_done_once_however_often_it_is_repeated() {
    let house = House::start().await;
    let texts = ["query A { viewer { isSession } }", "query B { viewer { isSession } }"];
    let entries = [entry("a", texts[0]), entry("b", texts[1]), entry("b", texts[1])];
    let first = operations::import(&house.app, "web", &entries).await.unwrap();
    assert_eq!((first.added, first.known), (2, 0));
    let again = operations::import(&house.app, "web", &entries).await.unwrap();
    assert_eq!((again.added, again.known), (0, 2));
    let phone = operations::import(&house.app, "phone", &entries[..1]).await.unwrap();
    assert_eq!((phone.added, phone.known), (0, 1));
    let every = operations::every(&house.app).await.unwrap();
    for (key, expected) in [("a", vec!["phone", "web"]), ("b", vec!["web"])] {
        let found = every.iter().find(|it| it.row.key == key).unwrap();
        assert_eq!(found.uses.iter().map(|it| it.client.as_str()).collect::<Vec<_>>(), expected);
    }

    let clash = [entry("c", texts[0]), entry("a", texts[1]), entry("b", texts[0])];
    let error = operations::import(&house.app, "web", &clash).await.unwrap_err().to_string();
    assert!(error.contains("a: this name") && error.contains("b: this name"), "{error}");
    assert_eq!(operations::every(&house.app).await.unwrap().len(), 2, "nothing half imported");
    for client in ["", &"x".repeat(65), "new\nline"] {
        operations::import(&house.app, client, &entries).await.expect_err("a bad name was taken");
    }
}

/// The program on this house's data.
fn documents(house: &House, arguments: &[&str]) -> Output {
    let words: Vec<_> = ["documents"].iter().chain(arguments).copied().collect();
    house.program(&words).output().unwrap()
}

fn write(folder: &Path, name: &str, manifest: &Value) -> String {
    let path = folder.join(name);
    std::fs::write(&path, manifest.to_string()).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn the_program_imports_three_kinds_of_manifests_and_lists_what_is_used() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let (mine, list) =
        ("query Mine { viewer { isSession } }", "query List($n: Int!) { jobs(first: $n) { nodes { id } } }");
    let operation = json!({ "id": hex(mine), "body": mine, "name": "Mine", "type": "query" });
    let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation] });
    let codegen = json!({ format!("sha256:{}", hex(WHO)): WHO });
    let relay = json!({ "90015098": list });
    let files = [
        write(house.folder(), "codegen.json", &codegen),
        write(house.folder(), "apollo.json", &apollo),
        write(house.folder(), "relay.json", &relay),
    ];
    let import = ["import", &files[0], &files[1], &files[2], "--client", "console"];
    for expected in ["3 operations imported, 0 were there already", "0 operations imported, 3 were there already"] {
        let output = documents(&house, &import);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    }
    for _ in 0..2 {
        let answer = send(&house, Some(&ann), json!({ "documentId": "90015098", "variables": { "n": 1 } })).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
    }
    send_from(&house, Some(&ann), json!({ "documentId": hex(mine) }), Some("phone")).await;
    operations::write_uses(&house.app).await.unwrap();
    let output = documents(&house, &["list"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = said.lines().map(|line| line.split(", last").next().unwrap()).collect();
    for line in ["90015098  List", "    console: 2 calls", "    phone: 1 calls", "    console: 0 calls"] {
        assert!(lines.contains(&line), "{line:?} is not in {said}");
    }
}

#[tokio::test]
async fn the_program_names_every_fault_and_imports_nothing_then() {
    let house = House::start().await;
    let good = write(house.folder(), "good.json", &json!({ "one": WHO }));
    let bad = write(
        house.folder(),
        "bad.json",
        &json!({
            "two": "{ nonsense }",
            "three": "{ viewer {",
            "four": "query($id: ID!) { document(id: $id) { id nothing } }",
            "five": "{ viewer { isSession } }",
        }),
    );
    let broken = write(house.folder(), "broken.json", &json!([1]));
    let output = documents(&house, &["import", &good, &bad, &broken, "--client", "console"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    for fault in
        ["two: line 1, column 3:", "three: line 1,", "four: line 1, column 42:", "broken.json: is not a JSON object"]
    {
        assert!(said.contains(fault), "{fault:?} is not in {said}");
    }
    assert!(!said.contains("five"), "{said}");
    assert!(operations::every(&house.app).await.unwrap().is_empty(), "nothing is imported");
}

#[tokio::test]
async fn administrators_see_which_client_uses_what_and_nobody_else_does() {
    let house = House::start().await;
    let (ann, admin) = (house.member("ann").await, house.admin().await);
    for number in 0..3 {
        let text = format!("query Q{number} {{ viewer {{ isSession }} }}");
        imported(&house, &format!("q{number}"), &text).await;
        // Newer ids sort later from one millisecond to the next.
        house.clock.advance(Duration::from_secs(1));
    }
    for client in [None, Some("phone"), Some("phone"), Some(" \u{7}")] {
        send_from(&house, Some(&ann.principal), json!({ "documentId": "q1" }), client).await;
    }
    let query = "query($after: Cursor) { persistedOperations(first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { id documentId hash client useCount lastUsedAt uses { client useCount } } } }";
    let counted = async || house.data(&admin, query, json!({})).await["persistedOperations"]["nodes"][1].take();
    assert_eq!(counted().await["useCount"], "0", "not written yet");
    operations::write_uses(&house.app).await.unwrap();
    let used = counted().await;
    assert_eq!((&used["documentId"], &used["client"], &used["useCount"]), (&json!("q1"), &json!("web"), &json!("4")));
    let uses = json!([
        { "client": "(others)", "useCount": "1" },
        { "client": "phone", "useCount": "2" },
        { "client": "web", "useCount": "1" },
    ]);
    assert_eq!(used["uses"], uses);
    let last = used["lastUsedAt"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!(last <= house.clock.now());

    send(&house, Some(&ann.principal), json!({ "documentId": "q1" })).await;
    operations::write_uses(&house.app).await.unwrap();
    operations::write_uses(&house.app).await.unwrap();
    assert_eq!(counted().await["useCount"], "5");

    let page = house.data(&admin, query, json!({})).await["persistedOperations"].take();
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let rest = house.data(&admin, query, json!({ "after": page["pageInfo"]["endCursor"] })).await;
    assert_eq!(rest["persistedOperations"]["nodes"][0]["documentId"], "q0");

    let node = "query($id: ID!) { node(id: $id) { ... on PersistedOperation { documentId text } } }";
    let seen = house.data(&admin, node, json!({ "id": used["id"] })).await;
    assert_eq!(seen["node"]["text"], "query Q1 { viewer { isSession } }");
    assert_eq!(house.data(&ann, node, json!({ "id": used["id"] })).await["node"], Value::Null);
    assert_eq!(code(&house.gql(&ann, query, json!({})).await), "FORBIDDEN");
}

#[tokio::test]
async fn descriptions_are_read_over_and_places_of_errors_stay_true() {
    let house = House::start().await;
    let ann = house.member("ann").await.principal;
    let text = "\"\"\"\nWho \u{e4}sks\n\"\"\"\nquery Q(\"how many\" $n: Int = 1 @times(by: [2])) { jobs(first: $n) { nodes { ...F } } }\n\
                \"of a job\" fragment F on Job { id }";
    let answer = send(&house, Some(&ann), json!({ "query": text })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let answer = send(&house, Some(&ann), json!({ "query": text.replace("Job { id }", "Job { idd }") })).await;
    assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED");
    let column = "\"of a job\" fragment F on Job { ".len() + 1;
    assert_eq!(answer["errors"][0]["locations"], json!([{ "line": 5, "column": column }]));
}
