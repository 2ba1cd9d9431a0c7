//! `cargo xtask services [COMMAND…]`: a PostgreSQL, a Redis and an Elasticsearch of our own, for as long as the command runs,
//! or until this is told to stop.

use anyhow::Result;
use hawser_xtask::services::Services;

use crate::run::{check, program};

#[derive(clap::Args)]
pub struct Options {
    /// Runs with the servers' addresses in its environment; without one, the addresses are printed and kept
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let services = Services::all()?;
    match options.command.split_first() {
        Some((first, words)) => check(program(first).args(words).envs(services.environment().iter().cloned())),
        None => {
            print(&services);
            // Ctrl-C ends the servers along with this, since it reaches all that a terminal has started; so does any
            // other end, since they are bound to this process.
            loop {
                std::thread::park();
            }
        }
    }
}

#[allow(clippy::print_stdout)]
fn print(services: &Services) {
    for (name, url) in services.environment() {
        println!("export {name}={url}");
    }
    eprintln!("ready; Ctrl-C ends them");
}
