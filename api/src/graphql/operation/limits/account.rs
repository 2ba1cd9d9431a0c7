//! Who pays for an operation, and what they are told: the points asked for, what is left, and when to come again. It goes
//! into `extensions.cost` and into the headers of every answer.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value, value};
use hawser_domain::{App, config::Config};
use http::{HeaderName, HeaderValue, header::RETRY_AFTER};

use super::{
    bound::{Bound, COST},
    bucket::{Buckets, Level, Owner, Size},
};
use crate::graphql::{
    caller::Caller,
    error::{Code, fault},
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// One operation's account with the bucket of whoever sent it.
#[derive(Clone)]
pub struct Account {
    app: Arc<App>,
    buckets: Arc<Buckets>,
    owner: Owner,
    size: Size,
    /// Points asked for, whether they were there or not.
    requested: u64,
    level: Level,
    /// Seconds to wait, when they were not.
    wait: Option<u64>,
}

impl Account {
    /// Looks at no bucket yet: whoever opens one charges it at once.
    pub fn open(app: &Arc<App>, buckets: &Arc<Buckets>, caller: &Caller) -> Self {
        let (owner, size) = owner(&app.config, caller);
        let level = Level::full(size, app.clock.now());
        Self { app: app.clone(), buckets: buckets.clone(), owner, size, requested: 0, level, wait: None }
    }

    /// # Errors
    /// `RATE_LIMITED` when the bucket does not hold as much now, `COMPLEXITY_EXCEEDED` when it never will; then nothing is
    /// taken.
    pub async fn charge(&mut self, points: u64) -> Result<(), ServerError> {
        self.requested = self.requested.saturating_add(points);
        let (requested, most) = (self.requested as usize, self.size.points as usize);
        Bound { most: most.min(COST.most), ..COST }.hold(requested)?;
        if points == 0 {
            return Ok(());
        }
        match self.buckets.take(&self.app, &self.owner, self.size, points).await {
            Ok(level) => {
                self.level = level;
                Ok(())
            }
            Err(level) => {
                self.level = level;
                let seconds = level.wait(self.requested).max(1);
                self.wait = Some(seconds);
                Err(self.refusal(seconds))
            }
        }
    }

    fn refusal(&self, seconds: u64) -> ServerError {
        let (cost, left) = (self.requested, self.level.remaining);
        let message = format!("this operation costs {cost} points and you have {left} left: try again in {seconds} s");
        let mut error = fault(Code::RateLimited, message);
        error.extensions.get_or_insert_default().set("retryAfter", Value::from(seconds));
        error
    }

    pub fn requested(&self) -> u64 {
        self.requested
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// Says in the answer how the account stands.
    pub fn note(&self, response: &mut Response) {
        let Level { size, remaining, full_at } = self.level;
        let (requested, maximum, restore) = (self.requested, size.points, size.per_second);
        let cost = value!({
            "requested": requested, "maximum": maximum, "remaining": remaining, "restoreRate": restore,
        });
        response.extensions.insert("cost".to_owned(), cost);
        let reset = (full_at - self.app.clock.now()).num_milliseconds().max(0).unsigned_abs().div_ceil(1000);
        let window = maximum.div_ceil(restore.max(1));
        let texts = [
            (LIMIT, maximum.to_string()),
            (REMAINING, remaining.to_string()),
            (RESET, reset.to_string()),
            (POLICY, format!("\"points\";q={maximum};w={window}")),
            (STATE, format!("\"points\";r={remaining};t={reset}")),
        ];
        let wait = self.wait.map(|seconds| (RETRY_AFTER, seconds.to_string()));
        for (name, text) in texts.into_iter().chain(wait) {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.http_headers.insert(name, value);
            }
        }
    }
}

fn owner(config: &Config, caller: &Caller) -> (Owner, Size) {
    match &caller.principal {
        Some(who) => {
            let size = Size { points: config.graphql_points, per_second: config.graphql_points_per_second };
            (Owner::User(who.user_id), size)
        }
        None => {
            let size =
                Size { points: config.graphql_stranger_points, per_second: config.graphql_stranger_points_per_second };
            (Owner::stranger(caller.address), size)
        }
    }
}
