//! Reads of one request gathered into one query each, so that a list of a hundred costs as many queries as a list of one.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, Result,
    dataloader::{DataLoader, Loader},
};
use hawser_domain::{
    App, Error, Principal,
    acl::{self, Permission},
    connection as connections, content as contents,
    document::{self as documents, Cursor, Filter, Order},
    entity::{connection, content, document, group, provider, user},
    extraction, group as groups,
    page::{Page, Span},
    provider as providers, user as users,
};
use uuid::Uuid;

use super::caller::{app, viewer};

/// The loaders of one request. One line per noun.
pub struct Loaders {
    pub ancestors: DataLoader<Ancestors>,
    pub connections: DataLoader<Connections>,
    pub children: DataLoader<Children>,
    pub contents: DataLoader<Contents>,
    pub documents: DataLoader<Documents>,
    pub groups: DataLoader<Groups>,
    pub providers: DataLoader<Providers>,
    pub rights: DataLoader<Rights>,
    pub shares: DataLoader<Shares>,
    pub standings: DataLoader<Standings>,
    pub users: DataLoader<Users>,
}

impl Loaders {
    pub fn new(app: &Arc<App>, who: &Principal) -> Self {
        let (app, who) = (|| app.clone(), || who.clone());
        Self {
            ancestors: DataLoader::new(Ancestors { app: app(), who: who() }, tokio::spawn),
            connections: DataLoader::new(Connections { app: app(), who: who() }, tokio::spawn),
            children: DataLoader::new(Children { app: app(), who: who() }, tokio::spawn),
            contents: DataLoader::new(Contents { app: app() }, tokio::spawn),
            documents: DataLoader::new(Documents { app: app(), who: who() }, tokio::spawn),
            groups: DataLoader::new(Groups { app: app(), who: who() }, tokio::spawn),
            providers: DataLoader::new(Providers { app: app(), who: who() }, tokio::spawn),
            rights: DataLoader::new(Rights { app: app(), who: who() }, tokio::spawn),
            shares: DataLoader::new(Shares { app: app() }, tokio::spawn),
            standings: DataLoader::new(Standings { app: app() }, tokio::spawn),
            users: DataLoader::new(Users { app: app(), who: who() }, tokio::spawn),
        }
    }
}

/// The loaders of this request, for those who have signed in.
pub fn loaders<'a>(ctx: &Context<'a>) -> Result<&'a Loaders> {
    viewer(ctx)?;
    app(ctx)?;
    ctx.data()
}

/// Connections the caller may see.
pub struct Connections {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Connections {
    type Value = connection::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, connection::Model>, Arc<Error>> {
        let found = connections::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|connection| (connection.id, connection)).collect())
    }
}

/// Contents of documents that are shown already: whoever sees a document sees what it holds.
pub struct Contents {
    app: Arc<App>,
}

impl Loader<Uuid> for Contents {
    type Value = content::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, content::Model>, Arc<Error>> {
        let found = contents::of_many(&self.app, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|content| (content.document_id, content)).collect())
    }
}

/// How far contents of documents are read that are shown already.
pub struct Standings {
    app: Arc<App>,
}

impl Loader<Uuid> for Standings {
    type Value = extraction::Standing;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, extraction::Standing>, Arc<Error>> {
        let found = contents::of_many(&self.app, ids).await.map_err(Arc::new)?;
        let found = extraction::of_many(&self.app, &found).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|standing| (standing.document_id, standing)).collect())
    }
}

pub struct Users {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Users {
    type Value = user::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, user::Model>, Arc<Error>> {
        let found = users::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|user| (user.id, user)).collect())
    }
}

pub struct Groups {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Groups {
    type Value = group::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, group::Model>, Arc<Error>> {
        let found = groups::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|group| (group.id, group)).collect())
    }
}

/// Documents the caller may see.
pub struct Documents {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Documents {
    type Value = document::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, document::Model>, Arc<Error>> {
        let found = documents::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|document| (document.id, document)).collect())
    }
}

/// The document whose ancestors are wanted, as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Below(pub Uuid);

/// Ways from the root.
pub struct Ancestors {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Below> for Ancestors {
    type Value = Vec<document::Model>;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Below]) -> Result<HashMap<Below, Vec<document::Model>>, Arc<Error>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let found = documents::ancestors(&self.app, &self.who, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, way)| (Below(id), way)).collect())
    }
}

/// The children wanted of a folder, as a key: the first or the last of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Few {
    pub folder: Uuid,
    pub filter: Filter,
    pub order: Order,
    pub most: u64,
    pub from_end: bool,
}

/// The first children of folders that are shown already.
pub struct Children {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Few> for Children {
    type Value = Page<(Cursor, document::Model)>;
    type Error = Arc<Error>;

    async fn load(&self, wanted: &[Few]) -> Result<HashMap<Few, Self::Value>, Arc<Error>> {
        let mut alike: HashMap<Few, Vec<Uuid>> = HashMap::new();
        for few in wanted {
            alike.entry(Few { folder: Uuid::nil(), ..few.clone() }).or_default().push(few.folder);
        }
        let mut found = HashMap::new();
        for (few, folders) in alike {
            let span = Span { from_end: few.from_end, ..Span::first(few.most) };
            let pages = documents::children(&self.app, &self.who, &folders, &few.filter, few.order, &span).await;
            let named = |folder| Few { folder, ..few.clone() };
            found.extend(pages.map_err(Arc::new)?.into_iter().map(|(folder, page)| (named(folder), page)));
        }
        Ok(found)
    }
}

/// The `acl_id` of a document, as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AclId(pub Uuid);

/// What the caller may do.
pub struct Rights {
    app: Arc<App>,
    who: Principal,
}

impl Loader<AclId> for Rights {
    type Value = Permission;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[AclId]) -> Result<HashMap<AclId, Permission>, Arc<Error>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let held = acl::permissions(self.app.database.read(), &self.who, &ids).await.map_err(Arc::new)?;
        Ok(held.into_iter().map(|(id, permission)| (AclId(id), permission)).collect())
    }
}

/// Providers that were not deleted.
pub struct Providers {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Providers {
    type Value = provider::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, provider::Model>, Arc<Error>> {
        let found = providers::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|provider| (provider.id, provider)).collect())
    }
}

/// The users and groups a connection is shared with; for those who may manage it.
pub struct Shares {
    app: Arc<App>,
}

impl Loader<Uuid> for Shares {
    type Value = Vec<Uuid>;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, Arc<Error>> {
        hawser_domain::connection::shared_with(&self.app, ids).await.map_err(Arc::new)
    }
}
