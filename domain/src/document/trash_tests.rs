//! Into the trash, back, and away for good.

use hawser_entity::{
    acl_grant,
    change::ChangeKind,
    document::{self, DocumentKind},
};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::{ground::*, *};
use crate::{
    Error,
    acl::{self, Permission},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_the_trash_before_stays_there_when_what_is_above_it_comes_back() {
    let ground = Ground::new(8).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let workspace = ground.workspace(owner, "Harbour").await;
    let folder = ground.folder(owner, &workspace, "folder").await;
    let (early, late) = (ground.folder(owner, &folder, "early").await, ground.folder(owner, &folder, "late").await);
    trash(app, owner, away(&early), None).await.unwrap();
    trash(app, owner, away(&folder), None).await.unwrap();
    assert_eq!(reread(&ground, &early).await.trash_root_id, Some(early.id));
    assert_eq!(reread(&ground, &late).await.trash_root_id, Some(folder.id));
    assert!(matches!(trash(app, owner, away(&late), None).await, Err(Error::WrongState { .. })));
    for inner in [&early, &late] {
        let answer = restore(app, owner, back(inner), None).await;
        assert!(matches!(answer, Err(Error::WrongState { .. })), "its folder is in the trash: {answer:?}");
    }
    let elsewhere = Restore { parent_id: Some(workspace.id), ..back(&late) };
    assert_eq!(restore(app, owner, elsewhere, None).await.unwrap().parent_id, Some(workspace.id));
    restore(app, owner, back(&folder), None).await.unwrap();
    assert_eq!(reread(&ground, &early).await.trash_root_id, Some(early.id));
    assert_eq!(reread(&ground, &folder).await.trash_root_id, None);
    assert!(matches!(restore(app, owner, back(&folder), None).await, Err(Error::WrongState { .. })));
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_whose_name_was_taken_meanwhile_comes_back_under_another_one() {
    let ground = Ground::new(9).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    for parent in [None, Some(ground.workspace(owner, "Harbour").await.id)] {
        let kind = if parent.is_some() { DocumentKind::Folder } else { DocumentKind::Workspace };
        let plan = New { parent_id: parent, kind, name: "Plan".into() };
        let old = create(app, owner, plan.clone(), None).await.unwrap();
        trash(app, owner, away(&old), None).await.unwrap();
        let young = create(app, owner, plan, None).await.unwrap();
        let answer = restore(app, owner, back(&old), None).await;
        assert!(matches!(answer, Err(Error::NameTaken { existing, .. }) if existing == Some(young.id)), "{answer:?}");
        let other = Restore { name: Some("Old plan".into()), ..back(&old) };
        assert_eq!(restore(app, owner, other, None).await.unwrap().name, "Old plan");
    }
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_for_good_takes_everything_below_and_only_from_the_trash() {
    let ground = Ground::new(10).await;
    let (app, [owner, guest, ..]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let folder = ground.folder(owner, &workspace, "folder").await;
    let inner = ground.folder(owner, &folder, "inner").await;
    give(&ground, owner, &inner, guest, Permission::Read).await;
    let gone = Delete { id: folder.id, expected_name_token: None };
    assert!(matches!(delete(app, owner, gone.clone(), None).await, Err(Error::WrongState { .. })));
    trash(app, owner, away(&folder), None).await.unwrap();
    delete(app, owner, gone, None).await.unwrap();
    assert_eq!(document::Entity::find().count(app.database.read()).await.unwrap(), 1);
    assert_eq!(acl_grant::Entity::find().count(app.database.read()).await.unwrap(), 1);
    let heard = changes(&ground, ChangeKind::Deleted).await;
    assert_eq!(heard.iter().map(|line| line.subject_id).collect::<Vec<_>>(), [folder.id, inner.id]);
    let audience = heard[1].audience.as_ref().unwrap().to_string();
    assert!(audience.contains(&guest.user_id.to_string()), "the guest saw only what was inside, and hears of it");
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_destroys_what_they_could_not_write_to() {
    let ground = Ground::new(11).await;
    let (app, [owner, guest, _, admin]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    give(&ground, owner, &workspace, guest, Permission::Write).await;
    let folder = ground.folder(owner, &workspace, "folder").await;
    let secret = ground.folder(owner, &folder, "secret").await;
    let block = acl::Block { document_id: secret.id, block: true, expected_name_token: None };
    acl::block_inheritance(app, owner, block, None).await.unwrap();
    trash(app, guest, away(&folder), None).await.unwrap();
    let gone = Delete { id: folder.id, expected_name_token: None };
    assert!(matches!(delete(app, guest, gone.clone(), None).await, Err(Error::NotAllowed { .. })));
    let mine = ground.folder(guest, &workspace, "mine").await;
    trash(app, guest, away(&mine), None).await.unwrap();
    let empty = Empty { within: workspace.id };
    assert_eq!(empty_trash(app, guest, empty.clone(), None).await.unwrap(), [mine.id], "what may go, goes");
    assert_eq!(empty_trash(app, admin, empty, None).await.unwrap(), [folder.id]);
    ground.expect_sound().await;
}
