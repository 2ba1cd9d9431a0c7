//! Jobs get an account and a place in its class's queue; lists and claims get indexes that stay quick with a million rows.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let (uuid, nobody) = match m.get_database_backend() {
            DbBackend::Postgres => ("uuid", "'00000000-0000-0000-0000-000000000000'"),
            _ => ("uuid_text", "x'00000000000000000000000000000000'"),
        };
        let account = format!("ALTER TABLE job ADD COLUMN account_id {uuid} NOT NULL DEFAULT {nobody}");
        let whose = format!("UPDATE job SET account_id = COALESCE(connection_id, owner_id, {nobody})");
        for statement in [&account, "ALTER TABLE job ADD COLUMN rank bigint", &whose] {
            db.execute_unprepared(statement).await?;
        }
        replace(db, OLD, NEW).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        replace(db, NEW, OLD).await?;
        for column in ["rank", "account_id"] {
            db.execute_unprepared(&format!("ALTER TABLE job DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}

async fn replace(db: &SchemaManagerConnection<'_>, old: &[(&str, &str)], new: &[(&str, &str)]) -> Result<(), DbErr> {
    for (name, _) in old {
        db.execute_unprepared(&format!("DROP INDEX {name}")).await?;
    }
    for (name, on) in new {
        db.execute_unprepared(&format!("CREATE INDEX {name} ON job {on}")).await?;
    }
    Ok(())
}

const OLD: &[(&str, &str)] = &[
    ("ix_job_due", "(class, priority DESC, run_at, id) WHERE state = 'queued'"),
    ("ix_job_connection", "(connection_id, state)"),
    ("ix_job_document", "(document_id)"),
    ("ix_job_state", "(state, id)"),
];

const NEW: &[(&str, &str)] = &[
    // What is claimed next, without and with a suspicion.
    ("ix_job_next", "(class, priority DESC, rank, id) WHERE state = 'queued' AND crash_count = 0 AND rank IS NOT NULL"),
    (
        "ix_job_suspect",
        "(class, priority DESC, rank, id) WHERE state = 'queued' AND crash_count > 0 AND rank IS NOT NULL",
    ),
    // What is due and has no place yet.
    ("ix_job_later", "(class, run_at) WHERE state = 'queued' AND rank IS NULL"),
    // Where an account and a class stand.
    ("ix_job_account", "(class, priority, account_id, rank) WHERE state = 'queued' AND rank IS NOT NULL"),
    ("ix_job_running", "(class, priority, rank) WHERE state = 'running'"),
    // Lists, newest first, and counts.
    ("ix_job_kind", "(kind, state, id)"),
    ("ix_job_connection", "(connection_id, state, id) WHERE connection_id IS NOT NULL"),
    ("ix_job_document", "(document_id, id) WHERE document_id IS NOT NULL"),
    ("ix_job_owner", "(owner_id, state, id) WHERE owner_id IS NOT NULL"),
    ("ix_job_error", "(id) WHERE error IS NOT NULL"),
];
