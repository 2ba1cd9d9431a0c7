//! Reading persisted operations: the doors by name, administrators as a list with the uses.

use std::collections::HashMap;

use hawser_entity::{persisted_operation as operation, persisted_operation_use as usage};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Model, Use, manifest::LONGEST_KEY};
use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
};

/// A persisted operation, and the clients that imported or called it, by name.
#[derive(Debug, Clone)]
pub struct Used {
    pub row: Model,
    pub uses: Vec<Use>,
}

/// The operation that a client means: by its name, or by the SHA-256 of its text.
pub async fn called(app: &App, name: &str) -> Result<Option<Model>> {
    use operation::Column::{Hash, Id, Key};
    let key = super::key(name);
    if key.len() > LONGEST_KEY {
        return Ok(None);
    }
    let by_hash = Hash.eq(key.to_ascii_lowercase());
    let query = operation::Entity::find().filter(Condition::any().add(Key.eq(key)).add(by_hash));
    // The row whose name it is comes before those that only have the same text.
    let rows = query.order_by_asc(Id).limit(16).all(app.database.read()).await?;
    let named = rows.iter().position(|row| row.key == key).unwrap_or(0);
    Ok(rows.into_iter().nth(named))
}

/// For administrators: newest first.
pub async fn list(app: &App, who: &Principal, span: &Span<Uuid>) -> Result<Page<Used>> {
    who.require(Scope::Read)?;
    who.require_admin()?;
    read(app, span).await
}

/// How many there are, for administrators.
pub async fn count(app: &App, who: &Principal) -> Result<u64> {
    who.require(Scope::Read)?;
    who.require_admin()?;
    Ok(operation::Entity::find().count(app.database.read()).await?)
}

/// Looks missing to everybody but administrators.
pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<Used> {
    who.require(Scope::Read)?;
    let found = match who.require_admin() {
        Ok(()) => operation::Entity::find_by_id(id).one(app.database.read()).await?,
        Err(_) => None,
    };
    let row = found.ok_or(Error::not_found("persisted operation"))?;
    Ok(with_uses(app, vec![row]).await?.remove(0))
}

/// Rows read by one statement.
const TOGETHER: u64 = 500;

/// All of them, newest first: for whoever stands at the machine itself.
pub async fn every(app: &App) -> Result<Vec<Used>> {
    let mut all: Vec<Used> = Vec::new();
    loop {
        let some = read(app, &Span { after: all.last().map(|it| it.row.id), ..Span::first(TOGETHER) }).await?;
        all.extend(some.rows);
        if !some.has_next {
            return Ok(all);
        }
    }
}

async fn read(app: &App, span: &Span<Uuid>) -> Result<Page<Used>> {
    let all = operation::Entity::find();
    let found = page::by_id(app.database.read(), all, operation::Column::Id, true, span).await?;
    Ok(Page { rows: with_uses(app, found.rows).await?, has_previous: found.has_previous, has_next: found.has_next })
}

async fn with_uses(app: &App, rows: Vec<Model>) -> Result<Vec<Used>> {
    let ids = rows.iter().map(|row| row.id);
    let query = usage::Entity::find().filter(usage::Column::OperationId.is_in(ids));
    let mut uses: HashMap<Uuid, Vec<Use>> = HashMap::new();
    for it in query.order_by_asc(usage::Column::Client).all(app.database.read()).await? {
        uses.entry(it.operation_id).or_default().push(it);
    }
    Ok(rows.into_iter().map(|row| Used { uses: uses.remove(&row.id).unwrap_or_default(), row }).collect())
}
