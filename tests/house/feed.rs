//! Push channels: opened, believed only with their secret, renewed before they end; and the clock that polls.

use std::time::Duration;

use hawser_domain::{
    entity::{change::ChangeKind::Content, channel, content::ContentState, feed::FeedState, job, schedule},
    feed,
    page::Span,
    provider::{self, Form},
};
use hawser_sandbox::control::NewFile;
use hawser_tests::{Scene, Served};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

/// Turns pushes on and opens the channels that follow from it.
async fn pushed(scene: &Scene) -> Served {
    let served = scene.house.serve().await;
    let admin = scene.house.admin().await.principal;
    let row = scene.house.provider(&scene.cloud).await;
    let form = Form { push: Some(true), ..Form::default() };
    provider::update(&scene.house.app, &admin, row.id, row.revision, &form).await.unwrap();
    scene.house.drain().await;
    served
}

async fn live_channels(scene: &Scene) -> Vec<channel::Model> {
    let live = channel::Entity::find().filter(channel::Column::StoppedAt.is_null()).order_by_asc(channel::Column::Id);
    live.all(scene.house.app.database.read()).await.unwrap()
}

async fn polls_waiting(scene: &Scene) -> u64 {
    let waiting = job::Entity::find().filter(job::Column::Kind.eq("poll_feed")).filter(job::Column::State.eq("queued"));
    waiting.count(scene.house.app.database.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_asks_for_one_poll_and_the_news_arrives() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let _served = pushed(&scene).await;
    let channels = live_channels(&scene).await;
    assert_eq!(channels.len(), 1);
    assert!(channels[0].resource_id.is_some());
    let mut news = scene.house.app.news.subscribe();
    let head = scene.head().await;
    news.mark_unchanged();
    scene.cloud.control.edit_text(&file.id, "pushed news").await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), news.changed()).await.expect("the push queues a poll").unwrap();
    assert_eq!(polls_waiting(&scene).await, 1);
    scene.house.drain().await;
    assert!(scene.changes(head, document.id).await.contains(&Content));
}

