//! Opens the database. SQLite has one writing connection, which queues writers fairly, and a pool of read-only ones;
//! PostgreSQL serves both from one pool.

use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database as SeaDatabase, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::Result;

#[derive(Debug, Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Database {
    /// `connections` are those of this process to a database server; SQLite has its own.
    pub async fn open(url: &str, connections: u32) -> Result<Self> {
        if !url.starts_with("sqlite:") {
            let mut options = ConnectOptions::new(url);
            options.max_connections(connections).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
            let pool = SeaDatabase::connect(options).await?;
            return Ok(Self { read: pool.clone(), write: pool });
        }
        let write = sqlite(url, 1, false).await?;
        let read = sqlite(url, 6, true).await?;
        Ok(Self { read, write })
    }

    /// For queries outside a transaction. On SQLite these connections cannot write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For migrations and maintenance; everything else writes through `App::write`.
    pub fn maintenance(&self) -> &DatabaseConnection {
        &self.write
    }

    /// A transaction that sees one state of the database from its first statement to its last.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let options = match self.read.get_database_backend() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
            _ => TransactionOptions::default(),
        };
        Ok(self.read.begin_with_options(options).await?)
    }

    /// A writing transaction. SQLite takes its lock at once: a deferred one fails with "locked" as soon as it has read first.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = match self.write.get_database_backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions::default(),
        };
        Ok(self.write.begin_with_options(options).await?)
    }
}

async fn sqlite(url: &str, connections: u32, read_only: bool) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(!read_only)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-8000")
                .statement_cache_capacity(256);
            if read_only { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    Ok(SeaDatabase::connect(options).await?)
}
