//! One suite for every cloud: a feature declared native works end to end against the sandbox, any other refuses, and
//! what goes wrong on the way is told by its right name.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod hand_fed;
mod stage;

use std::time::Duration;

use futures::TryStreamExt;
use hand_fed::{Server, reply};
use hawser_providers::{
    ByteRange, Capability, Change, CloudFile, Cursor, Download, ErrorKind, Feature, LinkKind, Listing, Place,
    ProviderKind, Retry, WatchRequest,
};
use hawser_sandbox::control::{Fault, Limits};
use stage::Stage;

async fn bytes(download: Download) -> Vec<u8> {
    let chunks: Vec<_> = download.body.try_collect().await.expect("all bytes");
    chunks.concat()
}

fn names(files: &[CloudFile]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

#[tokio::test]
async fn every_native_feature_works_and_every_other_refuses() {
    for kind in ProviderKind::ALL {
        for feature in Feature::ALL {
            let stage = Stage::set(kind).await;
            match kind.capability(feature) {
                Capability::Native => prove(&stage, feature).await,
                Capability::Platform | Capability::None => {
                    assert_eq!(refuse(&stage, feature).await, Some(ErrorKind::Unsupported), "{kind:?} {feature:?}");
                }
            }
        }
    }
}

/// Uses the feature for what it is for.
async fn prove(stage: &Stage, feature: Feature) {
    let (cloud, access) = (&stage.provider, &stage.access);
    match feature {
        Feature::Download => download(stage).await,
        Feature::Search => {
            let found = cloud.search(access, "quay's", &Listing::default()).await.expect("a page");
            assert_eq!(names(&found.items), ["the quay's log.txt"]);
            let by_prefix = cloud.search(access, "buo", &Listing::default()).await.expect("a page");
            assert_eq!(names(&by_prefix.items), ["buoy.png"]);
            let by_content = cloud.search(access, "harbour", &Listing::default()).await.expect("a page");
            assert_eq!(names(&by_content.items), ["minutes"]);
        }
        Feature::Thumbnail => {
            let picture = stage.picture().await;
            assert!(picture.has_thumbnail, "{picture:?}");
            let thumbnail = cloud.thumbnail(access, &picture, 200).await.expect("a picture");
            assert!(thumbnail.mime_type.starts_with("image/") && !thumbnail.bytes.is_empty());
        }
        Feature::Preview => {
            let links = cloud.links(&stage.text_file().await);
            let kinds: Vec<_> = links.iter().map(|link| link.kind).collect();
            assert_eq!(kinds, [LinkKind::View, LinkKind::Embed, LinkKind::Download]);
        }
        Feature::Pdf => {
            let pdf = cloud.pdf(access, &stage.document().await).await.expect("a PDF");
            assert_eq!(pdf.mime_type.as_deref(), Some("application/pdf"));
            assert!(bytes(pdf).await.starts_with(b"%PDF-"));
            let none = cloud.pdf(access, &stage.text_file().await).await.expect_err("no conversion of plain files");
            assert_eq!(none.kind, ErrorKind::Unsupported);
        }
        Feature::Text => {
            let text = cloud.text(access, &stage.document().await).await.expect("text");
            let text = String::from_utf8(bytes(text).await).expect("UTF-8");
            assert!(text.contains("minutes of the harbour board"), "{text}");
        }
        Feature::AppLinks => {
            let links = cloud.app_links(access, &stage.document().await).await.expect("links");
            assert!(links.iter().any(|link| link.is_default && link.url.starts_with("http")), "{links:?}");
        }
        Feature::Revisions => {
            stage.edit("second").await;
            let file = stage.text_file().await;
            let revisions = cloud.revisions(access, &file.id, &Listing::default()).await.expect("a page").items;
            assert_eq!(revisions.len(), 2);
            let head = file.revision.expect("a head");
            let content = cloud.download_revision(access, &file.id, &head).await.expect("the head");
            assert_eq!(bytes(content).await, b"second");
        }
        Feature::Pin => {
            let file = stage.text_file().await;
            let head = file.revision.clone().expect("a head");
            let pinned = cloud.pin(access, &file.id, &head).await.expect("pinned");
            assert!(pinned.pinned && pinned.fingerprint == file.fingerprint, "{pinned:?}");
            stage.edit("second").await;
            let content = cloud.download_revision(access, &file.id, &head).await.expect("still there");
            assert_eq!(bytes(content).await, stage::TEXT.as_bytes());
        }
        Feature::ChangesFeed => changes(stage).await,
        Feature::Push => push(stage).await,
        Feature::SharedDrives => shared_drives(stage).await,
        Feature::RevokeGrant => {
            cloud.revoke(&stage.refresh_token).await.expect("ended");
            let error = cloud.refresh(&stage.refresh_token).await.expect_err("it is over");
            assert_eq!((error.kind, error.retry), (ErrorKind::GrantRevoked, Retry::Never));
            assert_eq!(cloud.account(access).await.expect_err("over").kind, ErrorKind::AccessExpired);
            cloud.revoke(&stage.refresh_token).await.expect("a second time is no fault");
        }
    }
}

/// What the feature says when nobody offers it.
async fn refuse(stage: &Stage, feature: Feature) -> Option<ErrorKind> {
    let (cloud, access, listing) = (&stage.provider, &stage.access, Listing::default());
    let file = stage.text_file().await;
    let error = match feature {
        Feature::Download => cloud.download(access, &file, None).await.err(),
        Feature::Search => cloud.search(access, "words", &listing).await.err(),
        Feature::Thumbnail => cloud.thumbnail(access, &file, 200).await.err(),
        Feature::Preview => {
            let embeds = cloud.links(&file).iter().any(|link| link.kind == LinkKind::Embed);
            return (!embeds).then_some(ErrorKind::Unsupported);
        }
        Feature::Pdf => cloud.pdf(access, &file).await.err(),
        Feature::Text => cloud.text(access, &file).await.err(),
        Feature::AppLinks => cloud.app_links(access, &file).await.err(),
        Feature::Revisions => cloud.revisions(access, &file.id, &listing).await.err(),
        Feature::Pin => cloud.pin(access, &file.id, "1").await.err(),
        Feature::ChangesFeed => cloud.open_feed(access, None).await.err(),
        Feature::Push => cloud.unwatch(access, "channel", "resource").await.err(),
        Feature::SharedDrives => cloud.drives(access, &listing).await.err(),
        Feature::RevokeGrant => cloud.revoke(&stage.refresh_token).await.err(),
    };
    error.map(|error| error.kind)
}

async fn download(stage: &Stage) {
    let (cloud, access) = (&stage.provider, &stage.access);
    let file = stage.text_file().await;
    let size = stage::TEXT.len() as u64;
    assert_eq!(file.size, Some(size));
    let whole = cloud.download(access, &file, None).await.expect("bytes");
    assert_eq!((whole.status, whole.length), (200, Some(size)));
    assert_eq!(bytes(whole).await, stage::TEXT.as_bytes());
    let part = cloud.download(access, &file, Some(ByteRange::From { start: 4, end: Some(7) })).await.expect("bytes");
    assert_eq!(part.status, 206);
    assert_eq!(part.content_range, Some(format!("bytes 4-7/{size}")));
    assert_eq!(bytes(part).await, &stage::TEXT.as_bytes()[4..=7]);
    let tail = cloud.download(access, &file, Some(ByteRange::Suffix(3))).await.expect("bytes");
    assert_eq!(bytes(tail).await, &stage::TEXT.as_bytes()[stage::TEXT.len() - 3..]);
    let beyond = Some(ByteRange::From { start: size, end: None });
    assert_eq!(cloud.download(access, &file, beyond).await.expect_err("beyond").kind, ErrorKind::RangeNotSatisfiable);
    for other in [stage.document().await, stage.folder().await] {
        let error = cloud.download(access, &other, None).await.expect_err("no bytes");
        assert_eq!(error.kind, ErrorKind::Unsupported);
    }
}

async fn changes(stage: &Stage) {
    let (cloud, access) = (&stage.provider, &stage.access);
    let start = cloud.open_feed(access, None).await.expect("a cursor");
    let quiet = cloud.changes(access, None, &start).await.expect("a page");
    assert!(quiet.changes.is_empty(), "{quiet:?}");
    stage.edit("second").await;
    let page = cloud.changes(access, None, &start).await.expect("a page");
    let [Change::File(file)] = page.changes.as_slice() else { panic!("one file in {page:?}") };
    assert_eq!(**file, stage.text_file().await, "the feed and a read agree on every field");
    let Cursor::End(next) = page.cursor else { panic!("the end of {page:?}") };
    stage.control.delete(&stage.text_id).await.expect("deleted");
    let page = cloud.changes(access, None, &next).await.expect("a page");
    assert_eq!(page.changes, [Change::Removed { file_id: stage.text_id.clone() }]);
    let error = cloud.changes(access, None, "no such cursor").await.expect_err("not a cursor");
    assert_eq!(error.kind, ErrorKind::CursorInvalid);
}

async fn push(stage: &Stage) {
    let (cloud, access) = (&stage.provider, &stage.access);
    let bell = Server::start(|_| reply("204 No Content", "", "")).await;
    let start = cloud.open_feed(access, None).await.expect("a cursor");
    let now = stage.now().await;
    let request = WatchRequest {
        channel_id: "4ba78bf0-6a47-11e2-bcfd-0800200c9a77".into(),
        address: bell.url("/push").into(),
        token: "a secret".into(),
        expires_at: now + chrono::Duration::days(30),
    };
    let watch = cloud.watch(access, None, &start, &request).await.expect("a channel");
    assert_eq!(watch.channel_id, request.channel_id);
    assert!(watch.expires_at > now && watch.expires_at < request.expires_at, "{watch:?}");
    let twice = cloud.watch(access, None, &start, &request).await.expect_err("the id is taken");
    assert_eq!(twice.kind, ErrorKind::BadRequest);
    let lost = cloud.watch(access, None, "no cursor of theirs", &request).await.expect_err("not a cursor");
    assert_eq!(lost.kind, ErrorKind::CursorInvalid);
    stage.edit("second").await;
    let rung: Vec<_> = bell.after(2).await;
    let read = |at: usize| cloud.read_push(&|name| rung[at].header(name)).expect("a push");
    assert!(read(0).is_greeting && !read(1).is_greeting, "{rung:?}");
    for push in [read(0), read(1)] {
        assert_eq!(push.channel_id, watch.channel_id);
        assert_eq!(push.resource_id, watch.resource_id);
        assert_eq!(push.token, request.token);
    }
    assert!(read(1).message_number > read(0).message_number);
    for _ in 0..2 {
        cloud.unwatch(access, &watch.channel_id, &watch.resource_id).await.expect("stopped, then unknown");
    }
}

async fn shared_drives(stage: &Stage) {
    let (cloud, access) = (&stage.provider, &stage.access);
    let (drive_id, file_id) = stage.shared_drive("Fleet", "charts.txt").await;
    let drives = cloud.drives(access, &Listing::default()).await.expect("a page").items;
    assert_eq!(drives.iter().map(|drive| drive.name.as_str()).collect::<Vec<_>>(), ["Fleet"]);
    let listed = cloud.browse(access, &Place::Drive(drive_id.clone()), &Listing::default()).await.expect("a page");
    assert_eq!(names(&listed.items), ["charts.txt"]);
    let file = cloud.file(access, &file_id, None).await.expect("a file");
    assert_eq!(file.drive_id.as_deref(), Some(drive_id.as_str()));
    let start = cloud.open_feed(access, Some(&drive_id)).await.expect("a cursor");
    stage.control.rename(&file_id, "sea charts.txt").await.expect("renamed");
    let page = cloud.changes(access, Some(&drive_id), &start).await.expect("a page");
    assert!(
        page.changes.iter().any(|change| matches!(change, Change::File(file) if file.name == "sea charts.txt")),
        "{page:?}"
    );
}

#[tokio::test]
async fn an_account_signs_in_refreshes_and_says_who_it_is() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let account = stage.provider.account(&stage.access).await.expect("an account");
        assert_eq!(account.email.as_deref(), Some(stage::ADA));
        assert!(!account.id.is_empty());
        let grant = stage.provider.refresh(&stage.refresh_token).await.expect("tokens");
        assert!(grant.expires_in.is_some_and(|life| life > Duration::from_secs(60)));
        let access = hawser_providers::Access { token: grant.access_token, ..stage.access.clone() };
        assert_eq!(stage.provider.account(&access).await.expect("an account"), account);
    }
}

