//! People, groups and what they sign in with.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("user")
            .col(uuid("id"))
            .col(text("email"))
            .col(text("email_key"))
            .col(text("name"))
            .col(text("role"))
            .col(text_null("password_hash"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("group")
            .col(uuid("id"))
            .col(text("name"))
            .col(text("name_key"))
            .col(boolean("built_in"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("group_member")
            .col(uuid("group_id"))
            .col(uuid("user_id"))
            .primary_key(Index::create().col("group_id").col("user_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("group_member", "group_id")
                    .to("group", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("group_member", "user_id")
                    .to("user", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("token")
            .col(uuid("id"))
            .col(uuid("user_id"))
            .col(text("kind"))
            .col(text("name"))
            .col(text("hint"))
            .col(ColumnDef::new("hash").blob().not_null().to_owned())
            .col(json_binary("scopes"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("token", "user_id").to("user", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        for statement in INDEXES {
            m.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["token", "group_member", "group", "user"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// The same text on SQLite and PostgreSQL: partial indexes and descending keys are beyond the builder.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX ux_user_email ON \"user\" (email_key)",
    "CREATE UNIQUE INDEX ux_group_name ON \"group\" (name_key)",
    "CREATE INDEX ix_group_member_user ON group_member (user_id)",
    "CREATE UNIQUE INDEX ux_token_hash ON token (hash)",
    "CREATE INDEX ix_token_user ON token (user_id, kind)",
];
