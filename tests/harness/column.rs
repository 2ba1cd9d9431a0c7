//! What the houses under test stand on: the embedded parts, or servers named by the environment, which `cargo xtask test`
//! starts. Every house has a database, a prefix and a bucket's folder of its own.

use std::sync::OnceLock;

use hawser_domain::config::Config;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use secrecy::{ExposeSecret, SecretString};

use crate::bucket::{self, Bucket};

/// The servers of a column; none of them is the embedded one.
#[derive(Debug, Default)]
pub struct Column {
    /// An address of PostgreSQL whose user may make databases.
    database: Option<String>,
    redis: Option<String>,
    elasticsearch: Option<String>,
    blobs: Option<String>,
}

impl Column {
    /// The one this process runs on.
    pub fn here() -> &'static Self {
        static HERE: OnceLock<Column> = OnceLock::new();
        HERE.get_or_init(|| {
            let named = |name: &str| std::env::var(format!("HAWSER_TEST_{name}_URL")).ok().filter(|it| !it.is_empty());
            Self {
                database: named("DATABASE"),
                redis: named("REDIS"),
                elasticsearch: named("ELASTICSEARCH"),
                blobs: named("BLOB").map(|url| match url.as_str() {
                    // A store of this process.
                    "s3s" => Bucket::shared().url("{name}"),
                    _ => url,
                }),
            }
        })
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    pub fn has_redis(&self) -> bool {
        self.redis.is_some()
    }

    pub fn has_bucket(&self) -> bool {
        self.blobs.is_some()
    }

    /// The address of blobs, `{name}` for the house's; a process that is started finds the same store by it.
    pub fn blob_url(&self) -> Option<&str> {
        self.blobs.as_deref()
    }

    pub fn has_elasticsearch(&self) -> bool {
        self.elasticsearch.is_some()
    }

    /// Makes a house of this name use the servers. `name` is its own: small letters, digits and `_`.
    pub fn furnish(&self, config: &mut Config, name: &str) {
        config.database_url = self.database_url(name).or(config.database_url.take());
        // Two tests at a time, each with several houses, and one server.
        config.database_connections = 16;
        config.redis_url = self.redis.clone().map(SecretString::from);
        config.redis_prefix = name.to_owned();
        config.elasticsearch_url = self.elasticsearch.clone().map(SecretString::from);
        config.elasticsearch_prefix = name.to_owned();
        if let Some(blobs) = &self.blobs {
            config.blob_url = Some(blobs.replace("{name}", name));
            config.blob_access_key = Some(SecretString::from(bucket::ACCESS_KEY));
            config.blob_secret_key = Some(SecretString::from(bucket::SECRET_KEY));
        }
    }

    /// The address of a database of this name.
    pub fn database_url(&self, name: &str) -> Option<String> {
        let server = self.database.as_deref()?;
        let (server, _) = server.rsplit_once('/').expect("a database in the address");
        Some(format!("{server}/{name}"))
    }

    /// Makes a database, as a copy where a template is named. Does nothing on the embedded column.
    pub async fn make_database(&self, name: &str, template: Option<&str>) {
        let template = template.map(|it| format!(" TEMPLATE {it}")).unwrap_or_default();
        self.tell(&format!("CREATE DATABASE {name}{template}")).await;
    }

    /// Takes a database away, whoever is still connected.
    pub async fn drop_database(&self, name: &str) {
        self.tell(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }

    /// The address of the search engine.
    pub fn elasticsearch(&self) -> Option<&str> {
        self.elasticsearch.as_deref()
    }

    /// Takes away all that a house of this name had on the servers, also at the end of a test that failed.
    pub fn clear(&'static self, config: &Config, name: &str) {
        if !self.is_postgres() && config.elasticsearch_url.is_none() {
            return;
        }
        let (config, name) = (config.clone(), name.to_owned());
        let cleared = apart(async move {
            drop_indexes(&config).await;
            self.drop_database(&name).await;
        });
        assert!(cleared.is_ok() || std::thread::panicking(), "not all of the house was taken away");
    }

    async fn tell(&self, sql: &str) {
        if let Some(url) = &self.database {
            let db = connect(url).await;
            db.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect(sql);
            db.close().await.expect("the connection closes");
        }
    }
}

/// Takes away what a house made for searching, each index by its whole name.
pub(crate) async fn drop_indexes(config: &Config) {
    // A test may have gone another way to the same server, which ended with the test.
    let own = config.elasticsearch_url.as_ref().map(ExposeSecret::expose_secret);
    let Some(server) = Column::here().elasticsearch().or(own) else { return };
    let (server, name) = (server.trim_end_matches('/'), &config.elasticsearch_prefix);
    let client = reqwest::Client::new();
    let all = match client.get(format!("{server}/{name}-*/_alias")).send().await {
        Ok(all) => all,
        Err(error) => {
            // Where it is the test's own it may never have been there.
            assert!(Column::here().elasticsearch().is_none(), "Elasticsearch does not answer: {error}");
            return;
        }
    };
    let all: serde_json::Value = all.json().await.expect("a list of indexes");
    for index in all.as_object().into_iter().flatten().map(|(index, _)| index).filter(|it| it.starts_with(name)) {
        client.delete(format!("{server}/{index}")).send().await.expect("an index is dropped");
    }
}

/// One connection.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database opens")
}

/// Does it in a thread with a runtime of its own: for where the test's cannot be waited for.
pub(crate) fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> std::thread::Result<T> {
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(work)
    });
    done.join()
}
