//! The benchmarks: `cargo xtask bench [NAME…] [--json]`. Each measures one promise of the house against the real parts
//! and prints its figures with the machine they were taken on. Figures of different machines are not to be compared.

#![allow(clippy::print_stdout, reason = "figures are what it is asked for")]

mod commits;
mod figure;
mod jobs;
mod latency;
mod link;
mod machine;
mod poll;
mod scene;
mod start;

use anyhow::{Result, bail};

use figure::Figures;

const NAMES: [&str; 6] = ["commits", "jobs", "latency", "link", "poll", "start"];

#[tokio::main]
async fn main() -> Result<()> {
    let (flags, names): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--json") {
        bail!("{unknown} is no option; there is --json");
    }
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        bail!("there is no benchmark {unknown}; there are {}", NAMES.join(", "));
    }
    let figures = Figures::new(!flags.is_empty());
    machine::print();
    for name in NAMES.iter().filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == *name)) {
        println!("\n{name} (load {})", machine::load());
        match *name {
            "commits" => commits::run(&figures).await?,
            "jobs" => jobs::run(&figures).await?,
            "latency" => latency::run(&figures).await?,
            "link" => link::run(&figures).await?,
            "poll" => poll::run(&figures).await?,
            _ => start::run(&figures).await?,
        }
    }
    println!("\nload at the end: {}", machine::load());
    Ok(())
}
