//! Jobs: claimed once, finished once, retried, parked, poisoned, cancelled, and kept through the death of their worker.

use std::time::Duration;

use hawser_domain::{
    Error,
    entity::{
        audit_entry,
        connection::{self, ConnectionState},
        job::{self as row, JobClass, JobState},
        schedule,
    },
    job::{self, Claimed, Filter, New, Outcome, Room, Work},
    page::Span,
    principal::Actor,
};

use hawser_tests::{House, Scene};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

pub(crate) async fn queue(house: &House, new: New) -> Uuid {
    let mut w = house.app.write(Actor::System).await.unwrap();
    let id = w.queue(new).await.unwrap();
    w.commit().await.unwrap();
    id
}

pub(crate) async fn state(house: &House, id: Uuid) -> row::Model {
    row::Entity::find_by_id(id).one(house.app.database.read()).await.unwrap().unwrap()
}

pub(crate) async fn claim(house: &House, worker: &str, slots: usize) -> Vec<Claimed> {
    job::claim(&house.app, worker, JobClass::Sync, slots).await.unwrap()
}

pub(crate) fn probe() -> New {
    New::now(Work::Probe { note: true })
}

#[tokio::test]
async fn urgent_jobs_go_first_and_later_ones_wait_for_their_time() {
    let house = House::start().await;
    let late = queue(&house, New { run_at: Some(house.clock.now() + Duration::from_secs(60)), ..probe() }).await;
    let usual = queue(&house, probe()).await;
    let urgent = queue(&house, probe().with_priority(5)).await;
    assert_eq!(claim(&house, "a", 1).await[0].row.id, urgent, "with one slot free, the most urgent");
    assert_eq!(claim(&house, "a", 10).await[0].row.id, usual);
    assert!(claim(&house, "b", 10).await.is_empty(), "nobody else gets them");
    house.clock.advance(Duration::from_secs(61));
    assert_eq!(claim(&house, "b", 10).await[0].row.id, late);
    house.leave_jobs();
}

#[tokio::test]
async fn the_same_work_waits_once_and_is_brought_forward() {
    let house = House::start().await;
    let feed_id = Uuid::from_u128(9);
    let later =
        New { run_at: Some(house.clock.now() + Duration::from_secs(600)), ..New::now(Work::PollFeed { feed_id }) };
    let first = queue(&house, later).await;
    let second = queue(&house, New::now(Work::PollFeed { feed_id }).with_priority(7)).await;
    assert_eq!(first, second, "one row stands for both");
    let claimed = claim(&house, "a", 10).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].row.priority, 7);
    let third = queue(&house, New::now(Work::PollFeed { feed_id })).await;
    assert_ne!(first, third, "what already runs may have looked too early: another poll has to follow");
    house.leave_jobs();
}

#[tokio::test]
async fn a_finish_with_an_old_lease_changes_nothing_and_takes_its_effects_along() {
    let house = House::start().await;
    let id = queue(&house, probe()).await;
    let slow = claim(&house, "slow", 1).await.remove(0);
    house.clock.advance(Duration::from_secs(house.app.config.lease_seconds + 1));
    assert_eq!(job::reap(&house.app).await.unwrap().requeued, 1);
    let quick = claim(&house, "quick", 1).await.remove(0);
    let w = house.app.write(Actor::System).await.unwrap();
    w.audit("effect", "job", Some(id), serde_json::json!({})).await.unwrap();
    let fenced = job::finish(w, &slow, &Outcome::Done).await;
    assert!(matches!(fenced, Err(Error::Fenced)), "{fenced:?}");
    let effects = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("effect"));
    assert_eq!(effects.count(house.app.database.read()).await.unwrap(), 0);
    let w = house.app.write(Actor::System).await.unwrap();
    assert!(matches!(slow.fence(&w).await, Err(Error::Fenced)));
    quick.fence(&w).await.unwrap();
    job::finish(w, &quick, &Outcome::Done).await.unwrap();
    assert_eq!(state(&house, id).await.state, JobState::Done);
}

#[tokio::test]
async fn a_job_is_poison_after_its_worker_died_three_times_under_it() {
    let house = House::start().await;
    let id = queue(&house, probe()).await;
    for death in 1..=3 {
        assert_eq!(claim(&house, &format!("worker {death}"), 1).await.len(), 1, "before death {death}");
        house.clock.advance(Duration::from_secs(house.app.config.lease_seconds + 1));
        let reaped = job::reap(&house.app).await.unwrap();
        assert_eq!(reaped.poisoned, usize::from(death == 3));
    }
    let dead = state(&house, id).await;
    assert_eq!((dead.state, dead.crash_count), (JobState::Dead, 3));
    assert_eq!(dead.error_code.as_deref(), Some("POISON"));
}

