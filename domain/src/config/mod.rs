//! The configuration, and the only place that reads the environment. Defaults, then a TOML file, then `HAWSER_*`
//! variables; all faults are named at once.

mod check;
mod introspection;
mod keys;
mod manual;
mod read;

use std::{net::SocketAddr, os::unix::fs::DirBuilderExt, path::PathBuf};

use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

pub use introspection::Introspection;
pub use manual::MANUAL;

/// Everything that can be set. Durations are in seconds.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database, the blobs and the keys live when no URL says otherwise.
    pub data: PathBuf,
    /// `sqlite://…` or `postgres://…`; a SQLite file in `data` by default.
    pub database_url: Option<String>,
    /// Connections of this process to a database server.
    pub database_connections: u32,
    /// `redis://…` or `rediss://…`: what several processes share that may be lost. In this process by default.
    pub redis_url: Option<SecretString>,
    /// Every key and channel in Redis begins with this word.
    pub redis_prefix: String,
    /// `https://user:password@…`: a search engine that several processes share. An index in `data` by default.
    pub elasticsearch_url: Option<SecretString>,
    /// Every index and alias in Elasticsearch begins with this word.
    pub elasticsearch_prefix: String,
    /// `s3://bucket/folder?region=…&endpoint=…`: where blobs lie. A folder in `data` by default.
    pub blob_url: Option<String>,
    pub blob_access_key: Option<SecretString>,
    pub blob_secret_key: Option<SecretString>,
    pub bind: SocketAddr,
    /// How lines of the log look.
    pub log_format: LogFormat,
    /// Where traces are sent, by OTLP over HTTP.
    pub otlp_url: Option<SecretString>,
    /// Where health and metrics are shown to those who run the house; nowhere by default. Never open to the world.
    pub operations_bind: Option<SocketAddr>,
    /// The address people and clouds reach this server at, without a trailing slash. Redirects and signed URLs are built
    /// from it and never from a request.
    pub public_url: Option<String>,
    /// `id:base64` of 32 random bytes, several separated by commas, the first seals. A file in `data` by default.
    pub keys: Option<SecretString>,
    /// The first administrator; made only while there is no user at all.
    pub admin_email: String,
    pub admin_password: Option<SecretString>,
    pub session_seconds: u64,
    pub poll_seconds: u64,
    /// Lets clouds live at `http://127.0.0.1`: for the sandbox, never for production.
    pub allow_loopback_clouds: bool,
    pub worker_slots: usize,
    /// Whether contents are read: downloaded once, for their text, metadata and pictures.
    pub extract: bool,
    /// Whether the IDE is shown at `/graphiql`: for development.
    pub graphiql: bool,
    /// The program that reads them, when it is not this one.
    pub extractor: Option<PathBuf>,
    /// Where optional programs are looked for, as `PATH` is written.
    pub search_path: std::ffi::OsString,
    /// How long a claimed job may go without a sign of life.
    pub lease_seconds: u64,
    /// How long finished and cancelled jobs can be read, in days.
    pub job_done_days: u64,
    /// How long jobs that were given up can be read and begun anew, in days.
    pub job_dead_days: u64,
    /// The most WebSockets open at this process at once.
    pub sockets: usize,
    /// The most WebSockets open at this process for one person.
    pub sockets_per_user: usize,
    /// How long the client of a WebSocket may take to say who it is.
    pub socket_init_seconds: u64,
    /// How often the client of a WebSocket has to show a sign of life; the server asks for it.
    pub socket_ping_seconds: u64,
    /// Which documents the GraphQL door runs: `open`, `apq` or `trusted`.
    pub graphql_documents: Admission,
    /// Pages of these origins (`https://app.example.org`) may call and listen, besides the server's own: a list, or one
    /// text with commas.
    pub allowed_origins: Vec<String>,
    /// Which statuses answers of GraphQL get.
    pub graphql_status: StatusProfile,
    /// Whether one request may bring several operations in a JSON array.
    pub graphql_batch: bool,
    /// Who may read the GraphQL schema from the server and is helped with misspelt names.
    pub graphql_introspection: Introspection,
    /// Points a person may spend on GraphQL operations at once, and how many come back each second. One list of 50
    /// documents costs some hundred.
    pub graphql_points: u64,
    pub graphql_points_per_second: u64,
    /// The same for everybody at one address who has not signed in.
    pub graphql_stranger_points: u64,
    pub graphql_stranger_points_per_second: u64,
    /// How long a query or a mutation may take before it is stopped.
    pub operation_seconds: u64,
    /// Lines of the change log a subscriber may be behind; one who is further back is told to read everything anew.
    pub live_lag: u64,
}

