//! Who may have a socket, how many, and for how long: pages, headers, tokens, and the end of a sign-in.

use std::time::Duration;

use hawser_domain::{token, user};
use hawser_tests::{Bare, Heard, House, Person, Socket};
use serde_json::json;
use tokio_tungstenite::tungstenite::{handshake::client::Request, http::HeaderValue};

use super::{WHO, next_message};

fn header(name: &'static str, value: &str) -> impl FnOnce(&mut Request) + use<> {
    let value = HeaderValue::from_str(value).unwrap();
    move |request: &mut Request| drop(request.headers_mut().insert(name, value))
}

/// Signs in with nothing but what the request that opened the socket brought along, and tells as whom.
async fn name(socket: &mut Socket) -> String {
    socket.init(json!({})).await;
    socket.subscribe("1", WHO, json!({})).await;
    next_message(socket).await["payload"]["data"]["viewer"]["user"]["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn only_pages_of_the_server_itself_may_open_a_socket_and_programs() {
    let house = House::start().await;
    let served = house.serve().await;
    for origin in ["https://evil.example", "null", "", "http://127.0.0.1:1"] {
        let refused = Socket::try_open(&served.url, header("origin", origin)).await;
        assert!(refused.is_err(), "a page of {origin:?} opened a socket");
    }
    let mut own = Socket::try_open(&served.url, header("origin", &served.url)).await.unwrap();
    own.init(json!({})).await;
    served.socket().await.init(json!({})).await;
}

#[tokio::test]
async fn a_header_of_the_opening_request_signs_in_unless_the_first_message_does() {
    let house = House::start().await;
    let (ann, bob, served) = (house.member("ann").await, house.member("bob").await, house.serve().await);
    let bearer = |person: &Person| header("authorization", &format!("Bearer {}", person.token));
    let mut socket = Socket::try_open(&served.url, bearer(&ann)).await.unwrap();
    assert_eq!(name(&mut socket).await, "ann");
    let mut socket = Socket::try_open(&served.url, bearer(&ann)).await.unwrap();
    socket.sign_in(&bob).await;
    socket.subscribe("1", WHO, json!({})).await;
    assert_eq!(next_message(&mut socket).await["payload"]["data"]["viewer"]["user"]["name"], "bob");
    let mut socket = Socket::try_open(&served.url, header("authorization", "Bearer hws_nonsense")).await.unwrap();
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, Heard::Closed(4403));
    token::sign_out(&house.app, &ann.principal).await.unwrap();
    let mut socket = Socket::try_open(&served.url, bearer(&ann)).await.unwrap();
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, Heard::Closed(4403));
}

#[tokio::test]
async fn a_cookie_signs_in_pages_that_may_open_a_socket_and_no_others() {
    let house = House::with(|config| config.allowed_origins = vec!["https://app.example".into()]).await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let page = |origin: &str| {
        let (origin, cookie) = (header("origin", origin), header("cookie", &format!("hawser-session={}", ann.token)));
        move |request: &mut Request| {
            origin(request);
            cookie(request);
        }
    };
    for origin in [served.url.as_str(), "https://app.example"] {
        let mut socket = Socket::try_open(&served.url, page(origin)).await.unwrap();
        assert_eq!(name(&mut socket).await, "ann", "{origin}");
    }
    assert!(
        Socket::try_open(&served.url, page("https://evil.example")).await.is_err(),
        "a foreign page opened a socket"
    );
    let mut socket = Socket::try_open(&served.url, page(&served.url)).await.unwrap();
    assert!(socket.init(json!({})).await["changeCursor"].is_string());
    token::sign_out(&house.app, &ann.principal).await.unwrap();
    assert_eq!(socket.hear().await, Heard::Closed(4403));
    let mut socket = Socket::try_open(&served.url, page(&served.url)).await.unwrap();
    assert!(
        socket.init(json!({})).await.get("changeCursor").is_none(),
        "a cookie of an ended session is as good as none"
    );
}

#[tokio::test]
async fn the_name_of_the_credentials_is_taken_in_any_case() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    for (key, scheme) in [("Authorization", "Bearer"), ("AUTHORIZATION", "bearer"), ("authorization", "BEARER")] {
        let ack = served.socket().await.init(json!({ key: format!("{scheme} {}", ann.token) })).await;
        assert!(ack["changeCursor"].is_string(), "{key}: {ack}");
    }
}

#[tokio::test]
async fn an_open_socket_is_closed_when_its_person_is_disabled_or_signs_out_4403() {
    let house = House::start().await;
    let (admin, served) = (house.admin().await, house.serve().await);
    let (ann, bob, eve) = (house.member("ann").await, house.member("bob").await, house.member("eve").await);
    let mut sockets = Vec::new();
    for person in [&ann, &bob, &admin, &eve] {
        let mut socket = served.socket().await;
        socket.sign_in(person).await;
        sockets.push(socket);
    }
    user::disable(&house.app, &admin.principal, ann.id).await.unwrap();
    assert_eq!(sockets[0].hear().await, Heard::Closed(4403), "a disabled person listens on");
    token::sign_out(&house.app, &bob.principal).await.unwrap();
    assert_eq!(sockets[1].hear().await, Heard::Closed(4403), "somebody who signed out listens on");
    for socket in &mut sockets[2..] {
        socket.settle().await;
    }
}

