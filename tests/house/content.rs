//! Linking cloud files and keeping them true: what the cloud does arrives once, and only what changed is touched.

use hawser_domain::{
    Error,
    content::{self, Item},
    document::{self, DocumentKind},
    entity::{
        change::ChangeKind::{Availability, Content, Metadata, Moved},
        content::ContentState,
        rendition,
    },
};
use hawser_sandbox::control::{Edit, Fault, NewFile};
use hawser_tests::{ACCOUNT, Scene};
use sea_orm::{EntityTrait, PaginatorTrait};

fn typed(name: &str, mime: &str) -> NewFile {
    NewFile { owner: ACCOUNT.into(), name: name.into(), mime_type: Some(mime.into()), ..NewFile::default() }
}

#[tokio::test]
async fn linked_files_become_documents_of_the_kind_and_with_the_fields_the_cloud_tells() {
    let scene = Scene::set().await;
    let mut ids = Vec::new();
    for (name, mime) in [
        ("tariffs.pdf", "application/pdf"),
        ("crane.png", "image/png"),
        ("tide.mp4", "video/mp4"),
        ("foghorn.mp3", "audio/mpeg"),
        ("Minutes", "application/vnd.google-apps.document"),
    ] {
        ids.push(scene.cloud.control.create_file(&typed(name, mime)).await.unwrap().id);
    }
    let linked = scene.try_link(&ids.iter().map(String::as_str).collect::<Vec<_>>(), None).await;
    let documents: Vec<_> = linked.into_iter().map(Result::unwrap).collect();
    use DocumentKind::{Audio, File, Picture, Video};
    assert_eq!(documents.iter().map(|it| it.kind).collect::<Vec<_>>(), [File, Picture, Video, Audio, File]);
    let (content, state) = (scene.content(&documents[0]).await, scene.cloud.control.file(&ids[0]).await.unwrap());
    assert_eq!(content.remote_name, "tariffs.pdf");
    assert_eq!(content.mime_type, "application/pdf");
    assert_eq!(content.size, i64::try_from(state.size).ok());
    assert_eq!((content.hash_kind.as_deref(), content.hash), (Some("md5"), state.md5));
    assert_eq!(content.revision, state.head_revision);
    let native = scene.content(&documents[4]).await;
    assert_eq!((native.hash, native.revision), (None, None));
    scene.house.drain().await;
}

