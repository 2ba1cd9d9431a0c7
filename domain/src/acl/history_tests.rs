//! Random histories of trees, entries, blocks, moves and trash, against an evaluator that knows nothing but parents,
//! entries and blocks and walks up the tree for every question.

use std::collections::{BTreeMap, HashMap};

use hawser_entity::document::{self, DocumentKind};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sea_orm::{EntityTrait, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::{
    Error, Principal,
    document::{self as documents, Delete, Move, New, Restore, Trash, ground::Ground},
    principal::EVERYONE,
};

const HISTORIES: usize = 2_000;
const STEPS: usize = 14;

/// What the evaluator believes.
#[derive(Default, Clone)]
struct Plain {
    /// The step it was made in: ids depend on the time, and the same dice must give the same history.
    made: usize,
    parent: Option<Uuid>,
    folder: bool,
    entries: BTreeMap<Uuid, Permission>,
    blocks: bool,
    trash: Option<Uuid>,
}

#[derive(Default)]
struct World(BTreeMap<Uuid, Plain>);

impl World {
    fn right(&self, who: &Principal, id: Uuid) -> Option<Permission> {
        let mut best = None;
        let mut at = Some(id);
        while let Some(plain) = at.and_then(|id| self.0.get(&id)) {
            best = who.ids().iter().filter_map(|id| plain.entries.get(id).copied()).chain(best).max();
            at = plain.parent.filter(|_| !plain.blocks);
        }
        if who.is_admin() && self.0.contains_key(&id) { Some(Permission::Admin) } else { best }
    }

    fn below(&self, root: Uuid) -> Vec<Uuid> {
        let is_below = |id: &Uuid| {
            let mut at = Some(*id);
            while let Some(id) = at {
                if id == root {
                    return true;
                }
                at = self.0.get(&id).and_then(|plain| plain.parent);
            }
            false
        };
        self.0.keys().copied().filter(|id| is_below(id)).collect()
    }
}

/// Whether an answer agrees with the rights the verb needs.
fn judge<T>(answer: &Result<T, Error>, held: &[(Option<Permission>, Permission)], step: &str) {
    match answer {
        Ok(_) => assert!(held.iter().all(|(held, needed)| *held >= Some(*needed)), "{step} was let through: {held:?}"),
        Err(Error::NotFound { .. }) => {
            assert!(held.iter().any(|(held, _)| held.is_none()), "{step} not found: {held:?}")
        }
        Err(Error::NotAllowed { .. }) => {
            assert!(held.iter().any(|(held, needed)| *held < Some(*needed)), "{step} not allowed: {held:?}");
        }
        Err(Error::WrongState { .. } | Error::Cycle | Error::NameTaken { .. } | Error::Invalid { .. }) => {}
        Err(other) => panic!("{step}: {other}"),
    }
}

async fn step(ground: &Ground, world: &mut World, dice: &mut StdRng, n: usize) -> &'static str {
    use Permission::{Admin, Read, Write};
    let app = &ground.app;
    let who = ground.people.choose(dice).unwrap();
    let mut ids: Vec<Uuid> = world.0.keys().copied().collect();
    ids.sort_by_key(|id| world.0[id].made);
    let (id, other) = (*ids.choose(dice).unwrap(), *ids.choose(dice).unwrap());
    let parent = world.0[&id].parent;
    let right = |world: &World, id: Option<Uuid>| id.map_or(Some(Admin), |id| world.right(who, id));
    let whole = parent.map_or(Admin, |_| Write);
    let choices =
        [ground.people[0].user_id, ground.people[1].user_id, ground.people[2].user_id, ground.group, EVERYONE];
    match dice.random_range(0..12) {
        0..3 => {
            let kind = if dice.random_bool(0.7) { DocumentKind::Folder } else { DocumentKind::File };
            let new = New { parent_id: Some(id), kind, name: format!("d{n}") };
            let answer = documents::create(app, who, new, None).await;
            judge(&answer, &[(right(world, Some(id)), Write)], "create");
            if let Ok(made) = answer {
                let folder = kind == DocumentKind::Folder;
                world.0.insert(made.id, Plain { made: n + 1, parent: Some(id), folder, ..Plain::default() });
            }
            "create"
        }
        3..6 => {
            let principal_id = *choices.choose(dice).unwrap();
            let permission = *[Read, Write, Admin].choose(dice).unwrap();
            let input = Grant { document_id: id, principal_id, permission, expected_name_token: None };
            let answer = grant(app, who, input, None).await;
            judge(&answer, &[(right(world, Some(id)), Admin)], "grant");
            if answer.is_ok() {
                world.0.get_mut(&id).unwrap().entries.insert(principal_id, permission);
            }
            "grant"
        }
        6 => {
            let entries = &world.0[&id].entries;
            let Some(principal_id) = choices.iter().find(|each| entries.contains_key(each)).copied() else {
                return "nothing";
            };
            let answer =
                revoke(app, who, Revoke { document_id: id, principal_id, expected_name_token: None }, None).await;
            judge(&answer, &[(right(world, Some(id)), Admin)], "revoke");
            if answer.is_ok() {
                world.0.get_mut(&id).unwrap().entries.remove(&principal_id);
            }
            "revoke"
        }
        7 => {
            let block = dice.random_bool(0.6);
            let answer =
                block_inheritance(app, who, Block { document_id: id, block, expected_name_token: None }, None).await;
            judge(&answer, &[(right(world, Some(id)), Admin)], "block");
            if answer.is_ok() && world.0[&id].blocks != block {
                world.0.get_mut(&id).unwrap().blocks = block;
                if world.right(who, id) != Some(Admin) {
                    world.0.get_mut(&id).unwrap().entries.insert(who.user_id, Admin);
                }
            }
            "block"
        }
        8..10 => {
            let input = Move { id, parent_id: other, name: None, expected_name_token: None };
            let answer = documents::move_to(app, who, input, None).await;
            let needed =
                [(right(world, Some(id)), Write), (right(world, parent), Write), (right(world, Some(other)), Write)];
            judge(&answer, &needed, "move");
            if answer.is_ok() {
                assert!(!world.below(id).contains(&other) && world.0[&other].folder, "a move made a cycle");
                world.0.get_mut(&id).unwrap().parent = Some(other);
            }
            "move"
        }
        10 => {
            let answer = documents::trash(app, who, Trash { id, expected_name_token: None }, None).await;
            judge(&answer, &[(right(world, Some(id)), whole), (right(world, parent), Write)], "trash");
            if answer.is_ok() {
                for below in world.below(id) {
                    world.0.get_mut(&below).unwrap().trash.get_or_insert(id);
                }
            }
            "trash"
        }
        _ if dice.random_bool(0.7) => {
            let to = dice.random_bool(0.3).then_some(other);
            let input = Restore { id, parent_id: to, name: Some(format!("d{n}")), expected_name_token: None };
            let answer = documents::restore(app, who, input, None).await;
            let needed = [(right(world, Some(id)), whole), (right(world, parent), Write), (right(world, to), Write)];
            judge(&answer, &needed, "restore");
            if answer.is_ok() {
                let root = world.0[&id].trash;
                for below in world.below(id) {
                    let plain = world.0.get_mut(&below).unwrap();
                    plain.trash = plain.trash.filter(|trash| Some(*trash) != root);
                }
                let plain = world.0.get_mut(&id).unwrap();
                plain.parent = to.or(plain.parent);
            }
            "restore"
        }
        _ => {
            let answer = documents::delete(app, who, Delete { id, expected_name_token: None }, None).await;
            let mut needed = vec![(right(world, Some(id)), whole), (right(world, parent), Write)];
            needed.extend(world.below(id).into_iter().map(|id| (right(world, Some(id)), Write)));
            judge(&answer, &needed, "delete");
            if answer.is_ok() {
                for below in world.below(id) {
                    world.0.remove(&below);
                }
            }
            "delete"
        }
    }
}

