//! What the house forgets, when, and what it must not forget.

use std::time::Duration;

use hawser_domain::{
    Error, blob, change, connection,
    content::{self, Item},
    document::{self, DocumentKind},
    entity::{blob as row, change::ChangeKind, change::Noun, channel, idempotency, oauth_flow, token as tokens},
    feed, provider, token,
};
use hawser_sandbox::control::{Edit, NewFile};
use hawser_tests::{ACCOUNT, Scene};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

const DAY: Duration = Duration::from_secs(86_400);

async fn count<E: EntityTrait>(scene: &Scene) -> u64
where
    E::Model: Sync + Send,
{
    E::find().count(scene.house.app.database.read()).await.unwrap()
}

async fn files(scene: &Scene) -> usize {
    scene.house.blobs().await.len()
}

async fn picture(scene: &Scene, name: &str) -> (hawser_sandbox::control::FileState, document::Model) {
    let new =
        NewFile { owner: ACCOUNT.into(), name: name.into(), mime_type: Some("image/png".into()), ..NewFile::default() };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    (file, document)
}

#[tokio::test]
async fn bytes_nothing_refers_to_are_collected_once_they_are_old_and_no_others() {
    let scene = Scene::set().await;
    let app = &scene.house.app;
    let (replaced, first) = picture(&scene, "a.png").await;
    let (other, deleted) = picture(&scene, "b.png").await;
    let (_, kept) = picture(&scene, "c.png").await;
    for (file, document, bytes) in [(&replaced, &first, "iVBORw0KGgo="), (&other, &deleted, "iVBORw0KGgoK")] {
        let edit = Edit { base64: Some(bytes.into()), ..Edit::default() };
        scene.cloud.control.edit(&file.id, &edit).await.unwrap();
        scene.poll().await;
        content::thumbnail(app, document.id, 512).await.unwrap().expect("another picture");
    }
    let who = &scene.ann.principal;
    document::trash(app, who, document::Trash { id: deleted.id, expected_name_token: None }, None).await.unwrap();
    document::delete(app, who, document::Delete { id: deleted.id, expected_name_token: None }, None).await.unwrap();
    // Stored by a transaction that was given up.
    let lost = blob::store(app, "nobody refers to this".into()).await.unwrap();
    let (rows, stored) = (count::<row::Entity>(&scene).await, files(&scene).await);
    assert_eq!(blob::collect(app, DAY).await.unwrap(), blob::Collected::default(), "not while it is young");
    scene.house.clock.advance(DAY + Duration::from_secs(60));
    assert_eq!(blob::collect(app, DAY).await.unwrap(), blob::Collected { rows: 1, files: 2 });
    assert_eq!((count::<row::Entity>(&scene).await, files(&scene).await), (rows - 1, stored - 2));
    assert!(matches!(blob::read(app, &lost).await, Err(Error::NotFound { .. })));
    for document in [&first, &kept] {
        assert!(content::thumbnail(app, document.id, 512).await.unwrap().is_some(), "{}", document.name);
    }
}

#[tokio::test]
async fn what_ended_is_forgotten_after_its_time_and_not_before() {
    let scene = Scene::set().await;
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Quay".into() };
    let made = document::create(app, who, new.clone(), Some("key")).await.unwrap();
    let feed = feed::list(app, scene.connection.id).await.unwrap().remove(0).id;
    feed::renew_channel(app, feed).await.unwrap();
    let (consents, sessions, channels) = (
        count::<oauth_flow::Entity>(&scene).await,
        count::<tokens::Entity>(&scene).await,
        count::<channel::Entity>(&scene).await,
    );
    assert!(consents > 0 && sessions > 0 && channels > 1, "{consents} {sessions} {channels}");
    hawser_workers::tidy(app).await;
    scene.house.clock.advance(DAY - Duration::from_secs(3600));
    hawser_workers::tidy(app).await;
    assert_eq!(document::create(app, who, new.clone(), Some("key")).await.unwrap().id, made.id, "still remembered");
    assert_eq!(count::<channel::Entity>(&scene).await, channels);
    assert_eq!(count::<oauth_flow::Entity>(&scene).await, consents);
    scene.house.clock.advance(Duration::from_secs(7200));
    hawser_workers::tidy(app).await;
    assert_eq!(count::<idempotency::Entity>(&scene).await, 0);
    assert_eq!(count::<oauth_flow::Entity>(&scene).await, 0);
    let live = channel::Entity::find().filter(channel::Column::StoppedAt.is_null());
    assert_eq!(live.count(app.database.read()).await.unwrap(), 1);
    assert_eq!(count::<channel::Entity>(&scene).await, 1, "the channel that works stays");
    assert_eq!(count::<tokens::Entity>(&scene).await, sessions);
    scene.house.clock.advance(29 * DAY);
    hawser_workers::tidy(app).await;
    assert_eq!(count::<tokens::Entity>(&scene).await, sessions, "a session of twelve hours stays a month longer");
    scene.house.clock.advance(2 * DAY);
    token::open_session(app, scene.ann.id).await.unwrap();
    hawser_workers::tidy(app).await;
    assert_eq!(count::<tokens::Entity>(&scene).await, 1);
}

