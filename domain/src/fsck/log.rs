//! The change log, and the index that follows it.

use sea_orm::{
    ActiveValue::{Set, Unchanged},
    EntityTrait,
};

use super::{Check, Finding, Findings, REPAIR, rows};
use crate::{
    App, Error, Result, change,
    entity::{change as line, repository},
    principal::Actor,
    search,
};

/// Lines whose forerunner is missing.
const GAPS: &str = "SELECT c.seq FROM change c, repository r WHERE c.seq > r.min_seq AND c.seq <= r.head_seq \
     AND NOT EXISTS (SELECT 1 FROM change p WHERE p.seq = c.seq - 1) ORDER BY c.seq LIMIT 100";
const ENDS: &str = "SELECT MIN(seq) AS first, MAX(seq) AS last FROM change";

pub(super) async fn check(app: &App, repair: bool) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::ChangeLog);
    let snapshot = app.database.snapshot().await?;
    let kept = change::repository_row(&snapshot).await?;
    let ends = rows(&snapshot, ENDS, Vec::new()).await?;
    let end = |name: &str| ends.first().and_then(|row| row.try_get::<Option<i64>>("", name).ok()).flatten();
    let (head, min) = (kept.head_seq, kept.min_seq);
    match (end("first"), end("last")) {
        (Some(first), Some(last)) => {
            if last != head {
                findings.add(format!("line {last}"), format!("is the last, but the head stands at {head}"), REPAIR);
            }
            if first != min {
                findings.add(
                    format!("line {first}"),
                    format!("is the first, but the log should begin at {min}"),
                    REPAIR,
                );
            }
        }
        _ if head + 1 != min => {
            findings.add("the log", format!("is empty, but should reach from {min} to {head}"), REPAIR)
        }
        _ => {}
    }
    for row in rows(&snapshot, GAPS, Vec::new()).await? {
        let seq: i64 = row.try_get("", "seq")?;
        findings.add(format!("line {}", seq - 1), "is missing", REPAIR);
    }
    snapshot.rollback().await?;
    if repair && !findings.is_empty() {
        begin_anew(app).await?;
        findings.repaired();
    }
    Ok(findings.done())
}

/// Another history: every reader is told to read everything anew and goes on from the head.
async fn begin_anew(app: &App) -> Result<()> {
    let w = app.write(Actor::System).await?;
    let last = rows(w.db(), ENDS, Vec::new()).await?;
    let last: Option<i64> = last.first().map(|row| row.try_get("", "last")).transpose()?.flatten();
    let old = change::repository_row(w.db()).await?;
    let head = old.head_seq.max(last.unwrap_or(0));
    line::Entity::delete_many().exec(w.db()).await?;
    let row = repository::ActiveModel {
        id: Unchanged(old.id),
        epoch: Set(w.id()),
        head_seq: Set(head),
        min_seq: Set(head + 1),
    };
    repository::Entity::update(row).exec(w.db()).await?;
    w.commit().await?;
    Ok(())
}

pub(super) async fn search(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Search);
    let status = match search::status(app).await {
        Ok(status) => status,
        Err(Error::SearchUnavailable(_)) => {
            findings.add("the search engine", "does not answer", "look at `elasticsearch_url`, and ask again");
            return Ok(findings.done());
        }
        Err(error) => return Err(error),
    };
    // The head is read after the index, so that a change in between is no finding.
    let head = change::head(app).await?.seq;
    if let Some(index) = status.index.filter(|index| index.position > head) {
        let fault = format!("stands at {}, ahead of the change log at {head}", index.position);
        findings.add(format!("index {}", index.name), fault, "build it anew with `hawser search reindex`");
    }
    Ok(findings.done())
}