/// Asks all three ways about every person and document. Returns how many answers were compared.
async fn compare(ground: &Ground, world: &World, seed: u64) -> usize {
    let db = ground.app.database.read();
    let rows: HashMap<Uuid, document::Model> =
        document::Entity::find().all(db).await.unwrap().into_iter().map(|row| (row.id, row)).collect();
    assert_eq!(rows.len(), world.0.len(), "history {seed}: documents");
    let mut compared = 0;
    let all = [Permission::Read, Permission::Write, Permission::Admin];
    for (n, who) in ground.people.iter().enumerate() {
        let mut listed = Vec::new();
        for needed in all {
            let rows = document::Entity::find().filter(with_permission(who, needed)).all(db).await.unwrap();
            listed.push(rows.into_iter().map(|row| row.id).collect::<Vec<_>>());
        }
        for (turn, (id, plain)) in world.0.iter().enumerate() {
            let context = format!("history {seed}: person {n} on {id}");
            let naive = world.right(who, *id);
            for (needed, listed) in all.iter().zip(&listed) {
                assert_eq!(listed.contains(id), naive >= Some(*needed), "{context}: visible with {needed:?}");
                compared += 1;
            }
            // Each question asked one by one costs a query: every permission has its turn.
            let needed = all[(turn + n) % all.len()];
            let asked = can(db, who, &rows[id], needed).await.unwrap();
            assert_eq!(asked, naive >= Some(needed), "{context}: can with {needed:?}");
            assert_eq!(rows[id].trash_root_id, plain.trash, "{context}: trash");
            compared += 1;
        }
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn can_and_visible_agree_with_a_naive_evaluator_over_random_histories() {
    let ground = Ground::new(1).await;
    let mut compared = 0;
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..HISTORIES as u64 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut world = World::default();
        let owner = &ground.people[dice.random_range(0..3)];
        let root = ground.workspace(owner, "root").await;
        let entries = BTreeMap::from([(owner.user_id, Permission::Admin)]);
        world.0.insert(root.id, Plain { folder: true, entries, ..Plain::default() });
        let mut tokens: HashMap<Uuid, i64> = HashMap::new();
        for n in 0..STEPS {
            if world.0.is_empty() {
                break;
            }
            *done.entry(step(&ground, &mut world, &mut dice, n).await).or_default() += 1;
            if n % 4 == 3 {
                for row in document::Entity::find().all(ground.app.database.read()).await.unwrap() {
                    assert!(tokens.insert(row.id, row.name_token) <= Some(row.name_token), "a token went back");
                }
            }
            if n == STEPS / 2 {
                compared += compare(&ground, &world, seed).await;
            }
        }
        compared += compare(&ground, &world, seed).await;
        let faults = documents::check::faults(&ground.app).await.unwrap();
        assert_eq!(faults, Vec::<String>::new(), "history {seed}");
        clear(&ground, root.id).await;
    }
    println!("{HISTORIES} histories, {compared} answers compared; steps: {done:?}");
    assert!(compared > 50_000, "the histories hardly ask anything: {compared}");
}

/// The next history begins with an empty tree, thrown away by an administrator.
async fn clear(ground: &Ground, root: Uuid) {
    let (app, admin) = (&ground.app, &ground.people[3]);
    match documents::trash(app, admin, Trash { id: root, expected_name_token: None }, None).await {
        Ok(_) | Err(Error::WrongState { .. }) => {}
        Err(Error::NotFound { .. }) => return,
        Err(other) => panic!("{other}"),
    }
    documents::delete(app, admin, Delete { id: root, expected_name_token: None }, None).await.unwrap();
    assert_eq!(document::Entity::find().all(app.database.read()).await.unwrap(), vec![]);
}
