//! Each verb of documents in sentences; rights over whole histories are tested beside the rules.

use std::collections::BTreeSet;

use futures::future::join_all;
use hawser_entity::{
    audit_entry,
    change::{self, ChangeKind},
    document::{self, DocumentKind},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{ground::*, *};
use crate::{
    Error, Principal, Result,
    acl::{self, Permission},
    page::Span,
    principal::{Actor, Scope},
};

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_who_create_the_same_name_at_once_exactly_one_wins_and_the_others_learn_who() {
    let ground = Ground::new(2).await;
    let owner = &ground.people[0];
    let workspace = ground.workspace(owner, "Harbour").await;
    let names = ["Plan", "plan", "PLAN", "pLan", "plaN", "plAn", "PLan", "PlAn"];
    let answers = join_all(names.map(|name| create(&ground.app, owner, new(&workspace, name), None))).await;
    let winner: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(winner.len(), 1);
    for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(answer, Error::NameTaken { existing, .. } if *existing == Some(winner[0].id)), "{answer}");
    }
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_moved_into_each_other_at_once_never_make_a_circle() {
    let ground = Ground::new(3).await;
    let owner = &ground.people[0];
    let workspace = ground.workspace(owner, "Harbour").await;
    for round in 0..20 {
        let left = ground.folder(owner, &workspace, &format!("left {round}")).await;
        let right = ground.folder(owner, &workspace, &format!("right {round}")).await;
        let inner = ground.folder(owner, &right, "inner").await;
        let (one, other) = tokio::join!(
            move_to(&ground.app, owner, to(&left, &inner), None),
            move_to(&ground.app, owner, to(&right, &left), None)
        );
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1, "{one:?} {other:?}");
        assert!(matches!(one.err().or(other.err()), Some(Error::Cycle)));
    }
    let left = ground.folder(owner, &workspace, "self").await;
    assert!(matches!(move_to(&ground.app, owner, to(&left, &left), None).await, Err(Error::Cycle)));
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_token_changes_nothing_and_the_answer_has_the_current_one() {
    let ground = Ground::new(4).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let workspace = ground.workspace(owner, "Harbour").await;
    let ordered = ground.child(owner, &workspace, DocumentKind::OrderedFolder, "list").await;
    let (seen, sibling) = (ground.folder(owner, &ordered, "a").await, ground.folder(owner, &ordered, "b").await);
    let rename_to = |name: &str| Rename { id: seen.id, name: name.into(), expected_name_token: Some(seen.name_token) };
    let current = rename(app, owner, rename_to("c"), None).await.unwrap();
    assert!(current.name_token > seen.name_token);
    let (id, expected_name_token) = (seen.id, Some(seen.name_token));
    let grant =
        acl::Grant { document_id: id, principal_id: owner.user_id, permission: Permission::Read, expected_name_token };
    let answers: [Result<()>; 7] = [
        rename(app, owner, rename_to("d"), None).await.map(drop),
        move_to(app, owner, to(&seen, &workspace), None).await.map(drop),
        reorder(app, owner, Reorder { id, side: Side::After, sibling_id: sibling.id, expected_name_token }, None)
            .await
            .map(drop),
        trash(app, owner, Trash { id, expected_name_token }, None).await.map(drop),
        restore(app, owner, Restore { expected_name_token, ..back(&seen) }, None).await.map(drop),
        delete(app, owner, Delete { id, expected_name_token }, None).await.map(drop),
        acl::grant(app, owner, grant, None).await.map(drop),
    ];
    for answer in answers {
        let Err(Error::StaleToken { current: token, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(token, current.name_token.to_string());
    }
    assert_eq!(reread(&ground, &seen).await, current);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_is_answered_and_not_repeated_and_cannot_stand_for_something_else() {
    let ground = Ground::new(5).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let workspace = ground.workspace(owner, "Harbour").await;
    let first = create(app, owner, new(&workspace, "a"), Some("k1")).await.unwrap();
    let again = join_all((0..4).map(|_| create(app, owner, new(&workspace, "a"), Some("k1")))).await;
    assert!(again.into_iter().all(|answer| answer.unwrap() == first));
    assert!(matches!(create(app, owner, new(&workspace, "b"), Some("k1")).await, Err(Error::KeyReused)));
    let input = Trash { id: first.id, expected_name_token: Some(first.name_token) };
    let trashed = trash(app, owner, input.clone(), Some("k2")).await.unwrap();
    assert_eq!(trash(app, owner, input, Some("k2")).await.unwrap(), trashed, "though its token is stale by now");
    let input = Delete { id: first.id, expected_name_token: Some(trashed.name_token) };
    assert_eq!(delete(app, owner, input.clone(), Some("k3")).await.unwrap(), first.id);
    assert_eq!(delete(app, owner, input, Some("k3")).await.unwrap(), first.id);
    let gone = create(app, owner, new(&workspace, "a"), Some("k1")).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })), "what the key made is gone, and is not made again: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forbidden_looks_like_what_is_missing_and_what_is_readable_says_what_it_needs() {
    let ground = Ground::new(6).await;
    let (app, [owner, guest, ..]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let folder = ground.folder(owner, &workspace, "a").await;
    let missing = Model { id: app.randomness.id(app.clock.now()), name_token: 1, ..folder.clone() };
    let rename_it = |id| Rename { id, name: "x".into(), expected_name_token: Some(1) };
    let of = |answer: Result<()>| answer.unwrap_err().to_string();
    let expected = of(find(app, guest, missing.id, Permission::Read).await.map(drop));
    for id in [folder.id, missing.id] {
        assert_eq!(of(find(app, guest, id, Permission::Read).await.map(drop)), expected);
        assert_eq!(of(rename(app, guest, rename_it(id), None).await.map(drop)), expected);
        assert!(ancestors(app, guest, &[id]).await.unwrap().is_empty());
        assert_eq!(
            of(list(app, guest, &List { within: Within::Children(id), ..List::default() }).await.map(drop)),
            expected
        );
    }
    assert_eq!(find_many(app, guest, &[folder.id, missing.id]).await.unwrap(), vec![]);
    give(&ground, owner, &folder, guest, Permission::Read).await;
    assert_eq!(ancestors(app, guest, &[folder.id]).await.unwrap()[&folder.id], [], "the workspace above stays unseen");
    let answer = rename(app, guest, rename_it(folder.id), None).await;
    assert!(matches!(answer, Err(Error::NotAllowed { needed: "WRITE", .. })), "{answer:?}");
    let reader = Principal { scopes: vec![Scope::Read], ..owner.clone() };
    assert!(matches!(rename(app, &reader, rename_it(folder.id), None).await, Err(Error::Forbidden(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_is_not_traced_to_a_document_that_the_caller_may_not_see() {
    let ground = Ground::new(7).await;
    let (app, [owner, guest, ..]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    give(&ground, owner, &workspace, guest, Permission::Write).await;
    let secret = ground.folder(owner, &workspace, "secret").await;
    let block = acl::Block { document_id: secret.id, block: true, expected_name_token: None };
    acl::block_inheritance(app, owner, block, None).await.unwrap();
    let answer = create(app, guest, new(&workspace, "Secret"), None).await;
    assert!(matches!(answer, Err(Error::NameTaken { existing: None, .. })), "{answer:?}");
    let answer = create(app, owner, new(&workspace, "Secret"), None).await;
    assert!(matches!(answer, Err(Error::NameTaken { existing: Some(id), .. }) if id == secret.id), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_folder_keeps_its_order_when_the_gaps_between_positions_are_used_up() {
    let ground = Ground::new(12).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let workspace = ground.workspace(owner, "Harbour").await;
    let ordered = ground.child(owner, &workspace, DocumentKind::OrderedFolder, "list").await;
    let mut wanted = Vec::new();
    for n in 0..6 {
        wanted.push(ground.folder(owner, &ordered, &format!("{}", 9 - n)).await.id);
    }
    for round in 0..80 {
        // The last goes right behind the first, each time into half of the gap before.
        let (id, side, sibling_id) = match round % 40 {
            39 => (wanted[3], Side::Before, wanted[0]),
            _ => (wanted[5], Side::After, wanted[0]),
        };
        let moved = wanted.iter().position(|each| *each == id).unwrap();
        wanted.remove(moved);
        wanted.insert(if side == Side::Before { 0 } else { 1 }, id);
        reorder(app, owner, Reorder { id, side, sibling_id, expected_name_token: None }, None).await.unwrap();
        let children = List { within: Within::Children(ordered.id), span: Span::first(10), ..List::default() };
        let rows = list(app, owner, &children).await.unwrap();
        assert_eq!(rows.rows.into_iter().map(|(_, row)| row.id).collect::<Vec<_>>(), wanted, "round {round}");
    }
    let stranger = ground.folder(owner, &workspace, "stranger").await;
    let input = Reorder { id: wanted[0], side: Side::After, sibling_id: stranger.id, expected_name_token: None };
    assert!(matches!(reorder(app, owner, input, None).await, Err(Error::Invalid { .. })));
    let input = Reorder { id: stranger.id, side: Side::After, sibling_id: ordered.id, expected_name_token: None };
    assert!(matches!(reorder(app, owner, input, None).await, Err(Error::WrongState { .. })));
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_repeat_nor_skip_in_any_order() {
    let ground = Ground::new(13).await;
    let (app, [owner, guest, ..]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let ordered = ground.child(owner, &workspace, DocumentKind::OrderedFolder, "list").await;
    give(&ground, owner, &ordered, guest, Permission::Read).await;
    for n in 0..23 {
        let kind = if n % 3 == 0 { DocumentKind::Picture } else { DocumentKind::File };
        let made = ground.child(owner, &ordered, kind, &format!("{}", (n * 7) % 23)).await;
        if n % 5 == 0 {
            let block = acl::Block { document_id: made.id, block: true, expected_name_token: None };
            acl::block_inheritance(app, owner, block, None).await.unwrap();
        }
    }
    let mut w = app.write(Actor::System).await.unwrap();
    for row in document::Entity::find().all(w.db()).await.unwrap() {
        let third = row.position.unwrap_or_default() / (1 << 20) % 3;
        let same = w.now - chrono::Duration::seconds(third);
        document::ActiveModel { id: Set(row.id), modified_at: Set(same), ..Default::default() }
            .update(w.db())
            .await
            .unwrap();
    }
    w.announce(change::Noun::Document, ordered.id, ChangeKind::Metadata);
    w.commit().await.unwrap();
    for sort in [Sort::Name, Sort::Position, Sort::ModifiedAt] {
        for descending in [false, true] {
            let mut page = List {
                within: Within::Children(ordered.id),
                order: Some(Order { sort, descending }),
                span: Span::first(4),
                ..List::default()
            };
            let total = count(app, guest, &page).await.unwrap();
            assert_eq!(total, 18, "five of them are blocked");
            let mut all = Vec::new();
            loop {
                let rows = list(app, guest, &page).await.unwrap().rows;
                let Some((cursor, _)) = rows.last() else { break };
                page.span.after = Some(cursor.clone());
                all.extend(rows.into_iter().map(|(_, row)| row));
            }
            let ids: BTreeSet<_> = all.iter().map(|row| row.id).collect();
            assert_eq!((all.len(), ids.len()), (18, 18), "{sort:?}");
            let mut sorted = all.clone();
            sorted.sort_by(|a, b| match sort {
                Sort::Name => a.name_key.cmp(&b.name_key),
                Sort::Position => a.position.cmp(&b.position),
                Sort::ModifiedAt => (a.modified_at, a.id).cmp(&(b.modified_at, b.id)),
            });
            if descending {
                sorted.reverse();
            }
            assert_eq!(all, sorted, "{sort:?} {descending}");
            page.order = Some(Order { sort: if sort == Sort::Name { Sort::Position } else { Sort::Name }, descending });
            assert!(matches!(list(app, guest, &page).await, Err(Error::Invalid { .. })), "a cursor of another order");
        }
    }
    let filter = Filter { kinds: vec![DocumentKind::Picture], life: Life::Live };
    let pictures = List { within: Within::Below(workspace.id), filter, ..List::default() };
    assert_eq!(count(app, owner, &pictures).await.unwrap(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_of_one_name_are_numbered_without_a_gap() {
    let ground = Ground::new(16).await;
    let owner = &ground.people[0];
    let workspace = ground.workspace(owner, "Harbour").await;
    let mut w = ground.app.write(Actor::System).await.unwrap();
    for n in 1..=300 {
        let made = insert(&mut w, Some(workspace.id), DocumentKind::File, "Plan.pdf", OnTaken::Rename).await.unwrap();
        assert_eq!(made.name, if n == 1 { "Plan.pdf".into() } else { format!("Plan ({n}).pdf") });
    }
    let fail = insert(&mut w, Some(workspace.id), DocumentKind::File, "plan.PDF", OnTaken::Fail).await;
    assert!(matches!(fail, Err(Error::NameTaken { .. })));
    w.commit().await.unwrap();
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_change_of_content_moves_the_content_token() {
    let ground = Ground::new(17).await;
    let owner = &ground.people[0];
    let workspace = ground.workspace(owner, "Harbour").await;
    let file = ground.child(owner, &workspace, DocumentKind::File, "a.txt").await;
    let mut w = ground.app.write(Actor::System).await.unwrap();
    let metadata = mark(&mut w, file.id, ChangeKind::Metadata).await.unwrap();
    let content = mark(&mut w, file.id, ChangeKind::Content).await.unwrap();
    w.commit().await.unwrap();
    assert_eq!((metadata.content_token, content.content_token), (file.content_token, file.content_token + 1));
    assert_eq!(content.name_token, file.name_token);
    let heard = changes(&ground, ChangeKind::Content).await;
    assert_eq!(heard.iter().map(|line| line.subject_id).collect::<Vec<_>>(), [file.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_stand_where_they_belong_and_the_tree_has_a_floor() {
    let ground = Ground::new(18).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let mut at = ground.workspace(owner, "Harbour").await;
    let file = ground.child(owner, &at, DocumentKind::File, "a.txt").await;
    let wrong = [
        New { parent_id: None, kind: DocumentKind::Folder, name: "x".into() },
        New { parent_id: Some(at.id), kind: DocumentKind::Workspace, name: "x".into() },
        New { parent_id: Some(file.id), kind: DocumentKind::File, name: "x".into() },
        New { parent_id: Some(at.id), kind: DocumentKind::File, name: "a/b".into() },
    ];
    for input in wrong {
        assert!(matches!(create(app, owner, input, None).await, Err(Error::Invalid { .. })));
    }
    let tower = ground.folder(owner, &at, "tower").await;
    ground.folder(owner, &tower, "upper floor").await;
    for n in 1..=100 {
        at = ground.folder(owner, &at, &format!("{n}")).await;
    }
    assert!(matches!(create(app, owner, new(&at, "101"), None).await, Err(Error::Invalid { .. })));
    let answer = move_to(app, owner, to(&tower, &at), None).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
    let higher = reread(&ground, &document::Model { id: at.parent_id.unwrap(), ..at.clone() }).await;
    assert!(matches!(move_to(app, owner, to(&tower, &higher), None).await, Err(Error::Invalid { .. })));
    ground.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_is_written_into_the_audit_and_its_administrators_can_read_it() {
    let ground = Ground::new(19).await;
    let (app, [owner, guest, ..]) = (&ground.app, &ground.people);
    let workspace = ground.workspace(owner, "Harbour").await;
    let ordered = ground.child(owner, &workspace, DocumentKind::OrderedFolder, "list").await;
    let (a, b) = (ground.folder(owner, &ordered, "a").await, ground.folder(owner, &ordered, "b").await);
    let (id, expected_name_token) = (a.id, None);
    reorder(app, owner, Reorder { id, side: Side::After, sibling_id: b.id, expected_name_token }, None).await.unwrap();
    rename(app, owner, Rename { id, name: "c".into(), expected_name_token }, None).await.unwrap();
    give(&ground, owner, &a, guest, Permission::Write).await;
    let block = |block| acl::Block { document_id: id, block, expected_name_token };
    acl::block_inheritance(app, owner, block(true), None).await.unwrap();
    let revoke = acl::Revoke { document_id: id, principal_id: guest.user_id, expected_name_token };
    assert!(matches!(history(app, guest, id, &Span::first(9)).await, Err(Error::NotAllowed { .. })));
    acl::revoke(app, owner, revoke, None).await.unwrap();
    move_to(app, owner, Move { expected_name_token, ..to(&a, &workspace) }, None).await.unwrap();
    trash(app, owner, away(&a), None).await.unwrap();
    restore(app, owner, back(&a), None).await.unwrap();
    let entries = history(app, owner, id, &Span::first(50)).await.unwrap();
    let done: Vec<_> = entries.rows.iter().rev().map(|entry| entry.action.as_str()).collect();
    let expected = [
        "document.create",
        "document.reorder",
        "document.rename",
        "acl.grant",
        "acl.block",
        "acl.revoke",
        "document.move",
        "document.trash",
        "document.restore",
    ];
    assert_eq!(done.iter().collect::<BTreeSet<_>>(), expected.iter().collect::<BTreeSet<_>>());
    assert_eq!(done.len(), expected.len());
    trash(app, owner, away(&a), None).await.unwrap();
    delete(app, owner, Delete { id, expected_name_token }, None).await.unwrap();
    let last = audit_entry::Entity::find().filter(audit_entry::Column::SubjectId.eq(id));
    let last = last.filter(audit_entry::Column::Action.eq("document.delete")).one(app.database.read()).await.unwrap();
    assert_eq!(last.unwrap().actor_id, Some(owner.user_id), "the audit outlives the document");
}