#[tokio::test]
async fn browsing_shows_folders_first_and_no_trash_and_pages_through_everything() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let (cloud, access) = (&stage.provider, &stage.access);
        let all = cloud.browse(access, &Place::Root, &Listing::default()).await.expect("a page");
        assert!(all.items[0].is_folder, "{:?}", names(&all.items));
        let (mut paged, mut page) = (Vec::new(), None);
        loop {
            let listing = Listing { size: Some(2), page };
            let part = cloud.browse(access, &Place::Root, &listing).await.expect("a page");
            assert!(part.items.len() <= 2);
            paged.extend(part.items);
            page = part.next;
            if page.is_none() {
                break;
            }
        }
        assert_eq!(names(&paged), names(&all.items));
        stage.control.trash(&stage.text_id).await.expect("trashed");
        let left = cloud.browse(access, &Place::Root, &Listing::default()).await.expect("a page");
        assert_eq!(left.items.len(), all.items.len() - 1);
        assert!(stage.text_file().await.trashed, "what lies in the trash can still be read");
    }
}

#[tokio::test]
async fn many_files_cost_one_call_and_each_has_its_own_result() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let wanted =
            vec![(stage.text_id.clone(), None), ("no-such-file".to_owned(), None), (stage.document_id.clone(), None)];
        let before = stage.requests().await;
        let found = stage.provider.files(&stage.access, &wanted).await.expect("three results");
        assert_eq!(stage.requests().await - before, 1);
        assert_eq!(*found[0].as_ref().expect("a file"), stage.text_file().await, "a batch and a read agree");
        assert_eq!(found[1].as_ref().expect_err("unknown").kind, ErrorKind::NotFound);
        assert_eq!(found[2].as_ref().expect("a document").id, stage.document_id);
    }
}

