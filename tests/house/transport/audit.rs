//! What the public audits of GraphQL over HTTP look for, and what the draft of the specification asks for instead. Every
//! case runs under both profiles and for both kinds of clients.

use hawser_domain::config::{Introspection, StatusProfile};
use hawser_tests::{House, Served};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// A body, and the statuses that the audits ask for of an answer in JSON, and the draft of any answer. To the audits
/// a fault of the operation is a success in JSON; one of the request is not.
fn cases() -> Vec<(String, u16, u16)> {
    let query = "{ __typename }";
    let mut cases = vec![
        (json!({ "query": query }).to_string(), 200, 200),
        (json!({ "query": query, "unknown": [1], "id": "x" }).to_string(), 200, 200),
        (json!({ "operationName": "Q", "query": "query Q { __typename }" }).to_string(), 200, 200),
        (json!({ "query": query, "extensions": { "some": "value" } }).to_string(), 200, 200),
        (json!({ "query": query, "variables": { "unused": 1 } }).to_string(), 200, 200),
        (
            json!({ "query": "query T($name: String!) { __type(name: $name) { name } }", "variables": { "name": "no type" } })
                .to_string(),
            200,
            200,
        ),
        (format!("\u{feff}{}", json!({ "query": query })), 200, 200),
        (" \n{ \"query\": \"{ __typename }\" }\n ".to_owned(), 200, 200),
        (String::new(), 400, 400),
        ("{ \"not a JSON".to_owned(), 400, 400),
        ("NONSENSE".to_owned(), 400, 400),
        (json!({ "query": "{" }).to_string(), 200, 400),
        (json!({ "query": "" }).to_string(), 200, 422),
        (json!({ "qeury": query }).to_string(), 400, 422),
        (json!({ "query": null }).to_string(), 400, 422),
        (json!({}).to_string(), 400, 422),
        (json!("{ __typename }").to_string(), 400, 422),
        (json!(7).to_string(), 400, 422),
        (json!(null).to_string(), 400, 422),
        (json!({ "query": "{ x8f31403dfe404bccbb0e835f2629c6a7 }" }).to_string(), 200, 422),
        (json!({ "query": query, "operationName": "Other" }).to_string(), 200, 422),
        (json!({ "query": "query A { __typename } query B { __typename }" }).to_string(), 200, 422),
        (json!({ "query": "query C($id: ID!) { __typename }", "variables": { "id": null } }).to_string(), 200, 422),
        (json!({ "query": "query C($name: String!) { __type(name: $name) { name } }" }).to_string(), 200, 422),
        (
            json!({ "query": "query C($name: String!) { __type(name: $name) { name } }", "variables": { "name": null } })
                .to_string(),
            200,
            422,
        ),
        (
            json!({ "query": "query C($name: String!) { __type(name: $name) { name } }", "variables": { "name": [7] } })
                .to_string(),
            200,
            422,
        ),
        ("{\"query\": \"{ __typename }\", \"query\": \"{ __typename }\"}".to_owned(), 400, 422),
    ];
    for parameter in ["variables", "operationName", "extensions"] {
        cases.push((json!({ "query": query, parameter: null }).to_string(), 200, 200));
    }
    for wrong in [json!({ "obj": "ect" }), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": wrong }).to_string(), 400, 422));
        cases.push((json!({ "query": query, "operationName": wrong }).to_string(), 400, 422));
    }
    for wrong in [json!("string"), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": query, "variables": wrong }).to_string(), 400, 422));
        cases.push((json!({ "query": query, "extensions": wrong }).to_string(), 400, 422));
    }
    cases
}

async fn ask(served: &Served, accept: Option<&str>, body: &str) -> (StatusCode, String, Value) {
    let request = served.http.post(format!("{}/graphql", served.url)).header(header::CONTENT_TYPE, JSON);
    let request = match accept {
        Some(accept) => request.header(header::ACCEPT, accept),
        None => request,
    };
    let answer = request.body(body.to_owned()).send().await.unwrap();
    let media = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    (answer.status(), media, answer.json().await.unwrap())
}

#[tokio::test]
async fn under_the_profile_of_the_audits_faults_are_400s_and_old_clients_get_200s_for_those_of_operations() {
    let house = House::with(|config| config.graphql_introspection = Introspection::Everyone).await;
    let served = house.serve().await;
    for (body, in_json, draft) in cases() {
        let in_full = if draft == 200 { 200 } else { 400 };
        for (accept, expected) in [(Some(RESPONSE), in_full), (Some(JSON), in_json), (None, in_json)] {
            let (status, sent, answer) = ask(&served, accept, &body).await;
            assert_eq!(status.as_u16(), expected, "{body} as {accept:?}: {answer}");
            let media = if expected == 200 { accept.unwrap_or(JSON) } else { RESPONSE };
            assert_eq!(sent, format!("{media}; charset=utf-8"), "{body}");
            assert_eq!(answer.get("errors").is_some(), draft != 200, "{body}: {answer}");
            assert_eq!(answer.get("data").is_some(), draft == 200, "{body}: {answer}");
        }
    }
}

#[tokio::test]
async fn under_the_profile_of_the_draft_faults_have_exact_statuses_for_everybody() {
    let house = House::with(|config| {
        config.graphql_status = StatusProfile::Draft;
        config.graphql_introspection = Introspection::Everyone;
    })
    .await;
    let served = house.serve().await;
    for (body, _, draft) in cases() {
        for accept in [RESPONSE, JSON] {
            let (status, sent, answer) = ask(&served, Some(accept), &body).await;
            assert_eq!(status.as_u16(), draft, "{body} as {accept}: {answer}");
            let media = if draft == 200 { accept } else { RESPONSE };
            assert_eq!(sent, format!("{media}; charset=utf-8"), "{body}");
            assert_eq!(answer.get("data").is_some(), draft == 200, "{body}: {answer}");
        }
    }
    let partial = json!({ "query": "{ __typename viewer { isSession } }" }).to_string();
    let (status, _, answer) = ask(&served, Some(RESPONSE), &partial).await;
    assert_eq!((status.as_u16(), answer["errors"][0]["path"][0].as_str()), (294, Some("viewer")), "{answer}");
    assert_eq!(ask(&served, Some(JSON), &partial).await.0, StatusCode::OK);
}

#[tokio::test]
async fn whoever_does_not_say_what_it_takes_gets_plain_json_and_no_client_gets_a_stream_by_accident() {
    let house = House::start().await;
    let served = house.serve().await;
    let body = json!({ "query": "{ __typename }" }).to_string();
    let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, \
                multipart/mixed";
    for (accept, media) in [
        (None, JSON),
        (Some("*/*"), JSON),
        (Some("application/*"), JSON),
        (Some("application/json;charset=utf-8"), JSON),
        (Some("application/graphql-response+json,application/json;q=0.9"), RESPONSE),
        (Some("application/json;q=0.9,application/graphql-response+json;q=0.8"), JSON),
        (Some(urql), RESPONSE),
    ] {
        let (status, sent, _) = ask(&served, accept, &body).await;
        assert_eq!((status, sent), (StatusCode::OK, format!("{media}; charset=utf-8")), "{accept:?}");
    }
    for accept in ["text/html", "application/xml", "application/json;q=0", "application/json;charset=latin1"] {
        let (status, sent, answer) = ask(&served, Some(accept), &body).await;
        assert_eq!((status.as_u16(), sent), (406, format!("{RESPONSE}; charset=utf-8")), "{accept}: {answer}");
    }
}
