//! The bytes themselves: streamed through with the connection's token, or left to the viewer's own session at the cloud.

use hawser_entity::content::{self, ContentState};
use hawser_providers::{ByteRange, CloudFile, Download, LinkKind};

use crate::{App, Error, Result, connection as connections};

/// The file's bytes, or one range of them. Native documents come as PDF, the one form everybody can read.
///
/// # Errors
/// `WrongState` while the file is unavailable or its owner forbids downloads; those of `connection::call`.
pub async fn download(app: &App, content: &content::Model, range: Option<ByteRange>) -> Result<Download> {
    let file = obtainable(content)?;
    connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move {
            match file.is_native {
                true => cloud.pdf(&access, &file).await,
                false => cloud.download(&access, &file, range).await,
            }
        }
    })
    .await
}

/// The file as PDF where the cloud makes one, or where it is one.
///
/// # Errors
/// As `download`; `Cloud` with `Unsupported` where the cloud makes none.
pub async fn pdf(app: &App, content: &content::Model) -> Result<Download> {
    let file = obtainable(content)?;
    connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move { cloud.pdf(&access, &file).await }
    })
    .await
}

/// Where a viewer who has access at the cloud downloads directly; `None` where the cloud has no such address.
pub async fn redirect_target(app: &App, content: &content::Model) -> Result<Option<String>> {
    obtainable(content)?;
    let links = super::links(app, content).await?;
    Ok(links.into_iter().find(|link| link.kind == LinkKind::Download).map(|link| link.url))
}

fn obtainable(content: &content::Model) -> Result<CloudFile> {
    if content.state == ContentState::Unavailable {
        let since = content.unavailable_since.map(|at| at.to_rfc3339()).unwrap_or_default();
        return Err(Error::wrong_state(format!("the file has been unavailable at its cloud since {since}")));
    }
    let file = super::described(content)?;
    if !file.can_download {
        return Err(Error::wrong_state("the file's owner does not allow downloads; open it in the cloud instead"));
    }
    Ok(file)
}
