//! Bytes through the doors: ranges, PDFs, pictures, redirects; and tickets that open one thing, for one person, for a while.

use std::time::Duration;

use hawser_domain::{
    acl::{self, Permission},
    entity::document::Model,
    token,
};
use hawser_sandbox::control::NewFile;
use hawser_tests::{ACCOUNT, Person, Scene, Served};
use serde_json::{Value, json};

const URLS: &str = "query($id: ID!) { document(id: $id) { content { isNative viewUrl previewUrl
    download { url expiresAt } downloadRedirect { url } pdf { url } appLinks { name url isDefault } } thumbnail { url } } }";

async fn global(scene: &Scene, person: &Person, document: &Model) -> String {
    let query = "query { workspaces(first: 10) { nodes { children(first: 100) { nodes { id name } } } } }";
    let data = scene.house.data(person, query, json!({})).await;
    let nodes = data["workspaces"]["nodes"][0]["children"]["nodes"].as_array().unwrap().clone();
    let found = nodes.into_iter().find(|node| node["name"] == document.name.as_str()).expect("the document is listed");
    found["id"].as_str().unwrap().to_owned()
}

async fn urls(scene: &Scene, document: &Model) -> Value {
    let id = global(scene, &scene.ann, document).await;
    let mut document = scene.house.data(&scene.ann, URLS, json!({ "id": id })).await["document"].take();
    let mut urls = document["content"].take();
    urls["thumbnail"] = document["thumbnail"].take();
    urls
}

