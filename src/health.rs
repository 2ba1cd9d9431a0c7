//! `health`: asks a server whether it is ready, as a supervisor does.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context, bail};
use clap::Args;

use crate::{say, setup};

/// Far more than a ready server takes.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub struct Options {
    /// The address to ask, such as `http://127.0.0.1:9464/ready`. By default that of the settings: `operations_bind`, or
    /// else `bind`.
    url: Option<String>,
}

pub async fn run(config: Option<&Path>, options: Options) -> anyhow::Result<()> {
    let url = match options.url {
        Some(url) => url,
        None => {
            let config = setup::config(config)?;
            format!("http://{}/ready", reachable(config.operations_bind.unwrap_or(config.bind)))
        }
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let answer = client.get(&url).send().await.with_context(|| format!("nobody answers at {url}"))?;
    let status = answer.status();
    let body = answer.text().await?;
    if !status.is_success() {
        bail!("{url} answers {status}: {}", body.trim());
    }
    say(body.trim());
    Ok(())
}

/// Who listens everywhere is asked on this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        match address {
            SocketAddr::V4(_) => address.set_ip(std::net::Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(_) => address.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
        }
    }
    address
}
