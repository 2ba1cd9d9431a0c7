//! Adding a job, in the transaction of the fact that asks for it. A job that already waits is brought forward instead.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::{ChangeKind, Noun},
    connection::{self, ConnectionState},
    job::JobState,
};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement, Value};
use uuid::Uuid;

use super::{Work, rank};
use crate::{Error, Result, Write, change};

#[derive(Debug, Clone)]
pub struct New {
    pub work: Work,
    /// Larger goes first; 0 is usual.
    pub priority: i32,
    /// Not before; now when absent.
    pub run_at: Option<DateTime<Utc>>,
    /// Parked with, and counted against, this connection.
    pub connection_id: Option<Uuid>,
    pub document_id: Option<Uuid>,
    /// Who may watch and cancel it besides administrators.
    pub owner_id: Option<Uuid>,
}

impl New {
    pub fn now(work: Work) -> Self {
        Self { work, priority: 0, run_at: None, connection_id: None, document_id: None, owner_id: None }
    }

    pub fn for_connection(mut self, connection: &connection::Model) -> Self {
        self.connection_id = Some(connection.id);
        self.owner_id = Some(connection.owner_id);
        self
    }

    pub fn for_document(mut self, document_id: Uuid) -> Self {
        self.document_id = Some(document_id);
        self
    }

    pub fn with_priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }
}

/// The first word is the place of a job that is due at once, the second of one that is not.
static INSERT: LazyLock<[String; 2]> = LazyLock::new(|| {
    let place = format!("{} + 1", rank::last("$3", "$6", "$14"));
    [place.as_str(), "NULL"].map(|place| {
        format!(
            "INSERT INTO job (id, kind, class, payload, state, priority, run_at, attempt, max_attempts, crash_count, \
             lease_token, unique_key, connection_id, document_id, owner_id, cancel_requested, created_at, account_id, rank) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, 0, $9, $10, $11, $12, FALSE, $13, $14, {place}) \
             ON CONFLICT (unique_key) WHERE state IN ('queued', 'parked') DO UPDATE SET \
             run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END, \
             priority = CASE WHEN excluded.priority > job.priority THEN excluded.priority ELSE job.priority END, \
             rank = CASE WHEN job.rank IS NULL OR excluded.priority > job.priority THEN excluded.rank ELSE job.rank END \
             RETURNING id"
        )
    })
});

impl Write<'_> {
    /// Adds a job, or brings forward the one that waits for the same. Returns the id of the job that will run.
    /// Work for a connection that needs its owner is parked at once.
    pub async fn queue(&mut self, new: New) -> Result<Uuid> {
        let state = self.first_state(new.connection_id).await?;
        let class = new.work.class();
        let run_at = new.run_at.unwrap_or(self.now);
        let is_due = state == JobState::Queued && run_at <= self.now;
        let values: [Value; 14] = [
            self.id().into(),
            new.work.kind().into(),
            class.to_value().into(),
            serde_json::to_value(&new.work)?.into(),
            state.to_value().into(),
            new.priority.into(),
            run_at.into(),
            new.work.max_attempts().into(),
            new.work.unique_key().into(),
            new.connection_id.into(),
            new.document_id.into(),
            new.owner_id.into(),
            self.now.into(),
            new.connection_id.or(new.owner_id).unwrap_or_default().into(),
        ];
        let insert = &INSERT[usize::from(!is_due)];
        let insert = Statement::from_sql_and_values(self.db().get_database_backend(), insert, values);
        let row = self.db().query_one_raw(insert).await?;
        let row = row.ok_or_else(|| Error::Internal("a job was not inserted".into()))?;
        let id: Uuid = row.try_get("", "id")?;
        self.announce_job(id, new.owner_id, ChangeKind::Created);
        if is_due {
            self.ring_after_commit(class, id);
        }
        Ok(id)
    }

    pub(super) fn announce_job(&mut self, id: Uuid, owner_id: Option<Uuid>, kind: ChangeKind) {
        self.announce_with(change::New { noun: Noun::Job, subject_id: id, kind, owner_id, audience: None });
    }

    /// Where work for a connection begins to wait.
    pub(super) async fn first_state(&self, connection_id: Option<Uuid>) -> Result<JobState> {
        Ok(match self.connection_state(connection_id).await? {
            Some(ConnectionState::NeedsReauth) => JobState::Parked,
            _ => JobState::Queued,
        })
    }

    pub(super) async fn connection_state(&self, connection_id: Option<Uuid>) -> Result<Option<ConnectionState>> {
        let Some(connection_id) = connection_id else { return Ok(None) };
        Ok(connection::Entity::find()
            .select_only()
            .column(connection::Column::State)
            .filter(connection::Column::Id.eq(connection_id))
            .into_tuple()
            .one(self.db())
            .await?)
    }
}