#[tokio::test]
async fn every_item_has_a_result_of_its_own_and_the_good_ones_are_linked() {
    let scene = Scene::set().await;
    let good = scene.file("a.txt", "a").await;
    let folder =
        scene.cloud.control.create_file(&typed("Tariffs", "application/vnd.google-apps.folder")).await.unwrap();
    let trashed = scene.file("b.txt", "b").await;
    scene.cloud.control.trash(&trashed.id).await.unwrap();
    let results = scene.try_link(&["no-such-file", &good.id, &folder.id, &trashed.id, &good.id], None).await;
    assert!(matches!(results[0], Err(Error::NotFound { .. })), "{:?}", results[0]);
    assert_eq!(results[1].as_ref().unwrap().name, "a.txt");
    for (index, refused) in [(2, &results[2]), (3, &results[3])] {
        let Err(Error::Invalid { path, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(path, &["input", "items", &index.to_string(), "cloudFileId"]);
    }
    assert_eq!(
        results[4].as_ref().unwrap().name,
        "a (2).txt",
        "the same file in the same folder gets a name of its own"
    );
    scene.house.drain().await;
}

#[tokio::test]
async fn none_and_more_than_five_hundred_items_are_refused_and_nothing_is_linked() {
    let scene = Scene::set().await;
    for count in [0, 501] {
        let items = vec![Item { remote_id: "x".into(), resource_key: None, name: None }; count];
        let (app, who) = (&scene.house.app, &scene.ann.principal);
        let refused = content::link(app, who, scene.connection.id, scene.workspace.id, &items, None).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_repeated_link_request_gives_the_same_documents_and_links_nothing_twice() {
    let scene = Scene::set().await;
    let file = scene.file("a.txt", "a").await;
    let first = scene.try_link(&[&file.id, "gone"], Some("key")).await;
    let second = scene.try_link(&[&file.id, "gone"], Some("key")).await;
    assert_eq!(first[0].as_ref().unwrap().id, second[0].as_ref().unwrap().id);
    assert!(second[1].is_err());
    let items = [Item { remote_id: file.id.clone(), resource_key: None, name: Some("b".into()) }];
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let other = content::link(app, who, scene.connection.id, scene.workspace.id, &items, Some("key")).await;
    assert!(matches!(other, Err(Error::KeyReused)), "{other:?}");
    let count = hawser_domain::entity::content::Entity::find().count(app.database.read()).await.unwrap();
    assert_eq!(count, 1);
    scene.house.drain().await;
}

#[tokio::test]
async fn an_edit_in_the_cloud_arrives_as_content_and_a_second_look_changes_nothing() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "old").await;
    let (head, before) = (scene.head().await, scene.document(&document).await);
    scene.cloud.control.edit_text(&file.id, "new and longer").await.unwrap();
    scene.poll().await;
    let changes = scene.changes(head, document.id).await;
    assert!(changes.contains(&Content), "{changes:?}");
    assert_eq!(scene.document(&document).await.content_token, before.content_token + 1);
    assert_eq!(scene.content(&document).await.size, Some(14));
    let head = scene.head().await;
    scene.poll().await;
    assert_eq!(scene.changes(head, document.id).await, []);
}

#[tokio::test]
async fn a_rename_is_metadata_only_and_downloads_nothing() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    scene.cloud.control.reset_requests().await.unwrap();
    let head = scene.head().await;
    scene.cloud.control.rename(&file.id, "b.txt").await.unwrap();
    scene.poll().await;
    assert_eq!(scene.changes(head, document.id).await, [Moved, Metadata]);
    let now = scene.document(&document).await;
    assert_eq!((now.name.as_str(), now.content_token), ("b.txt", document.content_token));
    assert_eq!(scene.downloads().await, 0);
}

#[tokio::test]
async fn a_document_that_people_renamed_keeps_its_name_when_the_file_is_renamed() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let rename = document::Rename { id: document.id, name: "Ours.txt".into(), expected_name_token: None };
    document::rename(&scene.house.app, &scene.ann.principal, rename, None).await.unwrap();
    scene.cloud.control.rename(&file.id, "theirs.txt").await.unwrap();
    scene.poll().await;
    assert_eq!(scene.document(&document).await.name, "Ours.txt");
    assert_eq!(scene.content(&document).await.remote_name, "theirs.txt");
}

#[tokio::test]
async fn a_move_inside_the_cloud_keeps_the_document_and_is_metadata() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    let folder =
        scene.cloud.control.create_file(&typed("Archive", "application/vnd.google-apps.folder")).await.unwrap();
    let head = scene.head().await;
    scene.cloud.control.move_to(&file.id, &folder.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.changes(head, document.id).await, [Metadata]);
}

#[tokio::test]
async fn a_trashed_file_is_unavailable_since_then_with_its_last_metadata_and_heals_by_itself() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "text").await;
    let head = scene.head().await;
    scene.cloud.control.trash(&file.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.changes(head, document.id).await, [Availability]);
    let lost = scene.content(&document).await;
    assert_eq!((lost.state, lost.unavailable_reason.as_deref()), (ContentState::Unavailable, Some("TRASHED")));
    assert_eq!((lost.remote_name.as_str(), lost.size), ("a.txt", Some(4)));
    let since = lost.unavailable_since.expect("since when");
    scene.poll().await;
    assert_eq!(scene.content(&document).await.unavailable_since, Some(since), "a second look does not move it");
    let head = scene.head().await;
    scene.cloud.control.untrash(&file.id).await.unwrap();
    scene.poll().await;
    let healed = scene.content(&document).await;
    assert_eq!((healed.state, healed.unavailable_since, healed.unavailable_reason), (ContentState::Ok, None, None));
    assert!(scene.changes(head, document.id).await.contains(&Availability));
}

