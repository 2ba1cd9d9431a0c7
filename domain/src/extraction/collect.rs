//! Forgetting what was read out of bytes that no document holds any more. The blobs follow by their own collection.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};

use crate::{App, Result, principal::Actor};

/// Deletes extractions nothing refers to and older than `grace`, and pictures of bytes that are gone. Returns how many.
pub async fn collect(app: &App, grace: Duration) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let backend = w.db().get_database_backend();
    let sql = "DELETE FROM extraction WHERE updated_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM reading WHERE reading.hash = extraction.hash)";
    let unused = Statement::from_sql_and_values(backend, sql, [(w.now - grace).into()]);
    let mut gone = w.db().execute_raw(unused).await?.rows_affected();
    let sql = "DELETE FROM picture WHERE NOT EXISTS (SELECT 1 FROM extraction WHERE extraction.hash = picture.hash) \
         AND NOT EXISTS (SELECT 1 FROM rendition WHERE rendition.blob = picture.hash)";
    gone += w.db().execute_raw(Statement::from_string(backend, sql)).await?.rows_affected();
    w.commit().await?;
    Ok(gone)
}
