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
        let url = format!("{}?mode=ro", house.app.config.database_url());
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Self(sea_orm::Database::connect(options).await.expect("the database opens"))
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.0.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("rows");
        rows.iter().map(|row| row.try_get("", "text").expect("a text")).collect()
    }

    /// A number that moves whenever somebody else commits.
    pub async fn version(&self) -> i64 {
        let sql = "SELECT data_version AS version FROM pragma_data_version";
        let row = self.0.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("a row");
        row.expect("a row").try_get("", "version").expect("a number")
    }

    /// Every row of every table as text.
    pub async fn dump(&self) -> Dump {
        let tables =
            "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1";
        let mut dump = Dump::new();
        for table in self.texts(tables).await.into_iter().filter(|table| table != "audit_entry") {
            let columns = format!("SELECT name AS text FROM pragma_table_info('{table}') WHERE name <> 'last_used_at'");
            let columns: Vec<_> =
                self.texts(&columns).await.iter().map(|column| format!("quote(\"{column}\")")).collect();
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
