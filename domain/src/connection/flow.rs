//! How a consent stands: what the person who began it may know.

use chrono::Duration;
use hawser_entity::oauth_flow;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    principal::{Actor, Scope},
};

/// Why a consent led to nothing. The first four leave the consent as it was; the others end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    UnknownState,
    OtherBrowser,
    OtherProvider,
    UsedOrExpired,
    Denied,
    MissingScopes,
    OtherAccount,
    SessionEnded,
    CodeRefused,
    ClientRefused,
    CloudUnavailable,
    Failed,
}

impl Problem {
    pub const ALL: [Problem; 12] = [
        Problem::UnknownState,
        Problem::OtherBrowser,
        Problem::OtherProvider,
        Problem::UsedOrExpired,
        Problem::Denied,
        Problem::MissingScopes,
        Problem::OtherAccount,
        Problem::SessionEnded,
        Problem::CodeRefused,
        Problem::ClientRefused,
        Problem::CloudUnavailable,
        Problem::Failed,
    ];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Problem::UnknownState => "UNKNOWN_STATE",
            Problem::OtherBrowser => "OTHER_BROWSER",
            Problem::OtherProvider => "OTHER_PROVIDER",
            Problem::UsedOrExpired => "USED_OR_EXPIRED",
            Problem::Denied => "DENIED",
            Problem::MissingScopes => "MISSING_SCOPES",
            Problem::OtherAccount => "OTHER_ACCOUNT",
            Problem::SessionEnded => "SESSION_ENDED",
            Problem::CodeRefused => "CODE_REFUSED",
            Problem::ClientRefused => "CLIENT_REFUSED",
            Problem::CloudUnavailable => "CLOUD_UNAVAILABLE",
            Problem::Failed => "FAILED",
        }
    }

    /// What happened and what to do, for the person at the browser.
    pub fn message(self) -> &'static str {
        match self {
            Problem::UnknownState => "This answer belongs to no consent begun here. Begin again from the application.",
            Problem::OtherBrowser => {
                "The consent was begun in another browser. Begin and end it in the same one, with cookies allowed."
            }
            Problem::OtherProvider => "This answer came by another provider's door. Begin again from the application.",
            Problem::UsedOrExpired => "This consent was used already, or took more than ten minutes. Begin again.",
            Problem::Denied => "You did not give access, so nothing was connected.",
            Problem::MissingScopes => {
                "Some of the access that is needed was not given, so nothing was connected. Begin again and leave all boxes ticked."
            }
            Problem::OtherAccount => {
                "This is another account than the one connected before, so nothing was changed. Begin again and choose the same account."
            }
            Problem::SessionEnded => "You have been signed out meanwhile. Sign in and begin again.",
            Problem::CodeRefused => "The cloud did not honour its own answer. Begin again.",
            Problem::ClientRefused => {
                "The cloud does not accept this installation's client id or secret. An administrator has to correct the provider."
            }
            Problem::CloudUnavailable => "The cloud cannot be reached just now. Begin again in a few minutes.",
            Problem::Failed => "Something went wrong while connecting. Begin again.",
        }
    }
}

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowState {
    /// The person has not come back yet, or the cloud is being asked.
    Waiting,
    Connected {
        connection_id: Uuid,
    },
    Failed(Problem),
}

/// How a consent ended, or that it has not yet: for whoever began it.
///
/// # Errors
/// `NotFound` for unknown and for another's consents.
pub async fn flow(app: &App, who: &Principal, id: Uuid) -> Result<FlowState> {
    who.require(Scope::Read)?;
    let row = oauth_flow::Entity::find_by_id(id).one(app.database.read()).await?;
    let row = row.filter(|row| row.user_id == who.user_id).ok_or(Error::not_found("consent"))?;
    if let Some(connection_id) = row.outcome_connection_id {
        return Ok(FlowState::Connected { connection_id });
    }
    if let Some(word) = &row.outcome_error {
        let problem = Problem::ALL.into_iter().find(|problem| problem.word() == word);
        return Ok(FlowState::Failed(problem.unwrap_or(Problem::Failed)));
    }
    // One used in its last moment still gets the time an exchange may take.
    let grace = if row.used_at.is_some() { Duration::minutes(2) } else { Duration::zero() };
    match row.expires_at + grace <= app.clock.now() {
        true => Ok(FlowState::Failed(Problem::UsedOrExpired)),
        false => Ok(FlowState::Waiting),
    }
}

/// Forgets consents that ended a day ago or longer. Returns how many.
pub async fn purge_consents(app: &App) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let old = oauth_flow::Column::ExpiresAt.lt(w.now - Duration::days(1));
    let rows = oauth_flow::Entity::delete_many().filter(old).exec(w.db()).await?.rows_affected;
    w.commit().await?;
    Ok(rows)
}
