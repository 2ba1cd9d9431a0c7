//! The history of the tables can be walked both ways, and by several processes at once.

use hawser_domain::database::Database as Opened;
use hawser_migration::{Migrator, MigratorTrait};
use hawser_tests::Ground;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let ground = Ground::new();
    let config = ground.config();
    config.make_folder().unwrap();
    let database = Opened::open_for_tables(&config.database_url()).await.unwrap();
    let db = database.maintenance();
    let empty = dump(db).await;
    Migrator::up(db, None).await.unwrap();
    let full = dump(db).await;
    assert!(full.len() > 40, "only {} tables and indexes", full.len());
    Migrator::down(db, None).await.unwrap();
    assert_eq!(dump(db).await, empty, "going down leaves things behind");
    Migrator::up(db, None).await.unwrap();
    assert_eq!(dump(db).await, full, "going up twice makes another schema");
    database.close().await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --column cluster"]
async fn several_processes_that_start_at_once_bring_the_tables_up_once() {
    let ground = Ground::new();
    let up = || {
        let mut program = std::process::Command::new(hawser_tests::program());
        program.arg("migrate").current_dir(ground.folder()).env_clear().envs(ground.environment());
        program.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    for process in [up(), up(), up()] {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let database = Opened::open(&ground.config().database_url(), 2).await.unwrap();
    assert!(Migrator::get_pending_migrations(database.maintenance()).await.unwrap().is_empty());
    database.close().await.unwrap();
}

/// Everything in the schema but the list of steps itself.
async fn dump(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT line FROM ( \
             SELECT table_name || '.' || column_name || ': ' || data_type || ' ' || is_nullable || ' ' \
                 || coalesce(column_default, '') AS line, table_name::text AS name \
                 FROM information_schema.columns WHERE table_schema = 'public' \
             UNION ALL SELECT indexdef, tablename::text FROM pg_indexes WHERE schemaname = 'public' \
             UNION ALL SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid), conrelid::regclass::text \
                 FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
             UNION ALL SELECT proname || ': ' || prosrc, proname::text FROM pg_proc \
                 WHERE pronamespace = 'public'::regnamespace \
             UNION ALL SELECT tgname || ': ' || pg_get_triggerdef(oid), tgname::text FROM pg_trigger \
                 WHERE NOT tgisinternal \
             ) AS lines WHERE name NOT LIKE 'seaql%' ORDER BY line"
        }
        _ => {
            "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') AS line FROM sqlite_master \
             WHERE tbl_name NOT LIKE 'seaql%' ORDER BY type, name"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}
