//! What stands in the database and in the process, read when somebody asks and kept for a while: reading it costs the more
//! the more there is, so that it is read again only after twenty times as long as it took.

use std::{
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use sea_orm::{FromQueryResult, Statement};
use tokio::sync::Mutex;

use crate::{App, Result, blob, change, search};

/// The least time between two readings.
const KEPT: Duration = Duration::from_secs(5);
/// How many times as long as the reading took it is kept.
const THRIFT: u32 = 20;

type Labels = Vec<(&'static str, String)>;
type Whole = Family<Labels, Gauge>;
type Fraction = Gauge<f64, AtomicU64>;

#[derive(Debug)]
pub(super) struct Standing {
    last: Mutex<Option<(DateTime<Utc>, chrono::Duration)>>,
    jobs: Whole,
    jobs_dead: Whole,
    jobs_crashed: Gauge,
    jobs_near_end: Gauge,
    queued_age: Family<Labels, Fraction>,
    connections: Whole,
    feed_age: Fraction,
    channel_expiry: Gauge,
    head: Gauge,
    search_position: Gauge,
    search_lag: Gauge,
    search_up: Gauge,
    blobs: Gauge,
    blob_bytes: Gauge,
    redis_up: Gauge,
    blobs_up: Gauge,
    resident: Gauge,
    open_files: Gauge,
}

impl Standing {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let it = Self {
            last: Mutex::new(None),
            jobs: Default::default(),
            jobs_dead: Default::default(),
            jobs_crashed: Default::default(),
            jobs_near_end: Default::default(),
            queued_age: Default::default(),
            connections: Default::default(),
            feed_age: Default::default(),
            channel_expiry: Default::default(),
            head: Default::default(),
            search_position: Default::default(),
            search_lag: Default::default(),
            search_up: Default::default(),
            blobs: Default::default(),
            blob_bytes: Default::default(),
            redis_up: Default::default(),
            blobs_up: Default::default(),
            resident: Default::default(),
            open_files: Default::default(),
        };
        registry.register("jobs", "Jobs that are not over, by class and state", it.jobs.clone());
        registry.register("jobs_dead", "Jobs that were given up, by kind", it.jobs_dead.clone());
        registry.register("jobs_crashed", "Jobs not over under which a worker died", it.jobs_crashed.clone());
        registry.register(
            "jobs_near_end",
            "Running jobs with less than ten seconds of their lease",
            it.jobs_near_end.clone(),
        );
        let help = "How long due jobs have waited, all but the oldest twentieth, by class";
        registry.register("jobs_queued_age_p95_seconds", help, it.queued_age.clone());
        registry.register("connections", "Connections by state", it.connections.clone());
        let help = "How long ago the open feed that waits longest was read";
        registry.register("feed_oldest_poll_seconds", help, it.feed_age.clone());
        let help = "When the next push channel ends, in seconds since 1970; 0 where there is none";
        registry.register("channel_next_expiry_timestamp_seconds", help, it.channel_expiry.clone());
        registry.register("change_head", "The head of the change log", it.head.clone());
        registry.register(
            "search_position",
            "How far the search index has come in the change log",
            it.search_position.clone(),
        );
        registry.register(
            "search_lag",
            "Lines of the change log that are not in the search index",
            it.search_lag.clone(),
        );
        registry.register("search_up", "Whether the search engine answers", it.search_up.clone());
        registry.register("blobs", "Blobs that are noted", it.blobs.clone());
        registry.register("blobs_bytes", "Bytes of blobs that are noted", it.blob_bytes.clone());
        registry.register("redis_up", "Whether Redis answered last; 1 where there is none", it.redis_up.clone());
        registry.register("blobs_up", "Whether the store of blobs answers", it.blobs_up.clone());
        registry.register("process_resident_bytes", "Memory of this process", it.resident.clone());
        registry.register("process_open_files", "Open files and sockets of this process", it.open_files.clone());
        it
    }

    /// Reads what is old. Whoever comes meanwhile waits for it.
    pub(super) async fn read(&self, app: &App) -> Result<()> {
        self.redis_up.set(app.redis.as_ref().is_none_or(crate::redis::Redis::is_up).into());
        self.resident.set(resident());
        self.open_files.set(open_files());
        let mut last = self.last.lock().await;
        let now = app.clock.now();
        if last.is_some_and(|(at, kept)| now - at < kept) {
            return Ok(());
        }
        let begun = Instant::now();
        self.read_jobs(app).await?;
        self.read_clouds(app).await?;
        self.read_rest(app).await?;
        let kept = KEPT.max(begun.elapsed() * THRIFT);
        *last = Some((now, chrono::Duration::from_std(kept).unwrap_or(chrono::Duration::minutes(10))));
        Ok(())
    }

    async fn read_jobs(&self, app: &App) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Row {
            class: String,
            state: String,
            count: i64,
        }
        let sql = "SELECT class, state, COUNT(*) AS count FROM job WHERE state IN ('queued', 'running', 'parked') \
             GROUP BY class, state";
        self.jobs.clear();
        self.queued_age.clear();
        for class in ["interactive", "sync", "heavy"] {
            for state in ["queued", "running", "parked"] {
                self.jobs.get_or_create(&vec![("class", class.to_owned()), ("state", state.to_owned())]).set(0);
            }
            let age = age(app, class).await?;
            self.queued_age.get_or_create(&vec![("class", class.to_owned())]).set(age);
        }
        for row in query::<Row>(app, sql, Vec::new()).await? {
            self.jobs.get_or_create(&vec![("class", row.class), ("state", row.state)]).set(row.count);
        }
        #[derive(FromQueryResult)]
        struct Dead {
            kind: String,
            count: i64,
        }
        self.jobs_dead.clear();
        let sql = "SELECT kind, COUNT(*) AS count FROM job WHERE state = 'dead' GROUP BY kind";
        for row in query::<Dead>(app, sql, Vec::new()).await? {
            self.jobs_dead.get_or_create(&vec![("kind", row.kind)]).set(row.count);
        }
        let sql =
            "SELECT COUNT(*) AS value FROM job WHERE state IN ('queued', 'running', 'parked') AND crash_count > 0";
        self.jobs_crashed.set(number(app, sql, Vec::new()).await?);
        let sql = "SELECT COUNT(*) AS value FROM job WHERE state = 'running' AND lease_until < $1";
        let soon = app.clock.now() + chrono::Duration::seconds(10);
        self.jobs_near_end.set(number(app, sql, vec![soon.into()]).await?);
        Ok(())
    }

    async fn read_clouds(&self, app: &App) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Row {
            state: String,
            count: i64,
        }
        self.connections.clear();
        for state in ["active", "needs_reauth", "revoked"] {
            self.connections.get_or_create(&vec![("state", state.to_owned())]).set(0);
        }
        let sql = "SELECT state, COUNT(*) AS count FROM connection GROUP BY state";
        for row in query::<Row>(app, sql, Vec::new()).await? {
            self.connections.get_or_create(&vec![("state", row.state)]).set(row.count);
        }
        let sql = "SELECT MIN(COALESCE(last_polled_at, created_at)) AS at FROM feed WHERE state = 'open'";
        let oldest = moment(app, sql, Vec::new()).await?;
        self.feed_age.set(oldest.map_or(0.0, |at| past(app.clock.now(), at)));
        let sql = "SELECT MIN(expires_at) AS at FROM channel WHERE stopped_at IS NULL AND expires_at > $1";
        let next = moment(app, sql, vec![app.clock.now().into()]).await?;
        self.channel_expiry.set(next.map_or(0, |at| at.timestamp()));
        Ok(())
    }

    async fn read_rest(&self, app: &App) -> Result<()> {
        let head = change::head(app).await?.seq;
        self.head.set(head);
        let status = search::status(app).await;
        self.search_up.set(status.is_ok().into());
        // Of an engine that is away the last that was known is told.
        if let Ok(status) = status {
            let position = status.index.map_or(0, |index| index.position);
            self.search_position.set(position);
            self.search_lag.set((head - position).max(0));
        }
        self.blobs.set(number(app, "SELECT COUNT(*) AS value FROM blob", Vec::new()).await?);
        let sql = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS value FROM blob";
        self.blob_bytes.set(number(app, sql, Vec::new()).await?);
        self.blobs_up.set(blob::answers(&app.blobs).await.into());
        Ok(())
    }
}

