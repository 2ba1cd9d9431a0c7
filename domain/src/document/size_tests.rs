//! Bulk operations cost a few statements, whatever the size of the subtree.

use std::time::{Duration, Instant};

use hawser_entity::document::DocumentKind;

use super::{ground::Ground, *};
use crate::acl::{self, Permission};

const DOCUMENTS: usize = 20_000;
/// The promise is the release's; a debug build beside other work has more time.
const BAR: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 2 });

#[tokio::test(flavor = "multi_thread")]
async fn a_subtree_of_twenty_thousand_documents_moves_in_less_than_two_seconds() {
    let ground = Ground::new(1).await;
    let [owner, guest, ..] = &ground.people;
    let workspace = ground.workspace(owner, "Harbour").await;
    let (from, to) = (ground.folder(owner, &workspace, "from").await, ground.folder(owner, &workspace, "to").await);
    let top = ground.folder(owner, &from, "top").await;
    let mut w = ground.app.write(owner).await.unwrap();
    let mut parent = top.id;
    for n in 1..DOCUMENTS {
        let kind = if n % 100 == 0 { DocumentKind::Folder } else { DocumentKind::File };
        let made = insert(&mut w, Some(parent), kind, &format!("{n}"), OnTaken::Fail).await.unwrap();
        parent = if n % 100 == 0 { made.id } else { parent };
        parent = if n % 1_000 == 0 { top.id } else { parent };
    }
    w.commit().await.unwrap();
    let input = acl::Grant {
        document_id: to.id,
        principal_id: guest.user_id,
        permission: Permission::Read,
        expected_name_token: None,
    };
    acl::grant(&ground.app, owner, input, None).await.unwrap();

    let begun = Instant::now();
    let input = Move { id: top.id, parent_id: to.id, name: None, expected_name_token: Some(top.name_token) };
    let moved = move_to(&ground.app, owner, input, None).await.unwrap();
    let move_time = begun.elapsed();
    let below = List { within: Within::Below(top.id), ..List::default() };
    let count = super::count(&ground.app, guest, &below).await.unwrap();
    assert_eq!(count, DOCUMENTS as u64 - 1, "all came under the new rules");

    let begun = Instant::now();
    let input = Trash { id: top.id, expected_name_token: Some(moved.name_token) };
    let trashed = trash(&ground.app, owner, input, None).await.unwrap();
    let trash_time = begun.elapsed();
    ground.expect_sound().await;
    let begun = Instant::now();
    let input = Delete { id: top.id, expected_name_token: Some(trashed.name_token) };
    delete(&ground.app, owner, input, None).await.unwrap();
    let delete_time = begun.elapsed();
    println!("{DOCUMENTS} documents: move {move_time:?}, trash {trash_time:?}, delete {delete_time:?}");
    ground.expect_sound().await;
    assert!(move_time < BAR, "moving took {move_time:?}");
    assert!(trash_time < BAR, "trashing took {trash_time:?}");
}
