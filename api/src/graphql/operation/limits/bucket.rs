//! Buckets of points, one for each who asks: full at first, emptied by operations, refilled with time. They live in this
//! process, or in the Redis that several servers share; while that is away, here again.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use hawser_domain::App;
use lru::LruCache;
use uuid::Uuid;

/// Buckets kept at once; the one used least recently goes when there are more, and is full when it comes again.
const KEPT: usize = 50_000;
const MICRO: u64 = 1_000_000;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A person, with all their tokens and devices.
    User(Uuid),
    /// Everybody at one address who did not say who they are.
    Stranger(Option<IpAddr>),
}

impl Owner {
    /// The same in every process.
    fn name(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Stranger(Some(address)) => format!("stranger:{address}"),
            Self::Stranger(None) => "stranger".to_owned(),
        }
    }

    /// Strangers of one network of IPv6 count as one: whoever has one address there has all.
    pub fn stranger(address: Option<IpAddr>) -> Self {
        Self::Stranger(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            address => address,
        }))
    }
}

/// How much a bucket holds, and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub points: u64,
    pub per_second: u64,
}

/// How a bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    pub size: Size,
    pub remaining: u64,
    /// When it is full again if nothing more is taken.
    pub full_at: DateTime<Utc>,
}

pub struct Buckets(Mutex<LruCache<Owner, Bucket>>);

struct Bucket {
    /// In millionths of a point, so that nothing is lost by looking often.
    held: u64,
    at: DateTime<Utc>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl Buckets {
    /// Takes points out of somebody's bucket, or nothing when there are too few.
    ///
    /// # Errors
    /// How it stands.
    pub async fn take(&self, app: &App, owner: &Owner, size: Size, points: u64) -> Result<Level, Level> {
        let now = app.clock.now();
        if let Some(redis) = &app.redis {
            let (name, ahead) = (owner.name(), app.clock.ahead());
            if let Ok(answer) = redis.take_points(&name, (size.points, size.per_second), points, ahead).await {
                let level = level(answer.held, size, now);
                return if answer.is_taken { Ok(level) } else { Err(level) };
            }
        }
        self.take_here(owner.clone(), size, points, now)
    }

    fn take_here(&self, owner: Owner, size: Size, points: u64, now: DateTime<Utc>) -> Result<Level, Level> {
        let most = size.points.saturating_mul(MICRO);
        let wanted = points.saturating_mul(MICRO);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT && !all.contains(&owner) {
            all.pop_lru();
        }
        let bucket = all.get_or_insert_mut(owner, || Bucket { held: most, at: now });
        let passed = (now - bucket.at).num_microseconds().and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
        bucket.held = bucket.held.saturating_add(passed.saturating_mul(size.per_second)).min(most);
        bucket.at = bucket.at.max(now);
        let enough = bucket.held >= wanted;
        if enough {
            bucket.held -= wanted;
        }
        let level = level(bucket.held, size, now);
        if enough { Ok(level) } else { Err(level) }
    }
}

impl Level {
    /// Of a bucket that nobody has asked yet.
    pub fn full(size: Size, now: DateTime<Utc>) -> Self {
        Self { size, remaining: size.points, full_at: now }
    }