#[tokio::test]
async fn a_trashed_file_that_is_then_deleted_stays_unavailable_since_it_was_trashed() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "text").await;
    scene.cloud.control.trash(&file.id).await.unwrap();
    scene.poll().await;
    let trashed = scene.content(&document).await;
    scene.house.clock.advance(std::time::Duration::from_secs(60));
    scene.cloud.control.delete(&file.id).await.unwrap();
    scene.poll().await;
    let deleted = scene.content(&document).await;
    assert_eq!(deleted.unavailable_reason.as_deref(), Some("NOT_FOUND"));
    assert_eq!(deleted.unavailable_since, trashed.unavailable_since);
}

#[tokio::test]
async fn a_feed_that_did_not_open_with_its_connection_is_opened_before_the_first_file_is_read() {
    let scene = Scene::set().await;
    let path = "/drive/v3/changes/startPageToken".to_owned();
    scene.cloud.control.fault(&Fault { path, status: Some(500), ..Fault::default() }).await.unwrap();
    let other = scene.house.connect(&scene.cloud, &scene.ann, "second@cloud.example").await;
    assert!(hawser_domain::feed::list(&scene.house.app, other.id).await.unwrap().is_empty());
    scene.cloud.control.clear_faults(None).await.unwrap();
    scene.cloud.control.reset_requests().await.unwrap();
    let new = NewFile { owner: "second@cloud.example".into(), ..typed("a.txt", "text/plain") };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let scene = Scene { connection: other, ..scene };
    scene.link(&file.id).await;
    let requests = scene.cloud.control.requests(None, 0).await.unwrap();
    let first = |paths: &[&str]| {
        let found = requests.iter().position(|request| paths.iter().any(|path| request.path.starts_with(path)));
        found.expect("it was asked for")
    };
    let (cursor, file) = (first(&["/drive/v3/changes/startPageToken"]), first(&["/batch", "/drive/v3/files"]));
    assert!(cursor < file, "{requests:#?}");
}

#[tokio::test]
async fn a_file_no_longer_shared_is_unavailable_and_comes_back_with_what_changed_meanwhile() {
    let scene = Scene::set().await;
    scene.cloud.control.create_user("bo@cloud.example", "Bo").await.unwrap();
    let new = NewFile {
        owner: "bo@cloud.example".into(),
        name: "bo.txt".into(),
        text: Some("1".into()),
        ..NewFile::default()
    };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    scene.cloud.control.share_with(&file.id, ACCOUNT, "reader").await.unwrap();
    let document = scene.link(&file.id).await;
    scene.cloud.control.unshare(&file.id, Some(ACCOUNT)).await.unwrap();
    scene.poll().await;
    let lost = scene.content(&document).await;
    assert_eq!((lost.state, lost.unavailable_reason.as_deref()), (ContentState::Unavailable, Some("NOT_FOUND")));
    scene.cloud.control.edit_text(&file.id, "changed meanwhile").await.unwrap();
    let head = scene.head().await;
    scene.cloud.control.share_with(&file.id, ACCOUNT, "reader").await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Ok);
    let changes = scene.changes(head, document.id).await;
    assert!(changes.contains(&Availability) && changes.contains(&Content), "{changes:?}");
}

#[tokio::test]
async fn a_deleted_file_leaves_its_document_where_it_is() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    scene.cloud.control.delete(&file.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Unavailable);
    assert_eq!(scene.document(&document).await.trash_root_id, None);
}

