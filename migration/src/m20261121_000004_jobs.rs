//! Jobs and schedules.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("job")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("class"))
            .col(json_binary("payload"))
            .col(text("state"))
            .col(integer("priority"))
            .col(timestamp_with_time_zone("run_at"))
            .col(integer("attempt"))
            .col(integer("max_attempts"))
            .col(integer("crash_count"))
            .col(big_integer("lease_token"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(text_null("worker"))
            .col(text_null("unique_key"))
            .col(uuid_null("connection_id"))
            .col(uuid_null("document_id"))
            .col(uuid_null("owner_id"))
            .col(text_null("error"))
            .col(text_null("error_code"))
            .col(boolean("cancel_requested"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("schedule")
            .col(text("name"))
            .col(text("kind"))
            .col(json_binary("payload"))
            .col(big_integer("every_seconds"))
            .col(timestamp_with_time_zone("next_at"))
            .col(timestamp_with_time_zone_null("last_at"))
            .col(uuid_null("connection_id"))
            .primary_key(Index::create().col("name"))
            .to_owned();
        m.create_table(table).await?;
        for statement in INDEXES {
            m.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["schedule", "job"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// The same text on SQLite and PostgreSQL: partial indexes and descending keys are beyond the builder.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX ux_job_waiting ON job (unique_key) WHERE state IN ('queued', 'parked')",
    "CREATE INDEX ix_job_due ON job (class, priority DESC, run_at, id) WHERE state = 'queued'",
    "CREATE INDEX ix_job_lease ON job (lease_until) WHERE state = 'running'",
    "CREATE INDEX ix_job_connection ON job (connection_id, state)",
    "CREATE INDEX ix_job_document ON job (document_id)",
    "CREATE INDEX ix_job_state ON job (state, id)",
    "CREATE INDEX ix_schedule_due ON schedule (next_at)",
];
