//! The end of sign-ins, for whoever keeps somebody's connection open: which tokens still hold and until when, and the
//! news in this process that one stopped to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hawser_entity::{token, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{App, Result};

/// Ids in one statement.
const AT_ONCE: usize = 500;

/// Tells whoever waits in this process that a sign-in ended, not whose. Clones share the news.
#[derive(Debug, Clone)]
pub struct Endings(watch::Sender<u64>);

impl Default for Endings {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Endings {
    pub(crate) fn publish(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        *self.0.borrow()
    }

    /// Subscribe before looking at a token: what ends in between is then heard of.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// Until when each of these tokens holds. Those that expired or were revoked, and those of people who are disabled, are
/// absent.
pub async fn standing(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, DateTime<Utc>>> {
    let mut standing = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let enabled = user::Entity::find().select_only().column(user::Column::Id);
        let enabled = enabled.filter(user::Column::DisabledAt.is_null()).into_query();
        let rows: Vec<(Uuid, DateTime<Utc>)> = token::Entity::find()
            .select_only()
            .columns([token::Column::Id, token::Column::ExpiresAt])
            .filter(token::Column::Id.is_in(ids.iter().copied()))
            .filter(token::Column::RevokedAt.is_null())
            .filter(token::Column::ExpiresAt.gt(app.clock.now()))
            .filter(token::Column::UserId.in_subquery(enabled))
            .into_tuple()
            .all(app.database.read())
            .await?;
        standing.extend(rows);
    }
    Ok(standing)
}
