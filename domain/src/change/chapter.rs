//! Some lines of the log with all that says who may hear them, read in one state of the database. Made once, it is
//! authorised for any number of readers without another query.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use hawser_entity::{
    acl_grant,
    change::{ChangeKind, Noun},
    connection, connection_share, document,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    deliver::Heard,
    log::{Batch, Line, Position, read_in},
};
use crate::{App, Principal, Result};

#[derive(Debug)]
pub(super) struct Chapter {
    /// The number of the line before the first.
    pub since: i64,
    pub batch: Batch,
    /// Documents as of the end of these lines, whoever may see them.
    documents: HashMap<Uuid, document::Model>,
    /// For the rules that hold for these documents: who may read.
    readers: HashMap<Uuid, HashSet<Uuid>>,
    /// For connections: who owns them and with whom they are shared.
    users: HashMap<Uuid, HashSet<Uuid>>,
    pub read_at: DateTime<Utc>,
}

impl Chapter {
    /// Up to `limit` lines after `since`.
    pub async fn read(app: &App, since: Position, limit: u64) -> Result<Self> {
        let read_at = app.clock.now();
        let snapshot = app.database.snapshot().await?;
        let batch = read_in(&snapshot, since, limit).await?;
        let documents = documents(&snapshot, &subjects(&batch.lines, Noun::Document)).await?;
        let rules: HashSet<Uuid> = documents.values().map(|document| document.acl_id).collect();
        let readers = readers(&snapshot, &Vec::from_iter(rules)).await?;
        let users = users(&snapshot, &subjects(&batch.lines, Noun::Connection)).await?;
        snapshot.rollback().await?;
        Ok(Self { since: since.seq, batch, documents, readers, users, read_at })
    }

    /// The last of these lines that took a right away from somebody, or gave one.
    pub fn last_of_rights(&self) -> Option<i64> {
        self.batch.lines.iter().rev().find(|line| changes_rights(line)).map(|line| line.seq)
    }

    /// What one reader, who is any of `mine`, may hear of a line.
    pub fn hear(&self, line: &Line, who: &Principal, mine: &[Uuid]) -> Option<Heard> {
        let own = who.is_admin() || line.owner_id == Some(who.user_id);
        let heard = |document, gone| Some(Heard { line: line.clone(), document, gone });
        match line.noun {
            Noun::Provider => heard(None, false),
            Noun::Job | Noun::Feed => own.then_some(false).and_then(|gone| heard(None, gone)),
            Noun::Connection if own || is_one_of(self.users.get(&line.subject_id), mine) => heard(None, false),
            Noun::Connection => knew(line, mine).then_some(true).and_then(|gone| heard(None, gone)),
            Noun::Document => match self.documents.get(&line.subject_id) {
                Some(document) if who.is_admin() || is_one_of(self.readers.get(&document.acl_id), mine) => {
                    heard(Some(document.clone()), false)
                }
                _ => {
                    let deleted_for_admin = who.is_admin() && line.kind == ChangeKind::Deleted;
                    (deleted_for_admin || knew(line, mine)).then_some(true).and_then(|gone| heard(None, gone))
                }
            },
        }
    }
}

/// Rights of documents and connections change with lines that name who had them, and with lines of access.
fn changes_rights(line: &Line) -> bool {
    line.kind == ChangeKind::Access || line.audience.is_some()
}

/// Whether the reader was among those who could see the subject before.
fn knew(line: &Line, mine: &[Uuid]) -> bool {
    line.audience.as_ref().is_some_and(|audience| audience.iter().any(|id| mine.contains(id)))
}

fn is_one_of(allowed: Option<&HashSet<Uuid>>, mine: &[Uuid]) -> bool {
    allowed.is_some_and(|allowed| mine.iter().any(|id| allowed.contains(id)))
}

fn subjects(lines: &[Line], noun: Noun) -> Vec<Uuid> {
    let ids: HashSet<_> = lines.iter().filter(|line| line.noun == noun).map(|line| line.subject_id).collect();
    ids.into_iter().collect()
}

/// A batch has at most 500 lines, so that no list of ids here is too long for a statement.
async fn documents(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, document::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = document::Entity::find().filter(document::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn readers(db: &impl ConnectionTrait, rules: &[Uuid]) -> Result<HashMap<Uuid, HashSet<Uuid>>> {
    let mut readers: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    if !rules.is_empty() {
        let grants = acl_grant::Entity::find().filter(acl_grant::Column::AclId.is_in(rules.iter().copied()));
        for grant in grants.all(db).await? {
            readers.entry(grant.acl_id).or_default().insert(grant.principal_id);
        }
    }
    Ok(readers)
}

async fn users(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, HashSet<Uuid>>> {
    let mut users: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    if !ids.is_empty() {
        let rows = connection::Entity::find().filter(connection::Column::Id.is_in(ids.iter().copied()));
        for row in rows.all(db).await? {
            users.entry(row.id).or_default().insert(row.owner_id);
        }
        let shares =
            connection_share::Entity::find().filter(connection_share::Column::ConnectionId.is_in(ids.iter().copied()));
        for share in shares.all(db).await? {
            users.entry(share.connection_id).or_default().insert(share.principal_id);
        }
    }
    Ok(users)
}
