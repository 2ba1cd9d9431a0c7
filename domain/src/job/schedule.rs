//! What the clock asks for. A row per recurring job; whoever moves its `next_at` forward makes the job, in the same
//! transaction: exactly one per tick, with any number of processes. Missed ticks collapse into one.

use std::time::Duration;

use hawser_entity::schedule;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{New, Work};
use crate::{App, Result, Write, principal::Actor};

/// Due rows handled by one tick.
const BATCH: u64 = 200;

/// Makes a job recur, or changes how often. The first run comes after `first`.
pub async fn set(w: &Write<'_>, name: &str, job: &New, every: Duration, first: Duration) -> Result<()> {
    let row = schedule::ActiveModel {
        name: Set(name.to_owned()),
        kind: Set(job.work.kind().to_owned()),
        payload: Set(serde_json::json!({ "work": job.work, "owner_id": job.owner_id })),
        every_seconds: Set(i64::try_from(every.as_secs()).unwrap_or(i64::MAX)),
        next_at: Set(w.now + first),
        last_at: Set(None),
        connection_id: Set(job.connection_id),
    };
    use schedule::Column::{EverySeconds, Kind, Name, NextAt, Payload};
    let update = OnConflict::column(Name).update_columns([Kind, Payload, EverySeconds, NextAt]).to_owned();
    schedule::Entity::insert(row).on_conflict(update).exec_without_returning(w.db()).await?;
    Ok(())
}

/// Ends the recurrence; no such name is fine.
pub async fn remove(w: &Write<'_>, name: &str) -> Result<()> {
    schedule::Entity::delete_by_id(name.to_owned()).exec(w.db()).await?;
    Ok(())
}

/// Makes the jobs that are due. Returns how many.
pub async fn tick(app: &App) -> Result<usize> {
    let due = schedule::Entity::find()
        .filter(schedule::Column::NextAt.lte(app.clock.now()))
        .order_by_asc(schedule::Column::NextAt)
        .limit(BATCH)
        .all(app.database.read())
        .await?;
    let mut made = 0;
    for row in due {
        made += usize::from(advance(app, row).await?);
    }
    Ok(made)
}

async fn advance(app: &App, row: schedule::Model) -> Result<bool> {
    let mut w = app.write(Actor::System).await?;
    let every = chrono::Duration::seconds(row.every_seconds.max(1));
    let missed = (w.now - row.next_at).num_seconds() / every.num_seconds();
    let next = row.next_at + every * i32::try_from(missed + 1).unwrap_or(i32::MAX);
    let moved = schedule::Entity::update_many()
        .col_expr(schedule::Column::NextAt, next.into())
        .col_expr(schedule::Column::LastAt, Some(w.now).into())
        .filter(schedule::Column::Name.eq(&row.name))
        .filter(schedule::Column::NextAt.eq(row.next_at))
        .exec(w.db())
        .await?;
    if moved.rows_affected != 1 {
        w.rollback().await?;
        return Ok(false);
    }
    #[derive(serde::Deserialize)]
    struct Payload {
        work: Work,
        owner_id: Option<Uuid>,
    }
    let made = match serde_json::from_value::<Payload>(row.payload) {
        Ok(Payload { work, owner_id }) => {
            w.queue(New { connection_id: row.connection_id, owner_id, ..New::now(work) }).await?;
            true
        }
        // Moved on all the same: one row that does not read must not hold up those behind it.
        Err(error) => {
            tracing::error!(name = row.name, %error, "a scheduled job does not read and is passed over");
            false
        }
    };
    w.commit().await?;
    Ok(made)
}
