//! A repeated request is answered, not repeated: the answer to a key is kept with the facts it produced.

use chrono::Duration;
use hawser_entity::idempotency;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{App, Error, Result, Write, principal::Actor};

/// How long an answer is kept: longer than any client goes on repeating a request.
const KEEP: Duration = Duration::hours(24);

/// A key the caller made up for one intent, with the request it stands for.
#[derive(Debug, Clone)]
pub struct Intent {
    key: String,
    operation: &'static str,
    request: Vec<u8>,
}

impl Intent {
    /// `None` where the caller gave no key.
    ///
    /// # Errors
    /// `Invalid` for an empty key or one over 128 characters.
    pub fn new(key: Option<&str>, operation: &'static str, request: &impl Serialize) -> Result<Option<Self>> {
        let Some(key) = key else { return Ok(None) };
        if key.trim().is_empty() || key.len() > 128 || key.contains('\0') {
            let message = "an idempotency key has 1 to 128 characters, and none of them is U+0000";
            return Err(Error::invalid(&["input", "idempotencyKey"], message));
        }
        let request = Sha256::digest(serde_json::to_vec(request)?).to_vec();
        Ok(Some(Self { key: key.to_owned(), operation, request }))
    }
}

impl Write<'_> {
    /// The answer given to this intent before, if any.
    ///
    /// # Errors
    /// `KeyReused` when the key stood for another request.
    pub async fn replay<T: DeserializeOwned>(&self, intent: Option<&Intent>) -> Result<Option<T>> {
        let (Some(intent), Actor::User(who)) = (intent, self.actor) else { return Ok(None) };
        self.wait_for_others(&intent.key, who.user_id).await?;
        let Some(row) = idempotency::Entity::find_by_id((who.user_id, intent.key.clone())).one(self.db()).await? else {
            return Ok(None);
        };
        if row.operation != intent.operation || row.request != intent.request {
            return Err(Error::KeyReused);
        }
        Ok(Some(serde_json::from_value(row.response)?))
    }

    /// Of two requests with one key the second waits until the first has ended, and then finds its answer. SQLite has one
    /// writer anyway.
    async fn wait_for_others(&self, key: &str, user_id: Uuid) -> Result<()> {
        if self.db().get_database_backend() == DbBackend::Postgres {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7247))";
            let values = [format!("{user_id} {key}").into()];
            self.db().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        }
        Ok(())
    }

    /// Keeps the answer, in the transaction that makes it true.
    pub async fn remember(&self, intent: Option<&Intent>, response: &impl Serialize) -> Result<()> {
        let (Some(intent), Actor::User(who)) = (intent, self.actor) else { return Ok(()) };
        let row = idempotency::ActiveModel {
            user_id: Set(who.user_id),
            key: Set(intent.key.clone()),
            operation: Set(intent.operation.to_owned()),
            request: Set(intent.request.clone()),
            response: Set(serde_json::to_value(response)?),
            created_at: Set(self.now),
        };
        idempotency::Entity::insert(row).exec_without_returning(self.db()).await?;
        Ok(())
    }
}

/// Forgets old answers. Their keys then stand for new requests.
pub async fn purge(app: &App) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let old = idempotency::Entity::delete_many().filter(idempotency::Column::CreatedAt.lt(w.now - KEEP));
    let rows = old.exec(w.db()).await?.rows_affected;
    w.commit().await?;
    Ok(rows)
}
