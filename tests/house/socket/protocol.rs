//! The protocol `graphql-transport-ws`, rule by rule, at the real server: the name of a test is the rule.
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use hawser_tests::{Bare, Heard, House, Served, Socket};
use serde_json::{Value, json};

use super::{WHO, message, next_message};

const LISTEN: &str = "subscription { changes { cursor changes { noun } } }";

/// A house with somebody signed in at a socket of it.
async fn acknowledged() -> (House, Served, Socket) {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    (house, served, socket)
}

fn subscribe(id: &str, query: &str) -> String {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } }).to_string()
}

#[tokio::test]
async fn the_subprotocol_is_echoed() {
    let house = House::start().await;
    let served = house.serve().await;
    for offer in ["graphql-transport-ws", "graphql-ws, graphql-transport-ws", "GraphQL , graphql-transport-ws"] {
        let bare = Bare::open(&served.url, &[&format!("Sec-WebSocket-Protocol: {offer}")]).await;
        assert!(bare.head.starts_with("http/1.1 101 "), "{}", bare.head);
        assert!(bare.head.contains("sec-websocket-protocol: graphql-transport-ws\r\n"), "{offer}: {}", bare.head);
    }
}

#[tokio::test]
async fn another_subprotocol_or_none_is_not_acceptable_4406() {
    let house = House::start().await;
    let served = house.serve().await;
    for lines in [&[][..], &["Sec-WebSocket-Protocol: graphql-ws"], &["Sec-WebSocket-Protocol: soap, graphql-ws"]] {
        let mut bare = Bare::open(&served.url, lines).await;
        assert!(!bare.head.contains("sec-websocket-protocol"), "{}", bare.head);
        assert_eq!(bare.closed().await, 4406, "{lines:?}");
    }
}

#[tokio::test]
async fn the_first_message_is_acknowledged_with_or_without_a_payload() {
    let house = House::start().await;
    let served = house.serve().await;
    for said in [json!({}), json!({ "payload": null }), json!({ "payload": {} }), json!({ "payload": { "more": [1] } })]
    {
        let mut socket = served.socket().await;
        let mut init = said.clone();
        init["type"] = "connection_init".into();
        socket.say(init).await;
        let ack = next_message(&mut socket).await;
        assert_eq!(ack["type"], "connection_ack", "{said}");
        assert_eq!(ack["payload"]["heartbeatSeconds"], 25);
        assert!(ack["payload"]["version"].is_string() && ack["payload"].get("changeCursor").is_none(), "{ack}");
    }
}

#[tokio::test]
async fn whoever_signs_in_is_told_where_the_change_log_ends() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let ack = served.socket().await.sign_in(&ann).await;
    let now = house.data(&ann, "{ changeCursor }", json!({})).await;
    assert_eq!(ack["changeCursor"], now["changeCursor"]);
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_closed_4408() {
    let house = House::with(|config| config.socket_init_seconds = 0).await;
    let served = house.serve().await;
    assert_eq!(served.socket().await.hear().await, Heard::Closed(4408));
    let usual = House::start().await;
    assert_eq!(usual.app.config.socket_init_seconds, 3);
}

#[tokio::test]
async fn a_second_first_message_is_one_too_many_4429() {
    let (_house, served, mut socket) = acknowledged().await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, Heard::Closed(4429));
    let mut socket = served.socket().await;
    let init = json!({ "type": "connection_init" }).to_string();
    socket.say_together(&[&init, &init]).await;
    assert_eq!(socket.closed().await, 4429);
}

#[tokio::test]
async fn credentials_that_are_of_no_use_are_forbidden_4403() {
    let house = House::start().await;
    let served = house.serve().await;
    for credentials in [json!("Bearer hws_nonsense"), json!("Basic YTpi"), json!(""), json!(7), json!(null)] {
        let mut socket = served.socket().await;
        socket.say(json!({ "type": "connection_init", "payload": { "authorization": credentials } })).await;
        assert_eq!(socket.hear().await, Heard::Closed(4403), "{credentials}");
    }
}

#[tokio::test]
async fn an_operation_before_the_acknowledgement_is_unauthorized_4401() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut socket = served.socket().await;
    socket.say_raw(&subscribe("1", WHO)).await;
    assert_eq!(socket.hear().await, Heard::Closed(4401));
}

