//! `cargo xtask chaos`: the kill loop, as long as one likes, on a PostgreSQL and a Redis of its own.

use anyhow::Result;

use crate::{
    bench::build,
    run::{check, program},
};

#[derive(clap::Args)]
pub struct Options {
    /// How often something is killed
    #[arg(long, default_value_t = 1000)]
    cycles: usize,
    /// How many jobs are asked for meanwhile
    #[arg(long, default_value_t = 100_000)]
    jobs: usize,
    /// Another run of the dice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Build in release
    #[arg(long)]
    release: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let mut command = program(build(options.release)?);
    command.arg("chaos");
    for (name, value) in
        [("--cycles", options.cycles as u64), ("--jobs", options.jobs as u64), ("--seed", options.seed)]
    {
        command.args([name, &value.to_string()]);
    }
    check(&mut command)
}
