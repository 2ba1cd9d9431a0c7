//! Consents over HTTP: out through the ticket's door, back through the provider's, and everything that must not work.

use std::time::Duration;

use hawser_domain::{Error, Principal, connection, provider};
use hawser_sandbox::control::Consent;
use hawser_tests::{Cloud, House, Person, Served, agreeing, parameter};
use reqwest::{Response, StatusCode, header, redirect::Policy};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use url::Url;

const ANN: &str = "ann@cloud.example";

/// A browser of a person: follows nothing by itself, and keeps the one cookie.
struct Browser {
    http: reqwest::Client,
    cookie: Option<String>,
}

impl Browser {
    fn new() -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self { http, cookie: None }
    }

    async fn get(&mut self, url: &str, site: Option<&str>) -> Response {
        let mut request = self.http.get(url);
        if let Some(site) = site {
            request = request.header("Sec-Fetch-Site", site);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.keep(request.send().await.expect("an answer"))
    }

    fn keep(&mut self, answer: Response) -> Response {
        if let Some(cookie) = answer.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }
}

/// The house, its cloud, its server, and one person with an account.
struct Stage {
    served: Served,
    cloud: Cloud,
    ann: Person,
    house: House,
}

impl Stage {
    async fn new() -> Self {
        let (house, cloud) = (House::start().await, Cloud::start().await);
        let served = house.serve().await;
        let ann = house.member("ann").await;
        house.provider(&cloud).await;
        cloud.control.create_user(ANN, "Ann").await.expect("an account");
        Self { served, cloud, ann, house }
    }

    /// The flow's id, and where its browser is to go.
    async fn begin(&self) -> (Value, String) {
        let providers = self.served.gql(&self.ann, "{ providers { nodes { id } } }", json!({})).await;
        let query = "mutation($id: ID!) { connectionBegin(input: { providerId: $id }) { \
            flow { id state } authorizationUrl expiresAt userErrors { message } } }";
        let variables = json!({ "id": providers["data"]["providers"]["nodes"][0]["id"] });
        let mut begun = self.served.gql(&self.ann, query, variables).await;
        let begun = begun["data"]["connectionBegin"].take();
        assert_eq!(begun["flow"]["state"], "WAITING", "{begun:#}");
        let url = begun["authorizationUrl"].as_str().expect("an address").to_owned();
        (begun["flow"]["id"].clone(), url)
    }

    /// From the ticket's door to the cloud and its answer; returns the callback's address.
    async fn go(&self, browser: &mut Browser, start: &str, consent: &Consent) -> String {
        let answer = browser.get(start, Some("same-origin")).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let page = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
        assert!(page.starts_with(&self.cloud.url), "{page}");
        self.cloud.control.consent(&page, consent).await.expect("the page takes the answer")
    }

    async fn flow(&self, id: &Value) -> Value {
        let query =
            "query($id: ID!) { connectionFlow(id: $id) { state problem { code } connection { state accountEmail } } }";
        let mut answer = self.served.gql(&self.ann, query, json!({ "id": id })).await;
        answer["data"]["connectionFlow"].take()
    }

    async fn connections(&self) -> i64 {
        let answer = self.served.gql(&self.ann, "{ connections { totalCount } }", json!({})).await;
        answer["data"]["connections"]["totalCount"].as_i64().expect("a number")
    }
}

async fn refused(answer: Response, words: &str) {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let page = answer.text().await.expect("a page");
    assert!(page.contains(words), "{page}");
}

fn failed(code: &str) -> Value {
    json!({ "state": "FAILED", "problem": { "code": code }, "connection": null })
}

fn waiting() -> Value {
    json!({ "state": "WAITING", "problem": null, "connection": null })
}