#[tokio::test]
async fn files_in_a_trashed_folder_are_unavailable_although_only_the_folder_is_reported() {
    let scene = Scene::set().await;
    let folder =
        scene.cloud.control.create_file(&typed("Archive", "application/vnd.google-apps.folder")).await.unwrap();
    let new = NewFile { parent: Some(folder.id.clone()), text: Some("x".into()), ..typed("in.txt", "text/plain") };
    let inside = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&inside.id).await;
    scene.cloud.control.trash(&folder.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Unavailable);
    scene.cloud.control.untrash(&folder.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Ok);
}

#[tokio::test]
async fn a_shortcut_is_linked_as_what_it_points_to() {
    let scene = Scene::set().await;
    let file = scene.file("target.txt", "t").await;
    let shortcut = scene.cloud.control.create_shortcut(ACCOUNT, &file.id, "short", None).await.unwrap();
    let document = scene.link(&shortcut.id).await;
    assert_eq!(scene.content(&document).await.remote_id, file.id);
    assert_eq!(document.name, "target.txt");
}

#[tokio::test]
async fn files_of_a_shared_drive_follow_the_feed_of_their_drive() {
    let scene = Scene::set().await;
    let drive = scene.cloud.control.create_drive("Port office", ACCOUNT).await.unwrap();
    let new = NewFile { drive: Some(drive.id.clone()), ..typed("plan.txt", "text/plain") };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    let feeds = hawser_domain::feed::list(&scene.house.app, scene.connection.id).await.unwrap();
    let of_drive = feeds.iter().find(|feed| feed.drive_id == drive.id).expect("a feed for the drive");
    assert_eq!(scene.content(&document).await.feed_id, Some(of_drive.id));
    let head = scene.head().await;
    scene.cloud.control.edit_text(&file.id, "a new plan").await.unwrap();
    scene.poll().await;
    assert!(scene.changes(head, document.id).await.contains(&Content));
    scene.cloud.control.create_user("head@cloud.example", "Head").await.unwrap();
    scene.cloud.control.add_member(&drive.id, "head@cloud.example", "organizer").await.unwrap();
    scene.cloud.control.remove_member(&drive.id, ACCOUNT).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Unavailable);
    scene.cloud.control.add_member(&drive.id, ACCOUNT, "reader").await.unwrap();
    scene.poll().await;
    assert_eq!(scene.content(&document).await.state, ContentState::Ok, "it heals when membership comes back");
}

#[tokio::test]
async fn refreshing_one_document_asks_for_one_file_and_applies_what_is_new() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    scene.cloud.control.edit_text(&file.id, "fresh").await.unwrap();
    scene.cloud.control.reset_requests().await.unwrap();
    let head = scene.head().await;
    content::ask_refresh(&scene.house.app, &scene.ann.principal, document.id).await.unwrap();
    scene.house.drain().await;
    assert!(scene.changes(head, document.id).await.contains(&Content));
    let requests = scene.cloud.control.requests(None, 0).await.unwrap();
    assert_eq!(requests.len(), 1, "{requests:#?}");
}

#[tokio::test]
async fn a_picture_is_fetched_once_and_kept_until_the_cloud_draws_another() {
    let scene = Scene::set().await;
    let new = typed("crane.png", "image/png");
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    let source = async || {
        let found = rendition::Entity::find().one(scene.house.app.database.read()).await;
        found.unwrap().expect("a rendition").source
    };
    let kept = content::thumbnail(&scene.house.app, document.id, 512).await.unwrap().expect("a picture");
    assert!(kept.mime_type.starts_with("image/") && !kept.bytes.is_empty());
    let before = source().await;
    scene.cloud.control.reset_requests().await.unwrap();
    scene.cloud.control.rename(&file.id, "crane two.png").await.unwrap();
    scene.poll().await;
    let requests = scene.cloud.control.requests(None, 0).await.unwrap();
    assert_eq!(requests.len(), 1, "one look at the feed and nothing else: {requests:?}");
    let same = content::thumbnail(&scene.house.app, document.id, 512).await.unwrap().unwrap();
    assert_eq!(same.blob, kept.blob);
    assert_eq!(scene.cloud.control.requests(None, 0).await.unwrap().len(), 1, "the kept one is shown");
    let edit = Edit { base64: Some("iVBORw0KGgo=".into()), ..Edit::default() };
    scene.cloud.control.edit(&file.id, &edit).await.unwrap();
    scene.poll().await;
    content::thumbnail(&scene.house.app, document.id, 512).await.unwrap().unwrap();
    assert_ne!(source().await, before, "a changed file is pictured anew when somebody looks");
    let renditions = rendition::Entity::find().count(scene.house.app.database.read()).await.unwrap();
    assert_eq!(renditions, 1);
}

