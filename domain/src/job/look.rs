//! Reading jobs: administrators see all, others those of their own connections. Nothing here reads more than a page's worth
//! of any index, or a bounded stretch of one: with a million rows it is as quick as with a hundred.

use std::collections::HashMap;

use hawser_entity::job::{self, JobState};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, Statement, Value,
};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{Page, Span},
    principal::Scope,
};

/// Texts are looked for in so many of the newest jobs that have an error.
pub const ERRORS: u32 = 10_000;
/// Jobs in one state are counted up to here.
pub const COUNTED: i64 = 10_000;
/// Rows fetched by their ids in one statement.
const CHUNK: usize = 500;

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

/// How many jobs stand in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub state: JobState,
    pub count: i64,
    /// There are more, and they were not counted.
    pub is_more: bool,
}

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<job::Model> {
    who.require(Scope::Read)?;
    let mine = match who.is_admin() {
        true => Condition::all(),
        false => Condition::all().add(job::Column::OwnerId.eq(who.user_id)),
    };
    let found = job::Entity::find_by_id(id).filter(mine).one(app.database.read()).await?;
    found.ok_or(Error::not_found("job"))
}

/// Newest first.
pub async fn list(app: &App, who: &Principal, filter: &Filter, span: &Span<Uuid>) -> Result<Page<job::Model>> {
    who.require(Scope::Read)?;
    let db = app.database.read();
    let stretches = Stretches::of(db, who, filter).await?;
    let behind = span.after.map(|id| ("<", id));
    let before = span.before.map(|id| (">", id));
    let bounds: Vec<_> = behind.into_iter().chain(before).collect();
    let ids = stretches.ids(db, &bounds, span.from_end, span.most.saturating_add(1)).await?;
    let mut page = Page::cut(span, ids);
    for (is_there, bound) in [
        (&mut page.has_previous, span.after.map(|id| (">=", id))),
        (&mut page.has_next, span.before.map(|id| ("<=", id))),
    ] {
        if let Some(bound) = bound.filter(|_| span.looks_back && !*is_there) {
            *is_there = !stretches.ids(db, &[bound], false, 1).await?.is_empty();
        }
    }
    let mut rows = HashMap::new();
    for ids in page.rows.chunks(CHUNK) {
        let found = job::Entity::find().filter(job::Column::Id.is_in(ids.iter().copied())).all(db).await?;
        rows.extend(found.into_iter().map(|row| (row.id, row)));
    }
    // What was purged in between is left out.
    let found = page.rows.iter().filter_map(|id| rows.remove(id)).collect();
    Ok(Page { rows: found, has_previous: page.has_previous, has_next: page.has_next })
}

/// Counts by state of what the filter lets through; states without a job are left out.
pub async fn count(app: &App, who: &Principal, filter: &Filter) -> Result<Vec<Count>> {
    who.require(Scope::Read)?;
    let every = match filter.states.is_empty() {
        true => Filter { states: JobState::iter().collect(), ..filter.clone() },
        false => filter.clone(),
    };
    let db = app.database.read();
    let found = Stretches::of(db, who, &every).await?.counts(db).await?;
    let counts = JobState::iter().map(|state| {
        let count: i64 = found.iter().filter(|(of, _)| *of == state).map(|(_, count)| *count).sum();
        Count { state, count: count.min(COUNTED), is_more: count > COUNTED }
    });
    Ok(counts.filter(|count| count.count > 0).collect())
}

