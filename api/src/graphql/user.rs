//! People.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::user::{Model, Role as DomainRole},
    user,
};

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
};

/// What a person may do beyond the documents shared with them.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainRole")]
pub enum Role {
    /// Configures providers, people and jobs; reads everything.
    Admin,
    /// Works with documents.
    Member,
}

/// A person who signs in.
#[derive(Clone)]
pub struct User(pub Model);

#[Object]
impl User {
    /// The id of this person.
    pub async fn id(&self) -> Id<of::User> {
        self.0.id.into()
    }

    /// What the person is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The address the person signs in with; null unless it is you or you are an administrator.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(user::shows_email(viewer(ctx)?, &self.0).then_some(self.0.email.as_str()))
    }

    /// What the person may do beyond the documents shared with them.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Since when the person cannot sign in any more; null for those who can.
    async fn disabled_at(&self) -> Option<DateTime<Utc>> {
        self.0.disabled_at
    }

    /// When the person was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One person; null when there is none with this id.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the person.")] id: Id<of::User>,
    ) -> Result<Option<User>> {
        Ok(error::maybe(user::find(app(ctx)?, viewer(ctx)?, id.0).await)?.map(User))
    }
}

/// What to change of a person; what is absent stays.
#[derive(InputObject)]
struct UserUpdateInput {
    /// The person.
    id: Id<of::User>,
    /// What the person is to be called.
    name: Option<String>,
    /// What the person may do from now on; for administrators.
    role: Option<Role>,
}

/// The outcome of `userUpdate`.
#[derive(SimpleObject)]
struct UserUpdatePayload {
    /// The person as of now; null where nothing was changed.
    user: Option<User>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Changes your name, or, for administrators, anybody's name and role.
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UserUpdateInput,
    ) -> Result<UserUpdatePayload> {
        let update = user::Update { name: input.name, role: input.role.map(Into::into) };
        let (user, user_errors) = error::split(user::update(app(ctx)?, viewer(ctx)?, input.id.0, update).await)?;
        Ok(UserUpdatePayload { user: user.map(User), user_errors })
    }
}
