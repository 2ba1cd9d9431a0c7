//! Reading lines of the log again, in one go or one by one, leaves the same index.

use std::collections::BTreeSet;

use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    acl::{self, Permission},
    document::{
        self, DocumentKind, Rename,
        ground::{Ground, away, back, give, to},
        move_to, rename, restore, trash,
    },
    page::Span,
    search::{self, Engine, Request, catch_up},
};

async fn found(ground: &Ground, who: usize) -> BTreeSet<(Uuid, String)> {
    let request = Request { span: Span::first(100), ..Request::default() };
    let found = search::search(&ground.app, &ground.people[who], &request).await.unwrap();
    assert_eq!(found.hits.len() as u64, found.total);
    found.hits.into_iter().map(|hit| (hit.document.id, hit.document.name)).collect()
}

async fn expected(ground: &Ground, who: usize) -> BTreeSet<(Uuid, String)> {
    let all = hawser_entity::document::Entity::find().all(ground.app.database.read()).await.unwrap();
    let ids: Vec<Uuid> = all.iter().filter(|it| it.trash_root_id.is_none()).map(|it| it.id).collect();
    let seen = document::find_many(&ground.app, &ground.people[who], &ids).await.unwrap();
    seen.into_iter().map(|it| (it.id, it.name)).collect()
}

/// Goes back to a place in the log, as after a crash before the last commit.
async fn go_back(ground: &Ground, seq: i64) {
    let Engine::Embedded(engine) = &ground.app.search else { panic!("another engine") };
    let mut desk = engine.desk.lock().await;
    desk.writing.as_mut().unwrap().at.seq = seq;
}

#[tokio::test]
async fn lines_that_are_read_again_do_no_harm() {
    let ground = Ground::new(7).await;
    let [ann, bob, ..] = &ground.people;
    let app = &ground.app;
    let harbour = ground.workspace(ann, "Harbour").await;
    let other = ground.workspace(ann, "Archive").await;
    let plans = ground.folder(ann, &harbour, "Plans").await;
    let quay = ground.child(ann, &plans, DocumentKind::File, "Quay.pdf").await;
    let tide = ground.child(ann, &plans, DocumentKind::File, "Tide.pdf").await;
    catch_up(app).await.unwrap();
    give(&ground, ann, &plans, bob, Permission::Read).await;
    move_to(app, ann, to(&plans, &other), None).await.unwrap();
    catch_up(app).await.unwrap();
    let quay = document::find(app, ann, quay.id, Permission::Read).await.unwrap();
    let input = Rename { id: quay.id, name: "Pier.pdf".into(), expected_name_token: None };
    rename(app, ann, input, None).await.unwrap();
    trash(app, ann, away(&tide), None).await.unwrap();
    restore(app, ann, back(&tide), None).await.unwrap();
    trash(app, ann, away(&quay), None).await.unwrap();
    let caught = catch_up(app).await.unwrap();
    let head = caught.position.unwrap().seq;
    for seq in (0..=head).rev() {
        go_back(&ground, seq).await;
        let again = catch_up(app).await.unwrap();
        assert_eq!(again.position, caught.position);
        for who in [0, 1, 2, 3] {
            assert_eq!(found(&ground, who).await, expected(&ground, who).await, "from {seq} as {who}");
        }
    }
    assert_eq!(found(&ground, 1).await.len(), 2, "the folder and one of its files");
    let documents = search::status(app).await.unwrap().index.unwrap().documents;
    assert_eq!(documents, 4, "each once: what is live");
}

#[tokio::test]
async fn an_index_that_stands_anywhere_in_the_log_shows_each_only_what_they_see_now() {
    let ground = Ground::new(8).await;
    let [ann, bob, ..] = &ground.people;
    let app = &ground.app;
    let harbour = ground.workspace(ann, "Harbour").await;
    let plans = ground.folder(ann, &harbour, "Plans").await;
    let deep = ground.folder(ann, &plans, "Deep").await;
    ground.child(ann, &deep, DocumentKind::File, "Quay.pdf").await;
    let away_to = ground.workspace(bob, "Bob's").await;
    catch_up(app).await.unwrap();
    let look = async || {
        for who in [0, 1, 2, 3] {
            assert_eq!(found(&ground, who).await, expected(&ground, who).await, "as {who}");
        }
    };
    give(&ground, ann, &plans, bob, Permission::Admin).await;
    look().await;
    give(&ground, ann, &harbour, bob, Permission::Write).await;
    look().await;
    move_to(app, bob, to(&deep, &away_to), None).await.unwrap();
    look().await;
    trash(app, ann, away(&plans), None).await.unwrap();
    look().await;
    let delete = document::Delete { id: plans.id, expected_name_token: None };
    document::delete(app, ann, delete, None).await.unwrap();
    look().await;
    assert_eq!(found(&ground, 1).await.len(), 4, "what was moved out before is still there");
    let behind = search::status(app).await.unwrap();
    assert!(behind.index.unwrap().position < behind.head, "the index never moved");
    catch_up(app).await.unwrap();
    look().await;
}

/// Rights and places change while the index follows as fast as it can: whatever a search catches it at, it tells the truth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_moment_between_a_commit_and_its_reading_shows_too_much_or_too_little() {
    let ground = Ground::new(9).await;
    let [ann, bob, ..] = &ground.people;
    let app = &ground.app;
    let harbour = ground.workspace(ann, "Harbour").await;
    let mut folders = Vec::new();
    for n in 0..4 {
        let folder = ground.folder(ann, &harbour, &format!("Dock {n}")).await;
        ground.child(ann, &folder, DocumentKind::File, "Quay.pdf").await;
        ground.child(ann, &folder, DocumentKind::Folder, "Deep").await;
        folders.push(folder);
    }
    catch_up(app).await.unwrap();
    let (committed, mut commits) = tokio::sync::watch::channel(0);
    let follower = tokio::spawn({
        let app = app.clone();
        async move {
            while !committed.is_closed() {
                let documents = catch_up(&app).await.unwrap().documents;
                if documents > 0 {
                    committed.send_modify(|commits| *commits += 1);
                }
                tokio::task::yield_now().await;
            }
        }
    });
    for n in 0..48 {
        let folder = &folders[n % 4];
        let revoke = acl::Revoke { document_id: folder.id, principal_id: bob.user_id, expected_name_token: None };
        match (n / 4) % 4 {
            0 | 2 => give(&ground, ann, folder, bob, Permission::Read).await,
            1 => {
                acl::revoke(app, ann, revoke, None).await.unwrap();
            }
            _ => {
                let place = if n % 8 < 4 { &folders[(n + 1) % 4] } else { &harbour };
                let folder = document::find(app, ann, folder.id, Permission::Read).await.unwrap();
                // A folder cannot go below itself: then it stays.
                let _ = move_to(app, ann, to(&folder, place), None).await;
            }
        }
        for who in [0, 1, 2, 3] {
            assert_eq!(found(&ground, who).await, expected(&ground, who).await, "after {n} as {who}");
        }
        if n % 6 == 5 {
            // The index moves meanwhile, and not only at the end.
            commits.changed().await.unwrap();
        }
    }
    drop(commits);
    follower.await.unwrap();
}
