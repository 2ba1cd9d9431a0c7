//! Numbers for those who run the house, in the text form Prometheus reads. What happens is counted where it happens; what
//! stands in the database is read when somebody asks (`standing`). One registry per house; no label holds what people typed.

mod standing;

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::text,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::{App, Error, Result, job::Outcome};

type Labels<const N: usize> = [(&'static str, &'static str); N];
type Counts<const N: usize> = Family<Labels<N>, Counter>;
type Times<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Counts<2>,
    request_seconds: Times<1>,
    operations: Counts<2>,
    operation_seconds: Times<1>,
    subscriptions: Gauge,
    sockets: Gauge,
    commit_seconds: Histogram,
    news_seconds: Histogram,
    jobs_claimed: Counts<1>,
    jobs_ended: Counts<2>,
    job_seconds: Times<1>,
    jobs_reaped: Counts<1>,
    cloud_calls: Counts<2>,
    cloud_blocked_until: Family<Labels<1>, Gauge>,
    refreshes: Counts<1>,
    standing: standing::Standing,
}

/// From a millisecond to half a minute.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hawser");
        let it = &mut registry;
        let inner = Inner {
            requests: counts(it, "http_requests", "Requests by the door they came to and the kind of their status"),
            request_seconds: times(it, "http_request", "Until the head of the answer"),
            operations: counts(it, "graphql_operations", "Operations of GraphQL by kind and by how they ended"),
            operation_seconds: times(it, "graphql_operation", "Running queries and mutations"),
            subscriptions: gauge(it, "graphql_subscriptions", "Subscriptions open at this process"),
            sockets: gauge(it, "graphql_sockets", "WebSockets open at this process"),
            commit_seconds: time(
                it,
                "change_commit",
                "Writing the change log and committing, the wait for the head included",
            ),
            news_seconds: time(it, "change_news", "From a commit until this process reads its lines for subscribers"),
            jobs_claimed: counts(
                it,
                "jobs_claimed",
                "Jobs begun, by what led to them: the bell, or a look at the table",
            ),
            jobs_ended: counts(it, "jobs_ended", "Runs of jobs by kind and by how they ended, as recorded"),
            job_seconds: times(it, "job", "Runs of jobs by kind"),
            jobs_reaped: counts(it, "jobs_reaped", "Jobs whose worker was lost: put back, or given up as poison"),
            cloud_calls: counts(it, "cloud_calls", "Calls to clouds by kind of provider and by how they ended"),
            cloud_blocked_until: {
                let family = Family::default();
                let help = "Until when a cloud asked to be left alone, in seconds since 1970";
                it.register("cloud_blocked_until_timestamp_seconds", help, family.clone());
                family
            },
            refreshes: counts(it, "token_refreshes", "Renewals of access tokens by how they ended"),
            standing: standing::Standing::register(it),
            registry,
        };
        Self(Arc::new(inner))
    }
}

fn counts<const N: usize>(registry: &mut Registry, name: &str, help: &str) -> Counts<N> {
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

fn times<const N: usize>(registry: &mut Registry, name: &str, help: &str) -> Times<N> {
    let family = Family::new_with_constructor(seconds as fn() -> Histogram);
    registry.register_with_unit(name, help, Unit::Seconds, family.clone());
    family
}

fn time(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = seconds();
    registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
    histogram
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

impl Metrics {
    pub fn request(&self, door: &str, status: u16, took: Duration) {
        let door = door_word(door);
        let status = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.0.requests.get_or_create(&[("door", door), ("status", status)]).inc();
        self.0.request_seconds.get_or_create(&[("door", door)]).observe(took.as_secs_f64());
    }

    /// `outcome` is `ok`, `errors` or `refused`.
    pub fn operation(&self, kind: &'static str, outcome: &'static str, took: Option<Duration>) {
        self.0.operations.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
        if let Some(took) = took {
            self.0.operation_seconds.get_or_create(&[("kind", kind)]).observe(took.as_secs_f64());
        }
    }

    pub fn subscription(&self) -> Open {
        Open::new(&self.0.subscriptions)
    }

    pub fn socket(&self) -> Open {
        Open::new(&self.0.sockets)
    }

    pub(crate) fn commit(&self, took: Duration) {
        self.0.commit_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn news(&self, late: Duration) {
        self.0.news_seconds.observe(late.as_secs_f64());
    }

    /// Jobs have a worker now, found `by` the bell or the table.
    pub(crate) fn claimed(&self, by: &'static str, jobs: usize) {
        self.0.jobs_claimed.get_or_create(&[("by", by)]).inc_by(jobs as u64);
    }

    /// A run took so long, however it ended.
    pub fn ran(&self, kind: &'static str, took: Duration) {
        self.0.job_seconds.get_or_create(&[("kind", kind)]).observe(took.as_secs_f64());
    }

    /// The end of a run is recorded.
    pub(crate) fn ended(&self, kind: &'static str, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Done => "done",
            Outcome::Again { .. } => "again",
            Outcome::Park { .. } => "parked",
            Outcome::Dead { .. } => "dead",
            Outcome::Cancelled => "cancelled",
            Outcome::NotBegun | Outcome::Back { .. } => "back",
        };
        self.0.jobs_ended.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
    }

    /// The end of a run is not recorded, because another worker has the job by now: rare, and never silent.
    pub(crate) fn fenced(&self, kind: &'static str) {
        self.0.jobs_ended.get_or_create(&[("kind", kind), ("outcome", "fenced")]).inc();
    }

    pub(crate) fn reaped(&self, back: u64, poisoned: u64) {
        self.0.jobs_reaped.get_or_create(&[("outcome", "requeued")]).inc_by(back);
        self.0.jobs_reaped.get_or_create(&[("outcome", "poison")]).inc_by(poisoned);
    }

    pub(crate) fn cloud_call(&self, provider: &'static str, outcome: &'static str) {
        self.0.cloud_calls.get_or_create(&[("provider", provider), ("outcome", outcome)]).inc();
    }

    pub(crate) fn cloud_blocked(&self, provider: &'static str, until: i64) {
        let gauge = self.0.cloud_blocked_until.get_or_create(&[("provider", provider)]).clone();
        if until > gauge.get() {
            gauge.set(until);
        }
    }

    pub(crate) fn refresh(&self, outcome: &'static str) {
        self.0.refreshes.get_or_create(&[("outcome", outcome)]).inc();
    }
}

/// Counts as open until dropped.
#[derive(Debug)]
pub struct Open(Gauge);

impl Open {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// All numbers, as Prometheus reads them. What stands in the database may be some seconds old. Without a database the
/// others are told all the same.
///
/// # Errors
/// `Internal` when they cannot be written down.
pub async fn scrape(app: &App) -> Result<String> {
    if let Err(error) = app.metrics.0.standing.read(app).await {
        tracing::warn!(%error, "what stands in the database cannot be counted");
    }
    let mut text = String::new();
    text::encode(&mut text, &app.metrics.0.registry).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(text)
}

/// The first part of a door's pattern, so that there are as many as doors.
fn door_word(pattern: &str) -> &'static str {
    const DOORS: [&str; 7] = ["graphql", "graphiql", "content", "oauth", "webhooks", "health", "metrics"];
    let first = pattern.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    match first {
        "live" | "ready" => "health",
        first => DOORS.into_iter().find(|door| *door == first).unwrap_or("other"),
    }
}
