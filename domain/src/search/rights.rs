//! Who may find what: the only place of searching that decides it. The index knows the rules that held for a document when
//! it was last looked at; what the log says has changed since then is taken from the database instead. So a change of rights
//! is obeyed by the very next search, by its counts and its facets, however far the index is behind.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use hawser_entity::{
    change::{self, ChangeKind, Noun},
    document,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::touched::below;
use crate::{App, Principal, Result, acl, change::Position};

/// What was worked out last, for the searches that follow in the same state of things.
pub type Known = Arc<Mutex<Option<Arc<Lag>>>>;

/// What changed about rights, places and lives since the index looked.
#[derive(Debug, Default)]
pub struct Lag {
    from: Option<Position>,
    head: i64,
    /// The rules that hold now; none for what is in the trash or gone.
    pub(super) now: HashMap<Uuid, Option<Uuid>>,
    /// Deleted: nothing below them is there any more.
    pub(super) gone: HashSet<Uuid>,
    /// Nothing the index says of rights can be relied on: `now` holds every document there is.
    pub(super) is_all: bool,
}

impl Lag {
    pub(super) fn is_empty(&self) -> bool {
        self.now.is_empty() && self.gone.is_empty() && !self.is_all
    }
}

/// What one caller may find in one state of the index.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The documents whose rules let the caller read; none: any do.
    pub(super) readable: Option<Arc<HashSet<Uuid>>>,
    pub(super) lag: Arc<Lag>,
}

/// What the caller may find, as of the snapshot, in a state of the index that was taken before it.
pub async fn sight(app: &App, snapshot: &DatabaseTransaction, who: &Principal, at: Position) -> Result<Sight> {
    let readable = acl::readable(snapshot, who).await?.map(Arc::new);
    Ok(Sight { readable, lag: lag(app.search.lag(), snapshot, at).await? })
}

async fn lag(known: &Known, snapshot: &DatabaseTransaction, mark: Position) -> Result<Arc<Lag>> {
    let repository = crate::change::repository_row(snapshot).await?;
    let (from, head) = (Some(mark), repository.head_seq);
    let last = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(last) = last.filter(|last| last.from == from && last.head == head) {
        return Ok(last);
    }
    let is_lost = mark.epoch != repository.epoch || mark.seq + 1 < repository.min_seq || mark.seq > head;
    let mut lag = match is_lost {
        true => everything(snapshot).await?,
        false => since(snapshot, mark.seq).await?,
    };
    (lag.from, lag.head) = (from, head);
    let lag = Arc::new(lag);
    *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(lag.clone());
    Ok(lag)
}

/// Lines without an audience change nobody's sight: new content, other names, what has just been made.
async fn since(snapshot: &DatabaseTransaction, seq: i64) -> Result<Lag> {
    let kinds = [ChangeKind::Moved, ChangeKind::Access, ChangeKind::Trashed, ChangeKind::Restored, ChangeKind::Deleted];
    let subjects: Vec<Uuid> = change::Entity::find()
        .select_only()
        .column(change::Column::SubjectId)
        .distinct()
        .filter(change::Column::Seq.gt(seq))
        .filter(change::Column::Noun.eq(Noun::Document))
        .filter(change::Column::Kind.is_in(kinds))
        .filter(change::Column::Audience.is_not_null())
        .into_tuple()
        .all(snapshot)
        .await?;
    let subjects: HashSet<Uuid> = subjects.into_iter().collect();
    let concerned = below(snapshot, &subjects).await?;
    let ids: Vec<Uuid> = concerned.iter().copied().collect();
    let mut now: HashMap<Uuid, Option<Uuid>> = ids.iter().chain(&subjects).map(|id| (*id, None)).collect();
    for chunk in ids.chunks(500) {
        let live = rules().filter(document::Column::Id.is_in(chunk.iter().copied()));
        for (id, acl_id) in live.into_tuple::<(Uuid, Uuid)>().all(snapshot).await? {
            now.insert(id, Some(acl_id));
        }
    }
    let gone = subjects.into_iter().filter(|id| !concerned.contains(id)).collect();
    Ok(Lag { now, gone, ..Lag::default() })
}

async fn everything(snapshot: &DatabaseTransaction) -> Result<Lag> {
    let live = rules().into_tuple::<(Uuid, Uuid)>().all(snapshot).await?;
    let now = live.into_iter().map(|(id, acl_id)| (id, Some(acl_id))).collect();
    Ok(Lag { now, is_all: true, ..Lag::default() })
}

fn rules() -> sea_orm::Select<document::Entity> {
    document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .column(document::Column::AclId)
        .filter(document::Column::TrashRootId.is_null())
}

impl Sight {
    pub(super) fn may_read(&self, acl_id: Uuid) -> bool {
        self.readable.as_ref().is_none_or(|readable| readable.contains(&acl_id))
    }
}