#[tokio::test]
async fn a_sign_of_life_keeps_a_job_and_a_hand_back_costs_it_nothing() {
    let house = House::start().await;
    let id = queue(&house, probe()).await;
    claim(&house, "alive", 1).await;
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(house.app.config.lease_seconds - 1));
        job::beat(&house.app, "alive", &[id]).await.unwrap();
        assert_eq!(job::reap(&house.app).await.unwrap(), job::Reaped::default());
    }
    assert_eq!(job::hand_back(&house.app, "alive").await.unwrap(), 1);
    let back = state(&house, id).await;
    assert_eq!((back.state, back.attempt, back.crash_count), (JobState::Queued, 0, 0));
    assert_eq!(house.drain().await, 1);
}

#[tokio::test]
async fn a_row_its_worker_does_not_know_of_is_not_kept_alive_by_the_workers_name() {
    let house = House::start().await;
    queue(&house, probe()).await;
    claim(&house, "alive", 1).await;
    house.clock.advance(Duration::from_secs(house.app.config.lease_seconds - 1));
    job::beat(&house.app, "alive", &[Uuid::from_u128(1)]).await.unwrap();
    house.clock.advance(Duration::from_secs(2));
    assert_eq!(job::reap(&house.app).await.unwrap().requeued, 1);
    house.drain().await;
}

#[tokio::test]
async fn a_job_given_back_before_it_began_is_as_it_was_unless_somebody_asked_to_stop_it() {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let id = queue(&house, probe()).await;
    let claimed = claim(&house, "a", 1).await.remove(0);
    job::finish_many(&house.app, &[(claimed, Outcome::NotBegun)]).await.unwrap();
    let back = state(&house, id).await;
    assert_eq!((back.state, back.attempt, back.crash_count, back.error), (JobState::Queued, 0, 0, None));
    let claimed = claim(&house, "a", 1).await.remove(0);
    job::cancel(&house.app, &admin, id).await.unwrap();
    job::finish_many(&house.app, &[(claimed, Outcome::NotBegun)]).await.unwrap();
    assert_eq!(state(&house, id).await.state, JobState::Cancelled);
}

#[tokio::test]
async fn a_job_under_which_a_worker_died_needs_a_free_slot_and_runs_beside_no_other_such() {
    let house = House::start().await;
    let suspects = [queue(&house, probe()).await, queue(&house, probe()).await];
    assert_eq!(claim(&house, "dies", 2).await.len(), 2);
    house.clock.advance(Duration::from_secs(house.app.config.lease_seconds + 1));
    assert_eq!(job::reap(&house.app).await.unwrap().requeued, 2);
    let usual = queue(&house, probe()).await;
    let urgent = queue(&house, probe().with_priority(5)).await;
    let claim = async |slots, ahead, suspect| {
        let room = Room { slots, ahead, suspect };
        let claimed = job::claim_next(&house.app, "a", JobClass::Sync, room).await.unwrap();
        claimed.iter().map(|job| job.row.id).collect::<Vec<_>>()
    };
    assert_eq!(claim(0, 10, true).await, [urgent, usual], "what may wait for a slot is above suspicion");
    assert!(claim(5, 10, false).await.is_empty(), "one is here already");
    assert_eq!(claim(5, 10, true).await.len(), 1);
    assert_eq!(claim(1, 10, true).await.len(), 1);
    assert!(suspects.iter().all(|id| id != &usual));
    house.leave_jobs();
}

#[tokio::test]
async fn attempts_are_used_up_by_failures_but_not_by_being_told_to_wait() {
    let house = House::start().await;
    let id = queue(&house, probe()).await;
    let again = |counts| Outcome::Again { at: house.clock.now(), error: "no".into(), code: "NO".into(), counts };
    for _ in 0..5 {
        let job = claim(&house, "a", 1).await.remove(0);
        job::finish_many(&house.app, &[(job, again(false))]).await.unwrap();
    }
    assert_eq!(state(&house, id).await.attempt, 0);
    for _ in 0..3 {
        let job = claim(&house, "a", 1).await.remove(0);
        job::finish_many(&house.app, &[(job, again(true))]).await.unwrap();
    }
    let dead = state(&house, id).await;
    assert_eq!(dead.state, JobState::Dead);
    assert!(dead.error.unwrap().contains("gave up after 3 attempts"));
}

