//! Who may find what: the only place of searching that decides it. The index knows the rules that held for a document when
//! it was last looked at; what the log says has changed since then is taken from the database instead. So a change of rights
//! is obeyed by the very next search, by its counts and its facets, however far the index is behind.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use hawser_entity::{
    change::{self, ChangeKind, Noun},
    document,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use tantivy::{
    DocId, SegmentReader,
    columnar::Column,
    query::{
        AllScorer,
        doc_predicate_query::{ConstOrVariableSegmentPredicate, DocPredicate, SegmentDocPredicate},
    },
};
use uuid::Uuid;

use super::index::{Engine, Mark, column};
use crate::{App, Principal, Result, acl, change::Position};

/// What changed about rights, places and lives since the index looked.
#[derive(Debug, Default)]
pub struct Lag {
    from: Option<Position>,
    head: i64,
    /// The rules that hold now; none for what is in the trash or gone.
    now: HashMap<Uuid, Option<Uuid>>,
    /// Deleted: nothing below them is there any more.
    gone: HashSet<Uuid>,
    /// Nothing the index says of rights can be relied on: `now` holds every document there is.
    is_all: bool,
}

impl Lag {
    fn is_empty(&self) -> bool {
        self.now.is_empty() && self.gone.is_empty() && !self.is_all
    }
}

/// What one caller may find in one state of the index. As a query it matches exactly that.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The documents whose rules let the caller read; none: any do.
    readable: Option<Arc<HashSet<Uuid>>>,
    lag: Arc<Lag>,
}

/// What the caller may find, as of the snapshot, in a state of the index that was taken before it.
pub async fn sight(app: &App, snapshot: &DatabaseTransaction, who: &Principal, mark: &Mark) -> Result<Sight> {
    let readable = acl::readable(snapshot, who).await?.map(Arc::new);
    Ok(Sight { readable, lag: lag(&app.search, snapshot, mark).await? })
}

async fn lag(engine: &Engine, snapshot: &DatabaseTransaction, mark: &Mark) -> Result<Arc<Lag>> {
    let repository = crate::change::repository_row(snapshot).await?;
    let (from, head) = (Some(mark.position()), repository.head_seq);
    let known = engine.lag.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|known| known.from == from && known.head == head) {
        return Ok(known);
    }
    let is_lost = mark.epoch != repository.epoch || mark.seq + 1 < repository.min_seq || mark.seq > head;
    let mut lag = match is_lost {
        true => everything(snapshot).await?,
        false => since(snapshot, mark.seq).await?,
    };
    (lag.from, lag.head) = (from, head);
    let lag = Arc::new(lag);
    *engine.lag.lock().unwrap_or_else(PoisonError::into_inner) = Some(lag.clone());
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
    let concerned = super::index::below(snapshot, &subjects).await?;
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
    fn may_read(&self, acl_id: Uuid) -> bool {
        self.readable.as_ref().is_none_or(|readable| readable.contains(&acl_id))
    }
}

impl DocPredicate for Sight {
    type SegmentDocPredicate = Here;

    fn doc_predicate(&self, segment: &SegmentReader) -> tantivy::Result<ConstOrVariableSegmentPredicate<Here>> {
        if self.readable.is_none() && self.lag.is_empty() {
            return Ok(ConstOrVariableSegmentPredicate::Const(true));
        }
        if self.readable.as_ref().is_some_and(|readable| readable.is_empty()) {
            return Ok(ConstOrVariableSegmentPredicate::Const(false));
        }
        let here = Here::new(self.clone(), segment)?;
        let necessary_condition = Box::new(AllScorer::new(segment.max_doc()));
        Ok(ConstOrVariableSegmentPredicate::Variable { predicate: here, necessary_condition })
    }
}

/// A sight in one segment, where words are numbers.
pub struct Here {
    sight: Sight,
    id_high: Column<u64>,
    id_low: Column<u64>,
    acl: Option<Column<u64>>,
    /// By number of the rules.
    allowed: Vec<bool>,
    ancestors: Option<Column<u64>>,
    /// By number of the ancestor; empty when none is gone.
    gone: HashSet<u64>,
}

impl Here {
    fn new(sight: Sight, segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let acl = columns.str(column::ACL)?;
        let mut allowed = Vec::new();
        if let Some(acl) = &acl {
            let mut rules = acl.dictionary().stream()?;
            while rules.advance() {
                let id = Uuid::try_parse_ascii(rules.key());
                allowed.push(id.is_ok_and(|id| sight.may_read(id)));
            }
        }
        let ancestors = columns.str(column::ANCESTORS)?;
        let mut gone = HashSet::new();
        if let Some(ancestors) = &ancestors {
            for id in &sight.lag.gone {
                gone.extend(ancestors.dictionary().term_ord(super::index::term(*id))?);
            }
        }
        Ok(Self {
            id_high: columns.u64(column::ID_HIGH)?,
            id_low: columns.u64(column::ID_LOW)?,
            acl: acl.map(|acl| acl.ords().clone()),
            allowed,
            ancestors: ancestors.map(|ancestors| ancestors.ords().clone()),
            gone,
            sight,
        })
    }
}

impl SegmentDocPredicate for Here {
    fn eval(&mut self, doc: DocId) -> bool {
        let lag = &self.sight.lag;
        if !lag.is_empty() {
            let high = self.id_high.first(doc).unwrap_or_default();
            let id = Uuid::from_u64_pair(high, self.id_low.first(doc).unwrap_or_default());
            match lag.now.get(&id) {
                Some(now) => return now.is_some_and(|acl_id| self.sight.may_read(acl_id)),
                None if lag.is_all => return false,
                None => {}
            }
            let above = self.ancestors.as_ref().filter(|_| !self.gone.is_empty());
            if above.is_some_and(|above| above.values_for_doc(doc).any(|ancestor| self.gone.contains(&ancestor))) {
                return false;
            }
        }
        let rules = self.acl.as_ref().and_then(|acl| acl.first(doc));
        let allowed = rules.and_then(|rules| self.allowed.get(usize::try_from(rules).ok()?));
        allowed.copied().unwrap_or_default()
    }
}
