//! Work that waits, and what the clock asks for.

use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Check, Finding, Findings};
use crate::{
    App, Result,
    entity::{
        job::{self, JobState},
        schedule,
    },
    job::Work,
};

const PAGE: u64 = 1000;

pub(super) async fn jobs(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Jobs);
    let snapshot = app.database.snapshot().await?;
    let mut after = Uuid::nil();
    loop {
        let page = job::Entity::find()
            .filter(job::Column::State.is_in([JobState::Queued, JobState::Running, JobState::Parked]))
            .filter(job::Column::Id.gt(after))
            .order_by_asc(job::Column::Id)
            .limit(PAGE)
            .all(&snapshot)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            let subject = format!("job {}", row.id);
            match serde_json::from_value::<Work>(row.payload) {
                Err(error) => findings.add(subject, format!("its payload does not read: {error}"), CANCEL),
                Ok(work) if work.kind() != row.kind => {
                    findings.add(subject, format!("is called {} and does {}", row.kind, work.kind()), CANCEL);
                }
                Ok(_) if row.state == JobState::Running && row.lease_until.is_none() => {
                    findings.add(subject, "runs without a lease: nobody would ever take it over", CANCEL);
                }
                Ok(_) => {}
            }
        }
    }
    snapshot.rollback().await?;
    Ok(findings.done())
}

const CANCEL: &str = "cancel it with `jobCancel`, and ask for the work again";

pub(super) async fn schedule(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Schedule);
    #[derive(serde::Deserialize)]
    struct Payload {
        work: Work,
    }
    let now = app.clock.now();
    for row in schedule::Entity::find().all(app.database.read()).await? {
        let subject = format!("schedule {:?}", row.name);
        let every = Duration::try_seconds(row.every_seconds).filter(|every| *every > Duration::zero());
        match (serde_json::from_value::<Payload>(row.payload), every) {
            (Err(error), _) => findings.add(subject, format!("its payload does not read: {error}"), SET),
            (Ok(payload), _) if payload.work.kind() != row.kind => {
                findings.add(subject, format!("is called {} and does {}", row.kind, payload.work.kind()), SET);
            }
            (Ok(_), None) => findings.add(subject, format!("recurs every {} seconds", row.every_seconds), SET),
            // Twice: a clock may have been put right meanwhile.
            (Ok(_), Some(every)) if row.next_at > now + every * 2 => {
                findings.add(subject, format!("waits until {}, longer than it recurs", row.next_at), SET);
            }
            _ => {}
        }
    }
    Ok(findings.done())
}

const SET: &str = "change `pollSeconds` of the provider, which writes it anew, or delete the row";