#[tokio::test]
async fn a_wrong_client_is_told_from_a_right_one_without_anybody_signing_in() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        stage.provider.check_client(stage::REDIRECT).await.expect("a believed client");
        let wrong = stage.with_secret("wrong").check_client(stage::REDIRECT).await.expect_err("a wrong secret");
        assert_eq!((wrong.kind, wrong.retry), (ErrorKind::BadClient, Retry::Never));
    }
}

#[tokio::test]
async fn every_fault_has_its_name() {
    let status = |status, reason: Option<&str>| Fault {
        status: Some(status),
        reason: reason.map(Into::into),
        ..Fault::default()
    };
    for kind in ProviderKind::ALL {
        for (fault, expected, retry) in [
            (
                Fault { retry_after_s: Some(40), ..status(429, None) },
                ErrorKind::RateLimited,
                Retry::After(Duration::from_secs(40)),
            ),
            (status(403, Some("userRateLimitExceeded")), ErrorKind::RateLimited, Retry::Backoff),
            (status(500, None), ErrorKind::Unavailable, Retry::Backoff),
            (
                Fault { retry_after_s: Some(9), ..status(503, None) },
                ErrorKind::Unavailable,
                Retry::After(Duration::from_secs(9)),
            ),
            (Fault { truncate_at: Some(20), ..Fault::default() }, ErrorKind::Unavailable, Retry::Backoff),
            (
                Fault { html: Some("<html>Sorry</html>".into()), status: Some(200), ..Fault::default() },
                ErrorKind::Malformed,
                Retry::Backoff,
            ),
            (Fault { drop_connection: true, ..Fault::default() }, ErrorKind::Unavailable, Retry::Backoff),
        ] {
            let stage = Stage::set(kind).await;
            let shown = format!("{kind:?} {fault:?}");
            stage.break_reads(fault).await;
            let error = stage.provider.file(&stage.access, &stage.text_id, None).await.expect_err(&shown);
            assert_eq!((error.kind, error.retry), (expected, retry), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_lost_connection_half_way_is_noticed_while_streaming() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        // Large enough that the head is on its way before the cut.
        stage.edit(&"x".repeat(400_000)).await;
        let file = stage.text_file().await;
        stage.break_reads(Fault { truncate_at: Some(300_000), ..Fault::default() }).await;
        // The head may be lost with the rest or arrive before it; a short body is never passed off as whole.
        let error = match stage.provider.download(&stage.access, &file, None).await {
            Ok(download) => download.body.try_collect::<Vec<_>>().await.expect_err("a part is not all"),
            Err(error) => error,
        };
        assert_eq!(error.kind, ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn an_expired_token_and_a_dead_grant_are_two_things() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        stage.control.expire_access_tokens(stage::ADA).await.expect("expired");
        let error = stage.provider.account(&stage.access).await.expect_err("expired");
        assert_eq!(error.kind, ErrorKind::AccessExpired);
        stage.provider.refresh(&stage.refresh_token).await.expect("the grant lives");
        stage.control.revoke_grants(stage::ADA).await.expect("taken back");
        let error = stage.provider.refresh(&stage.refresh_token).await.expect_err("the grant is gone");
        assert_eq!((error.kind, error.retry), (ErrorKind::GrantRevoked, Retry::Never));
    }
}

#[tokio::test]
async fn a_file_unshared_looks_like_one_that_never_was() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let id = stage.shared_by_bea("shared.txt").await;
        let shared = stage.provider.browse(&stage.access, &Place::SharedWithMe, &Listing::default()).await;
        assert_eq!(names(&shared.expect("a page").items), ["shared.txt"]);
        stage.provider.file(&stage.access, &id, None).await.expect("readable");
        stage.control.unshare(&id, Some(stage::ADA)).await.expect("unshared");
        let error = stage.provider.file(&stage.access, &id, None).await.expect_err("no longer");
        let never = stage.provider.file(&stage.access, "never-was", None).await.expect_err("never");
        assert_eq!((error.kind, never.kind), (ErrorKind::NotFound, ErrorKind::NotFound));
    }
}

#[tokio::test]
async fn a_file_behind_a_resource_key_opens_with_it_alone_and_in_a_batch() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        // Who has opened such a file once needs its key no more, so each file here is opened once.
        let (id, key) = stage.behind_a_key("linked.txt").await;
        let (other_id, other_key) = stage.behind_a_key("linked too.txt").await;
        let (cloud, access) = (&stage.provider, &stage.access);
        assert_eq!(cloud.file(access, &id, None).await.expect_err("no key").kind, ErrorKind::NotFound);
        let wanted = vec![(id.clone(), None), (other_id.clone(), Some(other_key))];
        let found = cloud.files(access, &wanted).await.expect("two results");
        assert_eq!(found[0].as_ref().expect_err("no key").kind, ErrorKind::NotFound);
        assert_eq!(found[1].as_ref().expect("a file").id, other_id);
        let file = cloud.file(access, &id, Some(&key)).await.expect("a file");
        assert_eq!(file.resource_key, Some(key));
        assert_eq!(bytes(cloud.download(access, &file, None).await.expect("bytes")).await, b"hello");
    }
}

