//! Who callers that stay are, as of now. Sockets and streams ask at each delivery; the database is asked at most once a
//! second for each token, and at once where something is known to have changed.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::authenticate::{REFUSED, read};
use crate::{App, Error, Principal, Result, change::FRESH};

/// Beyond this many tokens, those nobody asked for lately are forgotten.
const KEPT: usize = 10_000;

type Place = Arc<Mutex<Option<Standing>>>;

/// Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Standings(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// One place for each token: of many who ask at once, one reads and the others wait for it.
    places: std::sync::Mutex<HashMap<Uuid, Place>>,
    /// Moves when a token, a person or a group changed, as far as this process has heard.
    generation: AtomicU64,
}

/// Somebody, as read.
#[derive(Debug, Clone)]
struct Standing {
    who: Principal,
    expires_at: DateTime<Utc>,
    read_at: DateTime<Utc>,
    generation: u64,
    /// All of the change log up to here was taken into account.
    as_of: i64,
}

impl Standing {
    fn holds(&self, app: &App, seq: i64) -> Option<Principal> {
        let now = app.clock.now();
        let fresh = now - self.read_at < FRESH && self.expires_at > now;
        let known = self.generation == app.standings.generation() && self.as_of >= seq;
        (fresh && known).then(|| self.who.clone())
    }
}

impl Standings {
    /// Call after a commit that changed who somebody is.
    pub(crate) fn forget(&self) {
        self.0.generation.fetch_add(1, Ordering::AcqRel);
    }

    fn place(&self, token_id: Uuid) -> Place {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= KEPT && !places.contains_key(&token_id) {
            places.retain(|_, place| Arc::strong_count(place) > 1);
        }
        places.entry(token_id).or_default().clone()
    }

    /// Moves when somebody changed, in this process or in one that told of it.
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }
}

/// The same caller as of now: for sockets and streams that stay open. What other processes changed is seen after a
/// second at the latest.
///
/// # Errors
/// `Unauthenticated` once the token expired or was revoked, or the user was disabled.
pub async fn authenticate_again(app: &App, who: &Principal) -> Result<Principal> {
    authenticate_since(app, who, 0).await
}

/// The same caller as of a state that holds this line of the change log, which must have been read already.
///
/// # Errors
/// As `authenticate_again`.
pub(crate) async fn authenticate_since(app: &App, who: &Principal, seq: i64) -> Result<Principal> {
    let place = app.standings.place(who.token_id);
    if let Some(known) = place.try_lock().ok().and_then(|known| known.as_ref()?.holds(app, seq)) {
        return Ok(Principal { address: who.address, ..known });
    }
    // In a task of its own: a caller who pauses must not keep others of the same token waiting.
    let (app, who) = (app.clone(), who.clone());
    let reading = tokio::spawn(async move { read_again(&app, &place, &who, seq).await });
    reading.await.map_err(|error| Error::Internal(format!("a token was not looked at: {error}")))?
}

async fn read_again(app: &App, place: &Place, who: &Principal, seq: i64) -> Result<Principal> {
    let mut known = place.lock().await;
    if let Some(known) = known.as_ref().and_then(|known| known.holds(app, seq)) {
        return Ok(Principal { address: who.address, ..known });
    }
    let (now, generation) = (app.clock.now(), app.standings.generation());
    let as_of = app.news.head().max(seq);
    *known = None;
    let (row, fresh) = read(app, who.token_id, who.address).await?;
    if row.user_id != who.user_id {
        return Err(REFUSED);
    }
    *known = Some(Standing { who: fresh.clone(), expires_at: row.expires_at, read_at: now, generation, as_of });
    Ok(fresh)
}