/// What is asked for, as stretches that each lie together in an index, sorted by id.
struct Stretches {
    /// Where the rows come from: the table, or a part of it.
    from: String,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Stretches {
    async fn of(db: &impl ConnectionTrait, who: &Principal, filter: &Filter) -> Result<Self> {
        let (mut all, mut values) = (Vec::new(), Vec::new());
        let mut must = |column: &str, value: Value| {
            values.push(value);
            all.push(column.replace('?', &format!("${}", values.len())));
        };
        let owner = (!who.is_admin()).then_some(who.user_id);
        for (column, id) in
            [("owner_id", owner), ("document_id", filter.document_id), ("connection_id", filter.connection_id)]
        {
            if let Some(id) = id {
                must(&format!("{column} = ?"), id.into());
            }
        }
        let mut from = "job".to_owned();
        if let Some(text) = &filter.error_contains {
            let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            must("LOWER(error) LIKE ? ESCAPE '\\'", format!("%{escaped}%").into());
            from = format!("(SELECT * FROM job WHERE error IS NOT NULL ORDER BY id DESC LIMIT {ERRORS}) AS job");
        }
        let states: Vec<_> = filter.states.iter().map(|state| quoted(&state.to_value())).collect();
        let kinds: Vec<_> = filter.kinds.iter().map(|kind| quoted(kind)).collect();
        let any =
            |column: &str, words: &[String]| (!words.is_empty()).then(|| format!("{column} IN ({})", words.join(", ")));
        let apart = match (&filter.error_contains, filter.document_id, filter.connection_id.or(owner)) {
            // Few rows, which are all looked at.
            (Some(_), _, _) | (_, Some(_), _) => {
                all.extend(any("state", &states).into_iter().chain(any("kind", &kinds)));
                vec!["TRUE".to_owned()]
            }
            (_, _, Some(_)) => {
                all.extend(any("kind", &kinds));
                let states = if states.is_empty() {
                    JobState::iter().map(|it| quoted(&it.to_value())).collect()
                } else {
                    states
                };
                states.iter().map(|state| format!("state = {state}")).collect()
            }
            _ if states.is_empty() && kinds.is_empty() => vec!["TRUE".to_owned()],
            _ => {
                let kinds = if kinds.is_empty() { known_kinds(db).await? } else { kinds };
                let states = if states.is_empty() {
                    JobState::iter().map(|it| quoted(&it.to_value())).collect()
                } else {
                    states
                };
                let pair = |kind| states.iter().map(move |state| format!("kind = {kind} AND state = {state}"));
                kinds.iter().flat_map(pair).collect()
            }
        };
        let conditions =
            apart.into_iter().map(|one| all.iter().cloned().chain([one]).collect::<Vec<_>>().join(" AND "));
        Ok(Self { from, conditions: conditions.collect(), values })
    }

    /// The first of all stretches together, within bounds.
    async fn ids(
        &self,
        db: &impl ConnectionTrait,
        bounds: &[(&str, Uuid)],
        ascending: bool,
        most: u64,
    ) -> Result<Vec<Uuid>> {
        let mut values = self.values.clone();
        let mut within = String::new();
        for (is, id) in bounds {
            values.push((*id).into());
            within.push_str(&format!(" AND id {is} ${}", values.len()));
        }
        let first = format!("ORDER BY id {} LIMIT {most}", if ascending { "ASC" } else { "DESC" });
        let stretches = self.conditions.iter().enumerate().map(|(at, condition)| {
            format!("SELECT id FROM (SELECT id FROM {} WHERE {condition}{within} {first}) AS s{at}", self.from)
        });
        let stretches = stretches.collect::<Vec<_>>().join(" UNION ALL ");
        let sql = format!("SELECT id FROM ({stretches}) AS found {first}");
        let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
    }

    async fn counts(&self, db: &impl ConnectionTrait) -> Result<Vec<(JobState, i64)>> {
        let stretches = self.conditions.iter().enumerate().map(|(at, condition)| {
            format!(
                "SELECT state, COUNT(*) AS jobs FROM (SELECT state FROM {} WHERE {condition} LIMIT {}) AS s{at} GROUP BY state",
                self.from,
                COUNTED + 1
            )
        });
        let sql = stretches.collect::<Vec<_>>().join(" UNION ALL ");
        let values = self.values.clone();
        let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
        rows.iter().map(|row| Ok((row.try_get("", "state")?, row.try_get("", "jobs")?))).collect::<Result<_>>()
    }
}

/// The kinds there are, also those of other versions: one step along an index for each.
async fn known_kinds(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let sql = "WITH RECURSIVE known (kind) AS (SELECT MIN(kind) FROM job UNION ALL \
         SELECT (SELECT MIN(j.kind) FROM job AS j WHERE j.kind > known.kind) FROM known WHERE known.kind IS NOT NULL) \
         SELECT kind FROM known WHERE kind IS NOT NULL";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let kinds = rows.iter().map(|row| Ok(quoted(&row.try_get::<String>("", "kind")?)));
    let kinds: Vec<_> = kinds.collect::<Result<_>>()?;
    Ok(if kinds.is_empty() { vec![quoted("")] } else { kinds })
}

/// A word as SQL.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "''"))
}