#[tokio::test]
async fn cancelling_stops_waiting_jobs_at_once_and_retrying_begins_anew() {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let id = queue(&house, probe()).await;
    assert_eq!(job::cancel(&house.app, &admin, id).await.unwrap().state, JobState::Cancelled);
    assert_eq!(house.drain().await, 0);
    assert!(matches!(job::cancel(&house.app, &admin, id).await, Err(Error::WrongState { .. })));
    job::retry(&house.app, &admin, id).await.unwrap();
    assert_eq!(house.drain().await, 1);
    assert!(matches!(job::retry(&house.app, &admin, id).await, Err(Error::WrongState { .. })));
    assert_eq!(state(&house, id).await.state, JobState::Done);
}

#[tokio::test]
async fn people_see_their_own_jobs_only_and_administrators_all() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await.principal, house.member("ann").await.principal);
    let hers = queue(&house, New { owner_id: Some(ann.user_id), ..probe() }).await;
    let other = queue(&house, probe()).await;
    let seen = job::list(&house.app, &ann, &Filter::default(), &Span::first(10)).await.unwrap().rows;
    assert_eq!(seen.iter().map(|job| job.id).collect::<Vec<_>>(), [hers]);
    assert!(matches!(job::find(&house.app, &ann, other).await, Err(Error::NotFound { .. })));
    assert!(matches!(job::cancel(&house.app, &ann, other).await, Err(Error::NotFound { .. })));
    assert_eq!(job::list(&house.app, &admin, &Filter::default(), &Span::first(10)).await.unwrap().rows.len(), 2);
    house.drain().await;
}

