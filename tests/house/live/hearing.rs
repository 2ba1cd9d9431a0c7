//! Subscriptions over the real wire: they speak when the cloud does, resume without a gap, and fall silent when a right ends.

use hawser_domain::{
    acl::{self, Permission},
    document::{self, DocumentKind},
    entity::document::Model,
};
use hawser_tests::{Person, Scene};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{next, settled, subscribe};

const CHANGED: &str =
    "subscription { documentChanged { kind documentId cursor document { name content { size state } } } }";

async fn share(scene: &Scene, with: &Person) {
    share_document(scene, scene.workspace.id, with).await;
}

async fn share_document(scene: &Scene, document_id: Uuid, with: &Person) {
    let grant =
        acl::Grant { document_id, principal_id: with.id, permission: Permission::Read, expected_name_token: None };
    acl::grant(&scene.house.app, &scene.ann.principal, grant, None).await.unwrap();
}

async fn unshare(scene: &Scene, with: &Person) {
    let revoke = acl::Revoke { document_id: scene.workspace.id, principal_id: with.id, expected_name_token: None };
    acl::revoke(&scene.house.app, &scene.ann.principal, revoke, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_in_the_cloud_reaches_a_subscriber_with_the_document_as_it_is_now() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (file, _) = scene.linked("a.txt", "a").await;
    let mut socket = served.socket().await;
    socket.sign_in(&scene.ann).await;
    subscribe(&mut socket, "1", CHANGED, json!({})).await;
    settled(&mut socket).await;
    scene.cloud.control.edit_text(&file.id, "twelve bytes").await.unwrap();
    scene.poll().await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["kind"], "CONTENT", "{heard:#}");
    assert_eq!(heard["document"]["content"], json!({ "size": "12", "state": "OK" }));
}

