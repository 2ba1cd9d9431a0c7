//! The usual scene: Ann, her account in a local cloud, her connection to it, and a workspace to link files into.

use hawser_domain::{
    change::{self, Position},
    content::{self, Item},
    document::{self, DocumentKind},
    entity::{self, change::ChangeKind, document::Model},
    feed,
};
use hawser_sandbox::control::{FileState, NewFile};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{Cloud, House, Person};

pub const ACCOUNT: &str = "ann@cloud.example";

/// Has contents read, by the real program.
pub fn reading(config: &mut hawser_domain::config::Config) {
    config.extract = true;
    config.extractor = Some(crate::program());
}

pub struct Scene {
    pub house: House,
    pub cloud: Cloud,
    pub ann: Person,
    pub connection: entity::connection::Model,
    pub workspace: Model,
}

impl Scene {
    pub async fn set() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings of the house.
    pub async fn with(change: impl FnOnce(&mut hawser_domain::config::Config)) -> Self {
        let (house, cloud) = (House::with(change).await, Cloud::start().await);
        let ann = house.member("ann").await;
        let connection = house.connect(&cloud, &ann, ACCOUNT).await;
        let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Harbour".into() };
        let workspace = document::create(&house.app, &ann.principal, new, None).await.expect("a workspace");
        house.drain().await;
        Self { house, cloud, ann, connection, workspace }
    }

    /// Where contents are read, by the real program.
    pub async fn reading() -> Self {
        Self::with(reading).await
    }

    /// A text file in Ann's drive.
    pub async fn file(&self, name: &str, text: &str) -> FileState {
        let new = NewFile { owner: ACCOUNT.into(), name: name.into(), text: Some(text.into()), ..NewFile::default() };
        self.cloud.control.create_file(&new).await.expect("a file in the cloud")
    }

    /// Links files into the workspace; one result per id.
    pub async fn try_link(&self, ids: &[&str], key: Option<&str>) -> Vec<hawser_domain::Result<Model>> {
        let items: Vec<_> =
            ids.iter().map(|id| Item { remote_id: (*id).into(), resource_key: None, name: None }).collect();
        content::link(&self.house.app, &self.ann.principal, self.connection.id, self.workspace.id, &items, key)
            .await
            .expect("the request as a whole is fine")
    }

    /// Links one file, which must succeed, and does the work that follows.
    pub async fn link(&self, id: &str) -> Model {
        let document = self.try_link(&[id], None).await.remove(0).expect("the file is linked");
        self.house.drain().await;
        document
    }

    /// A new text file, linked.
    pub async fn linked(&self, name: &str, text: &str) -> (FileState, Model) {
        let file = self.file(name, text).await;
        let document = self.link(&file.id).await;
        (file, document)
    }

    /// Reads the account's feeds to their end, and does the work that follows.
    pub async fn poll(&self) {
        for feed in feed::list(&self.house.app, self.connection.id).await.expect("the feeds") {
            feed::poll_now(&self.house.app, &self.ann.principal, feed.id).await.expect("a poll");
        }
        self.house.drain().await;
    }

    pub async fn content(&self, document: &Model) -> entity::content::Model {
        content::of(&self.house.app, document.id).await.expect("the content").expect("a cloud file")
    }

    pub async fn document(&self, document: &Model) -> Model {
        let row = entity::document::Entity::find_by_id(document.id).one(self.house.app.database.read()).await;
        row.expect("the document").expect("the document is there")
    }

    pub async fn head(&self) -> Position {
        change::head(&self.house.app).await.expect("the head")
    }

    /// How a document changed since then, in order.
    pub async fn changes(&self, since: Position, document: Uuid) -> Vec<ChangeKind> {
        let batch = change::read(&self.house.app, since, 10_000).await.expect("the log");
        batch.lines.iter().filter(|line| line.subject_id == document).map(|line| line.kind).collect()
    }

    /// Requests to the cloud that fetched bytes of files.
    pub async fn downloads(&self) -> usize {
        let requests = self.cloud.control.requests(None, 0).await.expect("the recorder");
        requests
            .iter()
            .filter(|request| request.query.contains("alt=media") || request.path.contains("/export"))
            .count()
    }
}
