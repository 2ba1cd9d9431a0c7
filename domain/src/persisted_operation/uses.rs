//! Who uses which persisted operation, and how often: counted in memory, written together every few seconds. A crash loses
//! the counts of those seconds and nothing else.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use hawser_entity::persisted_operation_use::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::CLIENT;
use crate::{App, Result, Write, principal::Actor};

/// How often the counts are written.
const EVERY: Duration = Duration::from_secs(10);
/// Counts kept in memory. Clients name themselves: beyond this, new names are not told apart.
const KEPT: usize = 10_000;
/// Clients of one operation in the database, likewise.
const CLIENTS: u64 = 50;
/// Stands for all further clients.
const OTHERS: &str = "(others)";

#[derive(Debug, Clone, Copy)]
struct Count {
    uses: i64,
    last: DateTime<Utc>,
}

/// What is counted and not yet written. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Uses(Arc<Mutex<HashMap<(Uuid, String), Count>>>);

impl Uses {
    /// Counts one use by the client of this name, as far as that is a name.
    pub fn note(&self, operation_id: Uuid, client: &str, at: DateTime<Utc>) {
        self.add(operation_id, &name(client), Count { uses: 1, last: at });
    }

    fn add(&self, operation_id: Uuid, client: &str, more: Count) {
        let mut counts = self.counts();
        let key = (operation_id, client.to_owned());
        let key = if counts.len() < KEPT || counts.contains_key(&key) { key } else { (operation_id, OTHERS.into()) };
        let count = counts.entry(key).or_insert(Count { uses: 0, last: more.last });
        count.uses += more.uses;
        count.last = Ord::max(count.last, more.last);
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<(Uuid, String), Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(said: &str) -> String {
    let mut name: String = said.trim().chars().filter(|it| !it.is_control()).collect();
    let end = name.char_indices().map(|(at, it)| at + it.len_utf8()).take_while(|end| *end <= CLIENT).last();
    name.truncate(end.unwrap_or(0));
    if name.is_empty() { OTHERS.to_owned() } else { name }
}

/// Counts on their way to the database. What is not written goes back to be written the next time.
struct Taken<'a> {
    uses: &'a Uses,
    counts: HashMap<(Uuid, String), Count>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        for ((operation_id, client), count) in self.counts.drain() {
            self.uses.add(operation_id, &client, count);
        }
    }
}

/// Writes what was counted since the last time. On failure it is kept for the next.
pub async fn write_uses(app: &App) -> Result<()> {
    let mut taken = Taken { uses: &app.uses, counts: mem::take(&mut *app.uses.counts()) };
    if !taken.counts.is_empty() {
        write(app, &taken.counts).await?;
        taken.counts.clear();
    }
    Ok(())
}

async fn write(app: &App, counts: &HashMap<(Uuid, String), Count>) -> Result<()> {
    let w = app.write(Actor::System).await?;
    for ((operation_id, client), count) in counts {
        let is_known = Entity::find_by_id((*operation_id, client.clone())).one(w.db()).await?.is_some();
        let clients = Entity::find().filter(Column::OperationId.eq(*operation_id));
        let is_told = is_known || clients.count(w.db()).await? < CLIENTS;
        add(&w, *operation_id, if is_told { client } else { OTHERS }, *count).await?;
    }
    w.commit().await?;
    Ok(())
}

async fn add(w: &Write<'_>, operation_id: Uuid, client: &str, count: Count) -> Result<()> {
    let row = ActiveModel {
        operation_id: Set(operation_id),
        client: Set(client.to_owned()),
        use_count: Set(count.uses),
        last_used_at: Set(Some(count.last)),
    };
    let more = OnConflict::columns([Column::OperationId, Column::Client])
        .value(Column::UseCount, Expr::col((Entity, Column::UseCount)).add(count.uses))
        .update_column(Column::LastUsedAt)
        .to_owned();
    Entity::insert(row).on_conflict(more).exec_without_returning(w.db()).await?;
    Ok(())
}

/// Writes the counts again and again. Runs until dropped; what came last is for `write_uses` at the end.
pub async fn follow(app: Arc<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = write_uses(&app).await {
            tracing::error!(%error, "the uses of persisted operations cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_calls_itself_is_cut_to_a_name() {
        assert_eq!(name(" web \n"), "web");
        assert_eq!(name("\u{7}"), OTHERS);
        assert_eq!(name(&"ä".repeat(100)), "ä".repeat(32));
    }

    #[test]
    fn clients_that_make_up_names_do_not_fill_the_memory() {
        let (uses, operation, at) = (Uses::default(), Uuid::nil(), DateTime::UNIX_EPOCH);
        for number in 0..KEPT + 50 {
            uses.note(operation, &format!("client {number}"), at);
        }
        let counts = uses.counts();
        assert_eq!(counts.len(), KEPT + 1);
        assert_eq!(counts[&(operation, OTHERS.to_owned())].uses, 50);
    }
}