const CHANGES: &str = "subscription($since: Cursor) { changes(since: $since, filter: { nouns: [DOCUMENT] }) {
    cursor resync changes { kind subjectId gone document { name } } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_was_away_goes_on_from_its_cursor_and_misses_nothing() {
    let scene = Scene::set().await;
    // The cloud's push may come after the last of the work was done.
    scene.house.leave_jobs();
    let served = scene.house.serve().await;
    let mut socket = served.socket().await;
    socket.sign_in(&scene.ann).await;
    subscribe(&mut socket, "1", CHANGES, json!({})).await;
    let start = next(&mut socket).await;
    assert_eq!(start["changes"], json!([]), "the first batch says where one stands");
    drop(socket);
    let mut names = Vec::new();
    for n in 0..30 {
        let name = format!("{n:02}.txt");
        scene.linked(&name, "x").await;
        names.push(name);
    }
    let mut socket = served.socket().await;
    socket.sign_in(&scene.ann).await;
    subscribe(&mut socket, "1", CHANGES, json!({ "since": start["cursor"] })).await;
    let mut created = Vec::new();
    while created.len() < names.len() {
        let batch = next(&mut socket).await;
        assert_eq!(batch["resync"], false);
        for change in batch["changes"].as_array().unwrap() {
            if change["kind"] == "CREATED" {
                created.push(change["document"]["name"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(created, names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_loses_sight_hears_once_that_it_is_gone_and_then_nothing() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let (bo, cy) = (scene.house.member("bo").await, scene.house.member("cy").await);
    share(&scene, &bo).await;
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let theirs = document::New { name: "In sight".into(), kind: DocumentKind::Workspace, parent_id: None };
    let theirs = document::create(app, who, theirs, None).await.unwrap();
    for person in [&bo, &cy] {
        share_document(&scene, theirs.id, person).await;
    }
    let mut sockets = Vec::new();
    for person in [&bo, &cy] {
        let mut socket = served.socket().await;
        socket.sign_in(person).await;
        subscribe(&mut socket, "1", CHANGES, json!({})).await;
        next(&mut socket).await;
        sockets.push(socket);
    }
    unshare(&scene, &bo).await;
    let gone = next(&mut sockets[0]).await;
    assert_eq!(gone["changes"][0]["gone"], true, "{gone:#}");
    assert_eq!(gone["changes"][0]["document"], Value::Null);
    scene.cloud.control.edit_text(&file.id, "secret news").await.unwrap();
    scene.poll().await;
    // What comes after the edit in the log is heard after it: whoever hears the new name has passed the edit in silence.
    let rename = document::Rename { id: theirs.id, name: "Still in sight".into(), expected_name_token: None };
    document::rename(app, who, rename, None).await.unwrap();
    for socket in &mut sockets {
        let heard = next(socket).await;
        let names: Vec<_> =
            heard["changes"].as_array().unwrap().iter().map(|change| &change["document"]["name"]).collect();
        assert_eq!(names, ["Still in sight"], "{heard:#}");
    }
    share(&scene, &cy).await;
    share(&scene, &bo).await;
    for socket in &mut sockets {
        let heard = next(socket).await;
        let kinds: Vec<_> = heard["changes"].as_array().unwrap().iter().map(|change| change["kind"].clone()).collect();
        assert_eq!(kinds[0], "ACCESS", "nothing of what happened while it was out of sight: {heard:#}");
        assert!(kinds.iter().all(|kind| kind == "ACCESS"), "{heard:#}");
    }
    assert_eq!(scene.content(&document).await.size, Some(11));
}

const ALL: &str = "subscription { changes { changes { noun } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_and_connections_tell_their_owner_and_nobody_else() {
    let scene = Scene::set().await;
    let served = scene.house.serve().await;
    let (_, document): (_, Model) = scene.linked("a.txt", "a").await;
    let bo = scene.house.member("bo").await;
    let mut sockets = Vec::new();
    for person in [&scene.ann, &bo] {
        let mut socket = served.socket().await;
        socket.sign_in(person).await;
        subscribe(&mut socket, "job", "subscription { jobUpdated { kind state } }", json!({})).await;
        settled(&mut socket).await;
        sockets.push(socket);
    }
    hawser_domain::content::ask_refresh(&scene.house.app, &scene.ann.principal, document.id).await.unwrap();
    let heard = next(&mut sockets[0]).await;
    assert_eq!(heard, json!({ "kind": "refresh_document", "state": "QUEUED" }));
    subscribe(&mut sockets[1], "own", ALL, json!({})).await;
    next(&mut sockets[1]).await;
    scene.house.drain().await;
    share(&scene, &bo).await;
    let first = next(&mut sockets[1]).await;
    let nouns: Vec<_> = first["changes"].as_array().unwrap().iter().map(|change| change["noun"].clone()).collect();
    assert!(nouns.iter().all(|noun| noun == "DOCUMENT"), "Bo hears of the share and not of Ann's job: {first:#}");
    let mut socket = served.socket().await;
    socket.sign_in(&scene.ann).await;
    subscribe(&mut socket, "1", "subscription { connectionChanged { state problem } }", json!({})).await;
    settled(&mut socket).await;
    scene.cloud.control.revoke_grants(hawser_tests::ACCOUNT).await.unwrap();
    scene.poll().await;
    assert_eq!(next(&mut socket).await["state"], "NEEDS_REAUTH");
}

#[tokio::test]
async fn a_cursor_that_is_none_and_a_batch_that_is_too_large_are_refused_in_words() {
    let scene = Scene::set().await;
    for (query, part) in [
        ("{ changes(since: \"nonsense\") { cursor } }", "changeCursor"),
        ("{ changes(since: \"AAAA\", first: 501) { cursor } }", ""),
        ("{ jobs(filter: { kinds: [\"dance\"] }) { nodes { id } } }", "poll_feed"),
        ("{ jobs(first: 101) { nodes { id } } }", "100"),
    ] {
        let answer = scene.house.gql(&scene.ann, query, json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains(part), "{answer:#}");
    }
}
