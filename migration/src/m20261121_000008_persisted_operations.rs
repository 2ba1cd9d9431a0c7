//! Operations that clients call by a name instead of sending their text, and how often each client does.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("persisted_operation")
            .col(uuid("id"))
            .col(text("key"))
            .col(text("hash"))
            .col(text("text"))
            .col(text_null("name"))
            .col(text("client"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("persisted_operation_use")
            .col(uuid("operation_id"))
            .col(text("client"))
            .col(big_integer("use_count"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .primary_key(Index::create().col("operation_id").col("client"))
            .foreign_key(
                ForeignKey::create()
                    .from("persisted_operation_use", "operation_id")
                    .to("persisted_operation", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        for statement in INDEXES {
            m.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["persisted_operation_use", "persisted_operation"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX ux_persisted_operation_key ON persisted_operation (key)",
    "CREATE INDEX ix_persisted_operation_hash ON persisted_operation (hash)",
];