#[tokio::test]
async fn readers_of_forgotten_changes_are_told_to_begin_anew_and_others_miss_nothing() {
    let scene = Scene::set().await;
    let app = &scene.house.app;
    let (_, old) = scene.linked("a.txt", "a").await;
    let first = change::Position { seq: 0, ..scene.head().await };
    let before = scene.head().await;
    scene.house.clock.advance(31 * DAY);
    assert!(change::purge(app, 30 * DAY).await.unwrap() > 0);
    let told = change::read(app, first, 100).await.unwrap();
    assert!(told.resync && told.lines.is_empty());
    let (_, new) = scene.linked("b.txt", "b").await;
    assert_eq!(change::purge(app, 30 * DAY).await.unwrap(), 0);
    let read = change::read(app, before, 100).await.unwrap();
    assert!(!read.resync, "whoever had read everything goes on");
    assert_eq!(read.lines[0].seq, before.seq + 1);
    assert!(read.lines.iter().any(|line| line.subject_id == new.id && line.kind == ChangeKind::Created));
    assert!(read.lines.iter().all(|line| line.subject_id != old.id));
}

#[tokio::test]
async fn deleting_a_provider_by_force_stops_the_pushes_of_its_connections() {
    let scene = Scene::set().await;
    assert_eq!(scene.cloud.control.status().await.unwrap().channels, 1);
    let admin = scene.house.admin().await.principal;
    let row = scene.house.provider(&scene.cloud).await;
    let stale = provider::delete(&scene.house.app, &admin, row.id, row.revision + 1, true).await;
    assert!(matches!(stale, Err(Error::StaleToken { .. })), "{stale:?}");
    assert_eq!(scene.cloud.control.status().await.unwrap().channels, 1, "not for a request that is refused");
    provider::delete(&scene.house.app, &admin, row.id, row.revision, true).await.unwrap();
    assert_eq!(scene.cloud.control.status().await.unwrap().channels, 0);
}

#[tokio::test]
async fn whoever_a_connection_is_taken_from_hears_that_it_is_gone_and_strangers_nothing() {
    let scene = Scene::set().await;
    let app = &scene.house.app;
    let (bo, cy) = (scene.house.member("bo").await, scene.house.member("cy").await);
    let ann = &scene.ann.principal;
    connection::share(app, ann, scene.connection.id, &[bo.id]).await.unwrap();
    let since = scene.head().await;
    connection::unshare(app, ann, scene.connection.id, &[bo.id]).await.unwrap();
    let heard = async |who| {
        let delivery = change::deliver(app, who, since, 100).await.unwrap();
        let of_connections = delivery.heard.into_iter().filter(|heard| heard.line.noun == Noun::Connection);
        of_connections.map(|heard| heard.gone).collect::<Vec<_>>()
    };
    assert_eq!(heard(&bo.principal).await, [true]);
    assert_eq!(heard(&cy.principal).await, [] as [bool; 0]);
    assert_eq!(heard(ann).await, [false]);
    let items = [Item { remote_id: "x".into(), resource_key: None, name: None }];
    let refused = content::link(app, &bo.principal, scene.connection.id, scene.workspace.id, &items, None).await;
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
}
