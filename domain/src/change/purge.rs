//! Forgetting old lines of the log. Readers older than what is kept are told to read everything anew.

use std::time::Duration;

use hawser_entity::{change, repository};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::log::repository_row;
use crate::{App, Result, principal::Actor};

/// Lines of one transaction: short enough not to hold up other writers.
const BATCH: i64 = 5000;

/// Deletes lines older than `keep`, from the beginning of the log on. Returns how many.
pub async fn purge(app: &App, keep: Duration) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let w = app.write(Actor::System).await?;
        let repository: repository::Model = repository_row(w.db()).await?;
        let kept = change::Entity::find().filter(change::Column::At.gte(w.now - keep));
        let first = kept.order_by_asc(change::Column::Seq).one(w.db()).await?;
        let first = first.map_or(repository.head_seq + 1, |line| line.seq).min(repository.min_seq + BATCH);
        if first <= repository.min_seq {
            w.rollback().await?;
            return Ok(deleted);
        }
        let old = change::Entity::delete_many().filter(change::Column::Seq.lt(first));
        deleted += old.exec(w.db()).await?.rows_affected;
        let mut active = repository.into_active_model();
        active.min_seq = Set(first);
        active.update(w.db()).await?;
        w.commit().await?;
    }
}