#[tokio::test]
async fn trouble_in_the_middle_of_a_poll_leaves_the_cursor_and_is_made_good_later() {
    let scene = Scene::set().await;
    let (file, document) = scene.linked("a.txt", "a").await;
    scene.cloud.control.edit_text(&file.id, "b and more").await.unwrap();
    let cursor =
        async || hawser_domain::feed::list(&scene.house.app, scene.connection.id).await.unwrap()[0].cursor.clone();
    let before = cursor().await;
    let path = || "/drive/v3/changes".to_owned();
    let faults = [
        Fault { path: path(), truncate_at: Some(40), times: Some(1), ..Fault::default() },
        Fault { path: path(), html: Some("<h1>proxy</h1>".into()), times: Some(1), ..Fault::default() },
        Fault { path: path(), status: Some(500), times: Some(1), ..Fault::default() },
        Fault { path: path(), drop_connection: true, times: Some(1), ..Fault::default() },
        Fault { path: path(), status: Some(429), retry_after_s: Some(7), times: Some(1), ..Fault::default() },
    ];
    let head = scene.head().await;
    for fault in faults {
        scene.cloud.control.fault(&fault).await.unwrap();
        scene.poll().await;
        assert_eq!(cursor().await, before, "the cursor moved under {fault:?}");
        assert_eq!(scene.changes(head, document.id).await, [], "effects under {fault:?}");
        scene.house.clock.advance(std::time::Duration::from_secs(1000));
        scene.cloud.control.clear_faults(None).await.unwrap();
    }
    scene.house.drain().await;
    assert!(scene.changes(head, document.id).await.contains(&Content));
    assert_ne!(cursor().await, before);
}

#[tokio::test]
async fn a_lost_cursor_is_renewed_and_everything_known_is_read_again() {
    let scene = Scene::set().await;
    let (edited, first) = scene.linked("a.txt", "a").await;
    let (gone, second) = scene.linked("b.txt", "b").await;
    let (_, third) = scene.linked("c.txt", "c").await;
    scene.cloud.control.edit_text(&edited.id, "changed while nobody looked").await.unwrap();
    scene.cloud.control.delete(&gone.id).await.unwrap();
    scene.cloud.control.invalidate_cursors().await.unwrap();
    let head = scene.head().await;
    scene.poll().await;
    assert!(scene.changes(head, first.id).await.contains(&Content));
    assert_eq!(scene.content(&second).await.state, ContentState::Unavailable);
    assert_eq!(scene.changes(head, third.id).await, []);
    let feeds = hawser_domain::feed::list(&scene.house.app, scene.connection.id).await.unwrap();
    assert_eq!((feeds[0].generation, feeds[0].reconcile_since), (2, None));
}

#[tokio::test]
async fn strangers_neither_link_through_a_connection_nor_into_a_folder_that_is_not_theirs() {
    let scene = Scene::set().await;
    let file = scene.file("a.txt", "a").await;
    let bo = scene.house.member("bo").await;
    let items = [Item { remote_id: file.id, resource_key: None, name: None }];
    let (app, ann, bo) = (&scene.house.app, &scene.ann.principal, &bo.principal);
    let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Bo".into() };
    let bos = document::create(app, bo, new, None).await.unwrap();
    for (who, parent) in [(bo, bos.id), (bo, scene.workspace.id), (ann, bos.id)] {
        let refused = content::link(app, who, scene.connection.id, parent, &items, None).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    }
}
