//! Somebody with an account in a local cloud full of small files, and a workspace to link them into.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use hawser_domain::{
    content::{self, Item},
    document::{self, DocumentKind},
    entity,
};
use hawser_sandbox::control::{Bulk, Limits};
use hawser_tests::{Cloud, House, Person};

pub const ACCOUNT: &str = "ann@cloud.example";
/// A type without a picture in the cloud: nothing but the link itself is measured.
pub const PLAIN: &str = "application/octet-stream";
/// A type with one.
pub const TEXT: &str = "text/plain";

pub struct Scene {
    pub house: House,
    pub cloud: Cloud,
    pub ann: Person,
    pub connection: entity::connection::Model,
    pub workspace: entity::document::Model,
}

impl Scene {
    pub async fn set() -> Result<Self> {
        let (house, cloud) = (House::start().await, Cloud::start().await);
        house.leave_jobs();
        // The quota of the cloud is its own affair; here the house is measured.
        let limits = Limits {
            user_units_per_minute: Some(1 << 40),
            project_units_per_minute: Some(1 << 40),
            ..Limits::default()
        };
        cloud.control.set_limits(&limits).await?;
        let ann = house.member("ann").await;
        let connection = house.connect(&cloud, &ann, ACCOUNT).await;
        let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Harbour".into() };
        let workspace = document::create(&house.app, &ann.principal, new, None).await?;
        Ok(Self { house, cloud, ann, connection, workspace })
    }

    /// Makes `count` files in the cloud and returns their ids.
    pub async fn files(&self, count: usize, prefix: &str, mime: &str) -> Result<Vec<String>> {
        let bulk = Bulk {
            owner: ACCOUNT.into(),
            count,
            prefix: prefix.into(),
            mime_type: Some(mime.into()),
            ..Bulk::default()
        };
        Ok(self.cloud.control.create_files(&bulk).await?)
    }

    /// Links all, 500 in a request, each into the workspace. Returns the documents and the seconds it took.
    pub async fn link(&self, ids: &[String]) -> Result<(Vec<entity::document::Model>, f64)> {
        let began = Instant::now();
        let mut documents = Vec::with_capacity(ids.len());
        for ids in ids.chunks(content::MAX_ITEMS) {
            let item = |id: &String| Item { remote_id: id.clone(), resource_key: None, name: None };
            let items: Vec<_> = ids.iter().map(item).collect();
            let (who, into) = (&self.ann.principal, self.workspace.id);
            let results = content::link(&self.house.app, who, self.connection.id, into, &items, None).await?;
            for result in results {
                documents.push(result.context("a file was not linked")?);
            }
        }
        ensure!(documents.len() == ids.len(), "{} of {} files were linked", documents.len(), ids.len());
        Ok((documents, began.elapsed().as_secs_f64()))
    }

    /// Requests to the cloud since the last `forget_calls`, each as method and path.
    pub async fn calls(&self) -> Result<Vec<String>> {
        let requests = self.cloud.control.requests(None, 0).await?;
        Ok(requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect())
    }

    pub async fn forget_calls(&self) -> Result<()> {
        Ok(self.cloud.control.reset_requests().await?)
    }
}
