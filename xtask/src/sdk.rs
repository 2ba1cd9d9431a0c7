//! The vendors' own SDKs against the sandbox: one script per SDK in `tests/sdk/`.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    runtime::{NODE, PYTHON},
    server::Server,
    suite::{Environment, Set, Suite},
};

pub const SET: Set = Set {
    name: "sdk",
    suites: &[
        Suite { script: "google_drive.py", runtime: &PYTHON },
        Suite { script: "google_drive.mjs", runtime: &NODE },
    ],
    apart: true,
    start: || Server::start(&["sandbox", "--port", "0", "--json"]),
    environment,
};

fn environment(said: &Value) -> Result<Environment> {
    let url = said["url"].as_str().context("hawser sandbox named no `url`")?;
    Ok(vec![("SANDBOX_URL", url.to_owned())])
}
