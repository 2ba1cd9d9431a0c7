//! Links into the cloud's own pages, made from stored metadata: asking for one never changes anything over there.

use hawser_entity::content;
use hawser_providers::{AppLink, Link};

use crate::{App, Result, connection as connections, provider};

/// View, embed and download links. They work with the viewer's own session at the cloud, not with our token.
pub async fn links(app: &App, content: &content::Model) -> Result<Vec<Link>> {
    let connection = connections::row(app, content.connection_id).await?;
    let cloud = provider::cloud(app, connection.provider_id).await?;
    Ok(cloud.links(&super::described(content)?))
}

/// Applications that open the file in the cloud. Asks the cloud.
pub async fn app_links(app: &App, content: &content::Model) -> Result<Vec<AppLink>> {
    let file = super::described(content)?;
    connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move { cloud.app_links(&access, &file).await }
    })
    .await
}
