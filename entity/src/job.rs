//! Work to do. The row is the truth: state, attempts, lease, error and history.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which workers take it, so that a backlog of one class never delays another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobClass {
    /// Somebody is waiting.
    Interactive,
    Sync,
    Heavy,
}
/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    /// Waits for `run_at` and a free worker.
    Queued,
    Running,
    /// Waits until its connection works again.
    Parked,
    Done,
    /// Gave up: permanent error, attempts used up, or poison.
    Dead,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub class: JobClass,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub state: JobState,
    /// Larger goes first.
    pub priority: i32,
    pub run_at: DateTimeUtc,
    pub attempt: i32,
    pub max_attempts: i32,
    /// How often the worker died under it.
    pub crash_count: i32,
    /// Moves with every claim: a finish that names an older one changes nothing.
    pub lease_token: i64,
    pub lease_until: Option<DateTimeUtc>,
    pub worker: Option<String>,
    /// No second job with this key waits at the same time.
    pub unique_key: Option<String>,
    pub connection_id: Option<Uuid>,
    pub document_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub error: Option<String>,
    pub error_code: Option<String>,
    pub cancel_requested: bool,
    /// Whose work it is when slots are shared out: its connection's, else its owner's, else nobody's.
    pub account_id: Uuid,
    /// Its place in the queue of its class and priority, which smaller ones go before; `None` until it is due.
    pub rank: Option<i64>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
