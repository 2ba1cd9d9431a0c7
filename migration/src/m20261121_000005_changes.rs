//! The change log, the audit and remembered answers.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("repository")
            .col(integer("id"))
            .col(uuid("epoch"))
            .col(big_integer("head_seq"))
            .col(big_integer("min_seq"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("change")
            .col(big_integer("seq"))
            .col(text("noun"))
            .col(uuid("subject_id"))
            .col(text("kind"))
            .col(uuid_null("owner_id"))
            .col(uuid_null("actor_id"))
            .col(json_binary_null("audience"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("seq"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("audit_entry")
            .col(uuid("id"))
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("actor_id"))
            .col(uuid_null("token_id"))
            .col(text("action"))
            .col(text("noun"))
            .col(uuid_null("subject_id"))
            .col(text_null("address"))
            .col(json_binary("detail"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("idempotency")
            .col(uuid("user_id"))
            .col(text("key"))
            .col(text("operation"))
            .col(ColumnDef::new("request").blob().not_null().to_owned())
            .col(json_binary("response"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("user_id").col("key"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("secret_check")
            .col(text("kid"))
            .col(ColumnDef::new("sealed").blob().not_null().to_owned())
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("kid"))
            .to_owned();
        m.create_table(table).await?;
        for statement in INDEXES {
            m.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["secret_check", "idempotency", "audit_entry", "change", "repository"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// The same text on SQLite and PostgreSQL: partial indexes and descending keys are beyond the builder.
const INDEXES: &[&str] = &[
    "CREATE INDEX ix_audit_subject ON audit_entry (subject_id, at)",
    "CREATE INDEX ix_audit_at ON audit_entry (at)",
    "CREATE INDEX ix_change_subject ON change (subject_id, seq)",
];
