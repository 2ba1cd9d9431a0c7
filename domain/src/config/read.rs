//! Reads the settings one by one, so that one that cannot be read does not hide the faults of the others. What is wrong
//! with a secret is said without repeating it.

use figment::{
    Figment,
    providers::{Env, Serialized},
    value::Dict,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Config, DEFAULTS};
use crate::{Error, Result};

/// Settings that are secret: a message must not quote them.
const SECRETS: [&str; 7] =
    ["keys", "admin_password", "redis_url", "elasticsearch_url", "blob_access_key", "blob_secret_key", "otlp_url"];
/// Settings that are words, even where they look like a number (`HAWSER_ADMIN_PASSWORD=0123456789`).
const WORDS: [&str; 15] = [
    "data",
    "database_url",
    "public_url",
    "keys",
    "admin_email",
    "admin_password",
    "extractor",
    "redis_url",
    "redis_prefix",
    "elasticsearch_url",
    "elasticsearch_prefix",
    "blob_url",
    "blob_access_key",
    "blob_secret_key",
    "otlp_url",
];

/// The environment's settings. `HAWSER_LOG` is the logs' and read with them.
pub(super) fn environment(figment: Figment) -> Figment {
    let env = Env::prefixed("HAWSER_").ignore(&["log"]);
    let words: Vec<_> = env.iter().filter(|(name, _)| WORDS.contains(&name.as_str())).collect();
    let figment = figment.merge(env);
    words.into_iter().fold(figment, |figment, (name, word)| figment.merge((name.into_string(), word)))
}

/// The settings, with defaults where one cannot be read, and every fault found on the way.
///
/// # Errors
/// `Config` when the file is not TOML at all.
pub(super) fn read(figment: &Figment) -> Result<(Config, Vec<String>)> {
    let given: Dict =
        figment.extract().map_err(|errors| Error::Config(errors.into_iter().map(|it| it.to_string()).collect()))?;
    let mut reading = Reading { figment, known: Vec::new(), faults: Vec::new() };
    let config = reading.all()?;
    let Reading { known, mut faults, .. } = reading;
    let unknown = given.keys().filter(|name| !known.contains(&name.as_str()));
    faults.extend(unknown.map(|name| format!("{name}: there is no such setting; there are {}", known.join(", "))));
    Ok((config, faults))
}

/// The names of all settings.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let figment = Figment::from(Serialized::defaults(DEFAULTS));
    let mut reading = Reading { figment: &figment, known: Vec::new(), faults: Vec::new() };
    reading.all().unwrap();
    reading.known
}

/// Several words: a list in a file, and in the environment one text with commas.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    List(Vec<String>),
    Text(String),
}

impl From<Listed> for Vec<String> {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::List(list) => list,
            Listed::Text(text) => {
                text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
            }
        }
    }
}

struct Reading<'a> {
    figment: &'a Figment,
    known: Vec<&'static str>,
    faults: Vec<String>,
}

impl Reading<'_> {
    fn all(&mut self) -> Result<Config> {
        let reading = self;
        Ok(Config {
            data: reading.needed("data")?,
            database_url: reading.optional("database_url"),
            database_connections: reading.needed("database_connections")?,
            redis_url: reading.optional("redis_url"),
            redis_prefix: reading.needed("redis_prefix")?,
            elasticsearch_url: reading.optional("elasticsearch_url"),
            elasticsearch_prefix: reading.needed("elasticsearch_prefix")?,
            blob_url: reading.optional("blob_url"),
            blob_access_key: reading.optional("blob_access_key"),
            blob_secret_key: reading.optional("blob_secret_key"),
            bind: reading.needed("bind")?,
            log_format: reading.needed("log_format")?,
            otlp_url: reading.optional("otlp_url"),
            operations_bind: reading.optional("operations_bind"),
            public_url: reading.optional("public_url"),
            keys: reading.optional("keys"),
            admin_email: reading.needed("admin_email")?,
            admin_password: reading.optional("admin_password"),
            session_seconds: reading.needed("session_seconds")?,
            poll_seconds: reading.needed("poll_seconds")?,
            allow_loopback_clouds: reading.needed("allow_loopback_clouds")?,
            worker_slots: reading.needed("worker_slots")?,
            extract: reading.needed("extract")?,
            graphiql: reading.needed("graphiql")?,
            extractor: reading.optional("extractor"),
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            lease_seconds: reading.needed("lease_seconds")?,
            job_done_days: reading.needed("job_done_days")?,
            job_dead_days: reading.needed("job_dead_days")?,
            graphql_documents: reading.needed("graphql_documents")?,
            allowed_origins: reading.needed::<Listed>("allowed_origins")?.into(),
            graphql_status: reading.needed("graphql_status")?,
            graphql_batch: reading.needed("graphql_batch")?,
            graphql_introspection: reading.needed("graphql_introspection")?,
            graphql_points: reading.needed("graphql_points")?,
            graphql_points_per_second: reading.needed("graphql_points_per_second")?,
            graphql_stranger_points: reading.needed("graphql_stranger_points")?,
            graphql_stranger_points_per_second: reading.needed("graphql_stranger_points_per_second")?,
            operation_seconds: reading.needed("operation_seconds")?,
            sockets: reading.needed("sockets")?,
            sockets_per_user: reading.needed("sockets_per_user")?,
            socket_init_seconds: reading.needed("socket_init_seconds")?,
            socket_ping_seconds: reading.needed("socket_ping_seconds")?,
            live_lag: reading.needed("live_lag")?,
        })
    }

    fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        self.known.push(name);
        if !self.figment.contains(name) {
            return None;
        }
        match self.figment.extract_inner(name) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(fault(name, &error));
                None
            }
        }
    }

    /// The default stands in for a value that cannot be read.
    fn needed<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T> {
        if let Some(value) = self.optional(name) {
            return Ok(value);
        }
        let usual = Figment::from(Serialized::defaults(DEFAULTS)).extract_inner(name);
        usual.map_err(|error| Error::Config(vec![fault(name, &error)]))
    }
}

fn fault(name: &str, error: &figment::Error) -> String {
    let place = error.metadata.as_ref().map(|it| format!(" (in {})", it.name)).unwrap_or_default();
    match name {
        _ if SECRETS.contains(&name) => format!("{name}: is not a text{place}"),
        "bind" | "operations_bind" => format!("{name}: give an address and a port, such as 127.0.0.1:8420{place}"),
        _ => format!("{name}: {}{place}", error.kind),
    }
}
