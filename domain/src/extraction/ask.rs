//! Reading a content once more because somebody asks: after a failure, with the file mended or the machine less busy.

use hawser_entity::{acl_entry::Permission, extraction, job, reading};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result, connection as connections, content as contents, document as documents,
    job::{self as jobs, Work},
    principal::Scope,
};

/// Asks for a content to be read once more; the job tells when it is done. What was read well stays as it is.
///
/// # Errors
/// Those of `document::find`; `WrongState` for documents without a cloud file, and where contents are not read at all;
/// `NeedsReauth` when the connection waits for its owner.
pub async fn ask(app: &App, who: &Principal, document_id: Uuid) -> Result<job::Model> {
    who.require(Scope::Write)?;
    documents::find(app, who, document_id, Permission::Read).await?;
    let Some(content) = contents::of(app, document_id).await? else {
        return Err(Error::wrong_state("this document holds no cloud file that could be read"));
    };
    if !app.config.extract {
        return Err(Error::wrong_state("contents are not read on this server; ask its operator to set `extract`"));
    }
    let connection = connections::row(app, content.connection_id).await?;
    connections::alive(&connection)?;
    let mut w = app.write(who).await?;
    let read = reading::Entity::find_by_id(document_id).one(w.db()).await?;
    if let Some(hash) = read.and_then(|read| read.hash) {
        use extraction::Outcome::{Empty, Ok, Truncated};
        let anew = extraction::ActiveModel { version: Set(0), tries: Set(0), ..Default::default() };
        extraction::Entity::update_many()
            .set(anew)
            .filter(extraction::Column::Hash.eq(hash))
            .filter(extraction::Column::Outcome.is_not_in([Ok, Truncated, Empty]))
            .exec(w.db())
            .await?;
    }
    let mut job = jobs::New::now(Work::ExtractText { document_id }).for_document(document_id).with_priority(10);
    job.connection_id = Some(connection.id);
    job.owner_id = Some(who.user_id);
    let id = w.queue(job).await?;
    w.commit().await?;
    job::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("job"))
}
