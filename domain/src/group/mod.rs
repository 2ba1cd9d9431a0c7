//! Groups of people.

mod look;

pub use look::{find, find_many};

use hawser_entity::group;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{Result, Write, principal::EVERYONE};

/// Makes the built-in group of everyone in a new database.
pub(crate) async fn found(w: &Write<'_>) -> Result<()> {
    if group::Entity::find_by_id(EVERYONE).one(w.db()).await?.is_some() {
        return Ok(());
    }
    let row = group::ActiveModel {
        id: Set(EVERYONE),
        name: Set("Everyone".into()),
        name_key: Set("everyone".into()),
        built_in: Set(true),
        created_at: Set(w.now),
    };
    group::Entity::insert(row).exec_without_returning(w.db()).await?;
    Ok(())
}
