//! The change log: nobody who reads it by cursor misses a line or sees two out of order.

use hawser_domain::{
    acl::{self, Permission},
    change::{self, Position},
    document::{self, DocumentKind},
    entity::change::{ChangeKind, Noun},
    group,
    principal::Actor,
};
use hawser_tests::{Column, House, Storm, storm};
use uuid::Uuid;

/// The same with 100,000 commits is `cargo xtask bench feed`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_and_four_readers_miss_and_reorder_nothing_of_what_is_committed() {
    let house = House::start().await;
    let commits = if Column::here().is_postgres() { 5_000 } else { 50_000 };
    let weathered = storm(&house, Storm { seed: 6, writers: 8, readers: 4, commits }).await;
    assert!(weathered.given_up > commits / 40, "{weathered:?}");
    assert_eq!(weathered.committed + weathered.given_up, commits);
    println!("{weathered:?}");
}

#[tokio::test]
async fn who_has_left_the_group_since_still_hears_that_its_documents_are_gone() {
    let house = House::start().await;
    let (admin, ann, bob) = (house.admin().await, house.member("ann").await, house.member("bob").await);
    let (app, boss) = (&house.app, &admin.principal);
    let crew = group::create(app, boss, "Crew", None).await.unwrap().id;
    group::add_member(app, boss, crew, ann.id).await.unwrap();
    let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Harbour".into() };
    let document_id = document::create(app, &bob.principal, new, None).await.unwrap().id;
    let grant = acl::Grant { document_id, principal_id: crew, permission: Permission::Read, expected_name_token: None };
    acl::grant(app, &bob.principal, grant, None).await.unwrap();
    let seen = change::head(app).await.unwrap();
    // Ann is away when both happens.
    let revoke = acl::Revoke { document_id, principal_id: crew, expected_name_token: None };
    acl::revoke(app, &bob.principal, revoke, None).await.unwrap();
    group::remove_member(app, boss, crew, ann.id).await.unwrap();
    let ann = house.person(ann.id).await;
    let delivery = change::deliver(app, &ann.principal, seen, 100).await.unwrap();
    let gone: Vec<_> = delivery.heard.iter().filter(|heard| heard.gone).map(|heard| heard.line.subject_id).collect();
    assert_eq!(gone, [document_id]);
}

#[tokio::test]
async fn a_cursor_of_another_history_or_of_purged_lines_is_told_to_begin_anew() {
    let house = House::start().await;
    let head = change::head(&house.app).await.unwrap();
    for stale in [
        Position { epoch: Uuid::nil(), seq: head.seq },
        Position { seq: head.seq + 1, ..head },
        Position { seq: -5, ..head },
    ] {
        let batch = change::read(&house.app, stale, 10).await.unwrap();
        assert!(batch.resync, "{stale:?}");
        assert_eq!(batch.position, head);
    }
    assert!(!change::read(&house.app, head, 10).await.unwrap().resync);
}

#[tokio::test]
async fn a_rolled_back_transaction_announces_nothing() {
    let house = House::start().await;
    let head = change::head(&house.app).await.unwrap();
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.announce(Noun::Provider, Uuid::from_u128(1), ChangeKind::Updated);
    drop(w);
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.announce(Noun::Provider, Uuid::from_u128(2), ChangeKind::Updated);
    w.announce(Noun::Provider, Uuid::from_u128(2), ChangeKind::Updated);
    w.commit().await.unwrap();
    let batch = change::read(&house.app, head, 10).await.unwrap();
    let subjects: Vec<_> = batch.lines.iter().map(|line| line.subject_id).collect();
    assert_eq!(subjects, [Uuid::from_u128(2)], "once, although it was announced twice");
    assert_eq!(house.app.news.head(), batch.position.seq);
}
