//! The same on the wire: by POST and GET, as a stream of events, and over a socket.

use super::*;

async fn post(served: &hawser_tests::Served, ann: &Person, body: &Value) -> reqwest::Response {
    served.post(Some(ann), "").header(header::ACCEPT, RESPONSE).json(body).send().await.unwrap()
}

#[tokio::test]
async fn on_the_wire_a_miss_is_no_error_of_http_and_is_not_kept() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    for accept in [RESPONSE, "application/json"] {
        let request = served.post(Some(&ann), "").header(header::ACCEPT, accept).json(&by_hash(&hex(WHO), None));
        let miss = request.send().await.unwrap();
        assert_eq!(miss.status(), StatusCode::OK);
        assert!(!miss.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("public"));
        let miss: Value = miss.json().await.unwrap();
        assert_eq!(code(&miss), "PERSISTED_QUERY_NOT_FOUND");
        assert!(miss.get("data").is_none());
    }
    let version = json!({ "extensions": { "persistedQuery": { "version": 3, "sha256Hash": hex(WHO) } } });
    assert_eq!(post(&served, &ann, &version).await.status(), StatusCode::BAD_REQUEST);
    for body in [by_hash(&hex(WHO), Some(WHO)), by_hash(&hex(WHO), None)] {
        let answer: Value = post(&served, &ann, &body).await.json().await.unwrap();
        assert_eq!(answer["data"]["viewer"]["user"]["name"], "ann", "{answer:#}");
    }
}

#[tokio::test]
async fn hashes_and_ids_run_by_get_and_by_a_stream_of_events_too() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    imported(&house, "who", WHO).await;
    let writing = "mutation End { sessionEnd { ended } }";
    imported(&house, "end", writing).await;
    let extensions = by_hash(&hex(WHO), None)["extensions"].to_string();
    let other = "query Mine { viewer { isSession } }";
    let others = by_hash(&hex(other), None)["extensions"].to_string();
    for (name, parameters, status, pointer) in [
        ("the hash of what was imported", vec![("extensions", extensions.as_str())], 200, "/data/viewer/user"),
        ("a miss", vec![("extensions", others.as_str())], 200, "/errors/0"),
        ("with its text", vec![("query", other), ("extensions", others.as_str())], 200, "/data/viewer/isSession"),
        ("without", vec![("extensions", others.as_str())], 200, "/data/viewer/isSession"),
        ("an id", vec![("documentId", "who")], 200, "/data/viewer/user"),
        ("an id that is none", vec![("documentId", "what")], 200, "/errors/0"),
        ("an id that writes", vec![("documentId", "end")], 405, "/errors/0"),
    ] {
        let request = served.http.get(format!("{}/graphql", served.url)).query(&parameters).bearer_auth(&ann.token);
        let answer = request.header(header::ACCEPT, RESPONSE).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{name}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{name}");
        let answer: Value = answer.json().await.unwrap();
        assert!(answer.pointer(pointer).is_some(), "{name}: {answer:#}");
    }
    let mut stream = Events::open(served.post(Some(&ann), "").json(&json!({ "documentId": "who" }))).await;
    let told = stream.next().await.unwrap();
    assert_eq!(told.data["data"]["viewer"]["user"]["name"], "ann", "{}", told.data);
}

#[tokio::test]
async fn a_client_says_its_name_in_a_header() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    imported(&house, "who", WHO).await;
    for header in ["GraphQL-Client-Name", "apollographql-client-name"] {
        let request = served.post(Some(&ann), "").header(header, header).json(&json!({ "documentId": "who" }));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["viewer"]["user"]["name"], "ann", "{answer:#}");
    }
    operations::write_uses(&house.app).await.unwrap();
    let every = operations::every(&house.app).await.unwrap();
    let uses: Vec<_> = every[0].uses.iter().map(|it| (it.client.as_str(), it.use_count)).collect();
    assert_eq!(uses, [("GraphQL-Client-Name", 1), ("apollographql-client-name", 1), ("web", 0)]);
}

#[tokio::test]
async fn hashes_and_ids_run_over_a_socket_too() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    imported(&house, "who", WHO).await;
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    let mine = "query Mine { viewer { isSession } }";
    let say = |id: &str, payload: Value| json!({ "type": "subscribe", "id": id, "payload": payload });
    socket.say(say("1", by_hash(&hex(mine), None))).await;
    let Heard::Message(miss) = socket.hear().await else { panic!("closed") };
    assert_eq!((&miss["type"], &miss["payload"][0]["message"]), (&json!("error"), &json!("PersistedQueryNotFound")));
    for (id, payload) in [
        ("2", by_hash(&hex(mine), Some(mine))),
        ("3", by_hash(&hex(mine), None)),
        ("4", json!({ "documentId": "who" })),
    ] {
        socket.say(say(id, payload)).await;
        let Heard::Message(next) = socket.hear().await else { panic!("closed") };
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!(id)), "{next}");
        assert!(next["payload"]["data"]["viewer"].is_object(), "{next}");
        assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "complete", "id": id })));
    }
}
