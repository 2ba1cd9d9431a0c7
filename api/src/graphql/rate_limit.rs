//! What is left to the caller, as a field: the same figures as in `extensions.cost` and in the headers.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::operation::limits::Account;

/// The points you may spend on operations. Every operation costs some before it runs: see its `extensions.cost`.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Points you have when you have not asked for anything lately.
    limit: i32,
    /// Points you have left, this operation paid.
    remaining: i32,
    /// Points this operation costs.
    cost: i32,
    /// When you will have all of them again, if you do not spend more.
    reset_at: DateTime<Utc>,
    /// Points you get back each second.
    restore_rate: i32,
}

#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What you may still ask for, whether you have signed in or not.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Result<RateLimit> {
        let account: &Account = ctx.data()?;
        let int = |points: u64| i32::try_from(points).unwrap_or(i32::MAX);
        let level = account.level();
        Ok(RateLimit {
            limit: int(level.size.points),
            remaining: int(level.remaining),
            cost: int(account.requested()),
            reset_at: level.full_at,
            restore_rate: int(level.size.per_second),
        })
    }
}
