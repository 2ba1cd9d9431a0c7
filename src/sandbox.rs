//! `sandbox`: the local cloud alone, until told to stop.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct Options {
    /// The loopback port it listens on; 0 takes a free one.
    #[arg(long, default_value_t = 8430)]
    port: u16,
    /// Prints one line of JSON once it listens, for scripts.
    #[arg(long)]
    json: bool,
    /// The same seed gives the same ids and tokens.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let running = hawser_sandbox::start(hawser_sandbox::Options { bind, seed: options.seed }).await?;
    match options.json {
        true => crate::say(&json!({ "url": running.url() }).to_string()),
        false => crate::say(&format!("The sandbox listens at {}; Google Drive is below /google/.", running.url())),
    }
    crate::serve::until_told_to_stop().await;
    running.stop().await;
    Ok(())
}
