//! The world a crowd listens to: workspaces that are renamed, shared and unshared by seed, and what everybody may see of
//! them at every line of the change log, known without asking the house.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use hawser_domain::{
    acl::{self, Permission},
    change,
    document::{self, DocumentKind},
    entity::change::{ChangeKind, Noun},
    group,
    principal::Actor,
};
use rand::{Rng, rngs::StdRng, seq::SliceRandom};
use uuid::Uuid;

use crate::{House, Person};

const WORKSPACES: usize = 24;
const GROUPS: usize = 4;
/// Lines of a commit that says something of many workspaces.
const MANY: usize = 20;

/// One workspace, with all it ever was.
pub struct Workspace {
    pub id: Uuid,
    pub name: String,
    /// People and groups it is shared with, by their place.
    people: BTreeSet<usize>,
    groups: BTreeSet<usize>,
}

pub struct World {
    owner: Person,
    admin: Person,
    pub people: Vec<Person>,
    pub workspaces: Vec<Workspace>,
    groups: Vec<(Uuid, BTreeSet<usize>)>,
    /// For each person and workspace: from which line on it could be seen, or not.
    pub sights: Vec<Vec<Vec<(i64, bool)>>>,
    /// The head of the log after each act. Readers note how many acts had begun.
    pub acts: Arc<Mutex<Vec<i64>>>,
    pub changes_of_rights: usize,
}

impl World {
    pub async fn new(house: &House, people: usize, rng: &mut StdRng) -> Self {
        let (admin, owner) = (house.admin().await, house.member("owner").await);
        let mut all = Vec::new();
        for n in 0..people {
            all.push(house.member(&format!("person-{n}")).await);
        }
        let mut groups = Vec::new();
        for n in 0..GROUPS {
            let made = group::create(&house.app, &admin.principal, &format!("Group {n}"), None).await;
            groups.push((made.expect("a group").id, BTreeSet::new()));
        }
        let mut workspaces = Vec::new();
        for n in 0..WORKSPACES {
            let name = format!("Workspace {n}");
            let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: name.clone() };
            let made = document::create(&house.app, &owner.principal, new, None).await.expect("a workspace");
            workspaces.push(Workspace { id: made.id, name, people: BTreeSet::new(), groups: BTreeSet::new() });
        }
        let sights = vec![vec![vec![(0, false)]; WORKSPACES]; people];
        let acts = Arc::default();
        let mut world = Self { owner, admin, people: all, workspaces, groups, sights, acts, changes_of_rights: 0 };
        for _ in 0..4 * WORKSPACES {
            world.change_rights(house, rng).await;
        }
        world.changes_of_rights = 0;
        world.acts.lock().expect("nobody panicked").clear();
        world
    }

    /// Does one thing, and returns how many lines it wrote.
    pub async fn act(&mut self, house: &House, rng: &mut StdRng) -> i64 {
        let before = change::head(&house.app).await.expect("the head").seq;
        match rng.random_range(0..10) {
            0..4 => self.mention_many(house, rng).await,
            4..7 => self.rename(house, rng).await,
            _ => self.change_rights(house, rng).await,
        }
        let after = change::head(&house.app).await.expect("the head").seq;
        self.acts.lock().expect("nobody panicked").push(after);
        after - before
    }

    /// Says to everybody that so much was done.
    pub async fn mark(&self, house: &House, subject: Uuid) {
        let mut w = house.app.write(Actor::System).await.expect("a transaction");
        w.announce(Noun::Provider, subject, ChangeKind::Updated);
        let head = w.commit().await.expect("a commit");
        self.acts.lock().expect("nobody panicked").push(head);
    }

    pub fn sees(&self, person: usize, workspace: usize) -> bool {
        self.sights[person][workspace].last().is_some_and(|(_, sees)| *sees)
    }

    async fn mention_many(&self, house: &House, rng: &mut StdRng) {
        let mut ids: Vec<_> = self.workspaces.iter().map(|it| it.id).collect();
        ids.shuffle(rng);
        let mut w = house.app.write(Actor::System).await.expect("a transaction");
        for id in ids.into_iter().take(MANY) {
            w.announce(Noun::Document, id, ChangeKind::Metadata);
        }
        w.commit().await.expect("a commit");
    }

    async fn rename(&mut self, house: &House, rng: &mut StdRng) {
        let workspace = &mut self.workspaces[rng.random_range(0..WORKSPACES)];
        workspace.name = format!("Workspace {}", rng.random::<u64>());
        let (id, name) = (workspace.id, workspace.name.clone());
        let rename = document::Rename { id, name, expected_name_token: None };
        document::rename(&house.app, &self.owner.principal, rename, None).await.expect("another name");
    }

    async fn change_rights(&mut self, house: &House, rng: &mut StdRng) {
        let first = change::head(&house.app).await.expect("the head").seq + 1;
        let at = rng.random_range(0..WORKSPACES);
        let (person, group) = (rng.random_range(0..self.people.len()), rng.random_range(0..GROUPS));
        let document_id = self.workspaces[at].id;
        match rng.random_range(0..4) {
            0 | 1 => {
                let workspace = &mut self.workspaces[at];
                let was = !workspace.people.insert(person);
                if was {
                    workspace.people.remove(&person);
                }
                self.share(house, document_id, self.people[person].id, was).await;
            }
            2 => {
                let workspace = &mut self.workspaces[at];
                let was = !workspace.groups.insert(group);
                if was {
                    workspace.groups.remove(&group);
                }
                self.share(house, document_id, self.groups[group].0, was).await;
            }
            _ => {
                let (id, members) = &mut self.groups[group];
                let (app, admin, user) = (&house.app, &self.admin.principal, self.people[person].id);
                let done = match members.remove(&person) {
                    true => group::remove_member(app, admin, *id, user).await,
                    false => {
                        members.insert(person);
                        group::add_member(app, admin, *id, user).await
                    }
                };
                done.expect("a member less or more");
            }
        }
        self.changes_of_rights += 1;
        self.note(first);
    }

    async fn share(&self, house: &House, document_id: Uuid, principal_id: Uuid, was: bool) {
        let (app, who) = (&house.app, &self.owner.principal);
        let done = match was {
            true => {
                let revoke = acl::Revoke { document_id, principal_id, expected_name_token: None };
                acl::revoke(app, who, revoke, None).await
            }
            false => {
                let permission = Permission::Read;
                let grant = acl::Grant { document_id, principal_id, permission, expected_name_token: None };
                acl::grant(app, who, grant, None).await
            }
        };
        done.expect("a right less or more");
    }

    /// What everybody sees from this line on.
    fn note(&mut self, first: i64) {
        for (person, sights) in self.sights.iter_mut().enumerate() {
            for (workspace, sights) in self.workspaces.iter().zip(sights) {
                let by_group = workspace.groups.iter().any(|group| self.groups[*group].1.contains(&person));
                let sees = by_group || workspace.people.contains(&person);
                if sights.last().is_some_and(|(_, saw)| *saw != sees) {
                    sights.push((first, sees));
                }
            }
        }
    }
}