#[tokio::test]
async fn jobs_are_found_by_a_text_in_their_error_whatever_it_contains() {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let id = queue(&house, probe()).await;
    let claimed = claim(&house, "a", 1).await.remove(0);
    let dead = Outcome::Dead { error: "Disk 100% full at a_b\\c".into(), code: "X".into() };
    job::finish_many(&house.app, &[(claimed, dead)]).await.unwrap();
    for (text, found) in [("100% FULL", 1), ("a_b\\C", 1), ("axb", 0), ("100%full", 0), ("'; DROP TABLE job; --", 0)] {
        let filter = Filter { error_contains: Some(text.into()), ..Filter::default() };
        let rows = job::list(&house.app, &admin, &filter, &Span::first(10)).await.unwrap().rows;
        assert_eq!(rows.len(), found, "{text}");
        assert!(rows.iter().all(|row| row.id == id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tick_of_the_schedule_makes_one_job_however_many_ask_and_missed_ticks_collapse() {
    let house = House::start().await;
    let w = house.app.write(Actor::System).await.unwrap();
    let every = Duration::from_secs(60);
    job::schedule::set(&w, "probe", &probe(), every, every).await.unwrap();
    w.commit().await.unwrap();
    for (minutes, expected) in [(0, 0), (1, 1), (5, 2), (1, 3)] {
        house.clock.advance(Duration::from_secs(minutes * 60));
        let tickers: Vec<_> = (0..8)
            .map(|_| {
                let app = house.app.clone();
                tokio::spawn(async move { job::schedule::tick(&app).await.unwrap() })
            })
            .collect();
        for ticker in tickers {
            ticker.await.unwrap();
        }
        let made = row::Entity::find().count(house.app.database.read()).await.unwrap();
        assert_eq!(made, expected, "after {minutes} more minutes");
    }
    house.drain().await;
}

#[tokio::test]
async fn a_schedule_row_that_does_not_read_holds_up_no_other() {
    let house = House::start().await;
    let every = Duration::from_secs(60);
    let w = house.app.write(Actor::System).await.unwrap();
    job::schedule::set(&w, "from a newer version", &probe(), every, every / 2).await.unwrap();
    job::schedule::set(&w, "probe", &probe(), every, every).await.unwrap();
    let broken = schedule::ActiveModel {
        name: Set("from a newer version".into()),
        payload: Set(serde_json::json!({ "work": { "kind": "teleport" } })),
        ..Default::default()
    };
    schedule::Entity::update(broken).exec(w.db()).await.unwrap();
    w.commit().await.unwrap();
    house.clock.advance(every);
    assert_eq!(job::schedule::tick(&house.app).await.unwrap(), 1);
    assert_eq!(job::schedule::tick(&house.app).await.unwrap(), 0, "and is not tried again before its next time");
    house.drain().await;
}

/// The state of what one asked to stop while it ran, after it ended like this.
async fn stopped_while_running(end: impl AsyncFnOnce(&House, Claimed)) -> row::Model {
    let house = House::start().await;
    let admin = house.admin().await.principal;
    let id = queue(&house, probe()).await;
    let running = claim(&house, "a", 1).await.remove(0);
    assert_eq!(job::cancel(&house.app, &admin, id).await.unwrap().state, JobState::Running);
    end(&house, running).await;
    state(&house, id).await
}

#[tokio::test]
async fn a_job_asked_to_stop_while_it_runs_never_waits_for_another_run() {
    let failed = stopped_while_running(async |house, job| {
        let again = Outcome::Again { at: house.clock.now(), error: "no".into(), code: "NO".into(), counts: true };
        job::finish_many(&house.app, &[(job, again)]).await.unwrap();
    });
    let handed_back = stopped_while_running(async |house, _| {
        job::hand_back(&house.app, "a").await.unwrap();
    });
    let lost = stopped_while_running(async |house, _| {
        house.clock.advance(Duration::from_secs(house.app.config.lease_seconds + 1));
        job::reap(&house.app).await.unwrap();
    });
    for (what, job) in [("failed", failed.await), ("handed back", handed_back.await), ("lost", lost.await)] {
        assert_eq!(job.state, JobState::Cancelled, "{what}");
        assert!(job.finished_at.is_some(), "{what}: or it would never be purged");
    }
}

#[tokio::test]
async fn two_runs_of_the_same_work_are_handed_back_as_one() {
    let house = House::start().await;
    let poll = || New::now(Work::PollFeed { feed_id: Uuid::from_u128(9) });
    let first = queue(&house, poll()).await;
    claim(&house, "a", 1).await;
    let second = queue(&house, poll()).await;
    claim(&house, "a", 1).await;
    assert_eq!(job::hand_back(&house.app, "a").await.unwrap(), 2);
    let states = [state(&house, first).await, state(&house, second).await];
    assert_eq!(states.each_ref().map(|job| job.state), [JobState::Queued, JobState::Cancelled]);
    assert!(states[1].finished_at.is_some());
    house.leave_jobs();
}

#[tokio::test]
async fn a_job_that_failed_just_before_its_connection_came_back_is_not_left_aside() {
    let scene = Scene::set().await;
    let (_, document) = scene.linked("a.txt", "a").await;
    let (house, connection) = (&scene.house, &scene.connection);
    let ask = async || {
        let asked = hawser_domain::content::ask_refresh(&house.app, &scene.ann.principal, document.id).await.unwrap();
        let running = job::claim(&house.app, "a", JobClass::Interactive, 1).await.unwrap().remove(0);
        assert_eq!(running.row.id, asked.id);
        running
    };
    let park = async |running: Claimed| {
        let id = running.row.id;
        job::finish_many(&house.app, &[(running, Outcome::Park { error: "no access".into() })]).await.unwrap();
        state(house, id).await
    };
    let renewed = park(ask().await).await;
    assert_eq!((renewed.state, renewed.attempt), (JobState::Queued, 0), "nobody would resume it");
    house.clock.advance(Duration::from_secs(2));
    assert_eq!(house.drain().await, 1);
    let running = ask().await;
    set_state(house, connection.id, ConnectionState::NeedsReauth).await;
    let parked = park(running).await;
    assert_eq!(parked.state, JobState::Parked);
    job::cancel(&house.app, &house.admin().await.principal, parked.id).await.unwrap();
    set_state(house, connection.id, ConnectionState::Active).await;
    let (admin, running) = (house.admin().await.principal, ask().await);
    set_state(house, connection.id, ConnectionState::Revoked).await;
    let ended = park(running).await;
    assert_eq!(ended.state, JobState::Cancelled, "nothing waits for a connection that has ended");
    set_state(house, connection.id, ConnectionState::NeedsReauth).await;
    assert_eq!(job::retry(&house.app, &admin, ended.id).await.unwrap().state, JobState::Parked);
}

async fn set_state(house: &House, connection: Uuid, state: ConnectionState) {
    let row = connection::ActiveModel { id: Set(connection), state: Set(state), ..Default::default() };
    connection::Entity::update(row).exec(house.app.database.maintenance()).await.unwrap();
}
