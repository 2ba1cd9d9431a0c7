//! Writing down what a reader said: the extraction under the hash of the bytes, and which document holds them.

use std::time::Duration;

use bytes::Bytes;
use hawser_entity::{
    change::ChangeKind,
    content,
    extraction::{self, Outcome},
    reading,
};
use hawser_extract as extract;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::source::source;
use crate::{App, Result, Write, blob, document};

/// Runs that may end in passing trouble before the file is left alone.
pub(super) const MAX_TRIES: i32 = 2;
/// How long to wait before the second.
const AGAIN: Duration = Duration::from_secs(120);

/// A text, stored as a blob before the transaction that refers to it.
pub(super) struct Text {
    pub hash: String,
    pub size: i64,
}

pub(super) async fn store(app: &App, text: String) -> Result<Option<Text>> {
    if text.is_empty() {
        return Ok(None);
    }
    let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let hash = blob::store(app, Bytes::from(text)).await?;
    Ok(Some(Text { hash, size }))
}

/// Writes what was read out of the bytes `hash`. A run that may pass has itself repeated once.
pub(super) async fn extraction(
    w: &mut Write<'_>,
    content: &content::Model,
    hash: &str,
    answer: &extract::child::Answer,
    text: Option<&Text>,
) -> Result<()> {
    let before = extraction::Entity::find_by_id(hash).one(w.db()).await?;
    let report = &answer.report;
    let version = i32::try_from(extract::VERSION).unwrap_or(i32::MAX);
    let tries = match (&before, report.outcome.may_pass()) {
        (_, false) => 0,
        (Some(before), true) if before.version == version => before.tries + 1,
        _ => 1,
    };
    if let Some(text) = text {
        blob::note(w, &text.hash, text.size).await?;
    }
    let row = extraction::ActiveModel {
        hash: Set(hash.to_owned()),
        version: Set(version),
        outcome: Set(kept(report.outcome)),
        tries: Set(tries),
        mime_type: Set(report.mime_type.clone()),
        detail: Set(report.detail.clone()),
        trouble: Set(answer.trouble.clone()),
        encoding: Set(report.encoding.clone()),
        is_poor: Set(report.is_poor),
        needs_ocr: Set(report.needs_ocr),
        metadata: Set(serde_json::to_value(&report.metadata)?),
        text_blob: Set(text.map(|text| text.hash.clone())),
        text_size: Set(text.map_or(0, |text| text.size)),
        drawn: Set(None),
        drawn_version: Set(None),
        created_at: Set(w.now),
        updated_at: Set(w.now),
    };
    use extraction::Column as C;
    let again = OnConflict::column(C::Hash)
        .update_columns([C::Version, C::Outcome, C::Tries, C::MimeType, C::Detail, C::Trouble, C::Encoding, C::IsPoor])
        .update_columns([C::NeedsOcr, C::Metadata, C::TextBlob, C::TextSize, C::UpdatedAt])
        .to_owned();
    extraction::Entity::insert(row).on_conflict(again).exec_without_returning(w.db()).await?;
    if report.outcome.may_pass() && tries < MAX_TRIES {
        let at = w.now + AGAIN;
        super::queue(w, content, Some(at)).await?;
    }
    Ok(())
}

/// Writes which bytes a document holds, and announces that more is known of it. A content that changed meanwhile keeps its
/// old reading: a job of its own is under way.
pub(super) async fn reading(
    w: &mut Write<'_>,
    document_id: uuid::Uuid,
    read: &str,
    hash: Option<&str>,
    outcome: Option<Outcome>,
) -> Result<()> {
    let Some(content) = content::Entity::find_by_id(document_id).one(w.db()).await? else { return Ok(()) };
    if source(&content) != read {
        return Ok(());
    }
    let row = reading::ActiveModel {
        document_id: Set(document_id),
        source: Set(read.to_owned()),
        hash: Set(hash.map(str::to_owned)),
        outcome: Set(outcome),
        at: Set(w.now),
    };
    use reading::Column::{At, DocumentId, Hash, Outcome, Source};
    let replace = OnConflict::column(DocumentId).update_columns([Source, Hash, Outcome, At]).to_owned();
    reading::Entity::insert(row).on_conflict(replace).exec_without_returning(w.db()).await?;
    document::mark(w, document_id, ChangeKind::Metadata).await?;
    Ok(())
}

/// The reader's word as the table has it.
pub(super) fn kept(outcome: extract::Outcome) -> Outcome {
    match outcome {
        extract::Outcome::Ok => Outcome::Ok,
        extract::Outcome::Truncated => Outcome::Truncated,
        extract::Outcome::Empty => Outcome::Empty,
        extract::Outcome::Encrypted => Outcome::Encrypted,
        extract::Outcome::Unsupported => Outcome::Unsupported,
        extract::Outcome::Malformed => Outcome::Malformed,
        extract::Outcome::TooLarge => Outcome::TooLarge,
        extract::Outcome::Timeout => Outcome::Timeout,
        extract::Outcome::Oom => Outcome::Oom,
        extract::Outcome::Crashed => Outcome::Crashed,
    }
}