    /// How long until there are so many points, in seconds.
    pub fn wait(&self, points: u64) -> u64 {
        points.saturating_sub(self.remaining).div_ceil(self.size.per_second.max(1))
    }
}

fn level(held: u64, size: Size, now: DateTime<Utc>) -> Level {
    let missing = seconds(size.points.saturating_mul(MICRO).saturating_sub(held), size);
    let full_at =
        i64::try_from(missing).ok().and_then(TimeDelta::try_seconds).and_then(|it| now.checked_add_signed(it));
    Level { size, remaining: held / MICRO, full_at: full_at.unwrap_or(DateTime::<Utc>::MAX_UTC) }
}

/// How long it takes for so much to flow in, rounded up.
fn seconds(micro: u64, size: Size) -> u64 {
    micro.div_ceil(size.per_second.max(1).saturating_mul(MICRO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { points: 100, per_second: 10 };

    fn noon() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn ann() -> Owner {
        Owner::User(Uuid::from_u128(1))
    }

    #[test]
    fn a_bucket_is_full_at_first_and_fills_with_time() {
        let buckets = Buckets::default();
        let later = |milliseconds| noon() + TimeDelta::milliseconds(milliseconds);
        let level = buckets.take_here(ann(), SIZE, 95, noon()).expect("it is full");
        assert_eq!((level.remaining, level.full_at), (5, later(10_000)));
        let empty = buckets.take_here(ann(), SIZE, 20, noon()).expect_err("too few are left");
        assert_eq!((empty.remaining, empty.wait(20)), (5, 2), "15 points take 1.5 seconds");
        assert!(buckets.take_here(ann(), SIZE, 20, later(1_499)).is_err(), "not yet");
        let level = buckets.take_here(ann(), SIZE, 20, later(1_500)).expect("now there are 20");
        assert_eq!(level.remaining, 0);
        let level = buckets.take_here(ann(), SIZE, 0, later(1_000_000)).expect("looking is free");
        assert_eq!((level.remaining, level.full_at), (100, later(1_000_000)), "it never runs over");
    }

    #[test]
    fn looking_often_loses_nothing() {
        let buckets = Buckets::default();
        buckets.take_here(ann(), SIZE, 100, noon()).expect("it is full");
        for look in 0..1_000 {
            buckets.take_here(ann(), SIZE, 0, noon() + TimeDelta::milliseconds(look)).expect("looking is free");
        }
        let level = buckets.take_here(ann(), SIZE, 0, noon() + TimeDelta::seconds(1)).expect("looking is free");
        assert_eq!(level.remaining, 10);
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let buckets = Buckets::default();
        buckets.take_here(ann(), SIZE, 100, noon()).expect("it is full");
        buckets.take_here(ann(), SIZE, 0, noon() - TimeDelta::hours(1)).expect("looking is free");
        assert!(buckets.take_here(ann(), SIZE, 1, noon()).is_err());
    }

    #[test]
    fn people_do_not_share_and_strangers_of_one_network_do() {
        let buckets = Buckets::default();
        let stranger = |text: &str| Owner::stranger(Some(text.parse().expect("an address")));
        buckets.take_here(ann(), SIZE, 100, noon()).expect("full");
        buckets.take_here(Owner::User(Uuid::from_u128(2)), SIZE, 100, noon()).expect("another person's");
        buckets.take_here(stranger("2001:db8::1"), SIZE, 100, noon()).expect("full");
        assert!(buckets.take_here(stranger("2001:db8::ffff:2"), SIZE, 1, noon()).is_err(), "the same network");
        buckets.take_here(stranger("2001:db8:0:1::1"), SIZE, 100, noon()).expect("another network");
        buckets.take_here(stranger("192.0.2.1"), SIZE, 100, noon()).expect("full");
        assert!(buckets.take_here(stranger("::ffff:192.0.2.1"), SIZE, 1, noon()).is_err(), "the same address");
        buckets.take_here(stranger("192.0.2.2"), SIZE, 100, noon()).expect("another address");
    }

    #[test]
    fn there_are_never_more_buckets_than_are_kept() {
        let buckets = Buckets::default();
        for number in 0..KEPT as u128 + 10 {
            buckets.take_here(Owner::User(Uuid::from_u128(number)), SIZE, 100, noon()).expect("full");
        }
        assert_eq!(buckets.0.lock().expect("nobody panicked").len(), KEPT);
        assert!(
            buckets.take_here(Owner::User(Uuid::from_u128(20)), SIZE, 1, noon()).is_err(),
            "a recent one was forgotten"
        );
        buckets
            .take_here(Owner::User(Uuid::from_u128(0)), SIZE, 100, noon())
            .expect("the oldest went and is full again");
    }
}
