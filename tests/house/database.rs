//! What holds on a database server: what is done again and what is not, how long is waited, and that a killed server takes
//! nothing along.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hawser_domain::{
    App, Error,
    database::Database,
    disturbance,
    document::{self, DocumentKind},
    entity::{change::Noun, user},
    job::{New, Work},
    principal::Actor,
};
use hawser_migration::{Migrator, MigratorTrait};
use hawser_tests::{House, Person, Server, lasting};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Statement, sea_query::Expr};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use uuid::Uuid;

/// Locks the row of one person and then of another, and counts how often it tried. The first time it waits in between until
/// somebody else has come as far.
async fn lock_two(app: &App, people: [Uuid; 2], meet: &Barrier, tries: &AtomicUsize) -> Result<(), Error> {
    let w = app.write(Actor::System).await?;
    let first = tries.fetch_add(1, Ordering::Relaxed) < 2;
    for (n, id) in people.into_iter().enumerate() {
        let touch = user::Entity::update_many().col_expr(user::Column::Name, Expr::col(user::Column::Name));
        touch.filter(user::Column::Id.eq(id)).exec(w.db()).await?;
        if n == 0 && first {
            meet.wait().await;
        }
    }
    w.commit().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn of_two_who_wait_for_each_other_one_is_sent_back_and_both_get_there() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await.id, house.member("bob").await.id);
    let (app, meet, tries) = (&house.app, Barrier::new(2), AtomicUsize::new(0));
    let verb = async |people| disturbance::retried(app, || lock_two(app, people, &meet, &tries)).await;
    let (one, other) = tokio::join!(verb([ann, bob]), verb([bob, ann]));
    one.unwrap();
    other.unwrap();
    assert_eq!(tries.load(Ordering::Relaxed), 3, "one was sent back, and once");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn a_job_whose_row_somebody_holds_is_waited_for_and_not_taken_for_done() {
    let house = House::start().await;
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.queue(New::now(Work::Probe { note: false })).await.unwrap();
    w.commit().await.unwrap();
    let holder = house.app.write(Actor::System).await.unwrap();
    holder.db().execute_unprepared("UPDATE job SET run_at = run_at").await.unwrap();
    let let_go = async {
        lasting(100).await;
        holder.commit().await.unwrap();
    };
    let (runs, ()) = tokio::join!(house.drain(), let_go);
    assert_eq!(runs, 1);
}

