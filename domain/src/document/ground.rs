//! A new database with a few people in it, for the tests of documents and their rules.

use std::sync::Arc;

use hawser_entity::{
    change::{self, ChangeKind},
    document::{self, DocumentKind},
    group, group_member,
    user::{self, Role},
};
use hawser_migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Model, Move, New, Restore, Trash, create};
use crate::{
    App, Principal,
    acl::{self, Permission},
    app::Ambient,
    clock::Clock,
    config::Config,
    principal::{EVERYONE, Scope},
    randomness::Randomness,
};

pub(crate) struct Ground {
    pub app: Arc<App>,
    /// Two members, a member who is in the group, and an administrator.
    pub people: [Principal; 4],
    pub group: Uuid,
    _folder: tempfile::TempDir,
}

impl Ground {
    pub async fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::for_folder(folder.path().to_owned()).unwrap();
        let empty = crate::database::Database::open(&config.database_url(), 2).await.unwrap();
        Migrator::up(empty.maintenance(), None).await.unwrap();
        let ambient = Ambient { clock: Clock::default(), randomness: Randomness::from_seed(seed) };
        let app = App::open(config, ambient).await.unwrap();
        // A test's database need not survive a loss of power.
        app.database.maintenance().execute_unprepared("PRAGMA synchronous = OFF").await.unwrap();
        let group = app.randomness.id(app.clock.now());
        let people = std::array::from_fn(|n| Principal {
            user_id: app.randomness.id(app.clock.now()),
            role: if n == 3 { Role::Admin } else { Role::Member },
            groups: if n == 2 { vec![EVERYONE, group] } else { vec![EVERYONE] },
            token_id: Uuid::nil(),
            scopes: Scope::ALL.to_vec(),
            is_session: true,
            address: None,
        });
        let ground = Self { app, people, group, _folder: folder };
        ground.settle_in().await;
        ground
    }

    async fn settle_in(&self) {
        let w = self.app.write(crate::principal::Actor::System).await.unwrap();
        for (n, who) in self.people.iter().enumerate() {
            let row = user::ActiveModel {
                id: Set(who.user_id),
                email: Set(format!("p{n}@example.test")),
                email_key: Set(format!("p{n}@example.test")),
                name: Set(format!("P{n}")),
                role: Set(who.role),
                password_hash: Set(None),
                disabled_at: Set(None),
                created_at: Set(w.now),
            };
            user::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
        }
        let row = group::ActiveModel {
            id: Set(self.group),
            name: Set("Crew".into()),
            name_key: Set("crew".into()),
            built_in: Set(false),
            created_at: Set(w.now),
        };
        group::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
        let row = group_member::ActiveModel { group_id: Set(self.group), user_id: Set(self.people[2].user_id) };
        group_member::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
        w.commit().await.unwrap();
    }

    pub async fn workspace(&self, who: &Principal, name: &str) -> Model {
        let new = New { parent_id: None, kind: DocumentKind::Workspace, name: name.into() };
        create(&self.app, who, new, None).await.unwrap()
    }

    pub async fn child(&self, who: &Principal, parent: &Model, kind: DocumentKind, name: &str) -> Model {
        let new = New { parent_id: Some(parent.id), kind, name: name.into() };
        create(&self.app, who, new, None).await.unwrap()
    }

    pub async fn folder(&self, who: &Principal, parent: &Model, name: &str) -> Model {
        self.child(who, parent, DocumentKind::Folder, name).await
    }

    pub async fn expect_sound(&self) {
        assert_eq!(super::check::faults(&self.app).await.unwrap(), Vec::<String>::new());
    }
}

pub(crate) fn new(parent: &Model, name: &str) -> New {
    New { parent_id: Some(parent.id), kind: DocumentKind::Folder, name: name.into() }
}

pub(crate) fn to(document: &Model, parent: &Model) -> Move {
    Move { id: document.id, parent_id: parent.id, name: None, expected_name_token: Some(document.name_token) }
}

pub(crate) fn away(document: &Model) -> Trash {
    Trash { id: document.id, expected_name_token: None }
}

pub(crate) fn back(document: &Model) -> Restore {
    Restore { id: document.id, parent_id: None, name: None, expected_name_token: None }
}

pub(crate) async fn give(ground: &Ground, who: &Principal, document: &Model, to: &Principal, permission: Permission) {
    let input =
        acl::Grant { document_id: document.id, principal_id: to.user_id, permission, expected_name_token: None };
    acl::grant(&ground.app, who, input, None).await.unwrap();
}

pub(crate) async fn reread(ground: &Ground, document: &Model) -> Model {
    document::Entity::find_by_id(document.id).one(ground.app.database.read()).await.unwrap().unwrap()
}

pub(crate) async fn changes(ground: &Ground, kind: ChangeKind) -> Vec<change::Model> {
    let rows = change::Entity::find().filter(change::Column::Kind.eq(kind)).order_by_asc(change::Column::Seq);
    rows.all(ground.app.database.read()).await.unwrap()
}
