//! The sandbox from outside, over HTTP only: the control client moves the world, plain requests look at it.
#![allow(clippy::unwrap_used)] // the helpers below are test code as well

use hawser_sandbox::{
    Options, Running,
    control::{Bulk, Consent, Control, Edit, Fault, Limits, NewFile, Share},
    start,
};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";
const BEN: &str = "ben@example.com";
const DRIVE: &str = "https://www.googleapis.com/auth/drive";

struct House {
    running: Running,
    control: Control,
    client: Client,
    token: String,
}

impl House {
    async fn open() -> Self {
        let running = start(Options::default()).await.unwrap();
        let control = Control::new(running.url());
        control.create_user(ADA, "Ada").await.unwrap();
        control.create_user(BEN, "Ben").await.unwrap();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let mut house = Self { running, control, client, token: String::new() };
        house.token = house.sign_in(ADA).await;
        house
    }

    async fn sign_in(&self, account: &str) -> String {
        let url = format!(
            "{}/google/o/oauth2/v2/auth?client_id=hawser-sandbox&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb\
             &response_type=code&access_type=offline&state=s&scope={DRIVE}",
            self.running.url()
        );
        let consent = Consent { account: account.to_owned(), ..Consent::default() };
        let back = self.control.consent(&url, &consent).await.unwrap();
        let back = url::Url::parse(&back).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://127.0.0.1:1/cb"),
            ("client_id", "hawser-sandbox"),
            ("client_secret", "sandbox-secret"),
        ];
        let url = format!("{}/google/token", self.running.url());
        let answer: Value = self.client.post(url).form(&form).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn get_as(&self, token: &str, path: &str) -> (StatusCode, Value) {
        let url = format!("{}/google/drive/v3/{path}", self.running.url());
        let answer = self.client.get(url).bearer_auth(token).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.get_as(&self.token, path).await
    }

    async fn cursor(&self, token: &str) -> String {
        let (_, body) = self.get_as(token, "changes/startPageToken").await;
        body["startPageToken"].as_str().unwrap().to_owned()
    }

    async fn text(&self, name: &str, text: &str) -> String {
        let new =
            NewFile { owner: ADA.to_owned(), name: name.to_owned(), text: Some(text.to_owned()), ..NewFile::default() };
        self.control.create_file(&new).await.unwrap().id
    }
}

#[tokio::test]
async fn every_move_by_control_shows_once_in_the_feed_with_the_latest_state() {
    let house = House::open().await;
    let id = house.text("a.txt", "one").await;
    let cursor = house.cursor(&house.token).await;
    house.control.edit_text(&id, "two").await.unwrap();
    house.control.rename(&id, "b.txt").await.unwrap();
    house.control.trash(&id).await.unwrap();
    house.control.untrash(&id).await.unwrap();
    let path =
        format!("changes?pageToken={cursor}&fields=newStartPageToken,changes(removed,file(name,trashed,md5Checksum))");
    let (_, body) = house.get(&path).await;
    assert_eq!(body["changes"].as_array().unwrap().len(), 1);
    assert_eq!(body["changes"][0]["file"]["name"], "b.txt");
    assert_eq!(body["changes"][0]["file"]["md5Checksum"], "b8a9f715dbb64fd5c56e7783c6820a61");
    house.control.delete(&id).await.unwrap();
    let (_, body) = house.get(&path).await;
    assert_eq!(body["changes"], json!([{"removed": true}]));
    house.running.stop().await;
}

#[tokio::test]
async fn twenty_thousand_files_cost_a_poll_nothing_but_what_changed() {
    let house = House::open().await;
    let bulk = Bulk { owner: ADA.to_owned(), count: 20_000, prefix: "n".to_owned(), ..Bulk::default() };
    let ids = house.control.create_files(&bulk).await.unwrap();
    let cursor = house.cursor(&house.token).await;
    for id in ids.iter().step_by(2_000) {
        house.control.edit_text(id, "changed").await.unwrap();
    }
    house.control.reset_requests().await.unwrap();
    let (_, body) = house.get(&format!("changes?pageToken={cursor}&pageSize=1000")).await;
    assert_eq!(body["changes"].as_array().unwrap().len(), 10);
    assert!(body["newStartPageToken"].is_string());
    let (_, page) = house.get("files?pageSize=1000&fields=nextPageToken,files(id)").await;
    assert_eq!(page["files"].as_array().unwrap().len(), 1000);
    assert_eq!(house.control.count("/drive/v3").await.unwrap(), 2);
    house.running.stop().await;
}

#[tokio::test]
async fn sharing_a_folder_is_one_entry_and_opens_what_lies_below() {
    let house = House::open().await;
    let ben = house.sign_in(BEN).await;
    let folder = NewFile {
        owner: ADA.to_owned(),
        name: "folder".to_owned(),
        mime_type: Some("application/vnd.google-apps.folder".to_owned()),
        ..NewFile::default()
    };
    let folder = house.control.create_file(&folder).await.unwrap().id;
    let inside = NewFile {
        owner: ADA.to_owned(),
        name: "in.txt".to_owned(),
        parent: Some(folder.clone()),
        ..NewFile::default()
    };
    let inside = house.control.create_file(&inside).await.unwrap().id;
    let cursor = house.cursor(&ben).await;
    house.control.share_with(&folder, BEN, "writer").await.unwrap();
    let changes = format!("changes?pageToken={cursor}&fields=changes(fileId,removed)");
    let (_, body) = house.get_as(&ben, &changes).await;
    assert_eq!(body["changes"], json!([{"fileId": folder, "removed": false}]));
    assert_eq!(house.get_as(&ben, &format!("files/{inside}")).await.0, StatusCode::OK);
    house.control.unshare(&folder, Some(BEN)).await.unwrap();
    let (_, body) = house.get_as(&ben, &changes).await;
    assert_eq!(body["changes"], json!([{"fileId": folder, "removed": true}]));
    assert_eq!(house.get_as(&ben, &format!("files/{inside}")).await.0, StatusCode::NOT_FOUND);
    house.running.stop().await;
}

