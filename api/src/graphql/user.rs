//! People.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::user::{Model, Role as DomainRole},
    principal::Scope,
    user,
};
use secrecy::SecretString;

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
    page::{self, Asked},
    scalar::Cursor,
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

/// What can be done with a person.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// To change the name.
    Update,
    /// To change the role.
    UpdateRole,
    /// To end all sign-ins and to allow no more.
    Disable,
    /// To allow sign-ins again.
    Enable,
}

/// A person who signs in.
#[derive(Description, Clone)]
pub struct User(pub Model);

#[Object(use_type_description)]
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

    /// What you may do with the person.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<UserAction>> {
        let who = viewer(ctx)?;
        let mut can = Vec::new();
        if who.require(Scope::Write).is_err() {
            return Ok(can);
        }
        let is_admin = who.require_admin().is_ok();
        if is_admin || who.user_id == self.0.id {
            can.push(UserAction::Update);
        }
        if is_admin {
            can.push(UserAction::UpdateRole);
            can.push(if self.0.disabled_at.is_none() { UserAction::Disable } else { UserAction::Enable });
        }
        Ok(can)
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

    /// All people, in the order they were added. For administrators; to find somebody to share with, use `principals`.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with this text in the name or the address, whatever the case.")] search: Option<
            String,
        >,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<User>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first, after, last, before }.keys::<User, _>(ctx)?;
        who.require_admin()?;
        let filter = user::Filter { search, enabled_only: false };
        let rows = user::list(app, who, &filter, &span).await?;
        let total = page::total(ctx, user::count(app, who, &filter)).await?;
        page::page(rows, total, |row| row.id, User)
    }
}

/// A person to be added.
#[derive(InputObject)]
struct UserCreateInput {
    /// The address the person signs in with; no two people have the same.
    email: String,
    /// What the person is called.
    name: String,
    /// What the person may do.
    #[graphql(default_with = "Role::Member")]
    role: Role,
    /// The first password, of 10 to 512 characters; without one the person cannot sign in with a password.
    #[graphql(secret)]
    password: Option<String>,
    /// A text of your own, so that a repeated request adds nobody a second time.
    idempotency_key: Option<String>,
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

/// A person to be disabled, or enabled again.
#[derive(InputObject)]
struct UserDisableInput {
    /// The person.
    id: Id<of::User>,
}

/// The outcome of a change of a person.
#[derive(SimpleObject)]
struct UserPayload {
    /// The person as of now; null where nothing was changed.
    user: Option<User>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Adds a person. For administrators.
    async fn user_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to be added.")] input: UserCreateInput,
    ) -> Result<UserPayload> {
        let password = input.password.map(SecretString::from);
        let new = user::New { email: input.email, name: input.name, role: input.role.into(), password };
        payload(user::create(app(ctx)?, viewer(ctx)?, new, input.idempotency_key.as_deref()).await)
    }

    /// Changes your name, or, for administrators, anybody's name and role. The last administrator stays one.
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UserUpdateInput,
    ) -> Result<UserPayload> {
        let update = user::Update { name: input.name, role: input.role.map(Into::into) };
        payload(user::update(app(ctx)?, viewer(ctx)?, input.id.0, update).await)
    }

    /// Ends all sign-ins of a person at once, revokes their tokens, and allows no more. For administrators.
    async fn user_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to be disabled.")] input: UserDisableInput,
    ) -> Result<UserPayload> {
        payload(user::disable(app(ctx)?, viewer(ctx)?, input.id.0).await)
    }

    /// Lets a disabled person sign in again. For administrators.
    async fn user_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to be enabled.")] input: UserDisableInput,
    ) -> Result<UserPayload> {
        payload(user::enable(app(ctx)?, viewer(ctx)?, input.id.0).await)
    }
}

fn payload(outcome: hawser_domain::Result<Model>) -> Result<UserPayload> {
    let (user, user_errors) = error::split(outcome)?;
    Ok(UserPayload { user: user.map(User), user_errors })
}