#[tokio::test]
async fn a_ping_is_answered_at_any_time_with_what_came_with_it() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    for acknowledged in [false, true] {
        for payload in [json!({}), json!({ "payload": { "n": 1, "of": ["a"] } })] {
            let (mut ping, mut pong) = (payload.clone(), payload.clone());
            ping["type"] = "ping".into();
            pong["type"] = "pong".into();
            socket.say(ping).await;
            assert_eq!(socket.hear().await, message(pong));
        }
        socket.say(json!({ "type": "ping", "payload": null })).await;
        assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
        if !acknowledged {
            socket.sign_in(&ann).await;
        }
    }
}

#[tokio::test]
async fn a_pong_nobody_asked_for_is_welcome_at_any_time() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.say(json!({ "type": "pong" })).await;
    socket.say(json!({ "type": "pong", "payload": { "n": 1 } })).await;
    socket.sign_in(&ann).await;
    socket.say(json!({ "type": "pong", "payload": null })).await;
    socket.settle().await;
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_is_invalid_4400() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let huge = json!({ "type": "ping", "payload": { "x": "x".repeat(300 * 1024) } }).to_string();
    let long = "i".repeat(257);
    let deep = format!(r#"{{"type":"ping","payload":{{"x":{}{}}}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let query = |payload: Value| json!({ "type": "subscribe", "id": "1", "payload": payload }).to_string();
    let said = [
        "".to_owned(),
        "nonsense".to_owned(),
        "null".to_owned(),
        r#""ping""#.to_owned(),
        r#"["ping"]"#.to_owned(),
        r#"{"type":"ping""#.to_owned(),
        r#"{"type":"ping"} {}"#.to_owned(),
        "{}".to_owned(),
        r#"{"type":null}"#.to_owned(),
        r#"{"type":7}"#.to_owned(),
        r#"{"type":"stop"}"#.to_owned(),
        r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#.to_owned(),
        r#"{"type":"PING"}"#.to_owned(),
        r#"{"type":"connection_ack"}"#.to_owned(),
        r#"{"type":"next","id":"1","payload":{"data":null}}"#.to_owned(),
        r#"{"type":"error","id":"1","payload":[{"message":"x"}]}"#.to_owned(),
        r#"{"type":"connection_init","payload":"x"}"#.to_owned(),
        r#"{"type":"connection_init","payload":[]}"#.to_owned(),
        r#"{"type":"ping","payload":7}"#.to_owned(),
        r#"{"type":"pong","payload":[]}"#.to_owned(),
        r#"{"type":"complete"}"#.to_owned(),
        r#"{"type":"complete","id":7}"#.to_owned(),
        r#"{"type":"complete","id":""}"#.to_owned(),
        r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#.to_owned(),
        r#"{"type":"subscribe","id":7,"payload":{"query":"{ __typename }"}}"#.to_owned(),
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#.to_owned(),
        subscribe(&long, "{ __typename }"),
        r#"{"type":"subscribe","id":"1"}"#.to_owned(),
        query(json!(null)),
        query(json!("{ __typename }")),
        query(json!(["{ __typename }"])),
        query(json!({})),
        query(json!({ "query": null })),
        query(json!({ "query": 7 })),
        query(json!({ "query": { "text": "{ __typename }" } })),
        query(json!({ "query": "{ __typename }", "variables": [1] })),
        query(json!({ "query": "{ __typename }", "variables": "{}" })),
        query(json!({ "query": "{ __typename }", "operationName": 7 })),
        query(json!({ "query": "{ __typename }", "extensions": [] })),
        huge,
        deep,
    ];
    for said in said {
        let mut socket = served.socket().await;
        socket.sign_in(&ann).await;
        socket.say_raw(&said).await;
        assert_eq!(socket.hear().await, Heard::Closed(4400), "{}", said.chars().take(100).collect::<String>());
    }
    let mut socket = served.socket().await;
    socket.say_raw("nonsense").await;
    assert_eq!(socket.hear().await, Heard::Closed(4400), "also before the acknowledgement");
}

