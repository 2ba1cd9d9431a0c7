//! The keys that seal secrets can be changed while servers run: nothing is lost on the way, and no key goes too early.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hawser_domain::{
    App, Error,
    app::Ambient,
    connection,
    entity::{provider, token as tokens},
    providers::Account,
    randomness::Randomness,
    secret::{self, Keyring},
    token,
};
use hawser_tests::{Column, House, Scene};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use secrecy::SecretString;
use uuid::Uuid;

/// More values than one transaction takes.
const PROVIDERS: u128 = 450;

/// Another process on the same house, with these keys.
async fn beside(house: &House, keys: &str) -> hawser_domain::Result<Arc<App>> {
    let mut config = house.app.config.clone();
    config.keys = Some(SecretString::from(keys.to_owned()));
    App::open(config, Ambient { clock: house.clock.clone(), randomness: Randomness::from_system() }).await
}

async fn account(app: &App, id: Uuid) -> hawser_domain::Result<Account> {
    connection::call(app, id, |cloud, access| async move { cloud.account(&access).await }).await
}

fn refusal<T>(opened: hawser_domain::Result<T>) -> String {
    match opened {
        Err(Error::Config(faults)) => faults.join("; "),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it opened"),
    }
}

async fn of_key(app: &App, kid: &str) -> secret::Use {
    secret::uses(app).await.unwrap().into_iter().find(|it| it.kid == kid).unwrap()
}

async fn more_providers(app: &App) {
    let first = provider::Entity::find().one(app.database.read()).await.unwrap().unwrap();
    let rows = (0..PROVIDERS).map(|number| {
        let id = Uuid::from_u128(number + 1);
        let place = secret::Place { table: "provider", column: "client_secret", row: id };
        let sealed = secret::seal(&app.keys, &app.randomness, place, &SecretString::from(format!("secret {number}")));
        let (name, sealed) = (format!("cloud {number}"), Some(sealed.unwrap()));
        provider::Model { id, name: name.clone(), name_key: name, client_secret: sealed, ..first.clone() }
    });
    let rows: Vec<provider::ActiveModel> = rows.map(Into::into).collect();
    provider::Entity::insert_many(rows).exec_without_returning(app.database.maintenance()).await.unwrap();
}

#[tokio::test]
async fn a_key_is_changed_in_the_middle_of_use_and_the_old_one_goes() {
    let scene = Scene::set().await;
    let (house, id) = (&scene.house, scene.connection.id);
    more_providers(&house.app).await;
    let old = std::fs::read_to_string(house.folder().join("keys")).unwrap().trim().to_owned();
    let new = Keyring::new_key("k2", &Randomness::from_system()).unwrap();
    let serving = beside(house, &format!("{old},{new}")).await.unwrap();
    let rotating = beside(house, &format!("{new},{old}")).await.unwrap();
    let begin = of_key(&rotating, "k1").await;
    assert!(begin.values > u64::try_from(PROVIDERS).unwrap() && begin.tokens > 0, "{begin:?}");

    // Killed after the first transactions.
    let dying = rotating.clone();
    let killed = tokio::spawn(async move { secret::rotate(&dying, false, &|_| panic!("killed")).await }).await;
    assert!(killed.unwrap_err().is_panic());
    let half = of_key(&rotating, "k1").await;
    assert!(half.values > 0 && half.values < begin.values, "{half:?}");
    assert!(of_key(&rotating, "k2").await.values > 0);
    let said = refusal(beside(house, &new).await);
    assert!(said.contains("keys:") && said.contains("\"k1\""), "{said}");

    // To the end, while tokens are renewed under the old key.
    let over = Arc::new(AtomicBool::new(false));
    let (busy, until, clock) = (serving.clone(), over.clone(), house.clock.clone());
    let uses = tokio::spawn(async move {
        let mut renewed = 0;
        while !until.load(Ordering::Acquire) || renewed < 3 {
            clock.advance(std::time::Duration::from_secs(3600));
            account(&busy, id).await.unwrap();
            renewed += 1;
        }
    });
    secret::rotate(&rotating, false, &|_| {}).await.unwrap();
    over.store(true, Ordering::Release);
    uses.await.unwrap();
    // Whatever the others sealed meanwhile: once they seal with the new key, too, nothing of the old is left.
    let done = secret::rotate(&rotating, false, &|_| {}).await.unwrap();
    assert!(done.damaged.is_empty(), "{done:?}");
    assert_eq!(of_key(&rotating, "k1").await.values, 0);
    account(&serving, id).await.unwrap();
    let row = provider::Entity::find_by_id(Uuid::from_u128(7)).one(rotating.database.read()).await.unwrap().unwrap();
    let place = secret::Place { table: "provider", column: "client_secret", row: row.id };
    let opened = secret::open(&rotating.keys, place, &row.client_secret.unwrap()).unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), "secret 6");

    let last = secret::rotate(&rotating, true, &|_| {}).await.unwrap();
    assert_eq!((last.resealed, last.retired.as_slice()), (0, ["k1".to_owned()].as_slice()), "again, and nothing to do");
    let alone = beside(house, &new).await.unwrap();
    account(&alone, id).await.unwrap();
}

