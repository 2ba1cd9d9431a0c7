//! Pages of other origins: the settings say which may call and read.

use hawser_tests::House;
use reqwest::{Method, header};

const APP: &str = "https://app.example.org";

#[tokio::test]
async fn a_browser_that_asks_first_is_told_whether_a_page_may_call() {
    let house = House::with(|config| config.allowed_origins = vec![APP.into()]).await;
    let served = house.serve().await;
    let ask = |origin: &str| {
        let request = served.http.request(Method::OPTIONS, format!("{}/graphql", served.url));
        request
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type,x-ours")
    };
    let answer = ask(APP).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 204);
    let headers = answer.headers();
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], APP);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_METHODS], "GET, POST");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization,content-type,x-ours");
    for foreign in ["https://evil.example", "null", "https://app.example.org.evil.example"] {
        let answer = ask(foreign).send().await.unwrap();
        let allows = answer.headers().keys().filter(|name| name.as_str().starts_with("access-control-")).count();
        assert_eq!(allows, 0, "{foreign}");
    }
}

#[tokio::test]
async fn pages_of_allowed_origins_may_read_answers_of_every_kind_and_others_none() {
    let house = House::with(|config| config.allowed_origins = vec![APP.into()]).await;
    let served = house.serve().await;
    let get = || served.http.get(format!("{}/graphql", served.url));
    for (name, request, status) in [
        ("an answer", served.post(None, "{ __typename }"), 200),
        ("a bad token", served.post(None, "{ __typename }").bearer_auth("hws_nonsense"), 401),
        ("a wrong type", served.http.post(format!("{}/graphql", served.url)).body("x"), 415),
        ("a mutation", get().query(&[("query", "mutation { sessionEnd { ended } }")]), 405),
        ("a stream", served.post(None, "{ __typename }").header(header::ACCEPT, "text/event-stream"), 200),
    ] {
        let foreign = request.try_clone().unwrap().header(header::ORIGIN, "https://evil.example").send().await.unwrap();
        assert!(foreign.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none(), "{name}");
        assert!(foreign.headers()[header::VARY].to_str().unwrap().contains("Origin"), "{name}");
        let answer = request.header(header::ORIGIN, APP).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{name}");
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], APP, "{name}");
        assert!(answer.headers()[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap().contains("Retry-After"));
    }
}
