//! Bytes that rows refer to, against the store. What is derived can be made again, so the repair lets go of what is gone.

use std::collections::HashMap;

use futures::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};

use super::{Check, Finding, Findings, Options, rows};
use crate::{
    App, Error, Result, blob,
    entity::{blob as row, extraction, picture, reading, rendition},
    principal::Actor,
};

const REFERRED: &str = "SELECT blob AS hash FROM rendition UNION SELECT blob FROM picture \
     UNION SELECT text_blob FROM extraction WHERE text_blob IS NOT NULL";
const UNNOTED: &str = "SELECT hash FROM (SELECT blob AS hash FROM rendition UNION SELECT blob FROM picture \
     UNION SELECT text_blob FROM extraction WHERE text_blob IS NOT NULL) referred \
     WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = referred.hash) LIMIT 100";
const NEXT: &str = "`hawser fsck --repair` forgets it, and it is made again";

pub(super) async fn check(app: &App, options: Options) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Blobs);
    let mut bad = Vec::new();
    let snapshot = app.database.snapshot().await?;
    for found in rows(&snapshot, UNNOTED, Vec::new()).await? {
        let hash: String = found.try_get("", "hash")?;
        findings.add(format!("blob {hash}"), "is referred to and was never noted", NEXT);
        bad.push(hash);
    }
    let referred = rows(&snapshot, REFERRED, Vec::new()).await?;
    let referred: Vec<String> = referred.iter().map(|it| it.try_get("", "hash")).collect::<Result<_, _>>()?;
    let noted: HashMap<String, i64> = row::Entity::find()
        .select_only()
        .columns([row::Column::Hash, row::Column::Size])
        .into_tuple::<(String, i64)>()
        .all(&snapshot)
        .await?
        .into_iter()
        .collect();
    snapshot.rollback().await?;
    let there = listed(app).await?;
    for hash in &referred {
        let Some(size) = noted.get(hash) else { continue };
        let fault = match there.get(hash) {
            // Listed a moment after the rows were read: it may have come or gone since.
            None => match blob::size(app, hash).await? {
                None => Some("is referred to and its bytes are gone".to_owned()),
                Some(_) => None,
            },
            Some(kept) if kept != size => Some(format!("has {kept} bytes instead of {size}")),
            Some(_) if options.deep => changed(app, hash).await?,
            Some(_) => None,
        };
        if let Some(fault) = fault {
            findings.add(format!("blob {hash}"), fault, NEXT);
            bad.push(hash.clone());
        }
    }
    if options.repair && !bad.is_empty() {
        forget(app, &bad).await?;
        findings.repaired();
    }
    Ok(findings.done())
}

/// Sizes of all bytes in the store.
async fn listed(app: &App) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    let mut entries = app.blobs.lister_with("/").recursive(true).await?;
    while let Some(entry) = entries.try_next().await? {
        if !entry.metadata().is_file() {
            continue;
        }
        // A folder does not tell sizes with its names.
        let size = match i64::try_from(entry.metadata().content_length()) {
            Ok(size @ 1..) => Some(size),
            _ => blob::size(app, entry.name()).await?,
        };
        found.extend(size.map(|size| (entry.name().to_owned(), size)));
    }
    Ok(found)
}

async fn changed(app: &App, hash: &str) -> Result<Option<String>> {
    match blob::read(app, hash).await {
        Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == hash => Ok(None),
        Ok(_) => Ok(Some("its bytes are others than its name says".to_owned())),
        Err(Error::NotFound { .. }) => Ok(Some("its bytes are gone".to_owned())),
        Err(error) => Err(error),
    }
}

/// Rows go, so that what they stood for is made again: by the next look at it, or by the upkeep. Bytes that are others
/// than their name says go too.
async fn forget(app: &App, hashes: &[String]) -> Result<()> {
    let w = app.write(Actor::System).await?;
    for hashes in hashes.chunks(500) {
        rendition::Entity::delete_many().filter(rendition::Column::Blob.is_in(hashes)).exec(w.db()).await?;
        picture::Entity::delete_many().filter(picture::Column::Blob.is_in(hashes)).exec(w.db()).await?;
        let texts: Vec<String> = extraction::Entity::find()
            .select_only()
            .column(extraction::Column::Hash)
            .filter(extraction::Column::TextBlob.is_in(hashes))
            .into_tuple()
            .all(w.db())
            .await?;
        reading::Entity::delete_many().filter(reading::Column::Hash.is_in(texts.clone())).exec(w.db()).await?;
        extraction::Entity::delete_many().filter(extraction::Column::Hash.is_in(texts)).exec(w.db()).await?;
        row::Entity::delete_many().filter(row::Column::Hash.is_in(hashes)).exec(w.db()).await?;
    }
    w.commit().await?;
    for hash in hashes {
        blob::delete(app, hash).await?;
    }
    Ok(())
}
