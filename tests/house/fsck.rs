//! A healthy house has nothing to find; whatever is planted is found, named, and where it can be made anew, repaired.

use hawser_domain::{
    acl, blob,
    document::{self, DocumentKind},
    entity::{acl_entry::Permission, content, document_ancestor, rendition},
    fsck::{self, Check, Finding, Options},
    job::{New, Work},
    principal::Actor,
    search,
};
use hawser_sandbox::control::NewFile;
use hawser_tests::{ACCOUNT, Scene, program};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

/// A tree with rights, a picture, and work that waits.
async fn furnished() -> Scene {
    let scene = Scene::set().await;
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let bob = scene.house.member("bob").await;
    let mut parent = scene.workspace.id;
    for name in ["quay", "shed", "rope"] {
        let new = document::New { parent_id: Some(parent), kind: DocumentKind::Folder, name: name.into() };
        parent = document::create(app, who, new, None).await.unwrap().id;
        if name == "shed" {
            grant(&scene, parent, bob.id).await;
        }
    }
    let new = NewFile {
        owner: ACCOUNT.into(),
        name: "a.png".into(),
        mime_type: Some("image/png".into()),
        ..NewFile::default()
    };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    scene.link(&file.id).await;
    let mut w = app.write(Actor::System).await.unwrap();
    let document_id = content::Entity::find().one(w.db()).await.unwrap().unwrap().document_id;
    w.queue(New::now(Work::RefreshDocument { document_id })).await.unwrap();
    w.commit().await.unwrap();
    scene.house.leave_jobs();
    scene
}

async fn grant(scene: &Scene, document_id: uuid::Uuid, principal_id: uuid::Uuid) {
    let input = acl::Grant { document_id, principal_id, permission: Permission::Write, expected_name_token: None };
    acl::grant(&scene.house.app, &scene.ann.principal, input, None).await.unwrap();
}

async fn look(scene: &Scene, options: Options) -> Vec<Finding> {
    fsck::run(&scene.house.app, options).await.unwrap()
}

async fn plant(scene: &Scene, sql: &str) {
    let done = scene.house.app.database.maintenance().execute_unprepared(sql).await.expect(sql);
    let alters = ["DROP", "CREATE", "PRAGMA"].iter().any(|word| sql.starts_with(word));
    assert!(alters || done.rows_affected() > 0, "nothing was planted by {sql}");
}

const DEEP: Options = Options { repair: false, deep: true };
const REPAIR: Options = Options { repair: true, deep: true };

/// What is planted is found by this check, once it is repaired nothing is found, and the repair says what it did.
async fn found_and_repaired(scene: &Scene, check: Check, words: &str) {
    let found = look(scene, DEEP).await;
    assert!(found.iter().any(|it| it.check == check && it.to_string().contains(words)), "{words}: {found:?}");
    assert!(found.iter().all(|it| !it.repaired && !it.next.is_empty()), "{found:?}");
    let repaired = look(scene, REPAIR).await;
    assert!(repaired.iter().all(|it| it.repaired), "{repaired:?}");
    let left = look(scene, DEEP).await;
    assert!(left.is_empty(), "{words}: {left:?}");
}

