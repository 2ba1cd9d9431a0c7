//! Who is here: connections that stay open, counted for the house and for each person, shared by all threads of the
//! server. Their tokens are looked after together: one question for all of them, every second at most, and at once when a
//! sign-in ended.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use hawser_domain::{App, Error, Principal, Result, metric::Open, token};
use tokio::sync::watch;
use uuid::Uuid;

/// How often it is looked whether a token still holds: other processes can end it, too.
const CHECK: Duration = Duration::from_secs(2);
/// How old an answer may be that somebody else asked for.
const FRESH: Duration = Duration::from_secs(1);

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct Presence(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seats: Mutex<Seats>,
    round: tokio::sync::Mutex<Option<Round>>,
    leaving: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Seats {
    taken: usize,
    by_user: HashMap<Uuid, usize>,
    by_token: HashMap<Uuid, usize>,
}

/// One look at the tokens of all who are here.
#[derive(Debug)]
struct Round {
    at: Instant,
    /// How many endings there had been before it.
    endings: u64,
    asked: HashSet<Uuid>,
    /// `None` when the database did not answer.
    standing: Option<HashMap<Uuid, DateTime<Utc>>>,
}

/// No more seats.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// Why somebody cannot stay.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The token does not hold any more.
    SignIn,
    /// It could not be found out whether it does.
    Unknown,
}

impl Default for Presence {
    fn default() -> Self {
        let shared = Shared { seats: Mutex::default(), round: Default::default(), leaving: watch::channel(false).0 };
        Self(Arc::new(shared))
    }
}

impl Presence {
    /// One more connection, of somebody yet unknown.
    ///
    /// # Errors
    /// `Full` when there are `most` already.
    pub fn enter(&self, app: &App, most: usize) -> Result<Seat, Full> {
        let mut seats = self.0.seats();
        if seats.taken >= most {
            return Err(Full);
        }
        seats.taken += 1;
        let counted = app.metrics.socket();
        Ok(Seat { shared: self.0.clone(), who: None, _counted: counted })
    }

    /// Tells all who are here, and all who come later, that the server is about to stop.
    pub fn leave(&self) {
        self.0.leaving.send_replace(true);
    }

    /// Resolves when the server is about to stop.
    pub async fn left(&self) {
        // The sender lives as long as `self`, so that this cannot fail.
        let _ = self.0.leaving.subscribe().wait_for(|leaving| *leaving).await;
    }

    /// Resolves when this person has to go. `endings` was subscribed before the person was authenticated.
    pub async fn ended(&self, app: &App, who: &Principal, mut endings: watch::Receiver<u64>) -> Ended {
        let mut misses = 0;
        loop {
            let heard = *endings.borrow_and_update();
            let expires_at = match self.0.standing(app, who.token_id, heard).await {
                Some(Some(expires_at)) => {
                    misses = 0;
                    expires_at
                }
                Some(None) => return Ended::SignIn,
                None if misses > 0 => return Ended::Unknown,
                None => {
                    misses += 1;
                    DateTime::<Utc>::MAX_UTC
                }
            };
            tokio::select! {
                () = tokio::time::sleep(CHECK) => {}
                () = app.clock.until(expires_at) => {}
                _ = endings.changed() => {}
            }
        }
    }
}

impl Shared {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when this token holds, if it does. `None` when the database does not answer.
    async fn standing(&self, app: &App, token: Uuid, endings: u64) -> Option<Option<DateTime<Utc>>> {
        let mut round = self.round.lock().await;
        let fits =
            |round: &Round| round.endings >= endings && round.at.elapsed() < FRESH && round.asked.contains(&token);
        if !round.as_ref().is_some_and(fits) {
            let asked: HashSet<_> = self.seats().by_token.keys().copied().chain([token]).collect();
            let ids: Vec<_> = asked.iter().copied().collect();
            let (at, endings) = (Instant::now(), app.endings.count());
            let standing = token::standing(app, &ids).await;
            if let Err(error) = &standing {
                tracing::error!(%error, "cannot look whether tokens still hold");
            }
            *round = Some(Round { at, endings, asked, standing: standing.ok() });
        }
        let standing = round.as_ref().and_then(|round| round.standing.as_ref())?;
        // An answer somebody else asked for may be older than this token's end, which is known exactly.
        Some(standing.get(&token).copied().filter(|expires_at| *expires_at > app.clock.now()))
    }
}

/// A place for one connection, free again when dropped.
#[derive(Debug)]
pub struct Seat {
    shared: Arc<Shared>,
    who: Option<(Uuid, Uuid)>,
    _counted: Open,
}

impl Seat {
    /// Says whose it is.
    ///
    /// # Errors
    /// `Full` when the person has `most` already.
    pub fn belongs_to(&mut self, who: &Principal, most: usize) -> Result<(), Full> {
        let mut seats = self.shared.seats();
        let taken = seats.by_user.entry(who.user_id).or_default();
        if *taken >= most {
            return Err(Full);
        }
        *taken += 1;
        *seats.by_token.entry(who.token_id).or_default() += 1;
        self.who = Some((who.user_id, who.token_id));
        Ok(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.shared.seats();
        seats.taken -= 1;
        if let Some((user, token)) = self.who {
            forget_one(&mut seats.by_user, user);
            forget_one(&mut seats.by_token, token);
        }
    }
}

fn forget_one(counts: &mut HashMap<Uuid, usize>, id: Uuid) {
    if let Some(count) = counts.get_mut(&id) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&id);
        }
    }
}

/// How an error of signing in ends a connection.
impl From<&Error> for Ended {
    fn from(error: &Error) -> Self {
        match error {
            Error::Unauthenticated(_) => Self::SignIn,
            _ => Self::Unknown,
        }
    }
}
