//! Tickets: short-lived signed permission to fetch one thing, carried in a URL where no header can be sent. A ticket is
//! good only while the token it was made with is, and reading is authorised again when it is used.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use hawser_entity::{acl_entry::Permission, document};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::{App, Error, Principal, Result, document as documents, principal::Scope, token};

const PURPOSE: &str = "hawser/ticket/v1";
/// How long a ticket is good, in seconds: long enough to click, too short to pass around.
const LIFE: i64 = 600;
const REFUSED: Error = Error::Unauthenticated("this address is no longer good; ask for a new one");

/// What a ticket lets its bearer fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    Download,
    /// Leads on to the cloud's own download page.
    Redirect,
    Pdf,
    Thumbnail,
}

/// A ticket as text, to be put into a URL.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub text: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    kid: String,
    document: Uuid,
    what: Use,
    token: Uuid,
    until: i64,
}

/// Makes a ticket for a document the caller may read. The caller has checked that.
pub fn mint(app: &App, who: &Principal, document_id: Uuid, what: Use) -> Result<Ticket> {
    let expires_at = app.clock.now() + Duration::seconds(LIFE);
    let claims = Claims {
        kid: app.keys.active().to_owned(),
        document: document_id,
        what,
        token: who.token_id,
        until: expires_at.timestamp(),
    };
    let body = serde_json::to_vec(&claims)?;
    let signature = signature(app, &claims.kid, &body)?.finalize().into_bytes();
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(&body), URL_SAFE_NO_PAD.encode(signature));
    Ok(Ticket { text, expires_at })
}

/// The document a ticket opens, to whoever's token it was made with.
///
/// # Errors
/// `Unauthenticated` for tickets that are malformed, forged, expired, for another use, or whose token ended;
/// `NotFound` when the document is no longer theirs to read.
pub async fn redeem(app: &App, text: &str, what: Use, address: Option<IpAddr>) -> Result<document::Model> {
    let (body, signed) = text.split_once('.').ok_or(REFUSED)?;
    let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| REFUSED)?;
    let signed = URL_SAFE_NO_PAD.decode(signed).map_err(|_| REFUSED)?;
    let claims: Claims = serde_json::from_slice(&body).map_err(|_| REFUSED)?;
    let expected = signature(app, &claims.kid, &body).map_err(|_| REFUSED)?;
    expected.verify_slice(&signed).map_err(|_| REFUSED)?;
    if claims.what != what || claims.until <= app.clock.now().timestamp() {
        return Err(REFUSED);
    }
    let who = token::of_token(app, claims.token, address).await?;
    who.require(Scope::Read)?;
    documents::find(app, &who, claims.document, Permission::Read).await
}

fn signature(app: &App, kid: &str, body: &[u8]) -> Result<Hmac<Sha256>> {
    let key = app.keys.derive(kid, PURPOSE)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(|error| Error::Secret(error.to_string()))?;
    mac.update(body);
    Ok(mac)
}
