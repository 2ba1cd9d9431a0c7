//! What was asked for and what came of it: every committed job exactly once, no job of a transaction that was given up.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    time::Duration,
};

use hawser_domain::{
    App,
    entity::{
        audit_entry,
        job::{self as row, JobState},
    },
    token, user,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{
    Plan,
    crew::{Crew, Kills},
};

#[derive(Debug, Default)]
pub struct Ledger {
    pub committed: Vec<Uuid>,
    pub rolled_back: Vec<Uuid>,
    /// Jobs under which every worker dies.
    pub killers: Vec<Uuid>,
    /// How many deaths each job was under.
    deaths: HashMap<Uuid, usize>,
    /// Taken for killers, because the dice killed their workers three times.
    unlucky: usize,
}

/// What a run showed.
#[derive(Debug)]
pub struct Report {
    pub plan: Plan,
    pub kills: Kills,
    pub killing: Duration,
    pub healed: Duration,
    pub jobs: usize,
    pub rolled_back: usize,
    pub touched: usize,
    pub unlucky: usize,
}

impl Ledger {
    pub fn new(killers: Vec<Uuid>) -> Self {
        Self { killers, ..Self::default() }
    }

    pub fn died_under(&mut self, held: Vec<row::Model>) {
        for job in held {
            *self.deaths.entry(job.id).or_default() += 1;
        }
    }

    /// How many jobs have not ended.
    pub async fn waiting(&self, app: &App) -> u64 {
        let waits = row::Column::State.is_in([JobState::Queued, JobState::Running, JobState::Parked]);
        let waiting = row::Entity::find().filter(row::Column::Kind.eq("drill")).filter(waits);
        waiting.count(app.database.read()).await.expect("PostgreSQL answers")
    }

    /// Only what workers were lost under three times may have been given up. Where the dice did that to a job which does no
    /// harm, an administrator begins it anew, and it ends.
    pub async fn clear_the_innocent(&mut self, app: &App) {
        let dead = row::Entity::find().filter(row::Column::State.eq(JobState::Dead));
        let dead = dead.all(app.database.read()).await.expect("PostgreSQL answers");
        let planted: HashSet<_> = self.killers.iter().copied().collect();
        assert_eq!(dead.iter().filter(|job| planted.contains(&job.id)).count(), planted.len(), "killers are given up");
        for job in &dead {
            assert_eq!((job.error_code.as_deref(), job.crash_count), (Some("POISON"), 3), "{job:?}");
        }
        let admin = admin(app).await;
        for job in dead.iter().filter(|job| !planted.contains(&job.id)) {
            hawser_domain::job::retry(app, &admin, job.id).await.expect("a dead job begins anew");
            self.unlucky += 1;
        }
        assert!(self.unlucky <= 5 + self.committed.len() / 100, "{} jobs that do no harm were given up", self.unlucky);
        let mut every = tokio::time::interval(Duration::from_millis(100));
        let ended = async {
            while self.waiting(app).await > 0 {
                every.tick().await;
            }
        };
        tokio::time::timeout(super::HEALED, ended).await.expect("what began anew ends");
    }

    pub async fn check(&self, app: &App, crew: &Crew, plan: &Plan, killing: Duration, healed: Duration) -> Report {
        let lines = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("job.drill"));
        let lines = lines.all(app.database.read()).await.expect("PostgreSQL answers");
        let mut effects: HashMap<Uuid, usize> = HashMap::new();
        for line in &lines {
            *effects.entry(line.subject_id.expect("of a job")).or_default() += 1;
        }
        let log = || std::fs::read_to_string(crew.fleet.log()).unwrap_or_default();
        let lost: Vec<_> = self.committed.iter().filter(|id| !effects.contains_key(id)).collect();
        assert!(lost.is_empty(), "{} effects were lost: {lost:?}\n{}", lost.len(), log());
        let repeated: Vec<_> = effects.iter().filter(|(_, count)| **count > 1).collect();
        assert!(repeated.is_empty(), "{} effects were repeated: {repeated:?}\n{}", repeated.len(), log());
        let never: Vec<_> = self.rolled_back.iter().filter(|id| effects.contains_key(id)).collect();
        assert!(never.is_empty(), "effects of transactions that were given up: {never:?}");
        assert_eq!(effects.len(), self.committed.len(), "effects that nobody asked for");
        Report {
            plan: plan.clone(),
            kills: crew.kills,
            killing,
            healed,
            jobs: self.committed.len(),
            rolled_back: self.rolled_back.len(),
            touched: self.deaths.len(),
            unlucky: self.unlucky,
        }
    }
}

async fn admin(app: &App) -> hawser_domain::Principal {
    let admin = user::find_by_email(app, &app.config.admin_email).await.expect("the administrator");
    let issued = token::open_session(app, admin.id).await.expect("a session");
    token::authenticate(app, issued.secret.expose_secret(), None).await.expect("a good token")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kills { workers, apis, redis, flushes, stunned, by_killers } = self.kills;
        writeln!(f, "{} cycles in {:.0} s, seed {}", self.plan.cycles, self.killing.as_secs_f64(), self.plan.seed)?;
        writeln!(
            f,
            "killed: {workers} workers, {apis} APIs, {redis} times Redis, {by_killers} workers by the two jobs that kill"
        )?;
        writeln!(
            f,
            "stunned for longer than a lease: {stunned}; Redis flushed {flushes} times, away for {:?}",
            self.plan.away
        )?;
        writeln!(f, "{} jobs, each effect exactly once; {} rolled back, without one", self.jobs, self.rolled_back)?;
        write!(
            f,
            "{} jobs ran under a dying worker, {} of them three times by chance; all ended {:.1} s after the last kill",
            self.touched,
            self.unlucky,
            self.healed.as_secs_f64()
        )
    }
}
