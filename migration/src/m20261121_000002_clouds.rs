//! Providers, connections, consents, feeds and push channels.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("provider")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("name"))
            .col(text("name_key"))
            .col(text("description"))
            .col(text("client_id"))
            .col(ColumnDef::new("client_secret").blob().null().to_owned())
            .col(text("authorization_url"))
            .col(text("token_url"))
            .col(text_null("revoke_url"))
            .col(text("api_url"))
            .col(json_binary("scopes"))
            .col(boolean("enabled"))
            .col(big_integer("poll_seconds"))
            .col(boolean("push"))
            .col(big_integer("revision"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("modified_at"))
            .col(timestamp_with_time_zone_null("deleted_at"))
            .primary_key(Index::create().col("id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("connection")
            .col(uuid("id"))
            .col(uuid("provider_id"))
            .col(uuid("owner_id"))
            .col(text("remote_account_id"))
            .col(text_null("account_email"))
            .col(text_null("account_name"))
            .col(text("state"))
            .col(ColumnDef::new("access_token").blob().null().to_owned())
            .col(ColumnDef::new("refresh_token").blob().null().to_owned())
            .col(timestamp_with_time_zone_null("expires_at"))
            .col(json_binary("scopes"))
            .col(big_integer("token_version"))
            .col(uuid_null("refresh_lease"))
            .col(timestamp_with_time_zone_null("refresh_lease_until"))
            .col(text_null("problem"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("modified_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create()
                    .from("connection", "provider_id")
                    .to("provider", "id")
                    .on_delete(ForeignKeyAction::Restrict),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("connection", "owner_id")
                    .to("user", "id")
                    .on_delete(ForeignKeyAction::Restrict),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("connection_share")
            .col(uuid("connection_id"))
            .col(uuid("principal_id"))
            .primary_key(Index::create().col("connection_id").col("principal_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("connection_share", "connection_id")
                    .to("connection", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("oauth_flow")
            .col(uuid("id"))
            .col(uuid("provider_id"))
            .col(uuid("user_id"))
            .col(uuid("session_id"))
            .col(uuid_null("connection_id"))
            .col(text("redirect_uri"))
            .col(ColumnDef::new("ticket_hash").blob().not_null().to_owned())
            .col(ColumnDef::new("binding_hash").blob().null().to_owned())
            .col(ColumnDef::new("state_hash").blob().null().to_owned())
            .col(ColumnDef::new("verifier").blob().null().to_owned())
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("used_at"))
            .col(uuid_null("outcome_connection_id"))
            .col(text_null("outcome_error"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create()
                    .from("oauth_flow", "provider_id")
                    .to("provider", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("oauth_flow", "user_id")
                    .to("user", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("feed")
            .col(uuid("id"))
            .col(uuid("connection_id"))
            .col(text("drive_id"))
            .col(text("cursor"))
            .col(big_integer("generation"))
            .col(text("state"))
            .col(timestamp_with_time_zone_null("last_polled_at"))
            .col(timestamp_with_time_zone_null("last_change_at"))
            .col(timestamp_with_time_zone_null("reconcile_since"))
            .col(timestamp_with_time_zone_null("last_reconciled_at"))
            .col(text_null("problem"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create()
                    .from("feed", "connection_id")
                    .to("connection", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("channel")
            .col(uuid("id"))
            .col(uuid("feed_id"))
            .col(ColumnDef::new("token_hash").blob().not_null().to_owned())
            .col(text_null("resource_id"))
            .col(big_integer("message_number"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("stopped_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("channel", "feed_id").to("feed", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        for statement in INDEXES {
            m.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["channel", "feed", "oauth_flow", "connection_share", "connection", "provider"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// The same text on SQLite and PostgreSQL: partial indexes and descending keys are beyond the builder.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX ux_provider_name ON provider (name_key) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX ux_connection_account ON connection (provider_id, owner_id, remote_account_id)",
    "CREATE INDEX ix_connection_owner ON connection (owner_id)",
    "CREATE UNIQUE INDEX ux_oauth_flow_state ON oauth_flow (state_hash)",
    "CREATE UNIQUE INDEX ux_feed_place ON feed (connection_id, drive_id)",
    "CREATE INDEX ix_channel_feed ON channel (feed_id)",
];