#[tokio::test]
async fn faults_strike_as_often_as_told_and_where_told() {
    let house = House::open().await;
    let id = house.text("a.txt", "0123456789").await;
    let path = format!("files/{id}");
    let late = Fault {
        path: "/drive/v3/files/*".to_owned(),
        status: Some(429),
        retry_after_s: Some(7),
        times: Some(1),
        ..Fault::default()
    };
    house.control.fault(&late).await.unwrap();
    let (status, body) = house.get(&path).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["error"]["errors"][0]["reason"], "rateLimitExceeded");
    assert_eq!(house.get(&path).await.0, StatusCode::OK);
    let html =
        Fault { path: "*".to_owned(), html: Some("<h1>502</h1>".to_owned()), times: Some(1), ..Fault::default() };
    house.control.fault(&html).await.unwrap();
    assert_eq!(house.get(&path).await.0, StatusCode::BAD_GATEWAY);
    let cut =
        Fault { path: "*".to_owned(), query: Some("alt=media".to_owned()), truncate_at: Some(4), ..Fault::default() };
    let rule = house.control.fault(&cut).await.unwrap();
    let url = format!("{}/google/drive/v3/files/{id}?alt=media", house.running.url());
    let answer = house.client.get(&url).bearer_auth(&house.token).send().await.unwrap();
    assert_eq!(answer.content_length(), Some(10));
    assert!(answer.bytes().await.is_err());
    house.control.clear_faults(Some(rule)).await.unwrap();
    let gone = Fault { path: "*".to_owned(), drop_connection: true, times: Some(1), ..Fault::default() };
    house.control.fault(&gone).await.unwrap();
    let answer = house.client.get(&url).bearer_auth(&house.token).send().await;
    assert!(match answer {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    house.running.stop().await;
}

#[tokio::test]
async fn tokens_die_by_clock_by_expiry_and_by_revocation() {
    let house = House::open().await;
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::OK);
    assert_eq!(house.control.expire_access_tokens(ADA).await.unwrap(), 1);
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::UNAUTHORIZED);
    let token = house.sign_in(ADA).await;
    house.control.advance_clock(3_600_000).await.unwrap();
    assert_eq!(house.get_as(&token, "about?fields=user").await.0, StatusCode::UNAUTHORIZED);
    let token = house.sign_in(ADA).await;
    house.control.revoke_grants(ADA).await.unwrap();
    assert_eq!(house.get_as(&token, "about?fields=user").await.0, StatusCode::UNAUTHORIZED);
    house.running.stop().await;
}

#[tokio::test]
async fn a_vendor_host_header_finds_the_same_world_and_gets_the_vendors_links() {
    let house = House::open().await;
    let id = house.text("a.txt", "x").await;
    let url = format!("{}/drive/v3/files/{id}?fields=webViewLink", house.running.url());
    let request = house.client.get(url).header("Host", "www.googleapis.com").bearer_auth(&house.token);
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["webViewLink"], format!("https://drive.google.com/file/d/{id}/view?usp=drivesdk"));
    let (_, body) = house.get(&format!("files/{id}?fields=webViewLink")).await;
    let link = body["webViewLink"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/google/file/d/{id}/", house.running.url())));
    let elsewhere = format!("{}/graph/v1.0/me", house.running.url());
    assert_eq!(house.client.get(elsewhere).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    house.running.stop().await;
}

#[tokio::test]
async fn the_meter_refuses_over_quota_and_refills_with_time() {
    let house = House::open().await;
    let limits = Limits { user_units_per_minute: Some(10), answer_429: Some(true), ..Limits::default() };
    house.control.set_limits(&limits).await.unwrap();
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::OK);
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::OK);
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::TOO_MANY_REQUESTS);
    house.control.advance_clock(30_000).await.unwrap();
    assert_eq!(house.get("about?fields=user").await.0, StatusCode::OK);
    house.running.stop().await;
}

#[tokio::test]
async fn the_control_api_refuses_what_does_not_exist_and_changes_nothing() {
    let house = House::open().await;
    let before = house.control.status().await.unwrap();
    let edit = Edit { text: Some("x".to_owned()), ..Edit::default() };
    let missing = house.control.edit("nope", &edit).await;
    assert!(matches!(missing, Err(hawser_sandbox::Error::Refused { status: 404, .. })));
    let id = house.text("a.txt", "x").await;
    let share = Share { email: Some("nobody@example.com".to_owned()), ..Share::default() };
    assert!(house.control.share(&id, &share).await.is_err());
    assert!(house.control.file(&id).await.unwrap().shared_with.is_empty());
    assert_eq!(house.control.status().await.unwrap().files, before.files + 1);
    house.running.stop().await;
}
