//! The Redis that several processes share. What lies there may be lost at any moment: it makes things quick and even,
//! never true. Callers get an answer within a second or `Gone`, and have a way of their own for that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

mod channel;
mod pacing;
mod points;
mod processes;
mod texts;
mod tries;

pub(crate) use channel::Lost;
pub(crate) use pacing::Allowances;
pub(crate) use processes::count;
use redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo, Pipeline, RedisError, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{Error, Result};

/// The longest that a command may take, and the longest that connecting may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// After a failure nobody asks for so long: work slows down once, not with every question.
const REST: Duration = Duration::from_millis(250);
/// A connection whose other end has said nothing for so long, though asked, is given up and made anew: a cable that was
/// pulled says nothing.
const SILENCE: Duration = Duration::from_secs(10);

/// Redis did not answer, or not in time.
#[derive(Debug, thiserror::Error)]
#[error("Redis: {0}")]
pub struct Gone(String);

/// Clones share one connection.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    prefix: Arc<str>,
    state: Arc<State>,
}

struct State {
    begun: Instant,
    is_up: AtomicBool,
    /// Milliseconds since `begun` before which nobody asks.
    rests_until: AtomicU64,
    /// As last counted; 0 before that.
    processes: AtomicU32,
}

impl Redis {
    /// Does not connect yet: a Redis that is gone must not keep the house from opening.
    ///
    /// # Errors
    /// `Config` when the URL is none of Redis.
    pub fn new(url: &SecretString, prefix: &str) -> Result<Self> {
        // What the client says of a bad URL may repeat the password.
        let fault = |_: RedisError| Error::Config(vec!["redis_url: is not a URL of Redis".to_owned()]);
        // Questions are small and many wait for their answers: nothing is held back to be sent together.
        let settings = TcpSettings::default().set_nodelay(true);
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(SILENCE);
        let info = url.expose_secret().into_connection_info().map_err(fault)?.set_tcp_settings(settings);
        let client = Client::open(info).map_err(fault)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(PATIENCE))
            .set_connection_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(fault)?;
        let state = State {
            begun: Instant::now(),
            is_up: AtomicBool::new(true),
            rests_until: AtomicU64::new(0),
            processes: AtomicU32::new(0),
        };
        Ok(Self { client, manager, prefix: prefix.into(), state: Arc::new(state) })
    }

    /// The full name of a key or channel of this house.
    pub fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    /// For connections that wait for messages, which must not hold up others.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the last question was answered.
    pub fn is_up(&self) -> bool {
        self.state.is_up.load(Ordering::Acquire)
    }

    /// How many processes of this house there are, as last counted; `None` when they never were.
    pub fn processes(&self) -> Option<u32> {
        Some(self.state.processes.load(Ordering::Acquire)).filter(|count| *count > 0)
    }

    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Gone> {
        self.rested()?;
        self.noted(command.query_async(&mut self.manager.clone()).await)
    }

    pub async fn ask_all<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Gone> {
        self.rested()?;
        self.noted(commands.query_async(&mut self.manager.clone()).await)
    }

    /// Runs a script, which Redis learns again where it has forgotten it.
    pub async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Gone> {
        self.rested()?;
        self.noted(script.invoke_async(&mut self.manager.clone()).await)
    }

    fn rested(&self) -> Result<(), Gone> {
        match self.millis() < self.state.rests_until.load(Ordering::Acquire) {
            true => Err(Gone("did not answer a moment ago".to_owned())),
            false => Ok(()),
        }
    }

    /// Says it in the log when Redis goes and when it comes back, once each.
    fn noted<T>(&self, answer: Result<T, RedisError>) -> Result<T, Gone> {
        match answer {
            Ok(answer) => {
                if !self.state.is_up.swap(true, Ordering::AcqRel) {
                    tracing::info!("Redis answers again");
                }
                Ok(answer)
            }
            Err(error) => {
                if self.state.is_up.swap(false, Ordering::AcqRel) {
                    tracing::warn!(%error, "Redis does not answer; work goes on without, more slowly");
                }
                let rest = u64::try_from(REST.as_millis()).unwrap_or(u64::MAX);
                self.state.rests_until.store(self.millis().saturating_add(rest), Ordering::Release);
                Err(Gone(error.to_string()))
            }
        }
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.state.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl std::fmt::Debug for Redis {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}
