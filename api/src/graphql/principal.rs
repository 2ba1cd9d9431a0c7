//! Whoever a permission can be given to.

use async_graphql::{Context, Object, Result, Union};
use hawser_domain::{group as groups, page::Span, user as users};
use uuid::Uuid;

use super::{
    caller::{app, viewer},
    error,
    group::Group,
    loaders::loaders,
    page,
    user::User,
};

/// A person or a group: whoever a permission can be given to.
#[derive(Union)]
pub enum Principal {
    Group(Group),
    User(User),
}

/// The person or group with this id; null when they are gone.
pub async fn principal(ctx: &Context<'_>, id: Uuid) -> Result<Option<Principal>> {
    if let Some(group) = loaders(ctx)?.groups.load_one(id).await? {
        return Ok(Some(Group(group).into()));
    }
    Ok(loaders(ctx)?.users.load_one(id).await?.map(|user| User(user).into()))
}

#[derive(Default)]
pub struct PrincipalQuery;

#[Object]
impl PrincipalQuery {
    /// Groups, then people who can sign in, with this text in the name, whatever the case: to choose whom to share with.
    async fn principals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Text in the name.")] search: String,
        #[graphql(desc = "How many, 100 at most; 50 unless told.")] first: Option<i32>,
    ) -> Result<Vec<Principal>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        if search.trim().is_empty() {
            return Err(error::bad_input("`search` needs at least one visible character"));
        }
        let first = page::rows("first", first)? as u64;
        let search = Some(search.trim().to_owned());
        let filter = groups::Filter { search: search.clone() };
        let groups = groups::list(app, who, &filter, &Span::first(first)).await?.rows;
        let filter = users::Filter { search, enabled_only: true };
        let users = users::list(app, who, &filter, &Span::first(first - groups.len() as u64)).await?.rows;
        let groups = groups.into_iter().map(|it| Group(it).into());
        Ok(groups.chain(users.into_iter().map(|it| User(it).into())).collect())
    }
}
