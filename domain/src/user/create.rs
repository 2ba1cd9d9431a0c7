//! How people come: by an administrator, or as the first one of a new house.

use hawser_entity::user::{self, Role};
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::password;
use crate::{
    App, Error, Principal, Result, Write,
    idempotency::Intent,
    principal::{Actor, Scope},
    token,
};

/// A person to be added.
#[derive(Debug, Clone)]
pub struct New {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Without one the person cannot sign in with a password.
    pub password: Option<SecretString>,
}

/// # Errors
/// `Forbidden` unless by an administrator; `Invalid` naming the field, also when the address is in use; `KeyReused`.
pub async fn create(app: &App, who: &Principal, new: New, key: Option<&str>) -> Result<user::Model> {
    who.require(Scope::Write)?;
    who.require_admin()?;
    let intent = Intent::new(key, "user.create", &(&new.email, &new.name, new.role))?;
    let row = prepare(app, new).await?;
    let w = app.write(who).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return user::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("user"));
    }
    let made = insert(&w, row).await?;
    w.remember(intent.as_ref(), &made.id).await?;
    w.commit().await?;
    Ok(made)
}

/// Makes the first administrator of a house without people. Returns the password when it had to be made up: it is known
/// to nobody else and cannot be read again.
pub async fn ensure_first_admin(app: &App) -> Result<Option<SecretString>> {
    if anybody(app.database.read()).await? {
        return Ok(None);
    }
    let made_up = app.config.admin_password.is_none();
    let password = match &app.config.admin_password {
        Some(password) => password.clone(),
        None => SecretString::from(token::secret::letters(&app.randomness, 20)),
    };
    let new = New {
        email: app.config.admin_email.clone(),
        name: "Administrator".into(),
        role: Role::Admin,
        password: Some(password.clone()),
    };
    let row = prepare(app, new).await.map_err(|error| match error {
        Error::Invalid { message, path } => {
            Error::Config(vec![format!("admin_{}: {message}", path.last().map_or("email", String::as_str))])
        }
        error => error,
    })?;
    let w = app.write(Actor::System).await?;
    // Another process may have been faster between the look and the lock.
    if anybody(w.db()).await? {
        return Ok(None);
    }
    insert(&w, row).await?;
    w.commit().await?;
    Ok(made_up.then_some(password))
}

async fn anybody(db: &impl sea_orm::ConnectionTrait) -> Result<bool> {
    Ok(user::Entity::find().limit(1).one(db).await?.is_some())
}

/// Checks and hashes outside the transaction: hashing is slow.
async fn prepare(app: &App, new: New) -> Result<user::ActiveModel> {
    let (email, email_key) = super::checked_email(&new.email)?;
    let name = super::checked_name(&new.name)?;
    let password_hash = match &new.password {
        Some(password) => {
            password::check(password)?;
            Some(password::hash(&app.randomness, password).await?)
        }
        None => None,
    };
    let now = app.clock.now();
    Ok(user::ActiveModel {
        id: Set(app.randomness.id(now)),
        email: Set(email),
        email_key: Set(email_key),
        name: Set(name),
        role: Set(new.role),
        password_hash: Set(password_hash),
        disabled_at: Set(None),
        created_at: Set(now),
    })
}

async fn insert(w: &Write<'_>, row: user::ActiveModel) -> Result<user::Model> {
    let inserted = user::Entity::insert(row).exec_with_returning(w.db()).await;
    let made = inserted.map_err(|error| match Error::is_unique_violation(&error) {
        true => Error::invalid(&["input", "email"], "somebody with this e-mail address is there already"),
        false => error.into(),
    })?;
    w.audit("user.create", "user", Some(made.id), json!({ "role": made.role })).await?;
    Ok(made)
}