#[tokio::test]
async fn a_healthy_house_has_nothing_to_find() {
    let scene = furnished().await;
    search::catch_up(&scene.house.app).await.unwrap();
    let found = look(&scene, DEEP).await;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn gaps_of_the_log_and_a_wrong_tree_are_found_and_made_anew() {
    let scene = furnished().await;
    plant(&scene, "DELETE FROM change WHERE seq = 2").await;
    found_and_repaired(&scene, Check::ChangeLog, "line 2: is missing").await;
    let before = scene.head().await;
    scene.linked("after.txt", "the log goes on").await;
    assert!(scene.head().await.seq > before.seq, "and grows from where it was");
    plant(&scene, "UPDATE repository SET head_seq = head_seq + 3").await;
    found_and_repaired(&scene, Check::ChangeLog, "the head stands at").await;
    plant(&scene, "DELETE FROM document_ancestor WHERE depth = 2").await;
    found_and_repaired(&scene, Check::Tree, "lacks an ancestor").await;
    plant(&scene, "DELETE FROM document_ancestor WHERE depth = 0").await;
    found_and_repaired(&scene, Check::Tree, "has no row of itself").await;
    let row = document_ancestor::ActiveModel {
        document_id: Set(scene.workspace.id),
        ancestor_id: Set(content::Entity::find()
            .one(scene.house.app.database.read())
            .await
            .unwrap()
            .unwrap()
            .document_id),
        depth: Set(1),
    };
    let db = scene.house.app.database.maintenance();
    document_ancestor::Entity::insert(row).exec_without_returning(db).await.unwrap();
    found_and_repaired(&scene, Check::Tree, "has an ancestor that is none").await;
}

#[tokio::test]
async fn rights_that_no_rule_gives_are_found_and_made_anew() {
    let scene = furnished().await;
    let before = kept(&scene).await;
    assert!(!before.is_empty());
    plant(&scene, "DELETE FROM acl_grant").await;
    found_and_repaired(&scene, Check::Rights, "the rules give a right that is not kept").await;
    assert_eq!(kept(&scene).await, before);
    plant(&scene, "UPDATE acl_grant SET permission = 'read'").await;
    found_and_repaired(&scene, Check::Rights, "a right is kept that no rule gives").await;
    assert_eq!(kept(&scene).await, before);
    plant(&scene, "UPDATE document SET acl_id = id").await;
    found_and_repaired(&scene, Check::Rights, "follows the rules of another place").await;
    assert_eq!(kept(&scene).await, before);
}

async fn kept(scene: &Scene) -> Vec<String> {
    let rows = hawser_domain::entity::acl_grant::Entity::find().all(scene.house.app.database.read()).await.unwrap();
    let mut rows: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn bytes_that_are_gone_cut_or_others_are_found_and_forgotten() {
    let scene = furnished().await;
    let (app, db) = (&scene.house.app, scene.house.app.database.read());
    for words in ["its bytes are gone", "bytes instead of", "others than its name says", "was never noted"] {
        let row = rendition::Entity::find().one(db).await.unwrap().expect("a picture is kept");
        let path = format!("{}/{}", &row.blob[..2], row.blob);
        let bytes = blob::read(app, &row.blob).await.unwrap().to_vec();
        match words {
            "its bytes are gone" => app.blobs.delete(&path).await.unwrap(),
            "bytes instead of" => drop(app.blobs.write(&path, bytes[1..].to_vec()).await.unwrap()),
            "others than its name says" => {
                let others: Vec<_> = bytes.iter().map(|byte| byte ^ 1).collect();
                app.blobs.write(&path, others).await.unwrap();
                let shallow = look(&scene, Options::default()).await;
                assert!(shallow.is_empty(), "that takes reading: {shallow:?}");
            }
            _ => plant(&scene, "DELETE FROM blob").await,
        }
        found_and_repaired(&scene, Check::Blobs, words).await;
        assert_eq!(rendition::Entity::find().all(db).await.unwrap().len(), 0, "it is forgotten");
        let made = hawser_domain::content::thumbnail(app, row.document_id, 512).await.unwrap();
        assert!(made.is_some(), "and made again");
    }
}

#[tokio::test]
async fn what_cannot_be_made_anew_is_named_with_what_to_do() {
    let scene = furnished().await;
    plant(&scene, "DROP INDEX ux_document_live_name").await;
    for (check, words, plants, undo) in [
        (
            Check::Names,
            "is the name of 2 documents",
            "UPDATE document SET name = 'quay', name_key = 'quay' WHERE id IN (SELECT document_id FROM content)",
            "UPDATE document SET name = 'a.png', name_key = 'a.png' WHERE id IN (SELECT document_id FROM content)",
        ),
        (
            Check::Names,
            "is not made of it",
            "UPDATE document SET name_key = 'b' WHERE name = 'a.png'",
            "UPDATE document SET name_key = 'a.png' WHERE name = 'a.png'",
        ),
        (
            Check::Jobs,
            "does not read",
            "UPDATE job SET payload = '{\"kind\":\"nonsense\"}' WHERE state = 'queued'",
            "UPDATE job SET payload = '{\"kind\":\"probe\",\"note\":false}', kind = 'probe' WHERE state = 'queued'",
        ),
        (
            Check::Jobs,
            "is called poll_feed and does probe",
            "UPDATE job SET kind = 'poll_feed' WHERE state = 'queued'",
            "UPDATE job SET kind = 'probe' WHERE state = 'queued'",
        ),
        (
            Check::Jobs,
            "runs without a lease",
            "UPDATE job SET state = 'running' WHERE state = 'queued'",
            "UPDATE job SET state = 'queued' WHERE state = 'running'",
        ),
        (
            Check::Schedule,
            "recurs every 0 seconds",
            "UPDATE schedule SET every_seconds = 0 WHERE kind = 'poll_feed'",
            "UPDATE schedule SET every_seconds = 300 WHERE kind = 'poll_feed'",
        ),
        (
            Check::Schedule,
            "longer than it recurs",
            "UPDATE schedule SET next_at = '2100-01-01 00:00:00+00:00' WHERE kind = 'poll_feed'",
            "UPDATE schedule SET next_at = '2026-01-01 00:00:00+00:00' WHERE kind = 'poll_feed'",
        ),
        (Check::Schedule, "does not read", "UPDATE schedule SET payload = '{}'", "DELETE FROM schedule"),
        (
            Check::Secrets,
            "connection.access_token of",
            "UPDATE connection SET access_token = refresh_token",
            "UPDATE connection SET access_token = NULL",
        ),
    ] {
        plant(&scene, plants).await;
        let found = look(&scene, REPAIR).await;
        assert!(!found.is_empty(), "{plants}");
        for finding in &found {
            assert_eq!(finding.check, check, "{finding}");
            assert!(finding.to_string().contains(words) && !finding.repaired && !finding.next.is_empty(), "{finding}");
        }
        plant(&scene, undo).await;
        let left = look(&scene, DEEP).await;
        assert!(left.is_empty(), "{undo}: {left:?}");
    }
}

#[tokio::test]
async fn an_index_ahead_of_the_log_is_found() {
    let scene = furnished().await;
    search::catch_up(&scene.house.app).await.unwrap();
    plant(&scene, "UPDATE repository SET head_seq = 1, min_seq = 1").await;
    plant(&scene, "DELETE FROM change WHERE seq > 1").await;
    let found = look(&scene, DEEP).await;
    let index: Vec<_> = found.iter().filter(|it| it.check == Check::Search).collect();
    assert_eq!(index.len(), 1, "{found:?}");
    assert!(index[0].to_string().contains("`hawser search reindex`"), "{}", index[0]);
}

#[tokio::test]
async fn the_command_ends_well_only_where_nothing_is_found() {
    let scene = furnished().await;
    let ask = async |more: &[&str]| {
        let mut program = tokio::process::Command::new(program());
        program.arg("fsck").args(more).env_clear().env("HAWSER_DATA", scene.house.folder());
        program.output().await.unwrap()
    };
    let healthy = ask(&[]).await;
    assert!(healthy.status.success(), "{healthy:?}");
    plant(&scene, "DELETE FROM acl_grant").await;
    let found = ask(&["--json"]).await;
    assert_eq!(found.status.code(), Some(1));
    let line = String::from_utf8(found.stdout).unwrap().lines().next().unwrap().to_owned();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((line["check"].as_str(), line["repaired"].as_bool()), (Some("rights"), Some(false)));
    assert!(ask(&["--repair"]).await.status.success());
    assert!(ask(&[]).await.status.success());
}
