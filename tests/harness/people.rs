//! The people of a house under test, signed in.

use hawser_domain::{Principal, entity::user::Role, token, user};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{House, template::ADMIN_PASSWORD};

/// Somebody who signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: Uuid,
    pub principal: Principal,
    /// What goes behind `Bearer `.
    pub token: String,
}

impl Person {
    pub const ADMIN_EMAIL: &'static str = "admin@localhost";
    pub const ADMIN_PASSWORD: &'static str = ADMIN_PASSWORD;
}

impl House {
    /// The administrator, in a new session.
    pub async fn admin(&self) -> Person {
        let admin = user::find_by_email(&self.app, Person::ADMIN_EMAIL).await.expect("the administrator");
        self.person(admin.id).await
    }

    /// A member with this name, made now, at `<name>@example.org`, without a password.
    pub async fn member(&self, name: &str) -> Person {
        self.add(name, None).await
    }

    /// A member who can sign in with a password.
    pub async fn member_with_password(&self, name: &str, password: &str) -> Person {
        self.add(name, Some(SecretString::from(password))).await
    }

    async fn add(&self, name: &str, password: Option<SecretString>) -> Person {
        let admin = self.admin().await;
        let email = format!("{name}@example.org");
        let new = user::New { email, name: name.to_owned(), role: Role::Member, password };
        let made = user::create(&self.app, &admin.principal, new, None).await.expect("a member");
        self.person(made.id).await
    }

    /// A new session of somebody who is there already.
    pub async fn person(&self, id: Uuid) -> Person {
        let issued = token::open_session(&self.app, id).await.expect("a session");
        let token = issued.secret.expose_secret().to_owned();
        let principal = token::authenticate(&self.app, &token, None).await.expect("a good token");
        Person { id, principal, token }
    }
}
