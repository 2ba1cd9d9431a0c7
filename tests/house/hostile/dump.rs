//! All that the database holds, to see that a refused request has left nothing behind. What merely notes that somebody
//! was here is left out: when a token or a connection was last used, and the audit.

use std::collections::BTreeMap;

use hawser_tests::House;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// A look at the database of its own, beside those of the house.
pub struct Dumper(DatabaseConnection);

pub type Dump = BTreeMap<String, Vec<String>>;

impl Dumper {
    pub async fn of(house: &House) -> Self {
        Self::at(&house.app.config.database_url()).await
    }

    pub async fn at(url: &str) -> Self {
        let mode = if url.starts_with("sqlite:") { "?mode=ro" } else { "" };
        let mut options = sea_orm::ConnectOptions::new(format!("{url}{mode}"));
        options.max_connections(1).sqlx_logging(false);
        Self(sea_orm::Database::connect(options).await.expect("the database opens"))
    }

    fn is_postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await.expect("rows");
        rows.iter().map(|row| row.try_get("", "text").expect("a text")).collect()
    }

    async fn tables(&self) -> Vec<String> {
        let sql = match self.is_postgres() {
            true => "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            false => {
                "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
            }
        };
        self.texts(sql).await
    }

    /// Moves whenever somebody else commits.
    pub async fn version(&self) -> String {
        if !self.is_postgres() {
            let text = self.texts("SELECT CAST(data_version AS TEXT) AS text FROM pragma_data_version").await;
            return text.concat();
        }
        // What is deleted is counted, and what is written bears the number of its transaction.
        let newest = |table: &String| {
            format!("SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) AS text FROM \"{table}\"")
        };
        let tables = self.tables().await;
        self.texts(&tables.iter().map(newest).collect::<Vec<_>>().join(" UNION ALL ")).await.join(",")
    }

    /// Every row of every table as text.
    pub async fn dump(&self) -> Dump {
        let mut dump = Dump::new();
        for table in self.tables().await.into_iter().filter(|table| table != "audit_entry") {
            let (columns, quoted) = match self.is_postgres() {
                true => (
                    format!(
                        "SELECT column_name::text AS text FROM information_schema.columns \
                         WHERE table_name = '{table}' AND column_name <> 'last_used_at' ORDER BY ordinal_position"
                    ),
                    "quote_nullable",
                ),
                false => (
                    format!("SELECT name AS text FROM pragma_table_info('{table}') WHERE name <> 'last_used_at'"),
                    "quote",
                ),
            };
            let columns = self.texts(&columns).await;
            let columns: Vec<_> = columns.iter().map(|column| format!("{quoted}(\"{column}\")")).collect();
            let sql = format!("SELECT {} AS text FROM \"{table}\" ORDER BY 1", columns.join(" || ',' || "));
            dump.insert(table, self.texts(&sql).await);
        }
        dump
    }
}

/// The tables in which two dumps differ, with the rows that only one has.
pub fn difference(before: &Dump, after: &Dump) -> String {
    let mut told = String::new();
    for (table, rows) in after {
        let old = before.get(table).map(Vec::as_slice).unwrap_or_default();
        let new: Vec<_> = rows.iter().filter(|row| !old.contains(row)).collect();
        let gone: Vec<_> = old.iter().filter(|row| !rows.contains(row)).collect();
        if !(new.is_empty() && gone.is_empty()) {
            told += &format!("{table}: new {new:?}, gone {gone:?}; ");
        }
    }
    told
}
