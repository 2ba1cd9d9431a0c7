//! The Google adapter before answers that are rare, late, half or hostile: what no healthy cloud says on demand.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up should stop")]

mod hand_fed;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::TryStreamExt;
use hand_fed::{Server, json, redirect, reply};
use hawser_providers::http::{Client, Policy};
use hawser_providers::pacing::Clock;
use hawser_providers::{
    Access, CloudFile, Consent, ConsentRequest, Cursor, Endpoints, ErrorKind, Listing, Place, Provider, ProviderKind,
    Retry, Settings,
};

const APPS: &str = "https://www.googleapis.com/auth/drive.apps.readonly";

struct Google {
    provider: Arc<dyn Provider>,
    clock: Clock,
}

fn google(server: &Server) -> Google {
    let clock = Clock::manual("2026-05-01T12:00:00Z".parse().expect("a time"));
    let policy = Policy { allow_loopback_http: true, ..Policy::default() };
    let http = Client::with_clock(policy, clock.clone()).expect("a client");
    let settings = Settings {
        provider_id: "provider".into(),
        client_id: "id".into(),
        client_secret: "GOCSPX-secret".into(),
        scopes: vec!["https://www.googleapis.com/auth/drive".into(), APPS.into()],
        endpoints: Endpoints {
            authorization_url: server.url("/auth").into(),
            token_url: server.url("/token").into(),
            revoke_url: Some(server.url("/revoke").into()),
            api_url: server.url("/").into(),
        },
    };
    Google { provider: ProviderKind::GoogleDrive.build(settings, http), clock }
}

/// A provider outside the sandbox, for calls that never get out.
fn provider(endpoints: Endpoints) -> Arc<dyn Provider> {
    let settings = Settings {
        provider_id: "p".into(),
        client_id: "id".into(),
        client_secret: "s".into(),
        scopes: Vec::new(),
        endpoints,
    };
    ProviderKind::GoogleDrive.build(settings, Client::new(Policy::default()).expect("a client"))
}

fn access(connection: &str) -> Access {
    Access { connection_id: connection.into(), token: "ya29.top-secret".into() }
}

fn consent() -> Consent {
    Consent {
        code: "4/code".into(),
        verifier: "v".repeat(43).into(),
        redirect_uri: "https://hawser.example/callback".into(),
    }
}

/// A file as the adapter itself would have read it.
async fn file_of(body: &'static str) -> CloudFile {
    let server = Server::start(move |_| json("200 OK", body)).await;
    google(&server).provider.file(&access("c"), "F", None).await.expect("a file")
}

const DOCUMENT: &str = r#"{"id":"F","mimeType":"application/vnd.google-apps.document","resourceKey":"0-k"}"#;
const PICTURE: &str = r#"{"id":"F","mimeType":"image/png","hasThumbnail":true}"#;

fn refused(code: u16, reason: &str) -> String {
    format!(r#"{{"error":{{"code":{code},"message":"No.","errors":[{{"domain":"global","reason":"{reason}"}}]}}}}"#)
}

fn ids(count: usize) -> Vec<(String, Option<String>)> {
    (0..count).map(|n| (format!("f{n}"), None)).collect()
}

#[tokio::test]
async fn a_part_the_batch_forgot_is_fetched_alone_and_the_order_stays() {
    let server = Server::start(|target| {
        if !target.starts_with("/batch") {
            return json("200 OK", r#"{"id":"f1","name":"alone"}"#);
        }
        let part = |index: usize, status: &str, body: &str| {
            format!(
                "--b\r\nContent-Type: application/http\r\nContent-ID: <response-item-{index}>\r\n\r\n\
                 HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
            )
        };
        let body = part(2, "404 Not Found", &refused(404, "notFound")) + &part(0, "200 OK", r#"{"id":"f0"}"#) + "--b--";
        reply("200 OK", "Content-Type: multipart/mixed; boundary=b\r\n", body)
    })
    .await;
    let found = google(&server).provider.files(&access("c"), &ids(3)).await.expect("three results");
    assert_eq!(found[0].as_ref().expect("a file").id, "f0");
    assert_eq!(found[1].as_ref().expect("a file").name, "alone");
    assert_eq!(found[2].as_ref().expect_err("gone").kind, ErrorKind::NotFound);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].body.contains("GET /drive/v3/files/f2?fields=") && !asked[0].body.contains("ya29"));
    assert!(asked[0].head.contains("multipart/mixed; boundary="));
}

#[tokio::test]
async fn ids_no_file_can_have_are_never_written_into_a_batch() {
    let server = Server::start(|target| match target.starts_with("/batch") {
        true => reply("200 OK", "Content-Type: multipart/mixed; boundary=b\r\n", "--b--"),
        false => json("404 Not Found", &refused(404, "notFound")),
    })
    .await;
    let mut wanted = ids(2);
    wanted.push(("x HTTP/1.1\r\nX: y".to_owned(), None));
    wanted.push(("..".to_owned(), Some("k\r\nX: y".to_owned())));
    wanted.push((String::new(), None));
    let found = google(&server).provider.files(&access("c"), &wanted).await.expect("five results");
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|result| result.as_ref().is_err_and(|error| error.kind == ErrorKind::NotFound)));
    let batch = &server.asked()[0].body;
    assert_eq!(batch.matches("Content-ID:").count(), 2, "{batch}");
    assert!(server.asked().iter().all(|asked| !asked.head.contains("X: y") && !asked.body.contains("X: y")));
}

