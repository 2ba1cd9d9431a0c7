//! Groups of people.

use async_graphql::Object;
use hawser_domain::entity::group;

use super::node::{Id, of};

/// People named together, so that a permission can be given to all of them.
pub struct Group(pub group::Model);

#[Object]
impl Group {
    /// The id of this group.
    pub async fn id(&self) -> Id<of::Group> {
        self.0.id.into()
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is the group of everyone, which is always there and cannot be changed.
    async fn is_built_in(&self) -> bool {
        self.0.built_in
    }
}
