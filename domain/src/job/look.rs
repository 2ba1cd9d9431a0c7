//! Reading jobs: administrators see all, others those of their own connections.

use hawser_entity::job::{self, JobState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
};

/// All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub states: Vec<JobState>,
    pub kinds: Vec<String>,
    pub document_id: Option<Uuid>,
    pub connection_id: Option<Uuid>,
    /// Text inside the error, whatever the case.
    pub error_contains: Option<String>,
}

/// How many jobs stand where.
pub type Counts = Vec<(JobState, i64)>;

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<job::Model> {
    who.require(Scope::Read)?;
    let found = job::Entity::find_by_id(id).filter(visible(who)).one(app.database.read()).await?;
    found.ok_or(Error::not_found("job"))
}

/// Newest first.
pub async fn list(app: &App, who: &Principal, filter: &Filter, span: &Span<Uuid>) -> Result<Page<job::Model>> {
    who.require(Scope::Read)?;
    let all = job::Entity::find().filter(visible(who)).filter(condition(filter));
    page::by_id(app.database.read(), all, job::Column::Id, true, span).await
}

/// Counts by state of what the filter lets through; states without a job are left out.
pub async fn count(app: &App, who: &Principal, filter: &Filter) -> Result<Counts> {
    who.require(Scope::Read)?;
    let counts = job::Entity::find()
        .select_only()
        .column(job::Column::State)
        .column_as(job::Column::Id.count(), "count")
        .filter(visible(who))
        .filter(condition(filter))
        .group_by(job::Column::State)
        .into_tuple()
        .all(app.database.read())
        .await?;
    Ok(counts)
}

fn visible(who: &Principal) -> Condition {
    match who.is_admin() {
        true => Condition::all(),
        false => Condition::all().add(job::Column::OwnerId.eq(who.user_id)),
    }
}

fn condition(filter: &Filter) -> Condition {
    let mut all = Condition::all();
    if !filter.states.is_empty() {
        all = all.add(job::Column::State.is_in(filter.states.iter().copied()));
    }
    if !filter.kinds.is_empty() {
        all = all.add(job::Column::Kind.is_in(filter.kinds.iter().cloned()));
    }
    if let Some(id) = filter.document_id {
        all = all.add(job::Column::DocumentId.eq(id));
    }
    if let Some(id) = filter.connection_id {
        all = all.add(job::Column::ConnectionId.eq(id));
    }
    if let Some(text) = &filter.error_contains {
        let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\');
        all = all.add(Expr::expr(Func::lower(Expr::col(job::Column::Error))).like(pattern));
    }
    all
}