async fn get(served: &Served, url: &Value, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = served.http.get(url.as_str().expect("a URL"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_download_streams_the_bytes_and_any_range_of_them_as_an_attachment() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (_, document) = scene.linked("über \"uns\".txt", "0123456789").await;
    let url = urls(&scene, &document).await["download"]["url"].clone();
    let whole = get(&served, &url, &[]).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["x-content-type-options"], "nosniff");
    assert!(whole.headers()["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    assert_eq!(whole.text().await.unwrap(), "0123456789");
    for (range, status, content_range, body) in [
        ("bytes=2-4", 206, "bytes 2-4/10", "234"),
        ("bytes=7-", 206, "bytes 7-9/10", "789"),
        ("bytes=-2", 206, "bytes 8-9/10", "89"),
        ("bytes=9-99", 206, "bytes 9-9/10", "9"),
    ] {
        let part = get(&served, &url, &[("range", range)]).await;
        assert_eq!(part.status().as_u16(), status, "{range}");
        assert_eq!(part.headers()["content-range"], content_range, "{range}");
        assert_eq!(part.text().await.unwrap(), body, "{range}");
    }
    assert_eq!(get(&served, &url, &[("range", "bytes=10-")]).await.status(), 416);
}

#[tokio::test]
async fn native_documents_come_as_pdf_and_links_lead_into_the_cloud_without_changing_it() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let mime = Some("application/vnd.google-apps.document".to_owned());
    let new = NewFile {
        owner: ACCOUNT.into(),
        name: "Minutes".into(),
        mime_type: mime,
        text: Some("Tide".into()),
        ..NewFile::default()
    };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    let before = scene.cloud.control.file(&file.id).await.unwrap();
    let content = urls(&scene, &document).await;
    assert_eq!(content["isNative"], true);
    for door in ["download", "pdf"] {
        let answer = get(&served, &content[door]["url"], &[]).await;
        assert_eq!(answer.status(), 200, "{door}");
        assert_eq!(answer.headers()["content-type"], "application/pdf", "{door}");
        assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-"), "{door}");
    }
    for link in ["viewUrl", "previewUrl"] {
        assert!(content[link].as_str().unwrap().starts_with("http"), "{content:#}");
    }
    assert_eq!(content["appLinks"][0]["isDefault"], true, "{content:#}");
    let after = scene.cloud.control.file(&file.id).await.unwrap();
    assert_eq!(
        (after.shared_with, after.version),
        (before.shared_with, before.version),
        "asking changed nothing over there"
    );
}

#[tokio::test]
async fn a_picture_is_served_from_our_copy_and_not_sent_twice() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let mime = Some("image/png".to_owned());
    let new = NewFile { owner: ACCOUNT.into(), name: "crane.png".into(), mime_type: mime, ..NewFile::default() };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    scene.cloud.control.reset_requests().await.unwrap();
    let url = urls(&scene, &document).await["thumbnail"]["url"].clone();
    let first = get(&served, &url, &[]).await;
    assert_eq!(first.status(), 200);
    assert!(first.headers()["content-type"].to_str().unwrap().starts_with("image/"));
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(get(&served, &url, &[("if-none-match", &etag)]).await.status(), 304);
    let requests = scene.cloud.control.requests(None, 0).await.unwrap();
    assert!(requests.iter().all(|request| !request.path.contains("thumbnail")), "{requests:#?}");
}

#[tokio::test]
async fn people_with_access_of_their_own_are_led_to_the_cloud() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (_, document) = scene.linked("a.txt", "a").await;
    let url = urls(&scene, &document).await["downloadRedirect"]["url"].clone();
    let patient = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = patient.get(url.as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let file = scene.content(&document).await;
    assert!(location.contains(&file.remote_id) && !location.contains("token"), "{location}");
    drop(served);
}

#[tokio::test]
async fn a_ticket_is_refused_when_altered_borrowed_for_another_door_late_or_after_sign_out() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (_, document) = scene.linked("a.txt", "a").await;
    let good = urls(&scene, &document).await["download"]["url"].as_str().unwrap().to_owned();
    let ticket = good.split('/').nth(4).unwrap().to_owned();
    let status = async |url: String| served.http.get(url).send().await.unwrap().status().as_u16();
    assert_eq!(status(good.clone()).await, 200);
    for index in (0..ticket.len()).step_by(ticket.len() / 40) {
        let mut altered: Vec<char> = ticket.chars().collect();
        altered[index] = if altered[index] == 'A' { 'B' } else { 'A' };
        let altered: String = altered.into_iter().collect();
        assert_eq!(status(good.replace(&ticket, &altered)).await, 401, "altered at {index}");
    }
    for nonsense in ["x", "a.b", "%00", &"x".repeat(5000)] {
        assert_eq!(status(good.replace(&ticket, nonsense)).await, 401, "{nonsense:.20}");
    }
    for door in ["pdf", "redirect", "thumbnail"] {
        assert_eq!(status(good.replace("/download", &format!("/{door}"))).await, 401, "{door}");
    }
    token::sign_out(&scene.house.app, &scene.ann.principal).await.unwrap();
    assert_eq!(status(good.clone()).await, 401, "after signing out");
    let again = scene.house.person(scene.ann.id).await;
    let scene = Scene { ann: again, ..scene };
    let fresh = urls(&scene, &document).await["download"]["url"].as_str().unwrap().to_owned();
    assert_eq!(status(fresh.clone()).await, 200);
    scene.house.clock.advance(Duration::from_secs(601));
    assert_eq!(status(fresh).await, 401, "after ten minutes");
}

#[tokio::test]
async fn losing_the_permission_closes_the_door_at_once() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (_, document) = scene.linked("a.txt", "a").await;
    let bo = scene.house.member("bo").await;
    let (app, ann) = (&scene.house.app, &scene.ann.principal);
    let grant = acl::Grant {
        document_id: scene.workspace.id,
        principal_id: bo.id,
        permission: Permission::Read,
        expected_name_token: None,
    };
    acl::grant(app, ann, grant, None).await.unwrap();
    let id = global(&scene, &bo, &document).await;
    let content = scene.house.data(&bo, URLS, json!({ "id": id })).await["document"]["content"].clone();
    assert_eq!(get(&served, &content["download"]["url"], &[]).await.status(), 200);
    let revoke = acl::Revoke { document_id: scene.workspace.id, principal_id: bo.id, expected_name_token: None };
    acl::revoke(app, ann, revoke, None).await.unwrap();
    assert_eq!(get(&served, &content["download"]["url"], &[]).await.status(), 404, "as if it were not there");
}

#[tokio::test]
async fn a_file_that_is_unavailable_has_no_download_and_an_old_address_says_why() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let old = urls(&scene, &document).await["download"]["url"].clone();
    scene.cloud.control.trash(&file.id).await.unwrap();
    scene.poll().await;
    assert_eq!(urls(&scene, &document).await["download"], Value::Null);
    let answer = get(&served, &old, &[]).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("unavailable"));
}
