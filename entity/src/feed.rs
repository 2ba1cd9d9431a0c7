//! A cursor into one cloud's changes for one connection, or for one shared drive seen through it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether the feed is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeedState {
    Open,
    /// The connection ended or the shared drive is gone.
    Closed,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub connection_id: Uuid,
    /// The shared drive; empty for the account's own feed.
    pub drive_id: String,
    pub cursor: String,
    /// Moves when the cursor was lost and everything had to be compared anew.
    pub generation: i64,
    pub state: FeedState,
    pub last_polled_at: Option<DateTimeUtc>,
    pub last_change_at: Option<DateTimeUtc>,
    /// Contents last read before this moment have to be read again: set when the cursor was lost or once a day.
    pub reconcile_since: Option<DateTimeUtc>,
    pub last_reconciled_at: Option<DateTimeUtc>,
    pub problem: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