/// How long the job has waited that is older than nineteen of twenty.
async fn age(app: &App, class: &str) -> Result<f64> {
    let now = app.clock.now();
    let sql = "SELECT COUNT(*) AS value FROM job WHERE state = 'queued' AND class = $1 AND run_at <= $2";
    let due = number(app, sql, vec![class.into(), now.into()]).await?;
    if due == 0 {
        return Ok(0.0);
    }
    let sql = "SELECT run_at AS at FROM job WHERE state = 'queued' AND class = $1 AND run_at <= $2 \
         ORDER BY run_at LIMIT 1 OFFSET $3";
    let at = moment(app, sql, vec![class.into(), now.into(), (due / 20).into()]).await?;
    Ok(at.map_or(0.0, |at| past(now, at)))
}

fn past(now: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    (now - at).to_std().map_or(0.0, |past| past.as_secs_f64())
}

async fn query<R: FromQueryResult>(app: &App, sql: &str, values: Vec<sea_orm::Value>) -> Result<Vec<R>> {
    let db = app.database.read();
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(R::find_by_statement(asked).all(db).await?)
}

async fn number(app: &App, sql: &str, values: Vec<sea_orm::Value>) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Row {
        value: i64,
    }
    Ok(query::<Row>(app, sql, values).await?.first().map_or(0, |row| row.value))
}

async fn moment(app: &App, sql: &str, values: Vec<sea_orm::Value>) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        at: Option<DateTime<Utc>>,
    }
    Ok(query::<Row>(app, sql, values).await?.first().and_then(|row| row.at))
}

/// What the kernel tells of this process; 0 where it does not.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<i64>().map_or(0, |kilobytes| kilobytes * 1024)
}

fn open_files() -> i64 {
    std::fs::read_dir("/proc/self/fd").map_or(0, |entries| i64::try_from(entries.count()).unwrap_or(i64::MAX))
}
