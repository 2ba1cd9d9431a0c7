//! The tree of documents, their access rules, contents and renditions.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("document")
            .col(uuid("id"))
            .col(text("kind"))
            .col(uuid_null("parent_id"))
            .col(text("name"))
            .col(text("name_key"))
            .col(big_integer_null("position"))
            .col(big_integer("content_token"))
            .col(big_integer("name_token"))
            .col(uuid("acl_id"))
            .col(boolean("acl_blocks"))
            .col(uuid_null("trash_root_id"))
            .col(timestamp_with_time_zone_null("trashed_at"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(uuid_null("modified_by"))
            .col(timestamp_with_time_zone("modified_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create()
                    .from("document", "parent_id")
                    .to("document", "id")
                    .on_delete(ForeignKeyAction::NoAction),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("document_ancestor")
            .col(uuid("document_id"))
            .col(uuid("ancestor_id"))
            .col(integer("depth"))
            .primary_key(Index::create().col("document_id").col("ancestor_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("document_ancestor", "document_id")
                    .to("document", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("document_ancestor", "ancestor_id")
                    .to("document", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("acl_entry")
            .col(uuid("document_id"))
            .col(uuid("principal_id"))
            .col(text("permission"))
            .col(uuid_null("granted_by"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("document_id").col("principal_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("acl_entry", "document_id")
                    .to("document", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("acl_grant")
            .col(uuid("acl_id"))
            .col(uuid("principal_id"))
            .col(text("permission"))
            .primary_key(Index::create().col("acl_id").col("principal_id"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("content")
            .col(uuid("document_id"))
            .col(uuid("connection_id"))
            .col(uuid_null("feed_id"))
            .col(text("remote_id"))
            .col(text_null("drive_id"))
            .col(text_null("remote_parent"))
            .col(text_null("resource_key"))
            .col(text("remote_name"))
            .col(text("mime_type"))
            .col(big_integer_null("size"))
            .col(text_null("hash_kind"))
            .col(text_null("hash"))
            .col(text_null("revision"))
            .col(text_null("remote_version"))
            .col(timestamp_with_time_zone_null("remote_modified_at"))
            .col(text_null("thumbnail_version"))
            .col(json_binary("remote"))
            .col(text("state"))
            .col(timestamp_with_time_zone_null("unavailable_since"))
            .col(text_null("unavailable_reason"))
            .col(timestamp_with_time_zone("checked_at"))
            .col(uuid_null("linked_by"))
            .primary_key(Index::create().col("document_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("content", "document_id")
                    .to("document", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("content", "connection_id")
                    .to("connection", "id")
                    .on_delete(ForeignKeyAction::Restrict),
            )
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("blob")
            .col(text("hash"))
            .col(big_integer("size"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("hash"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("rendition")
            .col(uuid("document_id"))
            .col(text("kind"))
            .col(text("source"))
            .col(text("blob"))
            .col(text("mime_type"))
            .col(big_integer("size"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("document_id").col("kind"))
            .foreign_key(
                ForeignKey::create()
                    .from("rendition", "document_id")
                    .to("document", "id")
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
        for table in ["rendition", "blob", "content", "acl_grant", "acl_entry", "document_ancestor", "document"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// The same text on SQLite and PostgreSQL: partial indexes and descending keys are beyond the builder.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX ux_document_live_name ON document (parent_id, name_key) WHERE trash_root_id IS NULL AND parent_id IS NOT NULL",
    "CREATE UNIQUE INDEX ux_document_live_root_name ON document (name_key) WHERE trash_root_id IS NULL AND parent_id IS NULL",
    "CREATE INDEX ix_document_parent ON document (parent_id, name_key, id)",
    "CREATE INDEX ix_document_named ON document (name_key, id) WHERE trash_root_id IS NULL",
    "CREATE INDEX ix_document_acl ON document (acl_id)",
    "CREATE INDEX ix_document_trash ON document (trash_root_id) WHERE trash_root_id IS NOT NULL",
    "CREATE INDEX ix_document_modified ON document (modified_at, id)",
    "CREATE INDEX ix_document_ancestor_down ON document_ancestor (ancestor_id, depth, document_id)",
    "CREATE INDEX ix_acl_entry_principal ON acl_entry (principal_id)",
    "CREATE INDEX ix_acl_grant_principal ON acl_grant (principal_id, permission, acl_id)",
    "CREATE INDEX ix_content_remote ON content (connection_id, remote_id)",
    "CREATE INDEX ix_content_parent ON content (connection_id, remote_parent)",
    "CREATE INDEX ix_content_feed ON content (feed_id)",
    "CREATE INDEX ix_rendition_blob ON rendition (blob)",
];