#[tokio::test]
async fn an_export_over_the_limit_is_made_by_a_long_operation() {
    let looks = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |target| match target.split('?').next().unwrap_or_default() {
        "/drive/v3/files/F/export" => json("403 Forbidden", &refused(403, "exportSizeLimitExceeded")),
        "/drive/v3/files/F/download" => json("200 OK", r#"{"name":"op-1","done":null}"#),
        "/drive/v3/operations/op-1" if looks.fetch_add(1, Ordering::SeqCst) < 3 => json("200 OK", r#"{"name":"op-1"}"#),
        "/drive/v3/operations/op-1" => {
            json("200 OK", r#"{"name":"op-1","done":true,"response":{"downloadUri":"/made"}}"#)
        }
        _ => reply("200 OK", "Content-Type: application/pdf\r\n", "%PDF-big"),
    })
    .await;
    // The link in the last answer must be absolute: a relative one is refused, not guessed.
    let google = google(&server);
    let document = file_of(DOCUMENT).await;
    let error = google.provider.pdf(&access("c"), &document).await.expect_err("a relative link");
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert_eq!(
        (google.clock.utc() - "2026-05-01T12:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a time"))
            .num_seconds(),
        15
    );
}

#[tokio::test]
async fn the_result_of_a_long_operation_is_fetched_with_token_and_resource_key() {
    let own = Arc::new(std::sync::OnceLock::<String>::new());
    let known = own.clone();
    let server = Server::start(move |target| match target.split('?').next().unwrap_or_default() {
        "/drive/v3/files/F/export" => json("403 Forbidden", &refused(403, "exportSizeLimitExceeded")),
        "/drive/v3/files/F/download" => {
            let uri = known.get().cloned().unwrap_or_default();
            json("200 OK", &format!(r#"{{"name":"op","done":true,"response":{{"downloadUri":"{uri}"}}}}"#))
        }
        _ => reply("200 OK", "Content-Type: application/pdf\r\n", "%PDF-big"),
    })
    .await;
    own.set(server.url("/made").into()).expect("set once");
    let document = file_of(DOCUMENT).await;
    let download = google(&server).provider.pdf(&access("c"), &document).await.expect("a PDF");
    let bytes: Vec<_> = download.body.try_collect().await.expect("bytes");
    assert_eq!(bytes.concat(), b"%PDF-big");
    let last = server.heads().pop().expect("a call").to_lowercase();
    assert!(last.contains("bearer ya29.top-secret") && last.contains("x-goog-drive-resource-keys: f/0-k"), "{last}");
}

#[tokio::test]
async fn an_export_that_never_ends_is_given_up_after_minutes_not_hours() {
    let server = Server::start(|target| match target.contains("/export") {
        true => json("403 Forbidden", &refused(403, "exportSizeLimitExceeded")),
        false => json("200 OK", r#"{"name":"op","done":false}"#),
    })
    .await;
    let google = google(&server);
    let error = google.provider.pdf(&access("c"), &file_of(DOCUMENT).await).await.expect_err("no end");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(server.asked().len() < 50, "{} calls", server.asked().len());
}

/// A server whose thumbnail link fails so many times first.
async fn thumbnails(failures: usize, answer: Vec<u8>) -> Server {
    let own = Arc::new(std::sync::OnceLock::<String>::new());
    let (known, tried) = (own.clone(), AtomicUsize::new(0));
    let server = Server::start(move |target| match target {
        _ if target.starts_with("/drive/v3/files/F") => {
            json("200 OK", &format!(r#"{{"thumbnailLink":"{}"}}"#, known.get().cloned().unwrap_or_default()))
        }
        _ if tried.fetch_add(1, Ordering::SeqCst) < failures => reply("403 Forbidden", "", ""),
        _ => answer.clone(),
    })
    .await;
    own.set(server.url("/t/abc=s220").into()).expect("set once");
    server
}

#[tokio::test]
async fn a_thumbnail_link_that_aged_is_fetched_anew_once() {
    let picture = file_of(PICTURE).await;
    let png = || reply("200 OK", "Content-Type: image/png\r\n", b"\x89PNG");
    let server = thumbnails(1, png()).await;
    let thumbnail = google(&server).provider.thumbnail(&access("c"), &picture, 400).await.expect("a picture");
    assert_eq!((thumbnail.mime_type.as_str(), &thumbnail.bytes[..]), ("image/png", &b"\x89PNG"[..]));
    assert_eq!(server.asked().len(), 4);
    assert!(server.asked()[1].target().ends_with("=s400"));
    let server = thumbnails(2, png()).await;
    let error = google(&server).provider.thumbnail(&access("c"), &picture, 400).await.expect_err("too old");
    assert_eq!(error.kind, ErrorKind::Unsupported, "a stale link says nothing about the token");
}

#[tokio::test]
async fn only_small_pictures_are_thumbnails() {
    let picture = file_of(PICTURE).await;
    for (answer, kind) in [
        (reply("200 OK", "Content-Type: text/html\r\n", "<html>"), ErrorKind::Malformed),
        (reply("200 OK", "Content-Type: image/svg+xml\r\n", "<svg/>"), ErrorKind::Malformed),
        (reply("200 OK", "Content-Type: image/png\r\n", vec![0; 5 * 1024 * 1024 + 1]), ErrorKind::TooLarge),
        (redirect("https://evil.example/x.png"), ErrorKind::AddressRefused),
    ] {
        let server = thumbnails(0, answer).await;
        let error = google(&server).provider.thumbnail(&access("c"), &picture, 400).await.expect_err("no picture");
        assert_eq!(error.kind, kind);
    }
}

#[tokio::test]
async fn a_thumbnail_link_to_a_stranger_never_sees_the_token() {
    let server = Server::start(|_| json("200 OK", r#"{"thumbnailLink":"https://evil.example/t=s220"}"#)).await;
    let picture = file_of(PICTURE).await;
    let error = google(&server).provider.thumbnail(&access("c"), &picture, 400).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::AddressRefused);
}

#[tokio::test]
async fn retry_after_keeps_one_connection_away_without_touching_the_network() {
    let calls = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => {
            let headers = "Content-Type: application/json\r\nRetry-After: 90\r\n";
            reply("403 Forbidden", headers, refused(403, "userRateLimitExceeded"))
        }
        _ => json("200 OK", r#"{"id":"F"}"#),
    })
    .await;
    let google = google(&server);
    for _ in 0..2 {
        let error = google.provider.file(&access("c"), "F", None).await.expect_err("too fast");
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert_eq!(error.retry, Retry::After(Duration::from_secs(90)));
    }
    assert_eq!(server.asked().len(), 1);
    google.provider.file(&access("other"), "F", None).await.expect("another connection goes on");
    google.clock.advance(Duration::from_secs(90));
    google.provider.file(&access("c"), "F", None).await.expect("the wait is over");
}

#[tokio::test]
async fn the_token_endpoint_is_understood_in_all_its_moods() {
    for (answer, kind, retry) in [
        (
            json(
                "400 Bad Request",
                r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
            ),
            ErrorKind::GrantRevoked,
            Retry::Never,
        ),
        (json("401 Unauthorized", r#"{"error":"invalid_client"}"#), ErrorKind::BadClient, Retry::Never),
        (json("400 Bad Request", r#"{"error":"redirect_uri_mismatch"}"#), ErrorKind::BadRequest, Retry::Never),
        (json("403 Forbidden", &refused(403, "userRateLimitExceeded")), ErrorKind::RateLimited, Retry::Backoff),
        (
            reply("429 Too Many Requests", "Retry-After: 7\r\n", ""),
            ErrorKind::RateLimited,
            Retry::After(Duration::from_secs(7)),
        ),
        (
            reply("503 Service Unavailable", "Content-Type: text/html\r\n", "<html>"),
            ErrorKind::Unavailable,
            Retry::Backoff,
        ),
        (reply("200 OK", "Content-Type: text/html\r\n", "<html>"), ErrorKind::Malformed, Retry::Backoff),
        (json("200 OK", r#"{"access_token":"ya29.half"#), ErrorKind::Malformed, Retry::Backoff),
        (json("200 OK", r#"{"token_type":"Bearer"}"#), ErrorKind::Malformed, Retry::Backoff),
        (redirect("/elsewhere"), ErrorKind::Malformed, Retry::Backoff),
    ] {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let server = Server::start(move |_| answer.clone()).await;
        let google = google(&server);
        for error in [
            google.provider.refresh(&"1//refresh".into()).await.expect_err(&shown),
            google.provider.exchange(&consent()).await.expect_err(&shown),
        ] {
            assert_eq!((error.kind, error.retry), (kind, retry), "{shown}");
            assert!(!format!("{error:?}").contains("ya29"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn the_consent_address_asks_for_everything_a_lasting_grant_needs() {
    let server = Server::start(|_| Vec::new()).await;
    let request = ConsentRequest {
        redirect_uri: "https://hawser.example/callback".into(),
        state: "state&more".into(),
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
        login_hint: Some("ada@example.com".into()),
    };
    let url: url::Url = google(&server).provider.authorize(&request).expect("an address").parse().expect("a url");
    let mut pairs: Vec<_> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort();
    assert_eq!(
        pairs,
        [
            "access_type=offline",
            "client_id=id",
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method=S256",
            "include_granted_scopes=true",
            "login_hint=ada@example.com",
            "prompt=consent",
            "redirect_uri=https://hawser.example/callback",
            "response_type=code",
            &format!("scope=https://www.googleapis.com/auth/drive {APPS}"),
            "state=state&more",
        ]
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_consent_address_that_is_no_web_page_is_refused() {
    for authorization_url in ["javascript:alert(1)", "http://accounts.example/auth", "https://10.0.0.1/auth"] {
        let endpoints =
            Endpoints { authorization_url: authorization_url.into(), ..ProviderKind::GoogleDrive.endpoints() };
        let request = ConsentRequest {
            redirect_uri: "https://hawser.example/callback".into(),
            state: "s".into(),
            code_challenge: "c".into(),
            login_hint: None,
        };
        let error = provider(endpoints).authorize(&request).expect_err(authorization_url);
        assert_eq!(error.kind, ErrorKind::AddressRefused, "{authorization_url}");
    }
}

#[tokio::test]
async fn tokens_are_asked_for_in_the_body_and_read_as_granted() {
    let server = Server::start(|_| {
        json("200 OK", r#"{"access_token":"ya29.new","expires_in":3599,"token_type":"Bearer","scope":"a b"}"#)
    })
    .await;
    let grant = google(&server).provider.exchange(&consent()).await.expect("tokens");
    assert!(grant.refresh_token.is_none(), "nothing came, nothing is invented");
    assert_eq!(grant.expires_in, Some(Duration::from_secs(3599)));
    assert_eq!(grant.scopes, Some(vec!["a".into(), "b".into()]));
    let asked = &server.asked()[0];
    for pair in ["grant_type=authorization_code", "client_id=id", "client_secret=GOCSPX-secret", "code_verifier=vvv"] {
        assert!(asked.body.contains(pair), "{pair} in {}", asked.body);
    }
    assert!(!asked.head.to_lowercase().contains("authorization:"));
}

#[tokio::test]
async fn the_configuration_check_tells_a_believed_client_from_a_wrong_one() {
    for (error, kind) in [
        ("invalid_grant", None),
        ("invalid_client", Some(ErrorKind::BadClient)),
        ("unauthorized_client", Some(ErrorKind::BadClient)),
        ("redirect_uri_mismatch", Some(ErrorKind::BadRequest)),
    ] {
        let server = Server::start(move |_| json("400 Bad Request", &format!(r#"{{"error":"{error}"}}"#))).await;
        let verdict = google(&server).provider.check_client("https://hawser.example/callback").await;
        assert_eq!(verdict.err().map(|error| error.kind), kind, "{error}");
    }
}

#[tokio::test]
async fn a_grant_the_cloud_forgot_counts_as_revoked() {
    for (answer, fine) in [
        (json("200 OK", "{}"), true),
        (json("400 Bad Request", r#"{"error":"invalid_token"}"#), true),
        (json("400 Bad Request", r#"{"error":"invalid_request"}"#), false),
        (reply("503 Service Unavailable", "", ""), false),
    ] {
        let server = Server::start(move |_| answer.clone()).await;
        assert_eq!(google(&server).provider.revoke(&"1//refresh+/".into()).await.is_ok(), fine);
        assert_eq!(server.asked()[0].body, "token=1%2F%2Frefresh%2B%2F");
    }
}

#[tokio::test]
async fn answers_without_what_was_asked_for_are_malformed_not_empty() {
    for body in ["{}", r#"{"error":{"code":500},"files":[],"changes":[],"newStartPageToken":"9"}"#, "[]", "null"] {
        let server = Server::start(move |_| json("200 OK", body)).await;
        let (google, access) = (google(&server), access("c"));
        let listed = google.provider.browse(&access, &Place::Root, &Listing::default()).await;
        assert_eq!(listed.expect_err(body).kind, ErrorKind::Malformed, "{body}");
        let changed = google.provider.changes(&access, None, "8").await;
        assert_eq!(changed.expect_err(body).kind, ErrorKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn an_empty_page_with_a_way_on_is_a_page() {
    let server = Server::start(|_| json("200 OK", r#"{"changes":[],"files":[],"nextPageToken":"9"}"#)).await;
    let (google, access) = (google(&server), access("c"));
    let page = google.provider.browse(&access, &Place::Root, &Listing::default()).await.expect("a page");
    assert_eq!((page.items.len(), page.next.as_deref()), (0, Some("9")));
    let page = google.provider.changes(&access, None, "8").await.expect("a page");
    assert_eq!(page.cursor, Cursor::More("9".into()));
}

#[tokio::test]
async fn page_sizes_are_never_over_what_the_cloud_allows() {
    let server = Server::start(|_| json("200 OK", r#"{"files":[],"drives":[],"revisions":[]}"#)).await;
    let (google, access) = (google(&server), access("c"));
    let huge = Listing { size: Some(5000), page: None };
    google.provider.browse(&access, &Place::Root, &huge).await.expect("a page");
    google.provider.drives(&access, &huge).await.expect("a page");
    google.provider.revisions(&access, "F", &Listing { size: Some(0), page: None }).await.expect("a page");
    let sizes: Vec<_> = server
        .asked()
        .iter()
        .filter_map(|asked| {
            asked.target().split(['?', '&']).find_map(|part| part.strip_prefix("pageSize=").map(str::to_owned))
        })
        .collect();
    assert_eq!(sizes, ["1000", "100", "1"]);
}

#[tokio::test]
async fn a_shared_drive_is_listed_in_its_own_corpus() {
    let server = Server::start(|_| json("200 OK", r#"{"files":[]}"#)).await;
    let (google, access) = (google(&server), access("c"));
    let folder = Place::Folder { id: "F".into(), drive_id: Some("D".into()), resource_key: Some("0-k".into()) };
    for place in [Place::Drive("D".into()), folder] {
        google.provider.browse(&access, &place, &Listing::default()).await.expect("a page");
    }
    for asked in server.asked() {
        assert!(asked.target().contains("corpora=drive&driveId=D"), "{}", asked.target());
    }
    assert_eq!(server.asked()[1].header("x-goog-drive-resource-keys").as_deref(), Some("F/0-k"));
}

#[tokio::test]
async fn a_pin_that_did_not_hold_is_not_reported_as_kept() {
    let server = Server::start(|target| match target.contains("/revisions/") {
        true => json("200 OK", r#"{"id":"r1","keepForever":false}"#),
        false => json("200 OK", r#"{"headRevisionId":"r2"}"#),
    })
    .await;
    let error = google(&server).provider.pin(&access("c"), "F", "r1").await.expect_err("not kept");
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert_eq!(server.asked().len(), 3, "the file had moved on, so the revision is read again");
}

#[tokio::test]
async fn other_applications_are_a_bonus_that_may_be_refused() {
    let document = file_of(
        r#"{"id":"F","mimeType":"application/vnd.google-apps.document","webViewLink":"https://docs.example/d/F/edit"}"#,
    )
    .await;
    let server = Server::start(|_| json("403 Forbidden", &refused(403, "insufficientPermissions"))).await;
    let links = google(&server).provider.app_links(&access("c"), &document).await.expect("at least its own");
    assert_eq!(links.len(), 1);
    let server = Server::start(|_| {
        json("200 OK", r#"{"items":[{"id":"1","name":"Sketch","openUrlTemplate":"https://sketch.example/?s={ids}"}]}"#)
    })
    .await;
    let links = google(&server).provider.app_links(&access("c"), &document).await.expect("two");
    assert_eq!((links[0].name.as_str(), links[0].is_default), ("Google Docs", true));
    assert_eq!((links[1].url.as_str(), links[1].is_default), ("https://sketch.example/?s=F", false));
}

#[tokio::test]
async fn a_provider_with_an_unreadable_address_says_so() {
    let endpoints = Endpoints { api_url: "not an address".into(), ..ProviderKind::GoogleDrive.endpoints() };
    let error = provider(endpoints).account(&access("c")).await.expect_err("no address");
    assert_eq!(error.kind, ErrorKind::BadRequest);
}
