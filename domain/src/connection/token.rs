//! Tokens at rest: sealed in the row they belong to, opened only on their way to a cloud.

use chrono::{DateTime, Duration, Utc};
use hawser_entity::connection;
use hawser_providers::Grant;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    App, Result,
    secret::{self, Place},
};

/// A token with less than this left counts as expired: it must outlive the call it is used for.
const MARGIN: Duration = Duration::seconds(120);

/// The sealed columns of a grant.
pub(super) struct Sealed {
    pub access: Vec<u8>,
    /// Absent where the cloud sent none: the old one stays good.
    pub refresh: Option<Vec<u8>>,
    pub expires_at: Option<DateTime<Utc>>,
}

pub(super) fn seal(app: &App, id: Uuid, grant: &Grant, now: DateTime<Utc>) -> Result<Sealed> {
    let seal = |place, token| secret::seal(&app.keys, &app.randomness, place, token);
    Ok(Sealed {
        access: seal(access_place(id), &grant.access_token)?,
        refresh: grant.refresh_token.as_ref().map(|token| seal(refresh_place(id), token)).transpose()?,
        expires_at: grant.expires_in.and_then(|life| Duration::from_std(life).ok()).map(|life| now + life),
    })
}

pub(super) fn open_access(app: &App, row: &connection::Model) -> Result<Option<SecretString>> {
    row.access_token.as_deref().map(|sealed| secret::open(&app.keys, access_place(row.id), sealed)).transpose()
}

pub(super) fn open_refresh(app: &App, row: &connection::Model) -> Result<Option<SecretString>> {
    row.refresh_token.as_deref().map(|sealed| secret::open(&app.keys, refresh_place(row.id), sealed)).transpose()
}

/// Whether the access token has to be renewed before it is used. One without an end is used until it is refused.
pub(super) fn is_stale(row: &connection::Model, now: DateTime<Utc>) -> bool {
    row.access_token.is_none() || row.expires_at.is_some_and(|end| end - now < MARGIN)
}

fn access_place(id: Uuid) -> Place<'static> {
    Place { table: "connection", column: "access_token", row: id }
}

fn refresh_place(id: Uuid) -> Place<'static> {
    Place { table: "connection", column: "refresh_token", row: id }
}
