//! Documents by their name alone, wherever they are: searches name folders so.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared(INDEX).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared("DROP INDEX ix_document_named").await?;
        Ok(())
    }
}

const INDEX: &str = "CREATE INDEX ix_document_named ON document (name_key) WHERE trash_root_id IS NULL";
