//! Which key a token's hash is made with: an old key may go when no token needs it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("token").add_column(text_null("hash_kid")).to_owned()).await?;
        m.get_connection().execute_unprepared(ONLY_KEY).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("token").drop_column("hash_kid").to_owned()).await
    }
}

/// Where there was only ever one key, it is known.
const ONLY_KEY: &str = "UPDATE token SET hash_kid = (SELECT MIN(kid) FROM secret_check) \
     WHERE (SELECT COUNT(*) FROM secret_check) = 1";
