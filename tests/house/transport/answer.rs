//! GraphQL over HTTP on the wire, with clients that misbehave.

use hawser_tests::{House, without_cost};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const WHO: &str = "{ viewer { user { name } } }";
const RESPONSE: &str = "application/graphql-response+json";

#[tokio::test]
async fn an_answer_has_the_type_asked_for_and_the_number_of_its_request() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let anns = json!({ "data": { "viewer": { "user": { "name": "ann" } } } });
    for (accept, expected) in
        [(RESPONSE, RESPONSE), ("application/json", "application/json"), ("*/*", "application/json")]
    {
        let answer = served.post(Some(&ann), WHO).header(header::ACCEPT, accept).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers().clone();
        assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(expected), "{accept}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        uuid::Uuid::parse_str(headers["x-request-id"].to_str().unwrap()).unwrap();
        assert_eq!(without_cost(answer.json().await.unwrap()), anns);
    }
    let answer = served.post(Some(&ann), WHO).header(header::ACCEPT, "text/html").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_gets_a_typed_answer_and_no_5xx() {
    let house = House::start().await;
    let served = house.serve().await;
    let url = format!("{}/graphql", served.url);
    let post = |kind: Option<&str>, body: &str| {
        let request = served.http.post(&url).body(body.to_owned());
        match kind {
            Some(kind) => request.header(header::CONTENT_TYPE, kind),
            None => request,
        }
    };
    let json_type = Some("application/json; charset=utf-8");
    let huge = json!({ "query": "x".repeat(300 * 1024) }).to_string();
    for (name, request, status) in [
        ("truncated", post(json_type, "{\"query\": \"{ vie"), 400),
        ("empty", post(json_type, ""), 400),
        ("an array", post(json_type, "[{\"query\": \"{ viewer { isSession } }\"}]"), 400),
        ("no query", post(json_type, "{}"), 400),
        ("a number for a query", post(json_type, "{\"query\": 7}"), 400),
        ("variables in a list", post(json_type, "{\"query\": \"{ viewer { isSession } }\", \"variables\": [1]}"), 400),
        ("bad UTF-8 escape", post(json_type, "{\"query\": \"\\ud800\"}"), 400),
        ("300 KiB", post(json_type, &huge), 413),
        ("text", post(Some("text/plain"), "{\"query\": \"{ viewer { isSession } }\"}"), 415),
        ("a form", post(Some("application/x-www-form-urlencoded"), "query={viewer{isSession}}"), 415),
        ("no type", post(None, "{\"query\": \"{ viewer { isSession } }\"}"), 415),
        ("UTF-16", post(Some("application/json; charset=utf-16"), "{}"), 415),
        ("a coding", post(json_type, "{}").header(header::CONTENT_ENCODING, "gzip"), 415),
        ("PUT", served.http.put(&url), 405),
    ] {
        let answer = request.header(header::ACCEPT, RESPONSE).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{name}");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT", "requestId": id }), "{name}");
        assert!(body.get("data").is_none(), "{name}: {body}");
    }
}

#[tokio::test]
async fn an_operation_that_cannot_run_says_at_which_stage() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let deep = format!("{{ viewer {{ user {{ {} }} }} }}", "... on User { ".repeat(40) + "id" + &" }".repeat(40));
    let deep_fields = "{ groups { nodes { members { nodes { id } edges { node { id } } } } } }";
    house.data(&ann, deep_fields, json!({})).await;
    let costly = format!(
        "{{ {} }}",
        (0..30)
            .map(|it| format!("g{it}: groups(first: 100) {{ nodes {{ members(first: 100) {{ nodes {{ id }} }} }} }}"))
            .collect::<String>()
    );
    let parents = format!("{}id{}", "parent { ".repeat(15), " }".repeat(15));
    let nested = format!("{{ document(id: \"doc_00000000000000000000000000\") {{ {parents} }} }}");
    for (query, code) in [
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer { isSession } } query B { viewer { isSession } }", "OPERATION_RESOLUTION_FAILURE"),
        (costly.as_str(), "COMPLEXITY_EXCEEDED"),
        (nested.as_str(), "COMPLEXITY_EXCEEDED"),
    ] {
        for (accept, status) in [(RESPONSE, StatusCode::BAD_REQUEST), ("application/json", StatusCode::OK)] {
            let answer = served.post(Some(&ann), query).header(header::ACCEPT, accept).send().await.unwrap();
            assert_eq!(answer.status(), status, "{query}");
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], code, "{body:#}");
            assert!(body.get("data").is_none(), "{body}");
        }
    }
    let answer = served.post(Some(&ann), &deep).send().await.unwrap();
    assert!(answer.status().as_u16() < 500);
    assert!(answer.json::<Value>().await.unwrap()["errors"].is_array());
}

#[tokio::test]
async fn tools_can_read_the_schema_within_the_limits() {
    let house = House::start().await;
    let kind = format!("kind name {}kind name{}", "ofType { kind name ".repeat(9), " }".repeat(9));
    let input = format!("name description defaultValue isDeprecated deprecationReason type {{ {kind} }}");
    let fields = format!(
        "name description isDeprecated deprecationReason args(includeDeprecated: true) {{ {input} }} type {{ {kind} }}"
    );
    let types = format!(
        "kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ {fields} }} \
         inputFields(includeDeprecated: true) {{ {input} }} interfaces {{ {kind} }} possibleTypes {{ {kind} }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}"
    );
    let query = format!(
        "{{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} types {{ {types} }} \
         directives {{ name description isRepeatable locations args {{ {input} }} }} }} }}"
    );
    let answer = house.gql(&house.member("ann").await, &query, json!({})).await;
    let types = answer["data"]["__schema"]["types"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    assert!(types.iter().any(|it| it["name"] == "Document"));
}

#[tokio::test]
async fn a_bad_token_is_a_401_and_none_is_a_graphql_error() {
    let house = House::start().await;
    let served = house.serve().await;
    for credentials in ["Bearer hws_nonsense", "Basic YTpi", "Bearer"] {
        let answer = served.post(None, WHO).header(header::AUTHORIZATION, credentials).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{credentials}");
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], "Bearer");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    let answer = served.post(None, WHO).header(header::ACCEPT, RESPONSE).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn trouble_inside_stays_inside() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let check = served.http.get(format!("{}/health/ready", served.url));
    assert_eq!(check.send().await.unwrap().status(), StatusCode::OK);
    house.app.database.read().clone().close().await.unwrap();
    let answer = served.post(Some(&ann), WHO).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = answer.text().await.unwrap();
    assert!(
        body.contains("SERVICE_UNAVAILABLE")
            && body.contains("try again")
            && !body.contains("onnection")
            && !body.contains("pool"),
        "{body}"
    );
    let answer = house.ask_as(&ann.principal, WHO).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE");
    assert!(!answer.to_string().contains("onnection") && !answer.to_string().contains("pool"), "{answer:#}");
    let check = served.http.get(format!("{}/health/ready", served.url));
    assert_eq!(check.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let check = served.http.get(format!("{}/health/live", served.url));
    assert_eq!(check.send().await.unwrap().status(), StatusCode::OK);
}
