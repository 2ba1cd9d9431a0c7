//! Several operations in one request.

use hawser_domain::config::Introspection;
use hawser_tests::{House, Served};
use reqwest::header;
use serde_json::{Value, json};

const RESPONSE: &str = "application/graphql-response+json";

async fn ask(served: &Served, body: &Value) -> (u16, Value) {
    let request = served.http.post(format!("{}/graphql", served.url)).header(header::ACCEPT, RESPONSE);
    let answer = request.json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_list_of_operations_is_refused_in_words_unless_the_settings_allow_it() {
    let house = House::start().await;
    let served = house.serve().await;
    let (status, answer) = ask(&served, &json!([{ "query": "{ __typename }" }])).await;
    assert_eq!(status, 400);
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("one operation per request"), "{answer}");
}

#[tokio::test]
async fn where_lists_are_allowed_each_operation_is_answered_in_its_place_and_ten_are_the_most() {
    let house = House::with(|config| {
        config.graphql_batch = true;
        config.graphql_introspection = Introspection::Everyone;
    })
    .await;
    let served = house.serve().await;
    let list = json!([
        { "query": "{ a: __typename }" },
        { "query": "{" },
        { "query": "subscription { changes { cursor } }" },
        { "query": "query N($n: String!) { __type(name: $n) { name } }", "variables": { "n": "Document" } },
    ]);
    let (status, answer) = ask(&served, &list).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[0]["data"], json!({ "a": "Query" }));
    assert_eq!(answer[1]["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    assert_eq!(answer[2]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(answer[3]["data"], json!({ "__type": { "name": "Document" } }));
    assert_eq!(answer.as_array().unwrap().len(), 4);

    let many = |count| Value::Array(vec![json!({ "query": "{ __typename }" }); count]);
    assert_eq!(ask(&served, &many(10)).await.1.as_array().unwrap().len(), 10);
    for (count, words) in [(11, "10 operations"), (0, "no operation")] {
        let (status, answer) = ask(&served, &many(count)).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    let (status, answer) = ask(&served, &json!([{ "query": 7 }])).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")));
}
