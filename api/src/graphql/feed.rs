//! Feeds: how Hawser hears of what changes in a cloud.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::feed::{FeedState as DomainState, Model},
    feed,
};

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    job::Job,
    node::{Id, of},
};

/// Whether a feed is read.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub enum FeedState {
    /// It is read by the clock and when the cloud rings.
    Open,
    /// Its connection ended.
    Closed,
}

/// A cursor into one cloud's changes, for one connection or for one shared drive seen through it.
#[derive(Description, Clone)]
pub struct Feed(pub Model);

#[Object(use_type_description)]
impl Feed {
    /// The id of this feed.
    pub async fn id(&self) -> Id<of::Feed> {
        self.0.id.into()
    }

    /// The shared drive it tells of; null for the account's own feed.
    async fn drive_id(&self) -> Option<&str> {
        (!self.0.drive_id.is_empty()).then_some(self.0.drive_id.as_str())
    }

    /// Whether it is read.
    async fn state(&self) -> FeedState {
        self.0.state.into()
    }

    /// How often its cursor was lost and everything had to be compared anew, counted from 1.
    async fn generation(&self) -> i32 {
        i32::try_from(self.0.generation).unwrap_or(i32::MAX)
    }

    /// When it was last read to its end.
    async fn last_polled_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_polled_at
    }

    /// When it last brought something new for a document.
    async fn last_change_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_change_at
    }

    /// Why it cannot be read just now; null when it can.
    async fn problem(&self) -> Option<&str> {
        self.0.problem.as_deref()
    }
}

/// Names a feed.
#[derive(InputObject)]
struct FeedPollInput {
    /// The feed.
    id: Id<of::Feed>,
}

/// The outcome of `feedPoll`.
#[derive(SimpleObject)]
struct FeedPollPayload {
    /// The job that reads the feed; null where none was made.
    job: Option<Job>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct FeedMutation;

#[Object]
impl FeedMutation {
    /// Reads a feed now instead of by the clock.
    async fn feed_poll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which feed.")] input: FeedPollInput,
    ) -> Result<FeedPollPayload> {
        let (job, user_errors) = error::split(feed::poll_now(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(FeedPollPayload { job: job.map(Job), user_errors })
    }
}
