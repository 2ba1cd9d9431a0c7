//! Finding documents for a caller, and opening a transaction that will change them.

use std::collections::{BTreeSet, HashMap};

use hawser_entity::{document, document_ancestor};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, RelationDef};
use uuid::Uuid;

use super::tree::{self, Lock};
use crate::{
    App, Error, Principal, Result, Write,
    acl::{self, Permission},
    principal::Scope,
};

/// A document the caller may do this with, in the trash or not.
///
/// # Errors
/// `NotFound` when it is missing or unreadable; `NotAllowed` when it is readable and that is not enough.
pub async fn find(app: &App, who: &Principal, id: Uuid, needed: Permission) -> Result<document::Model> {
    find_in(app.database.read(), who, id, needed).await
}

/// Those of the documents that the caller may read, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<document::Model>> {
    who.require(Scope::Read)?;
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let query = document::Entity::find().filter(document::Column::Id.is_in(chunk.iter().copied()));
        found.extend(query.filter(acl::visible(who)).all(app.database.read()).await?);
    }
    Ok(found)
}

/// The readable documents on the way from the root to each document, itself left out. Documents that are missing or
/// unreadable are absent.
pub async fn ancestors(app: &App, who: &Principal, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<document::Model>>> {
    let mut ways: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows = document_ancestor::Entity::find()
            .filter(document_ancestor::Column::DocumentId.is_in(chunk.iter().copied()))
            .order_by_desc(document_ancestor::Column::Depth)
            .all(app.database.read())
            .await?;
        for row in rows {
            ways.entry(row.document_id).or_default().push(row.ancestor_id);
        }
    }
    let named: BTreeSet<Uuid> = ways.values().flatten().copied().collect();
    let named: Vec<Uuid> = named.into_iter().collect();
    let found = find_many(app, who, &named).await?;
    let found: HashMap<Uuid, document::Model> = found.into_iter().map(|row| (row.id, row)).collect();
    let readable = ways.into_iter().filter(|(id, _)| found.contains_key(id));
    Ok(readable
        .map(|(id, way)| {
            let above = way.iter().filter(|each| **each != id).filter_map(|each| found.get(each).cloned());
            (id, above.collect())
        })
        .collect())
}

/// From the closure to the documents named as ancestors.
pub(crate) fn ancestor_documents() -> RelationDef {
    document_ancestor::Entity::belongs_to(document::Entity)
        .from(document_ancestor::Column::AncestorId)
        .to(document::Column::Id)
        .into()
}

/// `find` inside a transaction, whose writes it sees.
pub(crate) async fn find_in(
    db: &impl ConnectionTrait,
    who: &Principal,
    id: Uuid,
    needed: Permission,
) -> Result<document::Model> {
    who.require(Scope::Read)?;
    let Some(document) = document::Entity::find_by_id(id).one(db).await? else {
        return Err(Error::not_found("document"));
    };
    match acl::permission(db, who, document.acl_id).await? {
        None => Err(Error::not_found("document")),
        Some(held) if held < needed => Err(Error::not_allowed("document", acl::name_of(needed))),
        Some(_) => Ok(document),
    }
}

/// Opens the transaction of a verb.
///
/// # Errors
/// `Forbidden` when the token was not made for writing.
pub(crate) async fn begin<'a>(app: &'a App, who: &'a Principal, lock: Lock) -> Result<Write<'a>> {
    who.require(Scope::Write)?;
    let w = app.write(who).await?;
    tree::lock(&w, lock).await?;
    Ok(w)
}

/// # Errors
/// `StaleToken` with the current token when the name, place or life of the document changed meanwhile.
pub(crate) fn expect_name_token(document: &document::Model, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(token) if token != document.name_token => {
            Err(Error::StaleToken { noun: "document", current: document.name_token.to_string() })
        }
        _ => Ok(()),
    }
}