#[tokio::test]
async fn an_open_socket_is_closed_when_its_token_expires_4403() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    let lasts = Duration::from_secs(house.app.config.session_seconds);
    house.clock.advance(lasts / 2);
    socket.settle().await;
    house.clock.advance(lasts / 2);
    assert_eq!(socket.hear().await, Heard::Closed(4403));
}

#[tokio::test]
async fn an_end_that_another_process_made_is_found_by_looking() {
    use sea_orm::{ConnectionTrait, Statement};
    let house = House::start().await;
    let (ann, bob, served) = (house.member("ann").await, house.member("bob").await, house.serve().await);
    let mut sockets = Vec::new();
    for person in [&ann, &bob] {
        let mut socket = served.socket().await;
        socket.sign_in(person).await;
        sockets.push(socket);
    }
    let db = sea_orm::Database::connect(house.app.config.database_url()).await.unwrap();
    let end = |sql: &str, id: uuid::Uuid| Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()]);
    let revoke = end("UPDATE token SET revoked_at = created_at WHERE id = $1", ann.principal.token_id);
    assert_eq!(db.execute_raw(revoke).await.unwrap().rows_affected(), 1);
    assert_eq!(sockets[0].hear().await, Heard::Closed(4403));
    let disable = end("UPDATE \"user\" SET disabled_at = created_at WHERE id = $1", bob.id);
    assert_eq!(db.execute_raw(disable).await.unwrap().rows_affected(), 1);
    assert_eq!(sockets[1].hear().await, Heard::Closed(4403));
    db.close().await.unwrap();
}

#[tokio::test]
async fn an_operation_runs_as_the_person_is_by_then() {
    let house = House::start().await;
    let (boss, ann, served) = (house.admin().await, house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    for role in [user::Role::Admin, user::Role::Member] {
        let update = user::Update { name: None, role: Some(role) };
        user::update(&house.app, &boss.principal, ann.id, update).await.unwrap();
        socket.subscribe("1", "{ auditEntries(first: 1) { nodes { id } } }", json!({})).await;
        let next = next_message(&mut socket).await;
        let refused = next["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN";
        assert_eq!(refused, role == user::Role::Member, "{next}");
        assert_eq!(next_message(&mut socket).await["type"], "complete");
    }
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_no_more_until_one_is_closed_1013() {
    let house = House::with(|config| config.sockets_per_user = 3).await;
    let (ann, bob, served) = (house.member("ann").await, house.member("bob").await, house.serve().await);
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = served.socket().await;
        socket.sign_in(&ann).await;
        sockets.push(socket);
    }
    let mut more = served.socket().await;
    more.say(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {}", ann.token) } }))
        .await;
    assert_eq!(more.hear().await, Heard::Closed(1013));
    served.socket().await.sign_in(&bob).await;
    let mut gone = sockets.pop().unwrap();
    gone.close().await;
    // The server is done with it as soon as it has said its own goodbye.
    assert!(matches!(gone.hear().await, Heard::Closed(_)));
    until_there_is_room(&served.url, &ann).await;
}

/// Tries until the place of a socket that was closed is free: its end is heard before it is over.
async fn until_there_is_room(url: &str, person: &Person) {
    let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {}", person.token) } });
    let attempts = async {
        loop {
            let mut socket = Socket::open(url).await;
            socket.say(init.clone()).await;
            if let Heard::Message(ack) = socket.hear().await {
                return ack;
            }
        }
    };
    let ack = tokio::time::timeout(Duration::from_secs(15), attempts).await.expect("room within 15 seconds");
    assert_eq!(ack["type"], "connection_ack");
}

#[tokio::test]
async fn a_house_that_is_full_says_come_again_later_1013() {
    let house = House::with(|config| config.sockets = 2).await;
    let served = house.serve().await;
    let (mut one, mut two) = (served.socket().await, served.socket().await);
    one.settle().await;
    two.settle().await;
    assert_eq!(served.socket().await.hear().await, Heard::Closed(1013));
    one.settle().await;
}

#[tokio::test]
async fn a_client_that_shows_no_sign_of_life_is_left_1001() {
    let house = House::with(|config| {
        config.socket_ping_seconds = 1;
        config.socket_init_seconds = 3600;
    })
    .await;
    let served = house.serve().await;
    let mut mute = Bare::speaking(&served.url).await;
    let Some((0x89, _)) = mute.hear().await else { panic!("no ping") };
    assert_eq!(mute.closed().await, 1001);
}
