//! Clients that front ends use, unmodified, against a running server: one script per client in `tests/clients/`. All of
//! them share one server with known content, made by `hawser demo` in a folder of its own.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    run::{root, target},
    runtime::{NODE_20, PYTHON},
    server::Server,
    suite::{Environment, Set, Suite},
};

pub const SET: Set = Set {
    name: "clients",
    suites: &[
        Suite { script: "schema.mjs", runtime: &NODE_20 },
        Suite { script: "audits.mjs", runtime: &NODE_20 },
        Suite { script: "apollo.mjs", runtime: &NODE_20 },
        Suite { script: "urql.mjs", runtime: &NODE_20 },
        Suite { script: "graphql-ws.mjs", runtime: &NODE_20 },
        Suite { script: "graphql-sse.mjs", runtime: &NODE_20 },
        Suite { script: "codegen.mjs", runtime: &NODE_20 },
        Suite { script: "relay.mjs", runtime: &NODE_20 },
        Suite { script: "clients.py", runtime: &PYTHON },
    ],
    apart: false,
    start,
    environment,
};

fn start() -> Result<Server> {
    let house = SET.installed().join("house");
    if house.exists() {
        fs::remove_dir_all(&house).with_context(|| format!("could not remove {}", house.display()))?;
    }
    let house = house.to_str().context("the path of the target folder is not UTF-8")?;
    Server::start(&["demo", "--data", house, "--json"])
}

/// `DEMO` is all that the demo said, as JSON.
fn environment(said: &Value) -> Result<Environment> {
    let text =
        |field: &str| said[field].as_str().map(str::to_owned).with_context(|| format!("the demo has no {field}"));
    Ok(vec![
        ("GRAPHQL_URL", text("graphqlUrl")?),
        ("GRAPHQL_TOKEN", text("token")?),
        ("DEMO", said.to_string()),
        ("DEMO_PROGRAM", target().join("debug/hawser").display().to_string()),
        ("GRAPHQL_SCHEMA", root().join("schema.graphql").display().to_string()),
    ])
}