#[tokio::test]
async fn a_token_moves_to_the_new_key_when_it_is_used_and_holds_the_old_key_until_then() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let old = std::fs::read_to_string(house.folder().join("keys")).unwrap().trim().to_owned();
    let new = Keyring::new_key("k2", &Randomness::from_system()).unwrap();
    let both = beside(&house, &format!("{new},{old}")).await.unwrap();
    token::authenticate(&both, &ann.token, None).await.unwrap();
    let row = tokens::Entity::find_by_id(ann.principal.token_id).one(both.database.read()).await.unwrap().unwrap();
    assert_eq!(row.hash_kid.as_deref(), Some("k2"));
    let done = secret::rotate(&both, false, &|_| {}).await.unwrap();
    assert_eq!((done.ended_tokens, done.retired.len()), (0, 0), "bob's may still come: {done:?}");
    assert!(refusal(beside(&house, &new).await).contains("\"k1\""));
    let done = secret::rotate(&both, true, &|_| {}).await.unwrap();
    assert!(done.ended_tokens > 0 && done.retired == ["k1"], "{done:?}");
    let alone = beside(&house, &new).await.unwrap();
    token::authenticate(&alone, &ann.token, None).await.unwrap();
    assert!(matches!(token::authenticate(&alone, &bob.token, None).await, Err(Error::Unauthenticated(_))));
}

#[tokio::test]
async fn what_was_sealed_too_late_with_a_key_that_is_gone_is_told_at_the_start() {
    let scene = Scene::set().await;
    let new = Keyring::new_key("k2", &Randomness::from_system()).unwrap();
    let old = std::fs::read_to_string(scene.house.folder().join("keys")).unwrap().trim().to_owned();
    drop(beside(&scene.house, &format!("{new},{old}")).await.unwrap());
    // As if a process that knows the old key only had sealed after the last rotation.
    let db = scene.house.app.database.maintenance();
    db.execute_unprepared("DELETE FROM secret_check WHERE kid = 'k1'").await.unwrap();
    let said = refusal(beside(&scene.house, &new).await);
    assert!(said.contains("hawser keys rotate") && said.contains("\"k1\""), "{said}");
}

/// Columns of bytes that hold no sealed values.
const OTHERS: [&str; 7] = [
    "channel.token_hash",
    "idempotency.request",
    "oauth_flow.binding_hash",
    "oauth_flow.state_hash",
    "oauth_flow.ticket_hash",
    "secret_check.sealed",
    "token.hash",
];

#[tokio::test]
async fn every_column_of_bytes_is_either_moved_by_a_rotation_or_known_to_hold_no_secret() {
    let house = House::start().await;
    let db = house.app.database.read();
    let sql = match Column::here().is_postgres() {
        true => {
            "SELECT table_name || '.' || column_name AS name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND data_type = 'bytea'"
        }
        false => {
            "SELECT m.name || '.' || c.name AS name FROM sqlite_master m, pragma_table_info(m.name) c \
                  WHERE m.type = 'table' AND lower(c.type) = 'blob'"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let columns: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let moved: Vec<_> = secret::COLUMNS.iter().map(|it| format!("{}.{}", it.table, it.name)).collect();
    assert!(moved.iter().all(|it| columns.contains(it)), "{columns:?}");
    let unknown: Vec<_> = columns.iter().filter(|it| !moved.contains(*it) && !OTHERS.contains(&it.as_str())).collect();
    assert!(unknown.is_empty(), "sealed, and so to be listed in secret::COLUMNS, or not? {unknown:?}");
}
