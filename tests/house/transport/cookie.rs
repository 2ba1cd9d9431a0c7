//! The session in a cookie: it is set, used and forgotten over HTTP, and no page of another origin can lean on it.

use hawser_tests::{House, Person, Served};
use reqwest::{RequestBuilder, Response, header};
use serde_json::{Value, json};

const WHO: &str = "{ viewer { user { name } isSession } }";
const PASSWORD: &str = "a long enough password";

/// Signs Ann in; the name and the value of her cookie.
async fn sign_in(served: &Served) -> String {
    let create = "mutation($password: String!) {
        sessionCreate(input: {email: \"ann@example.org\", password: $password, cookie: true}) {
            token expiresAt userErrors { message }
        }
    }";
    let body = json!({ "query": create, "variables": { "password": PASSWORD } });
    let answer = served.post(None, "").json(&body).send().await.unwrap();
    let set = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let session = answer.json::<Value>().await.unwrap()["data"]["sessionCreate"].take();
    assert_eq!((&session["token"], &session["userErrors"]), (&Value::Null, &json!([])), "the token is not for scripts");
    assert!(session["expiresAt"].is_string());
    let (pair, rest) = set.split_once("; ").unwrap();
    assert_eq!(rest, "Path=/; Max-Age=43200; HttpOnly; SameSite=Lax");
    pair.to_owned()
}

async fn house() -> (House, Person, Served) {
    let house = House::with(|config| config.allowed_origins = vec!["https://app.example.org".into()]).await;
    let ann = house.member_with_password("ann", PASSWORD).await;
    let served = house.serve().await;
    (house, ann, served)
}

async fn name(answer: Response) -> Value {
    answer.json::<Value>().await.unwrap()["data"]["viewer"]["user"]["name"].take()
}

#[tokio::test]
async fn a_session_in_a_cookie_is_used_like_a_token_and_forgotten_at_the_end() {
    let (_house, _, served) = house().await;
    let cookie = sign_in(&served).await;
    let post = |query: &str| served.post(None, query).header(header::COOKIE, format!("other=1; {cookie}"));
    assert_eq!(name(post(WHO).send().await.unwrap()).await, "ann");

    let ended = post("mutation { sessionEnd { ended } }").send().await.unwrap();
    let cleared = ended.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cleared.starts_with("hawser-session=; Path=/; Max-Age=0;"), "{cleared}");
    let answer = post("{ __typename }").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "an old cookie is no obstacle to what needs no session");
    let answer: Value = post(WHO).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_token_in_a_header_comes_before_the_cookie_and_its_end_leaves_the_cookie_alone() {
    let (house, _, served) = house().await;
    let cookie = sign_in(&served).await;
    let boss = house.admin().await;
    let both = |query: &str| served.post(Some(&boss), query).header(header::COOKIE, &cookie);
    assert_eq!(name(both(WHO).send().await.unwrap()).await, "Administrator");
    let ended = both("mutation { sessionEnd { ended } }").send().await.unwrap();
    assert!(ended.headers().get(header::SET_COOKIE).is_none());
    assert_eq!(both(WHO).send().await.unwrap().status().as_u16(), 401, "a token that is sent has to be good");
    assert_eq!(name(served.post(None, WHO).header(header::COOKIE, &cookie).send().await.unwrap()).await, "ann");
}

#[tokio::test]
async fn what_a_foreign_page_could_have_sent_does_not_run_with_the_cookie() {
    let (_house, ann, served) = house().await;
    let cookie = sign_in(&served).await;
    let get = || served.http.get(format!("{}/graphql", served.url)).query(&[("query", WHO)]);
    let post = || served.post(None, WHO);
    let mine = |request: RequestBuilder| request.header(header::COOKIE, &cookie);
    let own = served.url.as_str();
    for (case, request, status) in [
        ("a GET that is not marked", mine(get()), 403),
        ("a link that was followed", mine(get()).header("Sec-Fetch-Site", "cross-site"), 403),
        ("an empty mark", mine(get()).header("GraphQL-Require-Preflight", " "), 403),
        ("a GET of a foreign page", mine(get()).header(header::ORIGIN, "https://evil.example"), 403),
        (
            "a marked GET of a foreign page",
            mine(get()).header(header::ORIGIN, "null").header("X-Apollo-Operation-Name", "a"),
            403,
        ),
        ("a POST of a foreign page", mine(post()).header(header::ORIGIN, "https://evil.example"), 403),
        ("a marked GET", mine(get()).header("GraphQL-Require-Preflight", "1"), 200),
        ("a GET marked for Apollo", mine(get()).header("Apollo-Require-Preflight", "true"), 200),
        ("a GET of Apollo", mine(get()).header("X-Apollo-Operation-Name", "Who"), 200),
        ("a GET of the own page", mine(get()).header("Sec-Fetch-Site", "same-origin"), 200),
        ("a GET of an allowed page", mine(get()).header(header::ORIGIN, "https://app.example.org"), 200),
        ("a POST of the own page", mine(post()).header(header::ORIGIN, own), 200),
        ("a POST of an allowed page", mine(post()).header(header::ORIGIN, "https://app.example.org"), 200),
        ("a POST of a program", mine(post()), 200),
        ("a GET with a token", get().bearer_auth(&ann.token), 200),
        (
            "a GET with a token from anywhere",
            get().bearer_auth(&ann.token).header(header::ORIGIN, "https://evil.example"),
            200,
        ),
        ("a GET of nobody", get(), 200),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{case}");
        let answer: Value = answer.json().await.unwrap();
        if status == 403 {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{case}: {answer}");
        } else if case != "a GET of nobody" {
            assert_eq!(answer["data"]["viewer"]["user"]["name"], "ann", "{case}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_cookie_cannot_be_asked_for_where_none_can_be_set() {
    let (_house, _, served) = house().await;
    let mut socket = served.socket().await;
    socket.say(json!({ "type": "connection_init" })).await;
    socket.hear().await;
    let create = format!(
        "mutation {{ sessionCreate(input: {{email: \"ann@example.org\", password: \"{PASSWORD}\", cookie: true}}) {{ token }} }}"
    );
    socket.subscribe("1", &create, json!({})).await;
    let hawser_tests::Heard::Message(told) = socket.hear().await else { panic!("closed") };
    assert!(told.to_string().contains("BAD_USER_INPUT"), "{told}");
}