#[tokio::test]
async fn a_person_connects_an_account_and_the_pages_tell_no_secret() {
    let stage = Stage::new().await;
    let (flow, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let url = Url::parse(&back).expect("an address");
    let (code, state) = (parameter(&url, "code").expect("a code"), parameter(&url, "state").expect("a state"));
    let answer = browser.get(&back, Some("cross-site")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text").contains("frame-ancestors 'none'"));
    assert!(headers[header::SET_COOKIE].to_str().expect("text").contains("Max-Age=0"), "the cookie is taken back");
    let page = answer.text().await.expect("a page");
    assert!(page.contains("Connected") && !page.contains(&code) && !page.contains(&state), "{page}");
    let connected = json!({
        "state": "CONNECTED", "problem": null, "connection": { "state": "ACTIVE", "accountEmail": ANN },
    });
    assert_eq!(stage.flow(&flow).await, connected);
    stage.house.leave_jobs();
}

#[tokio::test]
async fn a_person_who_says_no_connects_nothing() {
    let stage = Stage::new().await;
    let (flow, start) = stage.begin().await;
    let mut browser = Browser::new();
    let deny = Consent { deny: true, ..agreeing(ANN) };
    let back = stage.go(&mut browser, &start, &deny).await;
    refused(browser.get(&back, None).await, "You did not give access").await;
    assert_eq!(stage.flow(&flow).await, failed("DENIED"));
    assert_eq!(stage.connections().await, 0);
}

#[tokio::test]
async fn a_state_works_once_and_a_ticket_too() {
    let stage = Stage::new().await;
    let (_, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let kept = browser.cookie.clone();
    assert_eq!(browser.get(&back, None).await.status(), StatusCode::OK);
    browser.cookie = kept;
    refused(browser.get(&back, None).await, "used already").await;
    refused(browser.get(&start, Some("same-origin")).await, "used already").await;
    assert_eq!(stage.connections().await, 1);
    stage.house.leave_jobs();
}

#[tokio::test]
async fn another_browser_cannot_end_a_consent_and_does_not_use_it_up() {
    let stage = Stage::new().await;
    let (flow, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let mut other = Browser::new();
    refused(other.get(&back, None).await, "another browser").await;
    // One that has begun a consent of its own has the cookie of that one only.
    let (_, elsewhere) = stage.begin().await;
    other.get(&elsewhere, Some("same-origin")).await;
    let (name, _) = browser.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("a cookie");
    let (_, foreign) = other.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("a cookie");
    other.cookie = Some(format!("{name}={foreign}"));
    refused(other.get(&back, None).await, "another browser").await;
    assert_eq!(stage.flow(&flow).await, waiting());
    assert_eq!(browser.get(&back, None).await.status(), StatusCode::OK);
    stage.house.leave_jobs();
}

#[tokio::test]
async fn a_code_swapped_between_two_consents_is_refused_by_its_proof_key() {
    let stage = Stage::new().await;
    let ((flow, one), (_, two)) = (stage.begin().await, stage.begin().await);
    let (mut first, mut second) = (Browser::new(), Browser::new());
    let back = stage.go(&mut first, &one, &agreeing(ANN)).await;
    let other = stage.go(&mut second, &two, &agreeing(ANN)).await;
    let swap = |url: &str| parameter(&Url::parse(url).expect("an address"), "code").expect("a code");
    let forged = Url::parse_with_params(
        back.split('?').next().expect("a path"),
        [
            ("state", parameter(&Url::parse(&back).expect("an address"), "state").expect("a state")),
            ("code", swap(&other)),
        ],
    );
    refused(first.get(forged.expect("an address").as_str(), None).await, "did not honour").await;
    assert_eq!(stage.flow(&flow).await, failed("CODE_REFUSED"));
    assert_eq!(stage.connections().await, 0);
}

#[tokio::test]
async fn a_state_is_refused_at_another_providers_door() {
    let stage = Stage::new().await;
    let admin = stage.house.admin().await.principal;
    let form = provider::Form { name: Some("Other".into()), ..stage.cloud.form() };
    let kind = hawser_domain::providers::ProviderKind::GoogleDrive;
    let other = provider::create(&stage.house.app, &admin, kind, &form, None).await.expect("a provider");
    let (flow, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let (_, query) = back.split_once('?').expect("a query");
    let wrong = format!("{}?{query}", provider::redirect_uri(&stage.house.app, other.id));
    refused(browser.get(&wrong, None).await, "another provider").await;
    let mixed = format!("{back}&iss=https%3A%2F%2Fevil.example");
    refused(browser.get(&mixed, None).await, "another provider").await;
    assert_eq!(stage.flow(&flow).await, failed("OTHER_PROVIDER"));
}

#[tokio::test]
async fn a_consent_of_more_than_ten_minutes_is_over() {
    let stage = Stage::new().await;
    let ((flow, start), (_, unused)) = (stage.begin().await, stage.begin().await);
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    stage.house.clock.advance(Duration::from_secs(601));
    refused(browser.get(&back, None).await, "ten minutes").await;
    refused(browser.get(&unused, Some("same-origin")).await, "ten minutes").await;
    assert_eq!(stage.flow(&flow).await, failed("USED_OR_EXPIRED"));
    assert_eq!(stage.connections().await, 0);
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_ends_the_consent() {
    let stage = Stage::new().await;
    let (_, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let end = "UPDATE token SET revoked_at = created_at WHERE kind = 'session'";
    stage.house.app.database.maintenance().execute_unprepared(end).await.expect("SQL");
    let before = stage.cloud.token_requests().await;
    refused(browser.get(&back, None).await, "signed out").await;
    assert_eq!(stage.cloud.token_requests().await, before, "the code was not even tried");
}

#[tokio::test]
async fn answers_that_are_incomplete_or_say_things_twice_are_refused() {
    let stage = Stage::new().await;
    let (flow, start) = stage.begin().await;
    let mut browser = Browser::new();
    let back = stage.go(&mut browser, &start, &agreeing(ANN)).await;
    let (door, query) = back.split_once('?').expect("a query");
    let state = parameter(&Url::parse(&back).expect("an address"), "state").expect("a state");
    for wrong in [
        door.to_owned(),
        format!("{door}?state={state}"),
        format!("{door}?code=x"),
        format!("{back}&state=x"),
        format!("{back}&code=x"),
        format!("{back}&error=access_denied"),
        format!("{door}?state={state}&code={}", "x".repeat(5000)),
        format!("{}/oauth/callback/nonsense?{query}", stage.served.url),
    ] {
        refused(browser.get(&wrong, None).await, "not complete").await;
    }
    refused(browser.get(&format!("{door}?state=unknown&code=x"), None).await, "no consent begun here").await;
    assert_eq!(stage.flow(&flow).await, waiting(), "nothing was used up");
}

#[tokio::test]
async fn a_link_from_elsewhere_asks_first_and_names_whose_account_it_is() {
    let stage = Stage::new().await;
    let (_, start) = stage.begin().await;
    let mut browser = Browser::new();
    for site in ["cross-site", "none"] {
        let asked = browser.get(&start, Some(site)).await;
        assert_eq!(asked.status(), StatusCode::OK);
        assert!(asked.headers().get(header::SET_COOKIE).is_none());
        let page = asked.text().await.expect("a page");
        assert!(page.contains("ann@example.org") && page.contains("method=\"post\""), "{page}");
    }
    let (door, query) = start.split_once('?').expect("a query");
    let form = |site: &str| {
        browser
            .http
            .post(door)
            .header("Sec-Fetch-Site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(query.to_owned())
    };
    assert_eq!(form("cross-site").send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    let gone = form("same-origin").send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::SEE_OTHER);
    assert!(gone.headers().get(header::SET_COOKIE).is_some());
}

#[tokio::test]
async fn only_a_session_begins_a_consent_and_only_its_person_sees_it() {
    let stage = Stage::new().await;
    let provider = stage.house.provider(&stage.cloud).await;
    let script = Principal { is_session: false, ..stage.ann.principal.clone() };
    let refused = connection::begin(&stage.house.app, &script, provider.id, None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let begun = connection::begin(&stage.house.app, &stage.ann.principal, provider.id, None).await.expect("a consent");
    let bob = stage.house.member("bob").await.principal;
    let hidden = connection::flow(&stage.house.app, &bob, begun.flow_id).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
}
