//! "Test this configuration": one line per thing that must be right, with what to do where it is not.

use hawser_entity::provider;
use hawser_providers::{self as providers, ErrorKind};
use uuid::Uuid;

use super::{cloud::build, form::check_address, look};
use crate::{App, Principal, Result};

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckName {
    /// Client id, secret and scopes are there.
    Complete,
    AuthorizationUrl,
    TokenUrl,
    RevokeUrl,
    ApiUrl,
    /// Something that speaks OAuth answers at the token address.
    TokenEndpoint,
    /// The cloud believes client id and secret, and knows the redirect address.
    Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
    /// Could not be looked at, because something before it failed.
    Skipped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: CheckName,
    pub verdict: Verdict,
    /// What was found.
    pub message: String,
    /// What to do next; absent where nothing is wrong.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub checks: Vec<Check>,
}

impl Report {
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.verdict == Verdict::Passed)
    }
}

/// Looks at everything that can be looked at without a user's consent. Works on providers that are switched off, too.
///
/// # Errors
/// `Forbidden` but for administrators; `NotFound`.
pub async fn test(app: &App, who: &Principal, id: Uuid) -> Result<Report> {
    who.require_admin()?;
    let row = look::live(app.database.read(), id).await?;
    let mut checks = vec![complete(&row)];
    let revoke = row.revoke_url.as_deref();
    for (name, url) in [
        (CheckName::AuthorizationUrl, Some(row.authorization_url.as_str())),
        (CheckName::TokenUrl, Some(row.token_url.as_str())),
        (CheckName::RevokeUrl, revoke),
        (CheckName::ApiUrl, Some(row.api_url.as_str())),
    ] {
        checks.extend(url.map(|url| address(app, name, url)));
    }
    if checks.iter().all(|check| check.verdict == Verdict::Passed) {
        let answer = build(app, &row)?.check_client(&look::redirect_uri(app, id)).await;
        checks.extend(answered(app, id, answer));
    } else {
        let later = |name| Check {
            name,
            verdict: Verdict::Skipped,
            message: "not tried: the configuration is not complete".into(),
            advice: Some("mend what failed above and test again".into()),
        };
        checks.extend([later(CheckName::TokenEndpoint), later(CheckName::Client)]);
    }
    Ok(Report { checks })
}

fn passed(name: CheckName, message: &str) -> Check {
    Check { name, verdict: Verdict::Passed, message: message.into(), advice: None }
}

fn failed(name: CheckName, message: String, advice: impl Into<String>) -> Check {
    Check { name, verdict: Verdict::Failed, message, advice: Some(advice.into()) }
}

fn complete(row: &provider::Model) -> Check {
    let missing: Vec<_> = [
        ("client id", row.client_id.is_empty()),
        ("client secret", row.client_secret.is_none()),
        ("scopes", look::scopes(row).is_empty()),
    ]
    .into_iter()
    .filter_map(|(what, missing)| missing.then_some(what))
    .collect();
    if missing.is_empty() {
        return passed(CheckName::Complete, "client id, client secret and scopes are there");
    }
    let advice = "copy them from the cloud's developer console into this provider";
    failed(CheckName::Complete, format!("missing: {}", missing.join(", ")), advice)
}

fn address(app: &App, name: CheckName, url: &str) -> Check {
    match check_address(app, url) {
        Ok(()) => passed(name, "the address may be called"),
        Err(message) => failed(name, message, "correct the address, or empty the field to use the cloud's own"),
    }
}

fn answered(app: &App, id: Uuid, answer: providers::Result<()>) -> [Check; 2] {
    use CheckName::{Client, TokenEndpoint};
    let reached = passed(TokenEndpoint, "the token endpoint answered");
    let Err(error) = answer else {
        return [reached, passed(Client, "the cloud believes the client id and the secret")];
    };
    match error.kind {
        ErrorKind::BadClient => {
            let advice = format!(
                "compare client id and secret with the cloud's developer console, and register the redirect address {} there",
                look::redirect_uri(app, id)
            );
            [reached, failed(Client, error.message, advice)]
        }
        ErrorKind::RateLimited | ErrorKind::QuotaExhausted => {
            [reached, failed(Client, error.message, "the cloud asks for patience: test again in some minutes")]
        }
        ErrorKind::BadRequest | ErrorKind::Forbidden | ErrorKind::GrantRevoked => {
            let advice = format!("register the redirect address {} at the cloud", look::redirect_uri(app, id));
            [reached, failed(Client, error.message, advice)]
        }
        _ => {
            let advice = "check the token address, the network and the cloud's status page, then test again";
            let client = Check {
                name: Client,
                verdict: Verdict::Skipped,
                message: "not known: the token endpoint did not answer as one".into(),
                advice: Some("test again once it answers".into()),
            };
            [failed(TokenEndpoint, error.message, advice), client]
        }
    }
}
