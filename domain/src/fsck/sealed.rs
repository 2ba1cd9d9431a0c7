//! Secrets against their places and the keys.

use uuid::Uuid;

use super::{Check, Finding, Findings};
use crate::{App, Result, secret};

const PAGE: i64 = 500;

pub(super) async fn check(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Secrets);
    let snapshot = app.database.snapshot().await?;
    for column in secret::COLUMNS {
        let mut after = Uuid::nil();
        loop {
            let page = column.values(&snapshot, after, None, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (id, value) in &page {
                if let Err(error) = secret::open(&app.keys, column.place(*id), value) {
                    findings.add(format!("{}.{} of {id}", column.table, column.name), error, next(column.table));
                }
            }
        }
    }
    snapshot.rollback().await?;
    Ok(findings.done())
}

fn next(table: &str) -> &'static str {
    match table {
        "provider" => "set the client secret anew with `providerUpdate`",
        "connection" => "its owner connects the account again",
        _ => "begin the consent again",
    }
}
