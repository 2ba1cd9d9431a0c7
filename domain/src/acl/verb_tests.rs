//! Giving, taking and cutting off, in sentences.

use hawser_entity::change::ChangeKind;

use crate::{
    Error,
    acl::{self, Permission},
    document::{find, ground::*, move_to},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_move_changes_who_can_see_it_and_those_who_lose_it_hear_of_it() {
    let ground = Ground::new(14).await;
    let (app, [owner, guest, other, _]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let (from, to_folder) =
        (ground.folder(owner, &workspace, "from").await, ground.folder(owner, &workspace, "to").await);
    give(&ground, owner, &from, guest, Permission::Read).await;
    give(&ground, owner, &to_folder, other, Permission::Read).await;
    let document = ground.folder(owner, &from, "document").await;
    let below = ground.folder(owner, &document, "below").await;
    find(app, guest, below.id, Permission::Read).await.unwrap();
    move_to(app, owner, to(&document, &to_folder), None).await.unwrap();
    assert!(matches!(find(app, guest, below.id, Permission::Read).await, Err(Error::NotFound { .. })));
    find(app, other, below.id, Permission::Read).await.unwrap();
    let heard = changes(&ground, ChangeKind::Moved).await;
    let audience = heard[0].audience.as_ref().unwrap().to_string();
    assert!(audience.contains(&guest.user_id.to_string()) && !audience.contains(&other.user_id.to_string()));
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_locks_themselves_out_but_an_administrator_may() {
    let ground = Ground::new(15).await;
    let (app, [owner, guest, _, admin]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let take = acl::Revoke { document_id: workspace.id, principal_id: owner.user_id, expected_name_token: None };
    assert!(matches!(acl::revoke(app, owner, take.clone(), None).await, Err(Error::WrongState { .. })));
    let lower = acl::Grant {
        document_id: workspace.id,
        principal_id: owner.user_id,
        permission: Permission::Write,
        expected_name_token: None,
    };
    assert!(matches!(acl::grant(app, owner, lower, None).await, Err(Error::WrongState { .. })));
    let folder = ground.folder(owner, &workspace, "folder").await;
    let block = acl::Block { document_id: folder.id, block: true, expected_name_token: None };
    acl::block_inheritance(app, owner, block, None).await.unwrap();
    let rules = acl::rules(app, owner, folder.id).await.unwrap();
    assert_eq!(
        rules.entries.iter().map(|entry| (entry.principal_id, entry.permission)).collect::<Vec<_>>(),
        [(owner.user_id, Permission::Admin)]
    );
    assert!(rules.blocks_inheritance && rules.inherited.is_empty());
    let nobody = acl::Grant {
        document_id: folder.id,
        principal_id: app.randomness.id(app.clock.now()),
        permission: Permission::Read,
        expected_name_token: None,
    };
    assert!(matches!(acl::grant(app, owner, nobody, None).await, Err(Error::Invalid { .. })));
    assert!(matches!(acl::rules(app, guest, folder.id).await, Err(Error::NotFound { .. })));
    acl::revoke(app, admin, take, None).await.unwrap();
    assert!(matches!(find(app, owner, workspace.id, Permission::Read).await, Err(Error::NotFound { .. })));
    find(app, owner, folder.id, Permission::Admin).await.unwrap();
    ground.expect_sound().await;
}
