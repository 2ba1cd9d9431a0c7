//! New passwords.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use hawser_domain::user as users;
use secrecy::SecretString;

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
    user::User,
};

/// A change of your own password.
#[derive(InputObject)]
struct PasswordChangeInput {
    /// The one that holds now.
    #[graphql(secret)]
    old_password: String,
    /// The one to hold from now on, of 10 to 512 characters.
    #[graphql(secret)]
    new_password: String,
}

/// A password for somebody else.
#[derive(InputObject)]
struct PasswordSetInput {
    /// The person.
    user_id: Id<of::User>,
    /// The one to hold from now on, of 10 to 512 characters.
    #[graphql(secret)]
    password: String,
}

/// The outcome of `passwordChange` and `passwordSet`.
#[derive(SimpleObject)]
struct PasswordPayload {
    /// The person whose password it is; null where it stays as it was.
    user: Option<User>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Changes your password. All your other sessions and tokens are revoked; the session you do it in goes on.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: PasswordChangeInput,
    ) -> Result<PasswordPayload> {
        let (old, new) = (SecretString::from(input.old_password), SecretString::from(input.new_password));
        let (user, user_errors) =
            error::about(&["input"], users::password_change(app(ctx)?, viewer(ctx)?, &old, &new).await)?;
        Ok(PasswordPayload { user: user.map(User), user_errors })
    }

    /// Gives somebody else a password, and revokes all their sessions and tokens. For administrators.
    async fn password_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose password, and which.")] input: PasswordSetInput,
    ) -> Result<PasswordPayload> {
        let password = SecretString::from(input.password);
        let outcome = users::password_set(app(ctx)?, viewer(ctx)?, input.user_id.0, &password).await;
        let (user, user_errors) = error::about(&["input", "userId"], outcome)?;
        Ok(PasswordPayload { user: user.map(User), user_errors })
    }
}
