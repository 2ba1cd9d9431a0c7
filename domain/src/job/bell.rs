//! Wakes the workers of a class. In one process it carries nothing: whoever wakes looks at the table. Where processes share
//! a Redis, the ids of new due jobs go to a list per class, and whoever takes some claims them at once.
//! What a list loses, or never had room for, is found in the table a second later.

use std::{sync::Arc, time::Duration};

use hawser_entity::job::JobClass;
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, Pipeline, aio::MultiplexedConnection};
use tokio::{
    sync::{Notify, mpsc},
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::redis::Redis;

/// Ids a list holds at most: more wait in the table only, where workers look as long as a list is not nearly empty.
const CAP: isize = 2000;
/// Commits whose rings go out together at most, and those that may wait for it.
const TOGETHER: usize = 256;
const WAITING: usize = 4096;
/// The longest that connecting takes, and by how much an answer may be late.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Debug, Clone)]
pub struct Bell {
    /// Wakes workers of this process: for every ring when it is the only one, else for those that Redis did not take.
    near: Near,
    far: Option<Far>,
}

type Near = Arc<[Notify; 3]>;
type Due = Vec<(JobClass, Uuid)>;

#[derive(Debug, Clone)]
struct Far {
    redis: Redis,
    rings: mpsc::Sender<Message>,
}

#[derive(Debug)]
enum Message {
    Ring(Due),
    /// So many were claimed without the list.
    Pass(JobClass, usize),
}

/// What a worker that waited is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// Claim these.
    Ids(Vec<Uuid>),
    /// Look at the table.
    Look,
}

impl Bell {
    /// Must be called within a runtime when there is a Redis: rings go out from a task that lives as long as the bell.
    pub fn new(redis: Option<&Redis>) -> Self {
        let near = Near::default();
        let far = redis.map(|redis| {
            let (rings, messages) = mpsc::channel(WAITING);
            tokio::spawn(tell(redis.clone(), near.clone(), messages));
            Far { redis: redis.clone(), rings }
        });
        Self { near, far }
    }

    /// Says that these jobs are due. Never waits: a ring that finds no room is one that the table makes up for.
    pub fn ring(&self, due: Due) {
        let Some(far) = &self.far else {
            due.iter().for_each(|(class, _)| self.near[index(*class)].notify_one());
            return;
        };
        if let Err(refused) = far.rings.try_send(Message::Ring(due))
            && let Message::Ring(due) = refused.into_inner()
        {
            due.iter().for_each(|(class, _)| self.near[index(*class)].notify_one());
        }
    }

    /// Makes a worker of this process look at the table.
    pub fn nudge(&self, class: JobClass) {
        self.near[index(class)].notify_one();
    }

    /// Takes as many ids off the list as were claimed from the table: those behind them belong to others.
    pub fn pass(&self, class: JobClass, claimed: usize) {
        if let Some(far) = &self.far
            && claimed > 0
        {
            let _ = far.rings.try_send(Message::Pass(class, claimed));
        }
    }

    /// For one worker of a class.
    pub fn listen(&self, class: JobClass) -> Listener {
        Listener { bell: self.clone(), class, connection: None }
    }
}

/// Hears the bell of a class, over a connection of its own: one that waits would hold up others.
pub struct Listener {
    bell: Bell,
    class: JobClass,
    connection: Option<MultiplexedConnection>,
}

impl Listener {
    /// Returns with up to `most` ids, or for a look at the table: when there is no Redis, and after `at_most` without a ring.
    pub async fn wait(&mut self, most: usize, at_most: Duration) -> Heard {
        let near = self.bell.near.clone();
        let near = &near[index(self.class)];
        let Some(far) = self.bell.far.clone() else {
            let _ = timeout(at_most, near.notified()).await;
            return Heard::Look;
        };
        let heard = tokio::select! {
            heard = self.pop(&far, most, at_most) => heard,
            () = near.notified() => return Heard::Look,
        };
        match heard {
            Some(ids) if ids.is_empty() => Heard::Look,
            Some(ids) => Heard::Ids(ids),
            None => {
                let _ = timeout(at_most, near.notified()).await;
                Heard::Look
            }
        }
    }

    /// `None` when Redis does not answer. The connection is kept only between answers: whoever stops to listen in the middle
    /// leaves it, and what it was about to hear is found in the table.
    async fn pop(&mut self, far: &Far, most: usize, at_most: Duration) -> Option<Vec<Uuid>> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let config =
                    AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(None);
                far.redis.client().get_multiplexed_async_connection_with_config(&config).await.ok()?
            }
        };
        let mut pop = redis::cmd("BLMPOP");
        pop.arg(at_most.as_secs_f64())
            .arg(1)
            .arg(list(&far.redis, self.class))
            .arg("LEFT")
            .arg("COUNT")
            .arg(most.max(1));
        let ids = within(&mut connection, &pop, at_most + PATIENCE).await?;
        self.connection = Some(connection);
        let ids: Option<(String, Vec<Vec<u8>>)> = ids;
        let (_, ids) = ids.unwrap_or_default();
        Some(ids.iter().filter_map(|id| Uuid::from_slice(id).ok()).collect())
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("class", &self.class).finish_non_exhaustive()
    }
}

async fn within<T: FromRedisValue>(connection: &mut MultiplexedConnection, ask: &Cmd, at_most: Duration) -> Option<T> {
    timeout(at_most, ask.query_async(connection)).await.ok()?.ok()
}

/// Brings rings to Redis, those of many commits at once. Ends with the last bell.
async fn tell(redis: Redis, near: Near, mut messages: mpsc::Receiver<Message>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while messages.recv_many(&mut together, TOGETHER).await > 0 {
        let mut commands = redis::pipe();
        let mut rung = [false; 3];
        for message in together.drain(..) {
            match message {
                Message::Ring(due) => {
                    for class in [JobClass::Interactive, JobClass::Sync, JobClass::Heavy] {
                        rung[index(class)] |= push(&mut commands, &redis, class, &due);
                    }
                }
                Message::Pass(class, count) => {
                    commands.cmd("LPOP").arg(list(&redis, class)).arg(count).ignore();
                }
            }
        }
        if redis.ask_all::<()>(&commands).await.is_err() {
            near.iter().zip(rung).filter(|(_, rung)| *rung).for_each(|(near, _)| near.notify_one());
            // Redis is not asked for a moment after a failure; what is rung meanwhile is lost together.
            sleep(Duration::from_millis(20)).await;
        }
    }
}

fn push(commands: &mut Pipeline, redis: &Redis, class: JobClass, due: &Due) -> bool {
    let ids: Vec<_> = due.iter().filter(|(of, _)| *of == class).map(|(_, id)| id.as_bytes().as_slice()).collect();
    let ids = &ids[..ids.len().min(CAP.unsigned_abs())];
    if !ids.is_empty() {
        let list = list(redis, class);
        commands.rpush(&list, ids).ignore().ltrim(&list, 0, CAP - 1).ignore();
    }
    !ids.is_empty()
}

fn list(redis: &Redis, class: JobClass) -> String {
    redis.key(["bell:interactive", "bell:sync", "bell:heavy"][index(class)])
}

fn index(class: JobClass) -> usize {
    match class {
        JobClass::Interactive => 0,
        JobClass::Sync => 1,
        JobClass::Heavy => 2,
    }
}