#[tokio::test]
async fn a_push_is_believed_only_with_the_secret_and_resource_of_a_live_channel() {
    let scene = Scene::set().await;
    let served = pushed(&scene).await;
    let channel = live_channels(&scene).await.remove(0);
    let feed = feed::list(&scene.house.app, scene.connection.id).await.unwrap().remove(0);
    let url = format!("{}/webhooks/{}", served.url, feed.id);
    let resource = channel.resource_id.clone().unwrap();
    let push = |id: &str, token: &str, resource: &str, state: &str| {
        let request = served.http.post(&url).header("X-Goog-Channel-ID", id).header("X-Goog-Channel-Token", token);
        request
            .header("X-Goog-Resource-ID", resource)
            .header("X-Goog-Resource-State", state)
            .header("X-Goog-Message-Number", "2")
    };
    let id = channel.id.to_string();
    for (request, status, what) in [
        (push(&id, "guess", &resource, "change"), 401, "a guessed secret"),
        (push(&id, "", &resource, "change"), 401, "an empty secret"),
        (push("00000000-0000-7000-8000-00000000dead", "guess", &resource, "change"), 200, "an unknown channel"),
        (served.http.post(&url), 401, "no headers at all"),
        (served.http.post(format!("{}/webhooks/{}", served.url, uuid::Uuid::nil())), 200, "an unknown feed"),
        (served.http.post(format!("{}/webhooks/nonsense", served.url)), 404, "no feed's address"),
    ] {
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{what}");
        assert_eq!(polls_waiting(&scene).await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_channel_is_opened_although_the_cloud_forgot_the_cursor() {
    let scene = Scene::set().await;
    let _served = pushed(&scene).await;
    let first = live_channels(&scene).await.remove(0);
    scene.cloud.control.invalidate_cursors().await.unwrap();
    feed::renew_channel(&scene.house.app, first.feed_id).await.unwrap();
    let now = live_channels(&scene).await;
    assert_eq!(now.len(), 1);
    assert!(now[0].id != first.id && now[0].resource_id.is_some());
}

#[tokio::test]
async fn channels_are_renewed_before_they_end_and_the_old_one_is_stopped() {
    let scene = Scene::set().await;
    let _served = pushed(&scene).await;
    let first = live_channels(&scene).await.remove(0);
    let life = first.expires_at - scene.house.clock.now();
    let almost = life.to_std().unwrap().mul_f64(0.81);
    scene.house.clock.advance(almost);
    scene.cloud.control.advance_clock(almost.as_millis().try_into().unwrap()).await.unwrap();
    scene.cloud.control.reset_requests().await.unwrap();
    hawser_domain::job::schedule::tick(&scene.house.app).await.unwrap();
    scene.house.drain().await;
    let now = live_channels(&scene).await;
    assert_eq!(now.len(), 1);
    assert_ne!(now[0].id, first.id);
    assert!(now[0].expires_at > first.expires_at);
    let told = scene.house.counted("hawser_channel_next_expiry_timestamp_seconds").await;
    assert_eq!(told as i64, now[0].expires_at.timestamp());
    assert_eq!(scene.cloud.control.count("/drive/v3/channels/stop").await.unwrap(), 1);
    assert_eq!(scene.cloud.control.status().await.unwrap().channels, 1);
}

#[tokio::test]
async fn feeds_are_polled_by_the_clock_at_the_interval_of_their_provider() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    scene.cloud.control.edit_text(&file.id, "found by the clock").await.unwrap();
    let head = scene.head().await;
    let polled = async |after: u64| {
        scene.house.clock.advance(Duration::from_secs(after));
        hawser_domain::job::schedule::tick(&scene.house.app).await.unwrap();
        scene.house.drain().await;
        scene.changes(head, document.id).await.contains(&Content)
    };
    assert!(!polled(298).await, "not before five minutes are over");
    assert!(polled(2).await);
    let admin = scene.house.admin().await.principal;
    let row = scene.house.provider(&scene.cloud).await;
    let form = Form { poll_seconds: Some(30), ..Form::default() };
    provider::update(&scene.house.app, &admin, row.id, row.revision, &form).await.unwrap();
    let rows = schedule::Entity::find().all(scene.house.app.database.read()).await.unwrap();
    assert!(rows.iter().any(|row| row.kind == "poll_feed" && row.every_seconds == 30), "{rows:?}");
}

#[tokio::test]
async fn once_a_day_everything_known_is_read_again() {
    let scene = Scene::set().await;
    scene.linked("a.txt", "a").await;
    scene.linked("b.txt", "b").await;
    scene.house.clock.advance(Duration::from_secs(86_500));
    scene.cloud.control.advance_clock(86_500_000).await.unwrap();
    scene.cloud.control.reset_requests().await.unwrap();
    scene.poll().await;
    let requests = scene.cloud.control.requests(None, 0).await.unwrap();
    let batches = async || scene.cloud.control.count("/batch/drive/v3").await.unwrap();
    assert_eq!(batches().await, 1, "{requests:#?}");
    scene.poll().await;
    assert_eq!(batches().await, 1, "not again before tomorrow");
}

#[tokio::test]
async fn a_lost_consent_parks_the_work_in_order_and_connecting_again_does_it_all() {
    let scene = Scene::set().await;
    let mut linked = Vec::new();
    for n in 0..5 {
        linked.push(scene.linked(&format!("{n}.txt"), "old").await);
    }
    scene.cloud.control.revoke_grants(hawser_tests::ACCOUNT).await.unwrap();
    for (file, document) in &linked {
        scene.cloud.control.edit_text(&file.id, "edited while disconnected").await.unwrap();
        let (app, who) = (&scene.house.app, &scene.ann.principal);
        hawser_domain::content::ask_refresh(app, who, document.id).await.unwrap();
    }
    let head = scene.head().await;
    scene.house.drain().await;
    let admin = scene.house.admin().await.principal;
    let parked = async || {
        let filter = hawser_domain::job::Filter { states: vec![job::JobState::Parked], ..Default::default() };
        hawser_domain::job::list(&scene.house.app, &admin, &filter, &Span::first(100)).await.unwrap().rows
    };
    let waiting = parked().await;
    assert_eq!(waiting.len(), 5);
    assert!(waiting.iter().all(|job| job.attempt == 0), "being parked uses up no attempt");
    let row =
        hawser_domain::connection::find(&scene.house.app, &scene.ann.principal, scene.connection.id).await.unwrap();
    assert_eq!(row.state, hawser_domain::entity::connection::ConnectionState::NeedsReauth);
    scene.house.clock.advance(Duration::from_secs(301));
    hawser_domain::job::schedule::tick(&scene.house.app).await.unwrap();
    scene.house.drain().await;
    assert_eq!(parked().await.len(), 6, "what the clock asks for waits with the rest");
    let answer = hawser_tests::agreeing(hawser_tests::ACCOUNT);
    let ending = scene.house.consent(&scene.cloud, &scene.ann, Some(scene.connection.id), &answer).await;
    assert!(matches!(ending, hawser_domain::connection::Ending::Connected(_)), "{ending:?}");
    assert_eq!(parked().await.len(), 0);
    scene.house.drain().await;
    for (_, document) in &linked {
        let changes = scene.changes(head, document.id).await;
        assert_eq!(changes.iter().filter(|kind| **kind == Content).count(), 1, "once, and not lost: {changes:?}");
    }
}

#[tokio::test]
async fn connecting_again_reads_at_once_what_happened_meanwhile() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "old").await;
    let (_, noticed) = scene.linked("b.txt", "old").await;
    scene.cloud.control.revoke_grants(hawser_tests::ACCOUNT).await.unwrap();
    hawser_domain::content::ask_refresh(&scene.house.app, &scene.ann.principal, noticed.id).await.unwrap();
    scene.house.drain().await;
    scene.cloud.control.edit_text(&file.id, "edited, and nobody rang").await.unwrap();
    let head = scene.head().await;
    let answer = hawser_tests::agreeing(hawser_tests::ACCOUNT);
    let ending = scene.house.consent(&scene.cloud, &scene.ann, Some(scene.connection.id), &answer).await;
    assert!(matches!(ending, hawser_domain::connection::Ending::Connected(_)), "{ending:?}");
    scene.house.drain().await;
    let changes = scene.changes(head, document.id).await;
    assert!(changes.contains(&Content), "without waiting for the clock: {changes:?}");
}

