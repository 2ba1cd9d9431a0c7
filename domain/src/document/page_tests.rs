//! Walks through a list in pages of any size, from either end, while others write.

use std::collections::BTreeSet;

use hawser_entity::document;
use proptest::prelude::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::{DocumentKind, List, Model, Order, Sort, Within, ground::Ground, list};
use crate::{
    page::{Page, Span},
    principal::Actor,
};

const FOLDERS: usize = 6;
const NAMES: [&str; 4] = ["Anchor", "Berth", "Cleat", "Davit"];

/// A workspace in which every name is there once per folder, and only three moments of change are known.
async fn same_keys(ground: &Ground) -> (Model, Vec<Model>) {
    let owner = &ground.people[0];
    let top = ground.workspace(owner, "Harbour").await;
    let mut folders = Vec::new();
    for n in 0..FOLDERS {
        let folder = ground.folder(owner, &top, &format!("Pier {n}")).await;
        for name in NAMES {
            ground.child(owner, &folder, DocumentKind::File, name).await;
        }
        folders.push(folder);
    }
    let w = ground.app.write(Actor::System).await.unwrap();
    for (n, row) in document::Entity::find().all(w.db()).await.unwrap().into_iter().enumerate() {
        let moment = w.now - chrono::Duration::microseconds((n % 3) as i64);
        let row = document::ActiveModel { id: Set(row.id), modified_at: Set(moment), ..Default::default() };
        row.update(w.db()).await.unwrap();
    }
    w.commit().await.unwrap();
    (top, folders)
}

fn ids<K>(rows: &[(K, Model)]) -> Vec<Uuid> {
    rows.iter().map(|(_, row)| row.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8) })]

    #[test]
    fn whoever_walks_in_pages_of_any_size_meets_each_row_once_in_order_while_others_write(
        sizes in proptest::collection::vec(1u64..6, 1..12),
        writes in proptest::collection::vec((0..FOLDERS, any::<bool>()), 0..10),
        from_end in any::<bool>(),
        descending in any::<bool>(),
        by_name in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let ground = Ground::new(21).await;
            let (app, owner) = (&ground.app, &ground.people[0]);
            let (top, folders) = same_keys(&ground).await;
            let sort = if by_name { Sort::Name } else { Sort::ModifiedAt };
            let mut query =
                List { within: Within::Below(top.id), order: Some(Order { sort, descending }), ..List::default() };
            let before = ids(&list(app, owner, &query).await.unwrap().rows);
            assert_eq!(before.len(), FOLDERS * (NAMES.len() + 1));

            let (mut walked, mut writes) = (Vec::new(), writes.into_iter().enumerate());
            query.span = Span { from_end, looks_back: true, ..Span::first(1) };
            for most in sizes.into_iter().cycle() {
                query.span.most = most;
                let page: Page<_> = list(app, owner, &query).await.unwrap();
                let (near, far) = match from_end {
                    false => (page.has_previous, page.has_next),
                    true => (page.has_next, page.has_previous),
                };
                assert_eq!(near, !walked.is_empty(), "what was walked lies behind");
                let at = if from_end { 0 } else { walked.len() };
                walked.splice(at..at, ids(&page.rows));
                match from_end {
                    false => query.span.after = page.rows.last().map(|(cursor, _)| cursor.clone()),
                    true => query.span.before = page.rows.first().map(|(cursor, _)| cursor.clone()),
                }
                if !far {
                    break;
                }
                // Before, among and behind what was read already.
                if let Some((n, (folder, first))) = writes.next() {
                    let name = format!("{} {n}", if first { "Aft" } else { "Zenith" });
                    ground.child(owner, &folders[folder], DocumentKind::File, &name).await;
                }
            }

            let known: BTreeSet<Uuid> = before.iter().copied().collect();
            let seen: Vec<Uuid> = walked.iter().copied().filter(|id| known.contains(id)).collect();
            assert_eq!(seen, before, "each once, in order");
            let all: BTreeSet<Uuid> = walked.iter().copied().collect();
            assert_eq!(all.len(), walked.len(), "nothing new twice either");
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bounds_cut_out_what_lies_between_them_and_say_what_lies_around() {
    let ground = Ground::new(22).await;
    let (app, owner) = (&ground.app, &ground.people[0]);
    let (top, _) = same_keys(&ground).await;
    for descending in [false, true] {
        let order = Some(Order { sort: Sort::ModifiedAt, descending });
        let mut query = List { within: Within::Below(top.id), order, ..List::default() };
        let all = list(app, owner, &query).await.unwrap().rows;
        let (low, high) = (4, 15);
        for (from_end, most, expected) in [(false, 3, 5..8), (true, 3, 12..15), (false, 50, 5..15), (true, 50, 5..15)] {
            query.span = Span {
                after: Some(all[low].0.clone()),
                before: Some(all[high].0.clone()),
                from_end,
                most,
                looks_back: true,
            };
            let page = list(app, owner, &query).await.unwrap();
            assert_eq!(ids(&page.rows), ids(&all[expected]), "{from_end} {most}");
            assert!(page.has_previous && page.has_next, "{from_end} {most}");
        }
        query.span = Span { after: all.last().map(|it| it.0.clone()), looks_back: true, ..Span::first(5) };
        let page = list(app, owner, &query).await.unwrap();
        assert_eq!((page.rows.len(), page.has_previous, page.has_next), (0, true, false), "behind the end");
        query.span = Span { before: all.first().map(|it| it.0.clone()), from_end: true, ..query.span };
        query.span.after = None;
        let page = list(app, owner, &query).await.unwrap();
        assert_eq!((page.rows.len(), page.has_previous, page.has_next), (0, false, true), "before the beginning");
    }
}
