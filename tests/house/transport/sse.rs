//! Server-sent events: one operation per connection.

use std::time::Duration;

use hawser_domain::token;
use hawser_tests::{Event, Events, House};
use reqwest::header;
use serde_json::{Value, json};

const CHANGES: &str = "subscription { changes { cursor changes { kind document { name } } } }";
const CREATE: &str = "mutation {
    documentCreate(input: {kind: WORKSPACE, name: \"Quay\"}) { document { name } userErrors { message } }
}";

fn complete() -> Option<Event> {
    Some(Event { id: None, name: "complete".into(), data: Value::Null })
}

#[tokio::test]
async fn a_subscription_by_post_or_get_tells_of_changes_with_their_cursor_as_id() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let get = served.http.get(format!("{}/graphql", served.url)).query(&[("query", CHANGES)]).bearer_auth(&boss.token);
    let mut streams = [Events::open(served.post(Some(&boss), CHANGES)).await, Events::open(get).await];
    for stream in &mut streams {
        let first = stream.next().await.unwrap();
        assert_eq!(first.name, "next");
        assert_eq!(first.id.as_deref(), first.data["data"]["changes"]["cursor"].as_str());
        assert_eq!(first.data["data"]["changes"]["changes"], json!([]));
    }
    house.data(&boss, CREATE, json!({})).await;
    for stream in &mut streams {
        let heard = stream.next().await.unwrap();
        assert_eq!(heard.id.as_deref(), heard.data["data"]["changes"]["cursor"].as_str());
        let change = json!({ "kind": "CREATED", "document": { "name": "Quay" } });
        assert_eq!(heard.data["data"]["changes"]["changes"][0], change);
    }
}

#[tokio::test]
async fn queries_mutations_and_faults_of_the_operation_are_one_event_and_the_end() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    for (query, pointer, expected) in [
        ("{ __typename }", "/data/__typename", "Query"),
        (CREATE, "/data/documentCreate/document/name", "Quay"),
        ("{ nonsense }", "/errors/0/extensions/code", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "/errors/0/extensions/code", "GRAPHQL_PARSE_FAILED"),
        ("subscription { changes(since: \"x\") { cursor } }", "/errors/0/extensions/code", "BAD_USER_INPUT"),
    ] {
        let mut stream = Events::open(served.post(Some(&boss), query)).await;
        let told = stream.next().await.unwrap();
        assert_eq!((told.name.as_str(), told.id), ("next", None), "{query}");
        assert_eq!(told.data.pointer(pointer), Some(&json!(expected)), "{query}: {}", told.data);
        assert_eq!(stream.next().await, complete(), "{query}");
        assert_eq!(stream.next().await, None, "{query}");
    }
    let mutation = served.http.get(format!("{}/graphql", served.url)).query(&[("query", CREATE)]);
    let answer = mutation.header(header::ACCEPT, "text/event-stream").bearer_auth(&boss.token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 405, "a stream is no way around the methods");
}

#[tokio::test]
async fn a_stream_is_never_held_back_cached_or_coded() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let request = served.post(Some(&boss), CHANGES).header(header::ACCEPT, "text/event-stream");
    let answer = request.header(header::ACCEPT_ENCODING, "gzip, br").send().await.unwrap();
    let headers = answer.headers();
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert!(headers.get(header::CONTENT_ENCODING).is_none());
    for (accept, status) in [("text/event-stream", 401), ("application/json, text/event-stream", 401)] {
        let request = served.post(None, CHANGES).bearer_auth("hws_nonsense").header(header::ACCEPT, accept);
        let answer = request.send().await.unwrap();
        assert_eq!(
            answer.status().as_u16(),
            status,
            "faults of the request have a status, also for who wants a stream"
        );
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_reason_soon_after_its_token_does() {
    let house = House::start().await;
    let served = house.serve().await;
    let (ann, bob, eve) = (house.member("ann").await, house.member("bob").await, house.member("eve").await);
    let mut streams = Vec::new();
    for person in [&ann, &bob, &eve] {
        let mut stream = Events::open(served.post(Some(person), CHANGES)).await;
        stream.next().await.unwrap();
        streams.push(stream);
    }
    token::sign_out(&house.app, &ann.principal).await.unwrap();
    let ends = async |stream: &mut Events| {
        let last = stream.next().await.unwrap();
        assert_eq!(last.data["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{last:?}");
        assert_eq!(stream.next().await, complete());
        assert_eq!(stream.next().await, None);
    };
    ends(&mut streams[0]).await;
    house.clock.advance(Duration::from_secs(house.app.config.session_seconds));
    ends(&mut streams[1]).await;
    ends(&mut streams[2]).await;
}