#[tokio::test]
async fn of_two_polls_of_one_feed_at_once_one_applies_the_page_and_both_end_well() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let (app, feed) = (&scene.house.app, feed::list(&scene.house.app, scene.connection.id).await.unwrap().remove(0));
    let mut polls = Vec::new();
    for _ in 0..2 {
        feed::poll_now(app, &scene.ann.principal, feed.id).await.unwrap();
        polls.extend(hawser_domain::job::claim(app, "a", job::JobClass::Sync, 1).await.unwrap());
    }
    assert_eq!(polls.len(), 2, "the second was asked for while the first ran");
    let head = scene.head().await;
    scene.cloud.control.edit_text(&file.id, "once").await.unwrap();
    let (one, two) = tokio::join!(feed::poll(app, &polls[0], feed.id), feed::poll(app, &polls[1], feed.id));
    assert_eq!(one.unwrap().effects + two.unwrap().effects, 1);
    let changes = scene.changes(head, document.id).await;
    assert_eq!(changes.iter().filter(|kind| **kind == Content).count(), 1, "{changes:?}");
    scene.house.leave_jobs();
}

/// A poll of the account's feed that a worker has taken on.
async fn claimed_poll(scene: &Scene) -> hawser_domain::job::Claimed {
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let feed = feed::list(app, scene.connection.id).await.unwrap().remove(0);
    feed::poll_now(app, who, feed.id).await.unwrap();
    hawser_domain::job::claim(app, "a", job::JobClass::Sync, 1).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_file_we_are_kept_from_is_unavailable_and_holds_up_no_other() {
    let scene = Scene::set().await;
    let (barred, first) = scene.linked("a.txt", "a").await;
    let (other, second) = scene.linked("b.txt", "b").await;
    scene.cloud.control.delete(&barred.id).await.unwrap();
    scene.cloud.control.edit_text(&other.id, "edited").await.unwrap();
    let fault = hawser_sandbox::control::Fault {
        path: format!("/drive/v3/files/{}", barred.id),
        status: Some(403),
        reason: Some("domainPolicy".into()),
        ..Default::default()
    };
    scene.cloud.control.fault(&fault).await.unwrap();
    let head = scene.head().await;
    scene.poll().await;
    let lost = scene.content(&first).await;
    assert_eq!((lost.state, lost.unavailable_reason.as_deref()), (ContentState::Unavailable, Some("FORBIDDEN")));
    assert!(scene.changes(head, second.id).await.contains(&Content), "the news of others arrives");
}

#[tokio::test]
async fn a_cursor_that_is_refused_again_and_again_ends_the_poll() {
    let scene = Scene::set().await;
    let fault = hawser_sandbox::control::Fault {
        path: "/drive/v3/changes".into(),
        query: Some("pageToken=".into()),
        status: Some(410),
        ..Default::default()
    };
    scene.cloud.control.fault(&fault).await.unwrap();
    let poll = claimed_poll(&scene).await;
    let feed = feed::list(&scene.house.app, scene.connection.id).await.unwrap().remove(0).id;
    let polled = tokio::time::timeout(Duration::from_secs(20), feed::poll(&scene.house.app, &poll, feed)).await;
    assert!(matches!(polled.expect("it ends"), Err(hawser_domain::Error::Cloud(_))));
    scene.house.leave_jobs();
}

#[tokio::test]
async fn a_file_that_moves_into_a_shared_drive_is_followed_there_and_back() {
    let scene = Scene::set().await;
    let home = scene.cloud.control.create_file(&folder("Mine")).await.unwrap();
    let new = NewFile { parent: Some(home.id.clone()), text: Some("a".into()), ..folder("a.txt") };
    let file = scene.cloud.control.create_file(&NewFile { mime_type: None, ..new }).await.unwrap();
    let document = scene.link(&file.id).await;
    let account = scene.content(&document).await.feed_id;
    let drive = scene.cloud.control.create_drive("Port office", hawser_tests::ACCOUNT).await.unwrap();
    scene.cloud.control.move_to(&file.id, &drive.id).await.unwrap();
    scene.poll().await;
    let feeds = feed::list(&scene.house.app, scene.connection.id).await.unwrap();
    let of_drive = feeds.iter().find(|feed| feed.drive_id == drive.id).expect("the drive is followed");
    let content = scene.content(&document).await;
    assert_eq!((content.drive_id.as_deref(), content.feed_id), (Some(drive.id.as_str()), Some(of_drive.id)));
    let head = scene.head().await;
    scene.cloud.control.edit_text(&file.id, "edited over there").await.unwrap();
    scene.poll().await;
    assert!(scene.changes(head, document.id).await.contains(&Content));
    scene.cloud.control.move_to(&file.id, &home.id).await.unwrap();
    scene.poll().await;
    let content = scene.content(&document).await;
    assert_eq!((content.drive_id, content.feed_id), (None, account));
}

fn folder(name: &str) -> NewFile {
    let mime_type = Some("application/vnd.google-apps.folder".into());
    NewFile { owner: hawser_tests::ACCOUNT.into(), name: name.into(), mime_type, ..NewFile::default() }
}

#[tokio::test]
async fn connecting_again_after_a_revocation_opens_the_feeds_of_shared_drives_too() {
    let scene = Scene::set().await;
    let (app, ann) = (&scene.house.app, &scene.ann);
    let mut documents = Vec::new();
    for name in ["Port office", "Closed office"] {
        let drive = scene.cloud.control.create_drive(name, hawser_tests::ACCOUNT).await.unwrap();
        let new = NewFile { drive: Some(drive.id.clone()), mime_type: None, text: Some("a".into()), ..folder("a.txt") };
        let file = scene.cloud.control.create_file(&new).await.unwrap();
        documents.push((drive, scene.link(&file.id).await, file));
    }
    hawser_domain::connection::revoke(app, &ann.principal, scene.connection.id).await.unwrap();
    let closed = &documents[1].0.id;
    scene.cloud.control.create_user("head@cloud.example", "Head").await.unwrap();
    scene.cloud.control.add_member(closed, "head@cloud.example", "organizer").await.unwrap();
    scene.cloud.control.remove_member(closed, hawser_tests::ACCOUNT).await.unwrap();
    let answer = hawser_tests::agreeing(hawser_tests::ACCOUNT);
    scene.house.consent(&scene.cloud, ann, None, &answer).await;
    feed::open_missing(app).await.unwrap();
    scene.house.drain().await;
    let feeds = feed::list(app, scene.connection.id).await.unwrap();
    assert!(feeds.iter().all(|feed| feed.state == FeedState::Open), "{feeds:#?}");
    let places: Vec<_> = feeds.iter().map(|feed| feed.drive_id.as_str()).collect();
    assert_eq!(places, ["", &documents[0].0.id], "the drive the account was put out of is forgotten");
    let account = feeds[0].id;
    assert_eq!(scene.content(&documents[1].1).await.feed_id, Some(account));
    let head = scene.head().await;
    scene.cloud.control.edit_text(&documents[0].2.id, "edited").await.unwrap();
    scene.poll().await;
    assert!(scene.changes(head, documents[0].1.id).await.contains(&Content));
}

#[tokio::test]
async fn a_channel_the_cloud_refuses_leaves_nothing_behind() {
    let scene = Scene::set().await;
    let fault = hawser_sandbox::control::Fault {
        path: "/drive/v3/changes/watch".into(),
        status: Some(400),
        ..Default::default()
    };
    scene.cloud.control.fault(&fault).await.unwrap();
    let before = live_channels(&scene).await;
    let feed = feed::list(&scene.house.app, scene.connection.id).await.unwrap().remove(0).id;
    feed::renew_channel(&scene.house.app, feed).await.unwrap_err();
    assert_eq!(live_channels(&scene).await, before);
}
