//! One connection that waits for messages, apart from the one that asks, and what it hears. It notices by itself when
//! nobody is there any more.

use std::time::Duration;

use futures::StreamExt;
use redis::{
    RedisError,
    aio::{PubSubSink, PubSubStream},
};
use tokio::time::timeout;

use super::{PATIENCE, Redis};

/// How often it is asked whether the other end is still there, while it says nothing.
const QUIET: Duration = Duration::from_secs(2);
/// More than for a question: a Redis that is slow for a moment is not left.
const LIFE_SIGN: Duration = Duration::from_secs(3);

pub(crate) struct Channel {
    sink: PubSubSink,
    messages: PubSubStream,
}

impl Redis {
    /// Everything that is told from now on under this name.
    ///
    /// # Errors
    /// Why there is no such connection just now.
    pub(crate) async fn channel(&self, name: &str) -> Result<Channel, String> {
        let told = |error: RedisError| error.to_string();
        let late = |_| "it did not answer in time".to_owned();
        let connection = timeout(PATIENCE, self.client.get_async_pubsub()).await.map_err(late)?.map_err(told)?;
        let (mut sink, messages) = connection.split();
        timeout(PATIENCE, sink.subscribe(self.key(name))).await.map_err(late)?.map_err(told)?;
        Ok(Channel { sink, messages })
    }
}

impl Channel {
    /// The next message; `Ok(None)` when there was none for a while, but somebody is there.
    ///
    /// # Errors
    /// `Lost` once nobody is: open another.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Lost> {
        match timeout(QUIET, self.messages.next()).await {
            Ok(Some(message)) => Ok(Some(message.get_payload_bytes().to_vec())),
            Ok(None) => Err(Lost),
            Err(_) => match timeout(LIFE_SIGN, self.sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => Ok(None),
                Ok(Err(_)) | Err(_) => Err(Lost),
            },
        }
    }
}

/// The connection is no more; what was told since is not known.
#[derive(Debug)]
pub(crate) struct Lost;