/// Which operations run besides those that were imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// All.
    Open,
    /// Those that come with the hash of their text, which is remembered.
    Apq,
    /// None, but for administrators.
    Trusted,
}

/// Two readings of what a status says of an answer of GraphQL over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusProfile {
    /// As the public audits ask: 400 for whatever is wrong with an operation, 200 for whatever ran.
    Audit,
    /// As the draft of August 2026 asks: 422 where the request could be read, 294 for data with errors.
    Draft,
}

/// How lines of the log look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// What holds when nothing is said.
#[derive(Serialize)]
struct Defaults {
    data: &'static str,
    database_connections: u32,
    redis_prefix: &'static str,
    elasticsearch_prefix: &'static str,
    bind: &'static str,
    log_format: LogFormat,
    admin_email: &'static str,
    session_seconds: u64,
    poll_seconds: u64,
    allow_loopback_clouds: bool,
    worker_slots: usize,
    extract: bool,
    graphiql: bool,
    lease_seconds: u64,
    job_done_days: u64,
    job_dead_days: u64,
    graphql_documents: Admission,
    allowed_origins: &'static [&'static str],
    graphql_status: StatusProfile,
    graphql_batch: bool,
    graphql_introspection: Introspection,
    graphql_points: u64,
    graphql_points_per_second: u64,
    graphql_stranger_points: u64,
    graphql_stranger_points_per_second: u64,
    operation_seconds: u64,
    sockets: usize,
    sockets_per_user: usize,
    socket_init_seconds: u64,
    socket_ping_seconds: u64,
    live_lag: u64,
}

const DEFAULTS: Defaults = Defaults {
    data: ".hawser",
    database_connections: 16,
    redis_prefix: "hawser",
    elasticsearch_prefix: "hawser",
    bind: "127.0.0.1:8420",
    log_format: LogFormat::Text,
    admin_email: "admin@localhost",
    session_seconds: 12 * 3600,
    poll_seconds: 300,
    allow_loopback_clouds: false,
    worker_slots: 8,
    extract: true,
    graphiql: false,
    lease_seconds: 60,
    job_done_days: 7,
    job_dead_days: 30,
    graphql_documents: Admission::Open,
    allowed_origins: &[],
    graphql_status: StatusProfile::Audit,
    graphql_batch: false,
    graphql_introspection: Introspection::SignedIn,
    graphql_points: 100_000,
    graphql_points_per_second: 2_000,
    graphql_stranger_points: 10_000,
    graphql_stranger_points_per_second: 200,
    operation_seconds: 30,
    sockets: 10_000,
    sockets_per_user: 50,
    socket_init_seconds: 3,
    socket_ping_seconds: 25,
    live_lag: 10_000,
};

impl Config {
    /// Defaults, `file` (or `hawser.toml` where it exists), then the environment.
    ///
    /// # Errors
    /// `Config` with every fault found.
    pub fn load(file: Option<&std::path::Path>) -> Result<Self> {
        let file = match file {
            Some(path) if !path.is_file() => {
                return Err(Error::Config(vec![format!("there is no file {} to read settings from", path.display())]));
            }
            Some(path) => Toml::file_exact(path),
            None => Toml::file("hawser.toml"),
        };
        Self::checked(read::environment(Figment::from(Serialized::defaults(DEFAULTS)).merge(file)))
    }

    /// The defaults with another data folder: for tests and the demo.
    pub fn for_folder(data: PathBuf) -> Result<Self> {
        let figment = Figment::from(Serialized::defaults(DEFAULTS)).merge(Serialized::default("data", data));
        Self::checked(figment)
    }

    fn checked(figment: Figment) -> Result<Self> {
        let (config, mut faults) = read::read(&figment)?;
        faults.extend(check::faults(&config));
        if faults.is_empty() { Ok(config) } else { Err(Error::Config(faults)) }
    }

    /// Makes the data folder, for its owner's eyes only: password hashes and people's names lie in it.
    ///
    /// # Errors
    /// `Config` when it cannot be made.
    pub fn make_folder(&self) -> Result<()> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data);
        made.map_err(|error| Error::Config(vec![format!("data: cannot make {}: {error}", self.data.display())]))
    }

    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data.join("hawser.db").display()))
    }

    /// The program that is run as `extract` to read a file.
    ///
    /// # Errors
    /// `Internal` when this program's own file cannot be told.
    pub fn extractor(&self) -> Result<PathBuf> {
        match &self.extractor {
            Some(program) => Ok(program.clone()),
            None => std::env::current_exe()
                .map_err(|error| Error::Internal(format!("this program's own file cannot be told: {error}"))),
        }
    }

    pub fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.bind))
    }
}
