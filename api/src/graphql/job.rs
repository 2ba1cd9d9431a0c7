//! Jobs: what the house does later, for those who wait for it and those who watch over it.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    document as documents,
    entity::{
        acl_entry::Permission,
        job::{JobClass as DomainClass, JobState as DomainState, Model},
    },
    job::{self, Filter, Work},
};

use super::{
    caller::{app, viewer},
    connection::Connection,
    document::Document,
    error::{self, UserError},
    node::{Id, of},
    page::{self, Asked},
    scalar::Cursor,
};

/// Where a job stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub enum JobState {
    /// Waits for its time and a free worker.
    Queued,
    /// Is being done.
    Running,
    /// Waits until its connection works again.
    Parked,
    /// Ended well.
    Done,
    /// Was given up: trying again could not help, or attempts were used up, or its worker died under it three times.
    Dead,
    /// Was stopped by somebody, or by newer work that does the same.
    Cancelled,
}

/// Which workers take a job, so that a backlog of one class never delays another.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainClass")]
pub enum JobClass {
    /// Somebody is waiting.
    Interactive,
    /// Keeping documents true to their clouds.
    Sync,
    /// Work on bytes.
    Heavy,
}

/// Work to be done once, with its whole story.
#[derive(Description, Clone)]
pub struct Job(pub Model);

#[Object(use_type_description)]
impl Job {
    /// The id of this job.
    pub async fn id(&self) -> Id<of::Job> {
        self.0.id.into()
    }

    /// What is to be done, such as `poll_feed`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Which workers take it.
    async fn class(&self) -> JobClass {
        self.0.class.into()
    }

    /// Where it stands.
    async fn state(&self) -> JobState {
        self.0.state.into()
    }

    /// Larger goes first.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// Not before this moment.
    async fn run_at(&self) -> DateTime<Utc> {
        self.0.run_at
    }

    /// How often it was tried, this run included.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// How often it is tried before it is given up.
    async fn max_attempts(&self) -> i32 {
        self.0.max_attempts
    }

    /// How often its worker died under it; at three it is given up.
    async fn crash_count(&self) -> i32 {
        self.0.crash_count
    }

    /// Why the last run did not succeed, as a sentence.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Why the last run did not succeed, for programs.
    async fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// Somebody asked to stop it, and its worker has not yet.
    async fn cancel_requested(&self) -> bool {
        self.0.cancel_requested
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the last run began.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended for good.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// The document it is about, where you may see it.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Document>> {
        let Some(id) = self.0.document_id else { return Ok(None) };
        let found = documents::find(app(ctx)?, viewer(ctx)?, id, Permission::Read).await;
        Ok(error::maybe(found)?.map(Document))
    }

    /// The connection it works through.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<Connection>> {
        let Some(id) = self.0.connection_id else { return Ok(None) };
        Ok(error::maybe(hawser_domain::connection::find(app(ctx)?, viewer(ctx)?, id).await)?.map(Connection))
    }
}

/// Which jobs to show; all that is given must hold.
#[derive(InputObject, Default)]
struct JobFilter {
    /// Those in one of these states.
    states: Option<Vec<JobState>>,
    /// Those of one of these kinds, such as `poll_feed`.
    kinds: Option<Vec<String>>,
    /// Those about this document.
    document_id: Option<Id<of::Document>>,
    /// Those of this connection.
    connection_id: Option<Id<of::Connection>>,
    /// Those whose error contains this text, whatever the case, among the 10,000 newest jobs that have an error.
    error_contains: Option<String>,
}

impl JobFilter {
    fn read(self) -> Result<Filter> {
        let kinds = self.kinds.unwrap_or_default();
        if let Some(unknown) = kinds.iter().find(|kind| !Work::KINDS.contains(&kind.as_str())) {
            return Err(error::bad_input(format!(
                "no job is of the kind {unknown:?}; known are {}",
                Work::KINDS.join(", ")
            )));
        }
        Ok(Filter {
            states: self.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            kinds,
            document_id: self.document_id.map(|id| id.0),
            connection_id: self.connection_id.map(|id| id.0),
            error_contains: self.error_contains.filter(|text| !text.is_empty()),
        })
    }
}

/// How many jobs stand in one state.
#[derive(SimpleObject)]
struct JobCount {
    /// The state.
    state: JobState,
    /// How many; no more than 10,000 are counted.
    count: i32,
    /// Whether there are more than were counted.
    is_more: bool,
}

#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// Jobs, newest first: all for administrators, those of their own connections and requests for others.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which jobs to show.")] filter: Option<JobFilter>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<Job>> {
        let span = Asked { first, after, last, before }.keys::<Job, _>(ctx)?;
        let filter = filter.unwrap_or_default().read()?;
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let rows = job::list(app, who, &filter, &span).await?;
        let total = match page::counts(ctx) {
            true => {
                let counts = job::count(app, who, &filter).await?;
                let all = counts.iter().map(|one| one.count.unsigned_abs()).sum();
                (!counts.iter().any(|one| one.is_more)).then_some(all)
            }
            false => None,
        };
        page::page(rows, total, |row| row.id, Job)
    }

    /// How many jobs stand where; states without a job are left out.
    async fn job_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which jobs to count.")] filter: Option<JobFilter>,
    ) -> Result<Vec<JobCount>> {
        let counts = job::count(app(ctx)?, viewer(ctx)?, &filter.unwrap_or_default().read()?).await?;
        Ok(counts
            .into_iter()
            .map(|one| JobCount {
                state: one.state.into(),
                count: page::count(one.count.unsigned_abs()),
                is_more: one.is_more,
            })
            .collect())
    }

    /// One job; null when there is none with this id, or none that you may see.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the job.")] id: Id<of::Job>,
    ) -> Result<Option<Job>> {
        Ok(error::maybe(job::find(app(ctx)?, viewer(ctx)?, id.0).await)?.map(Job))
    }
}

/// Names a job.
#[derive(InputObject)]
struct JobInput {
    /// The job.
    id: Id<of::Job>,
}

/// The outcome of `jobRetry` and `jobCancel`.
#[derive(SimpleObject)]
struct JobPayload {
    /// The job as of now; null where nothing was changed.
    job: Option<Job>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Begins a dead or cancelled job anew, with all its attempts.
    async fn job_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobInput,
    ) -> Result<JobPayload> {
        let (job, user_errors) = error::split(job::retry(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(JobPayload { job: job.map(Job), user_errors })
    }

    /// Stops a job: at once while it waits, at its worker's next sign of life while it runs.
    async fn job_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobInput,
    ) -> Result<JobPayload> {
        let (job, user_errors) = error::split(job::cancel(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(JobPayload { job: job.map(Job), user_errors })
    }
}
