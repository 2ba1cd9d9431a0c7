//! Who asks: a signed-in user with groups, role and token scopes, or the house itself.

use std::net::IpAddr;

use hawser_entity::user::Role;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Result};

/// The built-in group that every user belongs to.
pub const EVERYONE: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

/// What a token may be used for. A session has all scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    Write,
    Admin,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::Read, Scope::Write, Scope::Admin];
}

/// A signed-in caller. Minted by `token::authenticate` and by nothing else outside tests.
#[derive(Debug, Clone)]
pub struct Principal {
    pub user_id: Uuid,
    pub role: Role,
    /// Every group the user is in, `EVERYONE` included.
    pub groups: Vec<Uuid>,
    pub token_id: Uuid,
    pub scopes: Vec<Scope>,
    /// Whether the token is a session: some doors (consent, personal tokens) open to people only.
    pub is_session: bool,
    pub address: Option<IpAddr>,
}

impl Principal {
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// The ids permissions can be given to that mean this caller.
    pub fn ids(&self) -> Vec<Uuid> {
        std::iter::once(self.user_id).chain(self.groups.iter().copied()).collect()
    }

    /// # Errors
    /// `Forbidden` when the token was not made for this.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Error::Forbidden(format!("this token lacks the scope {scope:?}; make one that has it")))
    }

    /// # Errors
    /// `Forbidden` unless the caller is an administrator with a token that says so.
    pub fn require_admin(&self) -> Result<()> {
        if !self.is_admin() {
            return Err(Error::Forbidden("only an administrator may do this".into()));
        }
        self.require(Scope::Admin)
    }
}

/// In whose name a transaction writes.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    User(&'a Principal),
    /// A browser back from a consent: it brings no token, but is bound to the session that began.
    Browser {
        user_id: Uuid,
        session_id: Uuid,
    },
    /// The house: a worker, the schedule, the command line.
    System,
}

impl Actor<'_> {
    pub fn user_id(&self) -> Option<Uuid> {
        match self {
            Actor::User(who) => Some(who.user_id),
            Actor::Browser { user_id, .. } => Some(*user_id),
            Actor::System => None,
        }
    }
}

impl<'a> From<&'a Principal> for Actor<'a> {
    fn from(who: &'a Principal) -> Self {
        Actor::User(who)
    }
}
