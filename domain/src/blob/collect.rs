//! Takes away what nothing refers to any more, in the table and in the store.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use hawser_entity::blob;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};

use super::{open::SIGN, path, written_at};
use crate::{App, Result, principal::Actor};

/// Files looked at together.
const CHUNK: usize = 500;

/// What a collection took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    pub rows: u64,
    pub files: u64,
}

/// Takes away what nothing refers to any more: renditions are replaced, documents deleted, transactions given up. What is
/// younger than `grace` stays, since its transaction may still be under way.
pub async fn collect(app: &App, grace: Duration) -> Result<Collected> {
    let w = app.write(Actor::System).await?;
    let before = w.now - grace;
    let sql = "DELETE FROM blob WHERE created_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM rendition WHERE rendition.blob = blob.hash) \
         AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.blob = blob.hash) \
         AND NOT EXISTS (SELECT 1 FROM extraction WHERE extraction.text_blob = blob.hash)";
    let unused = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [before.into()]);
    let rows = w.db().execute_raw(unused).await?.rows_affected();
    w.commit().await?;
    let mut files = 0;
    let mut some = Vec::with_capacity(CHUNK);
    let mut listed = app.blobs.lister_with("/").recursive(true).await?;
    while let Some(entry) = listed.try_next().await? {
        if entry.metadata().is_file() && entry.path() != SIGN {
            some.push(entry.path().to_owned());
        }
        if some.len() == CHUNK {
            files += sweep(app, &some, before).await?;
            some.clear();
        }
    }
    files += sweep(app, &some, before).await?;
    Ok(Collected { rows, files })
}

async fn sweep(app: &App, paths: &[String], before: DateTime<Utc>) -> Result<u64> {
    let hashes = paths.iter().filter_map(|path| path.rsplit('/').next());
    let known: Vec<String> = blob::Entity::find()
        .select_only()
        .column(blob::Column::Hash)
        .filter(blob::Column::Hash.is_in(hashes))
        .into_tuple()
        .all(app.database.read())
        .await?;
    let kept: HashSet<String> = known.iter().map(|hash| path(hash)).collect();
    let mut gone = 0;
    for path in paths.iter().filter(|path| !kept.contains(*path)) {
        if written_at(app, path).await?.is_some_and(|at| at < before) {
            app.blobs.delete(path).await?;
            gone += 1;
        }
    }
    Ok(gone)
}
