//! Opens the database. Writers and readers have connections of their own: SQLite has one that writes, which queues writers
//! fairly; on PostgreSQL half of them write, so that writers who wait for each other never keep readers waiting.

use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database as SeaDatabase, DatabaseConnection, DatabaseTransaction,
    DbBackend, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::Result;

/// How long anybody waits for a free connection.
const QUEUE: Duration = Duration::from_secs(30);
/// How long a statement may take on PostgreSQL; nothing here comes near it while all is well.
const STATEMENT: Duration = Duration::from_secs(60);
/// How long a statement may wait for somebody else's transaction.
const LOCK: Duration = Duration::from_secs(15);
/// How long a transaction may do nothing: a process that stands still must not hold up the others for ever.
const IDLE: Duration = Duration::from_secs(60);
/// Key of the lock that keeps two processes from changing the tables at once.
const TABLES: i64 = 7245;

#[derive(Debug, Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Database {
    /// `connections` are those of this process to a database server; SQLite has its own.
    pub async fn open(url: &str, connections: u32) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let write = sqlite(url, 1, false).await?;
            let read = sqlite(url, 6, true).await?;
            return Ok(Self { read, write });
        }
        let writers = (connections / 2).max(1);
        let write = postgres(url, writers, STATEMENT).await?;
        let read = postgres(url, connections.saturating_sub(writers).max(1), STATEMENT).await?;
        Ok(Self { read, write })
    }

    /// Opens it to bring its tables up to date. On PostgreSQL this waits until no other process does the same; statements
    /// may take as long as they need.
    pub async fn open_for_tables(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            return Self::open(url, 1).await;
        }
        // The lock belongs to the one connection, and ends with it.
        let only = postgres(url, 1, Duration::ZERO).await?;
        let lock = "SELECT pg_advisory_lock($1)";
        only.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [TABLES.into()])).await?;
        Ok(Self { read: only.clone(), write: only })
    }

    /// For queries outside a transaction. On SQLite these connections cannot write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For migrations and maintenance; everything else writes through `App::write`.
    pub fn maintenance(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Ends all connections.
    pub async fn close(self) -> Result<()> {
        self.read.close().await?;
        Ok(self.write.close().await?)
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
    /// On PostgreSQL each statement sees what was committed before it, whatever the server's default is: whoever waited for
    /// a row, or for the head of the change log, goes on with the row as it is then.
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

async fn postgres(url: &str, connections: u32, statement: Duration) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(QUEUE).sqlx_logging(false).map_sqlx_postgres_opts(
        move |postgres| {
            let limit =
                |time: Duration| if statement.is_zero() { Duration::ZERO } else { time }.as_millis().to_string();
            postgres.application_name("hawser").options([
                ("statement_timeout", limit(statement)),
                ("lock_timeout", limit(LOCK)),
                ("idle_in_transaction_session_timeout", limit(IDLE)),
                ("default_transaction_isolation", "read committed".to_owned()),
            ])
        },
    );
    Ok(SeaDatabase::connect(options).await?)
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
