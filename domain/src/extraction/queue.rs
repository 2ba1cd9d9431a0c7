//! When contents are read: when they are linked, when their bytes changed, when a first run met passing trouble, and when
//! the readers got better.

use chrono::{DateTime, Utc};
use hawser_entity::{
    content,
    extraction::{self, Outcome},
    reading,
};
use hawser_extract as extract;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use super::source::source;
use crate::{
    App, Result, Write,
    job::{self, Work},
    principal::Actor,
};

/// Documents of one transaction.
const BATCH: i64 = 500;

/// Lets a content be read, unless this state of it was.
pub(crate) async fn queue(w: &mut Write<'_>, content: &content::Model, at: Option<DateTime<Utc>>) -> Result<()> {
    if !w.app.config.extract {
        return Ok(());
    }
    let same = reading::Entity::find_by_id(content.document_id).filter(reading::Column::Source.eq(source(content)));
    if at.is_none() && same.one(w.db()).await?.is_some() {
        return Ok(());
    }
    add(w, content.document_id, content.connection_id, at).await
}

async fn add(w: &mut Write<'_>, document_id: Uuid, connection_id: Uuid, at: Option<DateTime<Utc>>) -> Result<()> {
    let mut job = job::New::now(Work::ExtractText { document_id }).for_document(document_id);
    job.connection_id = Some(connection_id);
    job.run_at = at;
    w.queue(job).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Wanting {
    document_id: Uuid,
    connection_id: Uuid,
}

/// Contents nobody read, and those that older readers failed at.
const WANTING: &str = "SELECT content.document_id, content.connection_id FROM content \
     LEFT JOIN reading ON reading.document_id = content.document_id \
     LEFT JOIN extraction ON extraction.hash = reading.hash \
     WHERE content.state = 'ok' AND content.document_id > $1 \
     AND (reading.document_id IS NULL \
       OR extraction.version < $2 AND extraction.outcome NOT IN ('ok', 'truncated', 'empty')) \
     ORDER BY content.document_id LIMIT $3";

/// Queues what was never read, and what older readers failed at. Returns how many.
pub async fn renew(app: &App) -> Result<u64> {
    let (mut queued, mut after) = (0, Uuid::nil());
    if !app.config.extract {
        return Ok(queued);
    }
    loop {
        let mut w = app.write(Actor::System).await?;
        let version = i32::try_from(extract::VERSION).unwrap_or(i32::MAX);
        let values = [after.into(), version.into(), BATCH.into()];
        let sql = Statement::from_sql_and_values(w.db().get_database_backend(), WANTING, values);
        let found = Wanting::find_by_statement(sql).all(w.db()).await?;
        let Some(last) = found.last() else {
            w.rollback().await?;
            return Ok(queued);
        };
        after = last.document_id;
        for it in &found {
            add(&mut w, it.document_id, it.connection_id, None).await?;
            queued += 1;
        }
        w.commit().await?;
    }
}

/// Whether an earlier run leaves something to be done for the text.
pub(super) fn wants_text(row: Option<&extraction::Model>) -> bool {
    let Some(row) = row else { return true };
    let is_old = u32::try_from(row.version).is_ok_and(|version| version < extract::VERSION);
    let has_text = matches!(row.outcome, Outcome::Ok | Outcome::Truncated | Outcome::Empty);
    let may_pass = matches!(row.outcome, Outcome::Timeout | Outcome::Oom | Outcome::Crashed);
    (is_old && !has_text) || (may_pass && row.tries < super::keep::MAX_TRIES)
}

/// Whether nobody has tried, with this version, to draw it.
pub(super) fn wants_picture(row: Option<&extraction::Model>) -> bool {
    let Some(row) = row else { return true };
    let is_old =
        row.drawn_version.and_then(|version| u32::try_from(version).ok()).is_none_or(|it| it < extract::VERSION);
    row.drawn != Some(Outcome::Ok) && is_old
}
