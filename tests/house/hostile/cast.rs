//! The people of the hostile scenes: everybody that a right can make a difference for, each with things of their own.

use hawser_domain::{
    Principal,
    acl::{self, Permission},
    content,
    document::{self, DocumentKind},
    entity::{connection, document::Model},
    principal::Scope,
    token, user,
};
use hawser_sandbox::control::NewFile;
use hawser_tests::{Person, Scene};
use secrecy::ExposeSecret;
use uuid::Uuid;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anonymous,
    /// Signed in, and nothing was shared with them.
    Stranger,
    Reader,
    Writer,
    /// Has ADMIN on the workspace.
    Keeper,
    /// Whose workspace and connection it is.
    Owner,
    /// The owner's personal token that may only read.
    Script,
    Administrator,
}

impl Who {
    pub const ALL: [Who; 8] = [
        Who::Anonymous,
        Who::Stranger,
        Who::Reader,
        Who::Writer,
        Who::Keeper,
        Who::Owner,
        Who::Script,
        Who::Administrator,
    ];
}

/// What somebody has besides what is shared with them.
pub struct Own {
    pub document: Model,
    pub connection: connection::Model,
    /// A file of that account, linked into the document.
    pub file: String,
}

pub struct Cast {
    pub scene: Scene,
    stranger: Person,
    reader: Person,
    writer: Person,
    keeper: Person,
    admin: Person,
    /// Somebody that things are done to.
    pub bystander: Person,
}

impl Cast {
    pub async fn set() -> Self {
        let scene = Scene::reading().await;
        let house = &scene.house;
        let reader = house.member("reader").await;
        let writer = house.member("writer").await;
        let keeper = house.member("keeper").await;
        for (person, permission) in
            [(&reader, Permission::Read), (&writer, Permission::Write), (&keeper, Permission::Admin)]
        {
            let document_id = scene.workspace.id;
            let grant = acl::Grant { document_id, principal_id: person.id, permission, expected_name_token: None };
            acl::grant(&house.app, &scene.ann.principal, grant, None).await.expect("a right");
        }
        let (stranger, admin) = (house.member("stranger").await, house.admin().await);
        let bystander = house.member_with_password("bystander", "a long enough password").await;
        Self { stranger, reader, writer, keeper, admin, bystander, scene }
    }

    pub fn person(&self, who: Who) -> Option<&Person> {
        match who {
            Who::Anonymous => None,
            Who::Stranger => Some(&self.stranger),
            Who::Reader => Some(&self.reader),
            Who::Writer => Some(&self.writer),
            Who::Keeper => Some(&self.keeper),
            Who::Owner | Who::Script => Some(&self.scene.ann),
            Who::Administrator => Some(&self.admin),
        }
    }

    /// Signed in anew: what was asked before may have ended the session.
    pub async fn principal(&self, who: Who) -> Option<Principal> {
        let id = self.person(who)?.id;
        let app = &self.scene.house.app;
        let fresh = self.scene.house.person(id).await;
        if who != Who::Script {
            return Some(fresh.principal);
        }
        let expires_at = self.scene.house.clock.now() + chrono::Duration::days(1);
        let new = token::New { name: "script".into(), scopes: vec![Scope::Read], expires_at };
        let issued = token::create(app, &fresh.principal, new).await.expect("a token");
        Some(token::authenticate(app, issued.secret.expose_secret(), None).await.expect("a good token"))
    }

    /// The token of somebody who was disabled after it was made.
    pub async fn disabled(&self) -> String {
        let person = self.scene.house.member("disabled").await;
        user::disable(&self.scene.house.app, &self.admin.principal, person.id).await.expect("disabled");
        person.token
    }

    /// A workspace and a connected account of their own, for things to happen that they may hear of.
    pub async fn own(&self, who: Who) -> Own {
        let person = self.person(who).expect("somebody");
        let house = &self.scene.house;
        let account = format!("{who:?}@own.example").to_lowercase();
        let connection = house.connect(&self.scene.cloud, person, &account).await;
        let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: format!("Of {who:?}") };
        let document = document::create(&house.app, &person.principal, new, None).await.expect("a workspace");
        self.with_file(person, document, connection, &account).await
    }

    /// The owner's workspace and connection, with a file.
    pub async fn owners(&self) -> Own {
        let Scene { workspace, connection, ann, .. } = &self.scene;
        self.with_file(ann, workspace.clone(), connection.clone(), hawser_tests::ACCOUNT).await
    }

    async fn with_file(&self, person: &Person, document: Model, connection: connection::Model, account: &str) -> Own {
        let new = NewFile { owner: account.into(), name: "news.txt".into(), ..NewFile::default() };
        let file = self.scene.cloud.control.create_file(&new).await.expect("a file").id;
        let items = [content::Item { remote_id: file.clone(), resource_key: None, name: None }];
        let app = &self.scene.house.app;
        let linked = content::link(app, &person.principal, connection.id, document.id, &items, None).await;
        linked.expect("a link").remove(0).expect("the file is linked");
        self.scene.house.drain().await;
        Own { document, connection, file }
    }
}

/// The text of an id, as the schema's readers see it.
pub fn id(prefix: &str, uuid: Uuid) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let number = uuid.as_u128();
    let digits = (0..26).rev().map(|place| char::from(DIGITS[(number >> (5 * place)) as usize & 31]));
    format!("{prefix}_{}", digits.collect::<String>())
}
