//! Reading one document's file anew: when somebody asks, without waiting for the feed.

use hawser_entity::{acl_entry::Permission, content, job};
use hawser_providers::ErrorKind;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{Gone, Seen, apply};
use crate::{
    App, Error, Principal, Result, Write, connection as connections, document as documents,
    job::{self as jobs, Work},
    principal::{Actor, Scope},
};

/// Asks for a refresh now; the job tells when it is done.
///
/// # Errors
/// Those of `document::find`; `WrongState` for documents without a cloud file; `NeedsReauth` when its connection waits for
/// its owner.
pub async fn ask_refresh(app: &App, who: &Principal, document_id: Uuid) -> Result<job::Model> {
    who.require(Scope::Write)?;
    documents::find(app, who, document_id, Permission::Read).await?;
    let Some(content) = super::of(app, document_id).await? else {
        return Err(Error::wrong_state("this document holds no cloud file that could be refreshed"));
    };
    let connection = connections::row(app, content.connection_id).await?;
    connections::alive(&connection)?;
    let mut w = app.write(who).await?;
    let mut job = jobs::New::now(Work::RefreshDocument { document_id }).for_document(document_id).with_priority(10);
    job.connection_id = Some(connection.id);
    job.owner_id = Some(who.user_id);
    let id = w.queue(job).await?;
    w.commit().await?;
    job::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("job"))
}

/// Reads the file and leaves what is new of it in an open transaction. Nothing when the document is gone meanwhile.
pub async fn refresh(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
    let Some(content) = super::of(app, document_id).await? else { return Ok(None) };
    let (id, key) = (content.remote_id.clone(), content.resource_key.clone());
    let answer = connections::call(app, content.connection_id, |cloud, access| {
        let (id, key) = (id.clone(), key.clone());
        async move { cloud.file(&access, &id, key.as_deref()).await }
    })
    .await;
    let seen = match answer {
        Ok(file) => Seen::File(Box::new(file)),
        Err(Error::Cloud(error)) if error.kind == ErrorKind::NotFound => Seen::Gone(Gone::NotFound),
        Err(Error::Cloud(error)) if error.kind == ErrorKind::Forbidden => Seen::Gone(Gone::Forbidden),
        Err(error) => return Err(error),
    };
    let mut w = app.write(Actor::System).await?;
    let Some(content) = content::Entity::find_by_id(document_id).one(w.db()).await? else {
        w.rollback().await?;
        return Ok(None);
    };
    apply(&mut w, content, seen).await?;
    Ok(Some(w))
}