#[tokio::test]
async fn binary_messages_and_broken_frames_are_invalid_4400() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut socket = served.socket().await;
    socket.say_bytes(br#"{"type":"ping"}"#).await;
    assert_eq!(socket.hear().await, Heard::Closed(4400));
    for (name, head, payload) in [
        ("not UTF-8", 0x81, &b"{\"type\":\"ping\",\"payload\":{\"x\":\"\xff\"}}"[..]),
        ("of no kind", 0x83, b"x"),
        ("the end of nothing", 0x80, b"x"),
    ] {
        let mut bare = Bare::speaking(&served.url).await;
        bare.frame(head, payload).await;
        assert_eq!(bare.closed().await, 4400, "{name}");
    }
    let mut bare = Bare::speaking(&served.url).await;
    bare.send(b"\x81\x02{}").await;
    assert_eq!(bare.closed().await, 4400, "a frame of a client without a mask");
    let mut bare = Bare::speaking(&served.url).await;
    bare.frame(0x01, &vec![b'x'; 200 * 1024]).await;
    bare.frame(0x80, &vec![b'x'; 200 * 1024]).await;
    assert_eq!(bare.closed().await, 4400, "too large in two frames");
}

#[tokio::test]
async fn a_message_may_come_in_pieces_with_a_ping_of_the_websocket_between_them() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut bare = Bare::speaking(&served.url).await;
    bare.frame(0x01, br#"{"type":"#).await;
    bare.frame(0x89, b"are you there").await;
    bare.frame(0x80, br#""ping"}"#).await;
    assert_eq!(bare.hear().await, Some((0x8a, b"are you there".to_vec())));
    assert_eq!(bare.hear().await, Some((0x81, br#"{"type":"pong"}"#.to_vec())));
}

#[tokio::test]
async fn more_than_a_message_has_to_have_is_passed_over() {
    let (_house, _served, mut socket) = acknowledged().await;
    socket.say(json!({ "type": "ping", "id": 7, "more": [] })).await;
    assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
    let payload = json!({
        "query": "{ __typename }", "operationName": null, "variables": null, "extensions": null, "more": 7,
    });
    socket.say(json!({ "type": "subscribe", "id": "1", "payload": payload, "more": 7 })).await;
    let Heard::Message(next) = socket.hear().await else { panic!("closed") };
    assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("1")));
    assert_eq!(next["payload"]["data"], json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn a_query_or_a_mutation_is_one_next_and_a_complete() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    let id = crate::people::id_of(&house, &ann).await;
    let rename = format!("mutation {{ userUpdate(input: {{id: \"{id}\", name: \"Ann\"}}) {{ user {{ name }} }} }}");
    for (query, data) in [
        (WHO, json!({ "viewer": { "user": { "name": "ann" } } })),
        (&rename, json!({ "userUpdate": { "user": { "name": "Ann" } } })),
        (WHO, json!({ "viewer": { "user": { "name": "Ann" } } })),
    ] {
        socket.subscribe("1", query, json!({})).await;
        let mut next = next_message(&mut socket).await;
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("1")), "{next}");
        assert_eq!(next["payload"]["data"].take(), data);
        assert_eq!(socket.hear().await, message(json!({ "type": "complete", "id": "1" })));
    }
    socket.settle().await;
}

#[tokio::test]
async fn a_subscription_goes_on_until_the_client_completes_it_which_is_not_echoed() {
    let (_house, _served, mut socket) = acknowledged().await;
    socket.subscribe("1", LISTEN, json!({})).await;
    let next = next_message(&mut socket).await;
    assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("1")), "{next}");
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.settle().await;
}

