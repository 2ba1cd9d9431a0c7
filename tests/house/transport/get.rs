//! Reading by GET, and the methods that are none.

use hawser_tests::House;
use reqwest::{Method, header};
use serde_json::{Value, json};

const RESPONSE: &str = "application/graphql-response+json";
const SUBSCRIPTION: &str = "subscription { changes { cursor } }";

#[tokio::test]
async fn a_get_reads_and_never_writes() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let type_of = "query T($name: String!) { __type(name: $name) { name } }";
    let both = "query A { a: __typename } query B { b: __typename }";
    let many = "query a { __typename } mutation b { sessionEnd { ended } }";
    for (name, parameters, status) in [
        ("a query", vec![("query", "{ __typename }")], 200),
        ("variables", vec![("query", type_of), ("variables", "{\"name\": \"Document\"}")], 200),
        ("a named operation", vec![("query", both), ("operationName", "B")], 200),
        ("the query beside a mutation", vec![("query", many), ("operationName", "a")], 200),
        ("an operation called null", vec![("query", "query null { __typename }"), ("operationName", "null")], 200),
        (
            "empty parameters",
            vec![("query", "{ __typename }"), ("operationName", ""), ("variables", ""), ("extensions", "")],
            200,
        ),
        ("null as JSON", vec![("query", "{ __typename }"), ("variables", "null"), ("extensions", "null")], 200),
        ("what it does not know", vec![("query", "{ __typename }"), ("x", "1"), ("x", "2")], 200),
        ("nothing", vec![], 400),
        ("an empty query", vec![("query", "")], 400),
        ("no such operation", vec![("query", both), ("operationName", "null")], 400),
        ("a choice of two", vec![("query", both)], 400),
        ("variables that are no JSON", vec![("query", type_of), ("variables", "{")], 400),
        ("variables that are no object", vec![("query", type_of), ("variables", "7")], 400),
        ("a query twice", vec![("query", "{ __typename }"), ("query", "{ __typename }")], 400),
        ("a mutation", vec![("query", "mutation { sessionEnd { ended } }")], 405),
        ("the mutation beside a query", vec![("query", many), ("operationName", "b")], 405),
        ("a subscription without a stream", vec![("query", SUBSCRIPTION)], 406),
    ] {
        let request = served.http.get(format!("{}/graphql", served.url)).query(&parameters).bearer_auth(&ann.token);
        let answer = request.header(header::ACCEPT, RESPONSE).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{name}");
        assert_eq!(answer.headers().get(header::ALLOW).is_some(), status == 405, "{name}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{name}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer.get("errors").is_none(), status == 200, "{name}: {answer}");
    }
    let still = house.data(&ann, "{ viewer { isSession } }", json!({})).await;
    assert_eq!(still["viewer"]["isSession"], true, "no mutation ran");
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let house = House::start().await;
    let served = house.serve().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
        let answer = served.http.request(method.clone(), format!("{}/graphql", served.url)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 405, "{method}");
        assert_eq!(answer.headers()[header::ALLOW], "GET, POST, OPTIONS", "{method}");
    }
    let answer = served.http.request(Method::OPTIONS, format!("{}/graphql", served.url)).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()[header::ALLOW].to_str().unwrap()),
        (204, "GET, POST, OPTIONS")
    );
    let subscription = served.post(None, SUBSCRIPTION).header(header::ACCEPT, RESPONSE).send().await.unwrap();
    assert_eq!(subscription.status().as_u16(), 406);
}