#[tokio::test]
async fn a_shortcut_says_where_it_points_and_has_no_bytes() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let made = stage.control.create_shortcut(stage::ADA, &stage.text_id, "log", None).await.expect("a shortcut");
        let shortcut = stage.provider.file(&stage.access, &made.id, None).await.expect("a file");
        assert_eq!(shortcut.shortcut.as_ref().expect("a target").target_id, stage.text_id);
        assert!(!shortcut.is_native && !shortcut.is_folder && shortcut.size.is_none(), "{shortcut:?}");
        let error = stage.provider.download(&stage.access, &shortcut, None).await.expect_err("no bytes");
        assert_eq!(error.kind, ErrorKind::Unsupported);
    }
}

#[tokio::test]
async fn cursors_the_cloud_has_forgotten_are_named_so() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let cursor = stage.provider.open_feed(&stage.access, None).await.expect("a cursor");
        stage.control.invalidate_cursors().await.expect("forgotten");
        let error = stage.provider.changes(&stage.access, None, &cursor).await.expect_err("a dead cursor");
        assert_eq!((error.kind, error.retry), (ErrorKind::CursorInvalid, Retry::Never));
    }
}

#[tokio::test]
async fn an_export_over_the_limit_arrives_all_the_same() {
    for kind in ProviderKind::ALL.into_iter().filter(|kind| kind.capability(Feature::Pdf) == Capability::Native) {
        let stage = Stage::set(kind).await;
        let limits = Limits { export_limit_bytes: Some(10), ..Limits::default() };
        stage.control.set_limits(&limits).await.expect("a limit");
        let pdf = stage.provider.pdf(&stage.access, &stage.document().await).await.expect("a PDF");
        assert!(bytes(pdf).await.starts_with(b"%PDF-"));
    }
}

#[tokio::test]
async fn an_edit_changes_fingerprint_and_revision_and_a_rename_neither() {
    for kind in ProviderKind::ALL {
        let stage = Stage::set(kind).await;
        let first = stage.text_file().await;
        stage.control.rename(&stage.text_id, "renamed.txt").await.expect("renamed");
        let renamed = stage.text_file().await;
        assert_eq!(renamed.name, "renamed.txt");
        assert_eq!((&renamed.fingerprint, &renamed.revision), (&first.fingerprint, &first.revision));
        stage.edit("other").await;
        let edited = stage.text_file().await;
        assert_ne!(edited.fingerprint, first.fingerprint);
        assert_ne!(edited.revision, first.revision);
    }
}
