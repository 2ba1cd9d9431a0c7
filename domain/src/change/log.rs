//! Writing and reading the log's rows.

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::{self, ChangeKind, Noun},
    repository,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};
use uuid::Uuid;

use crate::{App, Error, Result};

/// The one repository of this database.
const REPOSITORY: i32 = 1;
/// Rows of one insert: columns times rows stays under SQLite's 32,766 parameters.
const CHUNK: usize = 500;

/// A line to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    pub noun: Noun,
    pub subject_id: Uuid,
    pub kind: ChangeKind,
    /// For subjects of one person: who hears of it besides administrators.
    pub owner_id: Option<Uuid>,
    /// Principals who could see the subject before, when this change may have hidden it.
    pub audience: Option<Vec<Uuid>>,
}

/// A line as read. It says "look at this subject", never what it looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub seq: i64,
    pub noun: Noun,
    pub subject_id: Uuid,
    pub kind: ChangeKind,
    pub owner_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub audience: Option<Vec<Uuid>>,
    pub at: DateTime<Utc>,
}

/// Where a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub epoch: Uuid,
    pub seq: i64,
}

/// Lines after a position, in order and without a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub lines: Vec<Line>,
    /// Where to go on from.
    pub position: Position,
    pub has_more: bool,
    /// The position is older than what is kept, or of another history: read everything anew, then go on from `position`.
    pub resync: bool,
}

/// Bumps the head and writes the lines under the numbers it gained. Must be the last statements before COMMIT:
/// the head row stays locked until then, so that nobody sees a number before all smaller ones.
pub async fn commit_changes(
    tx: &DatabaseTransaction,
    changes: &[New],
    actor: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<Option<i64>> {
    if changes.is_empty() {
        return Ok(None);
    }
    let count =
        i64::try_from(changes.len()).map_err(|_| Error::Internal("too many changes in one transaction".into()))?;
    let bump = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "UPDATE repository SET head_seq = head_seq + $1 WHERE id = $2 RETURNING head_seq",
        [count.into(), REPOSITORY.into()],
    );
    let row = tx.query_one_raw(bump).await?.ok_or_else(|| Error::Internal("the repository row is missing".into()))?;
    let head: i64 = row.try_get("", "head_seq")?;
    let rows = changes.iter().zip(head - count + 1..).map(|(new, seq)| change::ActiveModel {
        seq: Set(seq),
        noun: Set(new.noun),
        subject_id: Set(new.subject_id),
        kind: Set(new.kind),
        owner_id: Set(new.owner_id),
        actor_id: Set(actor),
        audience: Set(new.audience.as_ref().map(|ids| serde_json::json!(ids))),
        at: Set(at),
    });
    let rows: Vec<_> = rows.collect();
    for chunk in rows.chunks(CHUNK) {
        change::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
    }
    Ok(Some(head))
}

/// The position of a reader who has just read everything.
pub async fn head(app: &App) -> Result<Position> {
    let repository = repository_row(app.database.read()).await?;
    Ok(Position { epoch: repository.epoch, seq: repository.head_seq })
}

/// Up to `limit` lines after `since`.
pub async fn read(app: &App, since: Position, limit: u64) -> Result<Batch> {
    let snapshot = app.database.snapshot().await?;
    let batch = read_in(&snapshot, since, limit).await?;
    snapshot.rollback().await?;
    Ok(batch)
}

/// `read` in a state of the database that others read with it.
pub(super) async fn read_in(snapshot: &DatabaseTransaction, since: Position, limit: u64) -> Result<Batch> {
    let repository = repository_row(snapshot).await?;
    let expired =
        since.epoch != repository.epoch || since.seq + 1 < repository.min_seq || since.seq > repository.head_seq;
    if expired {
        let position = Position { epoch: repository.epoch, seq: repository.head_seq };
        return Ok(Batch { lines: Vec::new(), position, has_more: false, resync: true });
    }
    let rows = change::Entity::find()
        .filter(change::Column::Seq.gt(since.seq))
        .order_by_asc(change::Column::Seq)
        .limit(limit)
        .all(snapshot)
        .await?;
    let seq = rows.last().map_or(since.seq, |row| row.seq);
    let lines = rows.into_iter().map(line).collect::<Result<_>>()?;
    Ok(Batch {
        lines,
        position: Position { epoch: repository.epoch, seq },
        has_more: seq < repository.head_seq,
        resync: false,
    })
}

fn line(row: change::Model) -> Result<Line> {
    Ok(Line {
        seq: row.seq,
        noun: row.noun,
        subject_id: row.subject_id,
        kind: row.kind,
        owner_id: row.owner_id,
        actor_id: row.actor_id,
        audience: row.audience.map(serde_json::from_value).transpose()?,
        at: row.at,
    })
}

pub(crate) async fn repository_row(db: &impl ConnectionTrait) -> Result<repository::Model> {
    repository::Entity::find_by_id(REPOSITORY)
        .one(db)
        .await?
        .ok_or_else(|| Error::Internal("the repository row is missing; run `hawser migrate`".into()))
}

/// Makes the head row of a new database.
pub(crate) async fn found(tx: &DatabaseTransaction, epoch: Uuid) -> Result<()> {
    if repository::Entity::find_by_id(REPOSITORY).one(tx).await?.is_some() {
        return Ok(());
    }
    let row = repository::ActiveModel { id: Set(REPOSITORY), epoch: Set(epoch), head_seq: Set(0), min_seq: Set(1) };
    repository::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
