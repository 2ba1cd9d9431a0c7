//! Groups of people. One is always there: everybody is in it without being listed.

mod change;
mod look;
mod member;

pub use change::{create, delete, rename};
pub use look::{Filter, count, find, find_many, list};
pub(crate) use member::add_members;
pub use member::{add_member, members, members_count, remove_member};

use hawser_entity::group;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{Result, Write, principal::EVERYONE};

/// Makes the built-in group of everyone in a new database.
pub(crate) async fn found(w: &Write<'_>) -> Result<()> {
    if group::Entity::find_by_id(EVERYONE).one(w.db()).await?.is_some() {
        return Ok(());
    }
    let name = "Everyone";
    let row = group::ActiveModel {
        id: Set(EVERYONE),
        name: Set(name.into()),
        name_key: Set(crate::name::key(name)),
        built_in: Set(true),
        created_at: Set(w.now),
    };
    group::Entity::insert(row).exec_without_returning(w.db()).await?;
    Ok(())
}
