//! Telling the process that has the index to build it anew, by a job.

use hawser_entity::job;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    App, Error, Result,
    job::{New, Work},
    principal::Actor,
};

/// Queues the building; once, however often it is asked for while it waits.
pub async fn order_rebuild(app: &App) -> Result<Uuid> {
    let mut w = app.write(Actor::System).await?;
    let id = w.queue(New::now(Work::RebuildIndex {})).await?;
    w.commit().await?;
    Ok(id)
}

/// How the ordered building is doing. For operators: it asks nobody for rights.
///
/// # Errors
/// `NotFound`.
pub async fn ordered(app: &App, id: Uuid) -> Result<job::Model> {
    let row = job::Entity::find_by_id(id).one(app.database.read()).await?;
    row.ok_or(Error::not_found("job"))
}
