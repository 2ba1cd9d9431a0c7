//! Whether what is stored agrees with itself. Each check reads one state of the database and names what it finds, with what
//! to do about it; those that can put it right do so where asked. A healthy house has no findings.

mod acl;
mod blobs;
mod log;
mod sealed;
mod tree;
mod work;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, Value};
use serde::Serialize;

use crate::{App, Result};

/// Findings of one kind that are named; the others are counted.
const NAMED: usize = 20;

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The change log has no gap and ends at its head.
    ChangeLog,
    /// Every document has a row for each of its ancestors, and no other.
    Tree,
    /// Names of siblings differ, and their keys are made of them.
    Names,
    /// Kept rights are those that the rules give.
    Rights,
    /// Bytes that something refers to are there and are those.
    Blobs,
    /// Work that waits can be read.
    Jobs,
    /// What the clock asks for can be read and has a time.
    Schedule,
    /// Secrets open in their places.
    Secrets,
    /// The search index is not ahead of the log.
    Search,
    /// Rows that rows refer to are there.
    References,
}

impl Check {
    pub fn word(self) -> &'static str {
        match self {
            Self::ChangeLog => "change log",
            Self::Tree => "tree",
            Self::Names => "names",
            Self::Rights => "rights",
            Self::Blobs => "blobs",
            Self::Jobs => "jobs",
            Self::Schedule => "schedule",
            Self::Secrets => "secrets",
            Self::Search => "search",
            Self::References => "references",
        }
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: Check,
    /// Which row, file or number.
    pub subject: String,
    pub fault: String,
    /// What to do about it.
    pub next: &'static str,
    pub repaired: bool,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let next = if self.repaired { "repaired" } else { self.next };
        write!(f, "{}: {}: {}; {next}", self.check.word(), self.subject, self.fault)
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Puts right what can be made anew out of the rest.
    pub repair: bool,
    /// Reads all bytes and compares them with their names.
    pub deep: bool,
}

const REPAIR: &str = "`hawser fsck --repair` makes it anew";

/// All checks. Servers may run meanwhile; repairs are better done without.
pub async fn run(app: &App, options: Options) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    found.extend(log::check(app, options.repair).await?);
    found.extend(tree::check(app, options.repair).await?);
    found.extend(tree::names(app).await?);
    found.extend(acl::check(app, options.repair).await?);
    found.extend(blobs::check(app, options).await?);
    found.extend(work::jobs(app).await?);
    found.extend(work::schedule(app).await?);
    found.extend(sealed::check(app).await?);
    found.extend(log::search(app).await?);
    found.extend(tree::references(app).await?);
    Ok(found)
}

/// Findings of one kind: the first by name, the rest as a number.
struct Findings {
    check: Check,
    found: Vec<Finding>,
    more: u64,
}

impl Findings {
    fn of(check: Check) -> Self {
        Self { check, found: Vec::new(), more: 0 }
    }

    fn add(&mut self, subject: impl ToString, fault: impl ToString, next: &'static str) {
        match self.found.len() < NAMED {
            true => self.found.push(Finding {
                check: self.check,
                subject: subject.to_string(),
                fault: fault.to_string(),
                next,
                repaired: false,
            }),
            false => self.more += 1,
        }
    }

    fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn repaired(&mut self) {
        self.found.iter_mut().for_each(|it| it.repaired = true);
    }

    fn done(mut self) -> Vec<Finding> {
        if let (Some(last), more @ 1..) = (self.found.last().cloned(), self.more) {
            self.found.push(Finding { subject: format!("{more} more"), fault: "of the same kind".to_owned(), ..last });
        }
        self.found
    }
}

async fn rows(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}

async fn run_sql(db: &DatabaseTransaction, sql: &str) -> Result<u64> {
    Ok(db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await?.rows_affected())
}