#[tokio::test]
async fn an_operation_that_cannot_run_gets_one_error_and_no_complete() {
    let (_house, _served, mut socket) = acknowledged().await;
    let deep = format!("{{ document(id: \"doc_x\") {{ {}id{} }} }}", "parent { ".repeat(15), " }".repeat(15));
    for (query, code) in [
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_USER_INPUT"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        (&deep, "COMPLEXITY_EXCEEDED"),
    ] {
        socket.subscribe("1", query, json!({})).await;
        let error = next_message(&mut socket).await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")), "{error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{error}");
        assert!(error["payload"][0]["message"].is_string(), "{error}");
        // Nothing follows: the next thing heard is the answer to the next thing said. The id is free again at once.
        socket.settle().await;
    }
}

#[tokio::test]
async fn what_goes_wrong_while_it_runs_is_told_in_a_next() {
    let (_house, _served, mut socket) = acknowledged().await;
    socket.subscribe("1", "{ changes(since: \"nonsense\") { cursor } }", json!({})).await;
    let next = next_message(&mut socket).await;
    assert_eq!(next["type"], "next", "{next}");
    assert_eq!(next["payload"]["data"], Value::Null);
    assert_eq!(next["payload"]["errors"][0]["path"], json!(["changes"]), "{next}");
    assert_eq!(socket.hear().await, message(json!({ "type": "complete", "id": "1" })));
}

#[tokio::test]
async fn an_id_in_use_is_not_free_4409() {
    let (house, served, mut socket) = acknowledged().await;
    socket.subscribe("1", LISTEN, json!({})).await;
    next_message(&mut socket).await;
    socket.subscribe("1", WHO, json!({})).await;
    assert_eq!(socket.hear().await, Heard::Closed(4409));
    let bob = house.member("bob").await;
    let mut socket = served.socket().await;
    socket.sign_in(&bob).await;
    let query = subscribe("1", WHO);
    socket.say_together(&[&query, &query]).await;
    assert_eq!(socket.closed().await, 4409, "of whatever kind the operations are");
}

#[tokio::test]
async fn an_id_is_free_again_after_a_complete_of_either_side() {
    let (_house, _served, mut socket) = acknowledged().await;
    for _ in 0..3 {
        socket.subscribe("1", LISTEN, json!({})).await;
        assert_eq!(next_message(&mut socket).await["type"], "next");
        socket.say(json!({ "type": "complete", "id": "1" })).await;
        socket.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(next_message(&mut socket).await["payload"]["data"], json!({ "__typename": "Query" }));
        assert_eq!(socket.hear().await, message(json!({ "type": "complete", "id": "1" })));
    }
}

#[tokio::test]
async fn completing_what_is_unknown_or_already_over_is_no_fault() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.sign_in(&ann).await;
    socket.say(json!({ "type": "complete", "id": "never begun" })).await;
    socket.subscribe("1", WHO, json!({})).await;
    assert_eq!(next_message(&mut socket).await["type"], "next");
    assert_eq!(next_message(&mut socket).await["type"], "complete");
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.settle().await;
}

#[tokio::test]
async fn a_query_completed_before_it_resolves_is_not_answered() {
    let (house, _served, mut socket) = acknowledged().await;
    // Whoever writes has to wait for this one.
    let writer = house.hold_writers().await;
    let create = "mutation { documentCreate(input: {kind: WORKSPACE, name: \"Quay\"}) { document { id } } }";
    socket.subscribe("1", create, json!({})).await;
    socket.settle().await;
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.settle().await;
    writer.rollback().await.unwrap();
    socket.subscribe("2", create, json!({})).await;
    let next = next_message(&mut socket).await;
    assert_eq!(next["id"], "2", "{next}");
    assert!(next["payload"]["data"]["documentCreate"]["document"]["id"].is_string(), "the first one's name is taken");
}

#[tokio::test]
async fn a_client_that_closes_is_answered_with_a_close() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut bare = Bare::speaking(&served.url).await;
    bare.frame(0x88, &1000_u16.to_be_bytes()).await;
    let Some((0x88, _)) = bare.hear().await else { panic!("no close") };
    assert_eq!(bare.hear().await, None);
}

#[tokio::test]
async fn sockets_are_closed_when_the_server_goes_away_1001() {
    let (house, served, mut socket) = acknowledged().await;
    let mut stranger = served.socket().await;
    socket.subscribe("1", LISTEN, json!({})).await;
    next_message(&mut socket).await;
    stranger.settle().await;
    house.engine.presence().leave();
    assert_eq!(socket.hear().await, Heard::Closed(1001));
    assert_eq!(stranger.hear().await, Heard::Closed(1001));
    assert_eq!(served.socket().await.hear().await, Heard::Closed(1001), "nor does it take new ones");
}
