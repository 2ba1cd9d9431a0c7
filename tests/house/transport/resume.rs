//! A browser that lost its stream comes again with the id of the last event it heard, and misses nothing.

use hawser_tests::{Events, House, Person, Served};
use serde_json::json;

const CHANGES: &str =
    "subscription($since: Cursor) { changes(since: $since) { cursor changes { document { name } } } }";
const CHANGED: &str = "subscription { documentChanged { cursor document { name } } }";

async fn create(house: &House, boss: &Person, name: &str) {
    let create = "mutation($name: String!) {
        documentCreate(input: {kind: WORKSPACE, name: $name}) { userErrors { message } }
    }";
    house.data(boss, create, json!({ "name": name })).await;
}

/// Opens a stream that goes on after an event; `since` is the argument of the operation, which says otherwise.
async fn again(served: &Served, boss: &Person, query: &str, last: &str, since: Option<&str>) -> Events {
    let body = json!({ "query": query, "variables": { "since": since } });
    Events::open(served.post(Some(boss), "").json(&body).header("Last-Event-ID", last)).await
}

#[tokio::test]
async fn the_id_of_the_last_event_is_where_a_stream_goes_on_whatever_its_argument_says() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let mut stream = Events::open(served.post(Some(&boss), CHANGES)).await;
    let start = stream.next().await.unwrap().id.unwrap();
    create(&house, &boss, "one").await;
    let one = stream.next().await.unwrap();
    assert_eq!(one.data["data"]["changes"]["changes"][0]["document"]["name"], "one");
    drop(stream);
    create(&house, &boss, "two").await;

    let mut stream = again(&served, &boss, CHANGES, one.id.as_deref().unwrap(), Some(&start)).await;
    let here = stream.next().await.unwrap();
    assert_eq!((here.id, &here.data["data"]["changes"]["changes"]), (one.id, &json!([])));
    let two = stream.next().await.unwrap();
    let names: Vec<_> = two.data["data"]["changes"]["changes"].as_array().unwrap().iter().collect();
    assert!(names.iter().all(|change| change["document"]["name"] == "two"), "{names:?}");
}

#[tokio::test]
async fn typed_subscriptions_go_on_where_they_broke_off_too() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let mut stream = Events::open(served.post(Some(&boss), CHANGES)).await;
    let start = stream.next().await.unwrap().id.unwrap();
    drop(stream);
    for name in ["one", "two"] {
        create(&house, &boss, name).await;
    }
    let mut last = start;
    for expected in ["one", "two"] {
        let mut stream = again(&served, &boss, CHANGED, &last, None).await;
        let mut heard = stream.next().await.unwrap();
        // A document may be told of more than once.
        while heard.data["data"]["documentChanged"]["document"]["name"] != expected {
            assert_eq!(heard.data["data"]["documentChanged"]["document"]["name"], "one", "{heard:?}");
            heard = stream.next().await.unwrap();
        }
        last = heard.id.unwrap();
    }
}

#[tokio::test]
async fn an_id_that_is_no_cursor_is_refused_in_words() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let mut stream = again(&served, &boss, CHANGES, "nonsense", None).await;
    let told = stream.next().await.unwrap();
    assert_eq!(told.data["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(stream.next().await.unwrap().name, "complete");
}
