//! Everything the rules need, built once at start and passed by reference.

use std::sync::Arc;

use hawser_entity::secret_check;
use hawser_providers::{http, pacing::Pacing};
use opendal::Operator;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    Error, Result, blob,
    change::{self, News},
    clock::Clock,
    config::Config,
    database::Database,
    job::Bell,
    principal::Actor,
    randomness::Randomness,
    redis::{Allowances, Redis},
    search::Engine,
    secret::{self, Keyring, Place},
    wake::Wakes,
};

/// Clones share everything: a task that must outlive its caller takes one along.
#[derive(Debug, Clone)]
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub randomness: Randomness,
    pub keys: Keyring,
    pub database: Database,
    /// What several processes share; `None` where this is the only one.
    pub redis: Option<Redis>,
    pub blobs: Operator,
    /// The one client all calls to clouds go through.
    pub http: http::Client,
    pub bell: Bell,
    pub news: News,
    pub wakes: Wakes,
    pub window: change::Window,
    pub refreshes: crate::connection::Refreshes,
    pub clouds: crate::provider::Clouds,
    pub tries: crate::token::Tries,
    pub endings: crate::token::Endings,
    pub standings: crate::token::Standings,
    pub search: Engine,
    pub uses: crate::persisted_operation::Uses,
    pub readiness: crate::health::Readiness,
    pub metrics: crate::metric::Metrics,
    /// Programs that help to read contents, found at start.
    pub tools: hawser_extract::tools::Tools,
}

/// What tests replace.
#[derive(Debug, Clone)]
pub struct Ambient {
    pub clock: Clock,
    pub randomness: Randomness,
}

impl Default for Ambient {
    fn default() -> Self {
        Self { clock: Clock::default(), randomness: Randomness::from_system() }
    }
}

impl App {
    /// Opens the stores. The database must be migrated (`database::Database` of the same URL).
    ///
    /// # Errors
    /// `Config` when the keys do not open what the database holds; `Database` when it cannot be reached.
    pub async fn open(config: Config, ambient: Ambient) -> Result<Arc<Self>> {
        let Ambient { clock, randomness } = ambient;
        config.make_folder()?;
        let tools = hawser_extract::tools::find_on(&config.search_path);
        let database = Database::open(&config.database_url(), config.database_connections).await?;
        let redis = config.redis_url.as_ref().map(|url| Redis::new(url, &config.redis_prefix)).transpose()?;
        let bell = Bell::new(redis.as_ref());
        let is_new = secret_check::Entity::find().limit(1).one(database.read()).await?.is_none();
        let keys = config.keyring(&randomness, is_new)?;
        let blobs = blob::open(&config).await?;
        let policy = http::Policy { allow_loopback_http: config.allow_loopback_clouds, ..Default::default() };
        let wakes = Wakes::new(redis.clone());
        let pacing = match &redis {
            Some(redis) => {
                let store = Allowances::new(redis.clone(), wakes.clone(), clock.of_clouds());
                Pacing::shared(clock.of_clouds(), Arc::new(store))
            }
            None => Pacing::new(clock.of_clouds()),
        };
        let http = http::Client::paced(policy, pacing).map_err(|error| Error::Internal(error.message))?;
        let search = match &config.elasticsearch_url {
            Some(url) => Engine::elastic(url, &config.elasticsearch_prefix, randomness.id(clock.now()))?,
            None => Engine::embedded(config.data.join("search")),
        };
        let app = Self {
            config,
            clock,
            randomness,
            keys,
            database,
            wakes,
            redis,
            blobs,
            http,
            bell,
            news: News::new(0),
            window: Default::default(),
            refreshes: Default::default(),
            clouds: Default::default(),
            tries: Default::default(),
            endings: Default::default(),
            standings: Default::default(),
            search,
            uses: Default::default(),
            readiness: Default::default(),
            metrics: Default::default(),
            tools,
        };
        app.found().await?;
        app.news.publish(change::head(&app).await?.seq);
        Ok(Arc::new(app))
    }

    /// What a new database needs before anybody comes, and what an old one must agree to.
    async fn found(&self) -> Result<()> {
        let w = self.write(Actor::System).await?;
        change::found(w.db(), self.randomness.id(w.now)).await?;
        crate::group::found(&w).await?;
        self.check_keys(w.db(), w.now).await?;
        w.commit().await?;
        Ok(())
    }

    async fn check_keys(&self, db: &sea_orm::DatabaseTransaction, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
        let place = Place { table: "secret_check", column: "sealed", row: Uuid::nil() };
        let known = secret_check::Entity::find().all(db).await?;
        let mut wrong: Vec<_> = known
            .iter()
            .filter(|row| secret::open(&self.keys, place, &row.sealed).is_err())
            .map(|row| {
                format!(
                    "keys: the database holds secrets sealed with {:?}, which the configured keys do not open",
                    row.kid
                )
            })
            .collect();
        if wrong.is_empty() {
            wrong.extend(secret::strangers(db, &self.keys).await?.into_iter().map(|kid| {
                format!(
                    "keys: there are secrets sealed with {kid:?}, which is not configured; bring the key back, and run \
                     `hawser keys rotate` before it goes"
                )
            }));
        }
        if !wrong.is_empty() {
            return Err(Error::Config(wrong));
        }
        if !known.iter().any(|row| row.kid == self.keys.active()) {
            let row = secret_check::ActiveModel {
                kid: Set(self.keys.active().to_owned()),
                sealed: Set(secret::seal(&self.keys, &self.randomness, place, &SecretString::from("hawser"))?),
                created_at: Set(now),
            };
            secret_check::Entity::insert(row).exec_without_returning(db).await?;
        }
        Ok(())
    }
}
