//! Reading rights: for one document, for a page of documents, and as a condition of a query.

use std::collections::{HashMap, HashSet};

use hawser_entity::{acl_grant, change::ChangeKind, change::Noun, document};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Statement,
    sea_query::{Expr, ExprTrait, Func, SelectStatement},
};
use uuid::Uuid;

use super::Permission;
use crate::{Principal, Result, Write, change, group};

/// What the caller may do where the rules of `acl_id` hold. Nothing: it looks as if it were not there.
pub async fn permission(db: &impl ConnectionTrait, who: &Principal, acl_id: Uuid) -> Result<Option<Permission>> {
    Ok(permissions(db, who, &[acl_id]).await?.remove(&acl_id))
}

/// The same for many; ids without any right are absent.
pub async fn permissions(
    db: &impl ConnectionTrait,
    who: &Principal,
    acl_ids: &[Uuid],
) -> Result<HashMap<Uuid, Permission>> {
    if who.is_admin() {
        return Ok(acl_ids.iter().map(|id| (*id, Permission::Admin)).collect());
    }
    let grants = acl_grant::Entity::find()
        .filter(acl_grant::Column::AclId.is_in(acl_ids.iter().copied()))
        .filter(acl_grant::Column::PrincipalId.is_in(who.ids()))
        .all(db)
        .await?;
    let mut found = HashMap::new();
    for grant in grants {
        let best = found.entry(grant.acl_id).or_insert(grant.permission);
        *best = Ord::max(grant.permission, *best);
    }
    Ok(found)
}

/// Whether the caller may do this with the document.
pub async fn can(
    db: &impl ConnectionTrait,
    who: &Principal,
    document: &document::Model,
    needed: Permission,
) -> Result<bool> {
    Ok(permission(db, who, document.acl_id).await? >= Some(needed))
}

/// Limits a query on documents to those the caller may read.
pub fn visible(who: &Principal) -> Condition {
    with_permission(who, Permission::Read)
}

/// The same for those who must know it beforehand: the `acl_id`s whose rules let the caller read. None: any do.
pub(crate) async fn readable(db: &impl ConnectionTrait, who: &Principal) -> Result<Option<HashSet<Uuid>>> {
    if who.is_admin() {
        return Ok(None);
    }
    let grants = acl_grant::Entity::find()
        .select_only()
        .column(acl_grant::Column::AclId)
        .filter(acl_grant::Column::PrincipalId.is_in(who.ids()));
    Ok(Some(grants.into_tuple().all(db).await?.into_iter().collect()))
}

/// `visible` for lists of everything the caller sees. Who sees many documents has them read in the list's order, each held
/// against the rights on the way, until the page is full; who sees few has them gathered by their rights and sorted. The
/// database cannot tell the two apart by itself, and takes the wrong way for one of them.
pub(crate) async fn visible_in_order(db: &impl ConnectionTrait, who: &Principal) -> Result<Condition> {
    if who.is_admin() {
        return Ok(visible(who));
    }
    let sees_many = document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .filter(visible(who))
        .offset(MANY)
        .limit(1)
        .into_tuple::<Uuid>()
        .one(db);
    if sees_many.await?.is_none() {
        return Ok(visible(who));
    }
    let acl_id = || Expr::col((document::Entity, document::Column::AclId));
    // As it is, but no longer a column that an index has.
    let acl_id = Expr::expr(Func::coalesce([acl_id(), acl_id()]));
    Ok(Condition::all().add(acl_id.in_subquery(held(who, Permission::Read))))
}

/// Documents beyond which reading in order is quicker: a page of 50 is full after looking at a few thousand of 100,000.
const MANY: u64 = 2_000;

/// Limits a query on documents to those the caller may do this with.
pub fn with_permission(who: &Principal, needed: Permission) -> Condition {
    if who.is_admin() {
        return Condition::all();
    }
    Condition::all().add(document::Column::AclId.in_subquery(held(who, needed)))
}

/// The `acl_id`s whose rules let the caller do this.
fn held(who: &Principal, needed: Permission) -> SelectStatement {
    let enough = [Permission::Read, Permission::Write, Permission::Admin].into_iter().filter(|held| *held >= needed);
    acl_grant::Entity::find()
        .select_only()
        .column(acl_grant::Column::AclId)
        .filter(acl_grant::Column::PrincipalId.is_in(who.ids()))
        .filter(acl_grant::Column::Permission.is_in(enough))
        .into_query()
}

/// The principals that may read where the rules of `acl_id` hold.
pub async fn audience(db: &impl ConnectionTrait, acl_id: Uuid) -> Result<Vec<Uuid>> {
    let rows = acl_grant::Entity::find().filter(acl_grant::Column::AclId.eq(acl_id)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.principal_id).collect())
}

/// As it is called in errors and in the audit.
pub(crate) fn name_of(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "READ",
        Permission::Write => "WRITE",
        Permission::Admin => "ADMIN",
    }
}

/// Who could see a document and what is below it, taken before a change that may hide it from them.
pub(crate) struct Hidden(Vec<(Uuid, Vec<Uuid>)>);

#[derive(FromQueryResult)]
struct Sight {
    id: Uuid,
    principal_id: Option<Uuid>,
}

const SIGHTS: &str = "SELECT d.id AS id, g.principal_id AS principal_id FROM document_ancestor a \
     JOIN document d ON d.id = a.document_id LEFT JOIN acl_grant g ON g.acl_id = d.acl_id \
     WHERE a.ancestor_id = $1 AND (d.id = $1 OR d.acl_id = d.id) ORDER BY a.depth, d.id";

/// The topmost document anybody sees of a subtree is its root or one with rules of its own: a line for each of these
/// tells everybody.
pub(crate) async fn before(db: &impl ConnectionTrait, root: Uuid) -> Result<Hidden> {
    let query = Statement::from_sql_and_values(db.get_database_backend(), SIGHTS, [root.into()]);
    let mut found: Vec<(Uuid, Vec<Uuid>)> = Vec::new();
    for sight in Sight::find_by_statement(query).all(db).await? {
        if found.last().is_none_or(|(id, _)| *id != sight.id) {
            found.push((sight.id, Vec::new()));
        }
        if let (Some((_, audience)), Some(principal)) = (found.last_mut(), sight.principal_id) {
            audience.push(principal);
        }
    }
    group::add_members(db, &mut found.iter_mut().map(|(_, audience)| audience).collect::<Vec<_>>()).await?;
    Ok(Hidden(found))
}

impl Hidden {
    pub(crate) fn announce(self, w: &mut Write<'_>, kind: ChangeKind) {
        for (subject_id, audience) in self.0 {
            w.announce_with(change::New {
                noun: Noun::Document,
                subject_id,
                kind,
                owner_id: None,
                audience: Some(audience),
            });
        }
    }
}
