//! What was read out of contents: once for the same bytes, however many documents hold them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("extraction")
            .col(text("hash"))
            .col(integer("version"))
            .col(text("outcome"))
            .col(integer("tries"))
            .col(text_null("mime_type"))
            .col(text_null("detail"))
            .col(text_null("trouble"))
            .col(text_null("encoding"))
            .col(boolean("is_poor"))
            .col(boolean("needs_ocr"))
            .col(json_binary("metadata"))
            .col(text_null("text_blob"))
            .col(big_integer("text_size"))
            .col(text_null("drawn"))
            .col(integer_null("drawn_version"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("hash"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("picture")
            .col(text("hash"))
            .col(integer("edge"))
            .col(text("blob"))
            .col(text("mime_type"))
            .col(integer("width"))
            .col(integer("height"))
            .col(big_integer("size"))
            .primary_key(Index::create().col("hash").col("edge"))
            .to_owned();
        m.create_table(table).await?;
        let table = Table::create()
            .table("reading")
            .col(uuid("document_id"))
            .col(text("source"))
            .col(text_null("hash"))
            .col(text_null("outcome"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("document_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("reading", "document_id")
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
        for table in ["reading", "picture", "extraction"] {
            m.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

const INDEXES: &[&str] = &[
    "CREATE INDEX ix_extraction_text ON extraction (text_blob)",
    "CREATE INDEX ix_extraction_version ON extraction (version, outcome)",
    "CREATE INDEX ix_picture_blob ON picture (blob)",
    "CREATE INDEX ix_reading_hash ON reading (hash)",
    "CREATE INDEX ix_reading_source ON reading (source)",
];
