//! Taking in the operations of a client: all of them or none, and as often as one likes.

use std::collections::HashMap;

use hawser_entity::{persisted_operation as operation, persisted_operation_use as usage};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::{CLIENT, Entry};
use crate::{App, Error, Result, Write, principal::Actor};

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    /// Were there already.
    pub known: usize,
}

/// Names looked up by one statement.
const TOGETHER: usize = 500;

/// Makes the operations callable by their names. Their texts have been checked against the schema.
///
/// # Errors
/// `Faults` when a name stands for another text already, here or in the database; `Invalid` for a bad client name.
/// Nothing is imported then.
pub async fn import(app: &App, client: &str, entries: &[Entry]) -> Result<Imported> {
    if client.is_empty() || client.len() > CLIENT || client.chars().any(char::is_control) {
        return Err(Error::invalid(&["client"], format!("the name of a client has 1 to {CLIENT} bytes")));
    }
    let w = app.write(Actor::System).await?;
    let mut ids = known(&w, entries).await?;
    let (mut faults, mut added) = (Vec::new(), 0);
    for entry in entries {
        let hash = hex::encode(super::hash(&entry.text));
        match ids.get(&entry.key) {
            Some((_, known)) if *known == hash => {}
            Some(_) => {
                let message = format!("{}: this name stands for another text already", entry.key);
                faults.push(Error::invalid(&["entries"], message));
            }
            None => {
                let id = add(&w, client, entry, hash.clone()).await?;
                ids.insert(entry.key.clone(), (id, hash));
                added += 1;
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Faults(faults));
    }
    let mut operations: Vec<_> = entries.iter().filter_map(|entry| ids.get(&entry.key)).map(|(id, _)| *id).collect();
    operations.sort_unstable();
    operations.dedup();
    for id in &operations {
        introduce(&w, *id, client).await?;
    }
    let imported = Imported { added, known: operations.len() - added };
    if added > 0 {
        let detail = json!({ "client": client, "added": added });
        w.audit("persisted_operation.import", "persisted operation", None, detail).await?;
    }
    w.commit().await?;
    Ok(imported)
}

/// The id and the hash behind each name that is there already.
async fn known(w: &Write<'_>, entries: &[Entry]) -> Result<HashMap<String, (Uuid, String)>> {
    let mut known = HashMap::new();
    for some in entries.chunks(TOGETHER) {
        let keys = some.iter().map(|entry| entry.key.as_str());
        let rows = operation::Entity::find().filter(operation::Column::Key.is_in(keys)).all(w.db()).await?;
        known.extend(rows.into_iter().map(|row| (row.key, (row.id, row.hash))));
    }
    Ok(known)
}

async fn add(w: &Write<'_>, client: &str, entry: &Entry, hash: String) -> Result<Uuid> {
    let id = w.id();
    let row = operation::ActiveModel {
        id: Set(id),
        key: Set(entry.key.clone()),
        hash: Set(hash),
        text: Set(entry.text.clone()),
        name: Set(entry.name.clone()),
        client: Set(client.to_owned()),
        created_at: Set(w.now),
    };
    operation::Entity::insert(row).exec_without_returning(w.db()).await?;
    Ok(id)
}

/// The client shows in the list before it made a call.
async fn introduce(w: &Write<'_>, operation_id: Uuid, client: &str) -> Result<()> {
    use usage::Column::{Client, OperationId};
    let row = usage::ActiveModel {
        operation_id: Set(operation_id),
        client: Set(client.to_owned()),
        use_count: Set(0),
        last_used_at: Set(None),
    };
    let leave = OnConflict::columns([OperationId, Client]).do_nothing().to_owned();
    usage::Entity::insert(row).on_conflict(leave).exec_without_returning(w.db()).await?;
    Ok(())
}
