//! The history of the tables: every step up and down, written by hand against the database and never against entities,
//! so that an old step means the same for ever. The same steps run on SQLite and PostgreSQL.

use sea_orm_migration::prelude::*;

mod m20261121_000001_people;
mod m20261121_000002_clouds;
mod m20261121_000003_documents;
mod m20261121_000004_jobs;
mod m20261121_000005_changes;
mod m20261121_000006_readings;
mod m20261121_000008_persisted_operations;
mod m20261121_000009_fair_jobs;
mod m20261121_000015_token_keys;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_people::Migration),
            Box::new(m20261121_000002_clouds::Migration),
            Box::new(m20261121_000003_documents::Migration),
            Box::new(m20261121_000004_jobs::Migration),
            Box::new(m20261121_000005_changes::Migration),
            Box::new(m20261121_000006_readings::Migration),
            Box::new(m20261121_000008_persisted_operations::Migration),
            Box::new(m20261121_000009_fair_jobs::Migration),
            Box::new(m20261121_000015_token_keys::Migration),
        ]
    }
}

pub use sea_orm_migration::MigratorTrait;