/// Lets the statement that ends every commit fail for so often with this state. Returns how one asks how often it was tried.
async fn fail(house: &House, times: usize, state: &str) -> impl AsyncFn() -> i64 {
    let db = house.app.database.maintenance();
    // What a sequence has given is not taken back with the transaction.
    for sql in [
        "CREATE SEQUENCE IF NOT EXISTS tried".to_owned(),
        "ALTER SEQUENCE tried RESTART".to_owned(),
        format!(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('tried') <= {times} THEN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{state}'; END IF; \
             RETURN NEW; END $$"
        ),
        "CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON repository FOR EACH ROW EXECUTE FUNCTION fail()".to_owned(),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    async || {
        let asked = Statement::from_string(db.get_database_backend(), "SELECT last_value AS tried FROM tried");
        db.query_one_raw(asked).await.unwrap().unwrap().try_get("", "tried").unwrap()
    }
}

fn create(name: &str) -> String {
    format!(
        "it: documentCreate(input: {{ kind: WORKSPACE, name: \"{name}\" }}) {{ document {{ name }} userErrors {{ code }} }}"
    )
}

async fn names(house: &House, who: &Person) -> Value {
    house.data(who, "{ workspaces { nodes { name } } }", Value::Null).await["workspaces"]["nodes"].take()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn a_mutation_is_done_again_where_the_database_gave_it_up_and_never_for_another_reason() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    for (state, name) in [("40001", "Serialised"), ("40P01", "Unlocked")] {
        let tried = fail(&house, 2, state).await;
        let made = house.data(&ann, &format!("mutation {{ {} }}", create(name)), Value::Null).await;
        assert_eq!(made["it"], json!({ "document": { "name": name }, "userErrors": [] }));
        assert_eq!(tried().await, 3, "{state}");
    }
    for state in ["23505", "57014", "55P03", "XX000"] {
        let tried = fail(&house, 1, state).await;
        let failed = house.gql(&ann, &format!("mutation {{ {} }}", create("Never")), Value::Null).await;
        assert!(failed["errors"][0]["extensions"]["code"].is_string(), "{state}: {failed:#}");
        assert_eq!(tried().await, 1, "{state} was tried again");
    }
    let tried = fail(&house, 1_000, "40001").await;
    let failed = house.gql(&ann, &format!("mutation {{ {} }}", create("Never")), Value::Null).await;
    assert_eq!(failed["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{failed:#}");
    assert_eq!(tried().await, i64::from(disturbance::TRIES), "it is not tried for ever");
    // The first of two is done already when the second is disturbed: the two are not done again.
    let two = format!("mutation {{ {} {} }}", create("First"), create("Second").replacen("it:", "that:", 1));
    let tried = fail(&house, 0, "40001").await;
    assert!(house.gql(&ann, &two, Value::Null).await.get("errors").is_none());
    assert_eq!(tried().await, 2);
    let made = json!([{ "name": "First" }, { "name": "Second" }, { "name": "Serialised" }, { "name": "Unlocked" }]);
    assert_eq!(names(&house, &ann).await, made, "each is there once, and what failed is not");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn every_connection_has_limits_and_sees_what_was_committed_whatever_the_server_says() {
    let house = House::start().await;
    let url = house.app.config.database_url();
    let name = url.rsplit('/').next().unwrap().to_owned();
    let strict = format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'");
    house.app.database.maintenance().execute_unprepared(&strict).await.unwrap();
    let fresh = Database::open(&url, 2).await.unwrap();
    for db in [fresh.read(), fresh.maintenance()] {
        for (setting, expected) in [
            ("transaction_isolation", "read committed"),
            ("statement_timeout", "1min"),
            ("lock_timeout", "15s"),
            ("idle_in_transaction_session_timeout", "1min"),
        ] {
            let asked = Statement::from_string(db.get_database_backend(), format!("SHOW {setting}"));
            let told: String = db.query_one_raw(asked).await.unwrap().unwrap().try_get("", setting).unwrap();
            assert_eq!(told, expected, "{setting}");
        }
    }
    fresh.close().await.unwrap();
}

/// Creates workspaces one after the other until there are enough, each until it was acknowledged, as a client would: with
/// the same key. Returns how many answers were lost on the way.
async fn create_until(
    app: Arc<App>,
    who: Person,
    lane: usize,
    made: Arc<AtomicUsize>,
    enough: usize,
) -> (usize, Vec<Uuid>) {
    let (mut lost, mut ids) = (0, Vec::new());
    while made.load(Ordering::Acquire) < enough {
        let name = format!("Berth {lane}-{}", ids.len());
        let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: name.clone() };
        match document::create(&app, &who.principal, new, Some(&name)).await {
            Ok(document) => {
                ids.push(document.id);
                made.fetch_add(1, Ordering::AcqRel);
            }
            Err(Error::Unavailable(_)) => lost += 1,
            Err(other) => panic!("{name}: {other:?}"),
        }
    }
    (lost, ids)
}

const KILLS: usize = 5;
/// Acknowledged between two kills.
const STRETCH: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn a_database_server_that_is_killed_five_times_takes_nothing_along_that_was_acknowledged() {
    let mut postgres = Server::postgres();
    let tables = Database::open_for_tables(&postgres.url()).await.unwrap();
    Migrator::up(tables.maintenance(), None).await.unwrap();
    tables.close().await.unwrap();
    let house = House::with(|config| config.database_url = Some(postgres.url())).await;
    hawser_domain::user::ensure_first_admin(&house.app).await.unwrap();
    let ann = house.member("ann").await;
    let before = hawser_domain::change::head(&house.app).await.unwrap();
    let (made, enough) = (Arc::new(AtomicUsize::new(0)), STRETCH * (KILLS + 1));
    let lanes: Vec<_> = (0..4)
        .map(|lane| tokio::spawn(create_until(house.app.clone(), ann.clone(), lane, made.clone(), enough)))
        .collect();
    for kill in 1..=KILLS {
        while made.load(Ordering::Acquire) < kill * STRETCH {
            assert!(!lanes.iter().any(|lane| lane.is_finished()), "somebody gave up");
            tokio::task::yield_now().await;
        }
        postgres.restart();
    }
    let (mut lost, mut acknowledged) = (0, BTreeSet::new());
    for lane in lanes {
        let (more, ids) = lane.await.unwrap();
        lost += more;
        acknowledged.extend(ids);
    }
    assert!(acknowledged.len() >= enough);
    let kept = hawser_domain::entity::document::Entity::find().count(house.app.database.read()).await.unwrap();
    assert_eq!(kept as usize, acknowledged.len(), "something was lost, or done twice");
    let log = hawser_domain::change::read(&house.app, before, 10_000).await.unwrap();
    let mut told = BTreeSet::new();
    for (line, seq) in log.lines.iter().zip(before.seq + 1..) {
        assert_eq!(line.seq, seq, "a gap in the log");
        assert!(line.noun != Noun::Document || told.insert(line.subject_id), "told twice");
    }
    assert_eq!(told, acknowledged);
    let answer = house.gql(&ann, "{ viewer { user { name } } }", Value::Null).await;
    assert_eq!(answer["data"]["viewer"]["user"]["name"], "ann", "{answer:#}");
    println!("{} acknowledged, {lost} answers lost, {KILLS} kills", acknowledged.len());
    drop(house);
}
