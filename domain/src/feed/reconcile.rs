//! Reading everything known of a feed again: after a lost cursor, when a shared drive's rules changed, and once a day,
//! because clouds tell of a folder's new rights but not of the files inside. It resumes after a crash where it was.

use chrono::{DateTime, Utc};
use hawser_entity::{connection, content, feed};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::poll::read_again;
use crate::{App, Result, content::apply, job::Claimed, principal::Actor};

/// Files of one call and one transaction: what a batch request carries.
const BATCH: u64 = 100;

/// Returns how many documents are different now.
pub(super) async fn run_if_due(
    app: &App,
    job: &Claimed,
    feed_id: Uuid,
    connection: &connection::Model,
) -> Result<usize> {
    let Some(before) = begin(app, job, feed_id).await? else { return Ok(0) };
    let mut effects = 0;
    loop {
        let stale = content::Entity::find()
            .filter(content::Column::FeedId.eq(feed_id))
            .filter(content::Column::CheckedAt.lt(before))
            .order_by_asc(content::Column::DocumentId)
            .limit(BATCH)
            .all(app.database.read())
            .await?;
        if stale.is_empty() {
            break;
        }
        let seen = read_again(app, connection.id, &stale).await?;
        let mut w = app.write(Actor::System).await?;
        job.fence(&w).await?;
        touch(&w, &stale).await?;
        for (content, seen) in seen {
            if let Some(content) = content::Entity::find_by_id(content.document_id).one(w.db()).await? {
                effects += usize::from(apply(&mut w, content, seen).await?);
            }
        }
        w.commit().await?;
    }
    end(app, job, feed_id, before).await?;
    Ok(effects)
}

/// Notes the moment before which nothing counts as read, if a reconciliation is due.
async fn begin(app: &App, job: &Claimed, feed_id: Uuid) -> Result<Option<DateTime<Utc>>> {
    let Some(feed) = feed::Entity::find_by_id(feed_id).one(app.database.read()).await? else { return Ok(None) };
    if feed.reconcile_since.is_some() {
        return Ok(feed.reconcile_since);
    }
    let day_ago = app.clock.now() - chrono::Duration::days(1);
    if feed.last_reconciled_at.unwrap_or(feed.created_at) > day_ago {
        return Ok(None);
    }
    let w = app.write(Actor::System).await?;
    job.fence(&w).await?;
    let mut active = feed.into_active_model();
    active.reconcile_since = Set(Some(w.now));
    let feed = active.update(w.db()).await?;
    w.commit().await?;
    Ok(feed.reconcile_since)
}

/// Also those the cloud would not answer for count as looked at, or the same would be asked for ever.
async fn touch(w: &crate::Write<'_>, contents: &[content::Model]) -> Result<()> {
    content::Entity::update_many()
        .col_expr(content::Column::CheckedAt, w.now.into())
        .filter(content::Column::DocumentId.is_in(contents.iter().map(|content| content.document_id)))
        .exec(w.db())
        .await?;
    Ok(())
}

/// Another reason to read everything may have come up meanwhile: that one stays.
async fn end(app: &App, job: &Claimed, feed_id: Uuid, before: DateTime<Utc>) -> Result<()> {
    let w = app.write(Actor::System).await?;
    job.fence(&w).await?;
    feed::Entity::update_many()
        .col_expr(feed::Column::ReconcileSince, Expr::value(None::<DateTime<Utc>>))
        .col_expr(feed::Column::LastReconciledAt, Expr::value(w.now))
        .filter(feed::Column::Id.eq(feed_id))
        .filter(feed::Column::ReconcileSince.eq(before))
        .exec(w.db())
        .await?;
    w.commit().await?;
    Ok(())
}
