//! Failed sign-ins, counted by person and by address, so that passwords cannot be guessed by trying: in memory, and with
//! the other processes where there is a Redis. Whichever count is full, there are no more tries.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, Utc};

use crate::{App, Error, Result, redis::Redis};

const WINDOW: Duration = Duration::minutes(15);
const PER_PERSON: u32 = 10;
/// More than for a person: an office shares one address.
const PER_ADDRESS: u32 = 50;
/// Beyond this many, counts that are over are thrown away.
const KEPT: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Person(String),
    Address(IpAddr),
}

impl Key {
    fn limit(&self) -> u32 {
        match self {
            Key::Person(_) => PER_PERSON,
            Key::Address(_) => PER_ADDRESS,
        }
    }
}

#[derive(Debug)]
struct Count {
    tries: u32,
    until: DateTime<Utc>,
}

/// Clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct Tries(Arc<Mutex<HashMap<Key, Count>>>);

/// Counts a try before it is made, here and with the other processes.
///
/// # Errors
/// `TooManyTries` with the time when the next is allowed.
pub async fn begin<'a>(app: &'a App, person: &str, address: Option<IpAddr>) -> Result<Attempt<'a>> {
    let now = app.clock.now();
    let mut attempt = app.tries.begin(person, address, now)?;
    if let Some(redis) = &app.redis {
        let window = WINDOW.to_std().unwrap_or_default();
        match redis.begin_try(&attempt.whose(), window, app.clock.ahead()).await {
            Ok(None) => attempt.redis = Some(redis),
            Ok(Some(wait)) => {
                let wait = Duration::from_std(wait).unwrap_or(WINDOW);
                return Err(Error::TooManyTries { retry_at: now + wait });
            }
            // Then only this process's count holds.
            Err(_) => {}
        }
    }
    Ok(attempt)
}

/// A try under way. It counts as failed unless it is said to have succeeded.
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    tries: &'a Tries,
    keys: Vec<Key>,
    /// Where it is counted, too.
    redis: Option<&'a Redis>,
}

impl Tries {
    /// Many at the same time gain nothing.
    fn begin(&self, person: &str, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<Attempt<'_>> {
        let keys: Vec<_> = std::iter::once(Key::Person(person.to_owned())).chain(address.map(Key::Address)).collect();
        let mut counts = self.counts();
        if counts.len() >= KEPT {
            counts.retain(|_, count| count.until > now);
        }
        let full = keys.iter().filter_map(|key| counts.get(key).filter(|it| it.until > now && it.tries >= key.limit()));
        if let Some(retry_at) = full.map(|count| count.until).max() {
            return Err(Error::TooManyTries { retry_at });
        }
        for key in &keys {
            let count = counts.entry(key.clone()).or_insert(Count { tries: 0, until: now + WINDOW });
            if count.until <= now {
                *count = Count { tries: 0, until: now + WINDOW };
            }
            count.tries += 1;
        }
        Ok(Attempt { tries: self, keys, redis: None })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Forgets the person's failures, and this try of the address.
    pub async fn succeeded(self) {
        if let Some(redis) = self.redis {
            // Counts that cannot be taken back end by themselves.
            let _ = redis.forget_tries(&self.whose()).await;
        }
        self.forget();
    }

    /// The person first.
    fn whose(&self) -> Vec<(String, u32)> {
        let name = |key: &Key| match key {
            Key::Person(person) => format!("person {person}"),
            Key::Address(address) => format!("address {address}"),
        };
        self.keys.iter().map(|key| (name(key), key.limit())).collect()
    }

    fn forget(self) {
        let mut counts = self.tries.counts();
        for key in &self.keys {
            match key {
                Key::Person(_) => drop(counts.remove(key)),
                Key::Address(_) => {
                    if let Some(count) = counts.get_mut(key) {
                        count.tries = count.tries.saturating_sub(1);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn the_eleventh_wrong_password_has_to_wait_a_quarter_of_an_hour() {
        let tries = Tries::default();
        for _ in 0..10 {
            let _ = tries.begin("ann", None, NOW).unwrap();
        }
        let Err(Error::TooManyTries { retry_at }) = tries.begin("ann", None, NOW) else { panic!("taken") };
        assert_eq!(retry_at, NOW + WINDOW);
        tries.begin("bob", None, NOW).unwrap().forget();
        tries.begin("ann", None, retry_at).unwrap().forget();
    }

    #[test]
    fn one_address_cannot_try_many_people() {
        let (tries, address) = (Tries::default(), Some(IpAddr::from([192, 0, 2, 7])));
        for number in 0..50 {
            let _ = tries.begin(&format!("person {number}"), address, NOW).unwrap();
        }
        assert!(tries.begin("one more", address, NOW).is_err());
        tries.begin("one more", Some(IpAddr::from([192, 0, 2, 8])), NOW).unwrap().forget();
    }

    #[test]
    fn success_forgets_the_failures_of_the_person_but_not_of_the_address() {
        let (tries, address) = (Tries::default(), Some(IpAddr::from([192, 0, 2, 7])));
        for _ in 0..9 {
            let _ = tries.begin("ann", address, NOW).unwrap();
        }
        tries.begin("ann", address, NOW).unwrap().forget();
        assert_eq!(tries.counts().get(&Key::Address([192, 0, 2, 7].into())).unwrap().tries, 9);
        let _ = tries.begin("ann", address, NOW).unwrap();
        assert_eq!(tries.counts().get(&Key::Person("ann".into())).unwrap().tries, 1);
    }
}
