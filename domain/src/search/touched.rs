//! Which documents lines of the log are about: a reader of the log has to look at them again.

use std::collections::HashSet;

use hawser_entity::{change::Noun, document_ancestor};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{App, Result, change::Line};

/// The documents that lines are about.
#[derive(Debug, Default)]
pub struct Touched {
    /// Also those that are gone; each once.
    pub ids: Vec<Uuid>,
    /// Subjects that are there no more; what was below them went along.
    pub gone: Vec<Uuid>,
}

/// A line with an audience is about everything below its subject; others are about the subject alone.
pub async fn touched(app: &App, lines: &[Line]) -> Result<Touched> {
    let lines: Vec<_> = lines.iter().filter(|line| line.noun == Noun::Document).collect();
    let all: HashSet<Uuid> = lines.iter().map(|line| line.subject_id).collect();
    let whole: HashSet<Uuid> =
        lines.iter().filter(|line| line.audience.is_some()).map(|line| line.subject_id).collect();
    let there = reach(app.database.read(), &all, false).await?;
    let below = reach(app.database.read(), &whole, true).await?;
    let gone = all.iter().filter(|id| !there.contains(*id)).copied().collect();
    Ok(Touched { ids: all.union(&below).copied().collect(), gone })
}

/// Those of the documents that are there, and everything below them.
pub async fn below(db: &impl ConnectionTrait, ids: &HashSet<Uuid>) -> Result<HashSet<Uuid>> {
    reach(db, ids, true).await
}

async fn reach(db: &impl ConnectionTrait, ids: &HashSet<Uuid>, whole: bool) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut found = HashSet::new();
    for chunk in ids.chunks(500) {
        let mut query = document_ancestor::Entity::find()
            .select_only()
            .column(document_ancestor::Column::DocumentId)
            .filter(document_ancestor::Column::AncestorId.is_in(chunk.iter().copied()));
        if !whole {
            query = query.filter(document_ancestor::Column::Depth.eq(0));
        }
        found.extend(query.into_tuple::<Uuid>().all(db).await?);
    }
    Ok(found)
}
