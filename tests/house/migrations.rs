//! The history of the tables can be walked both ways.

use hawser_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let db = Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("walk.db").display())).await.unwrap();
    let empty = dump(&db).await;
    Migrator::up(&db, None).await.unwrap();
    let full = dump(&db).await;
    assert!(full.len() > 40, "only {} tables and indexes", full.len());
    Migrator::down(&db, None).await.unwrap();
    assert_eq!(dump(&db).await, empty, "going down leaves things behind");
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(dump(&db).await, full, "going up twice makes another schema");
}

/// Everything in the schema but the list of steps itself.
async fn dump(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') AS line FROM sqlite_master \
               WHERE tbl_name NOT LIKE 'seaql%' ORDER BY type, name";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}
