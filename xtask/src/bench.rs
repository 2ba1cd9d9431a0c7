//! `cargo xtask bench …`: the benchmarks, in release. What follows the word is handed to them.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{cargo, check, program, target};

#[derive(clap::Args)]
pub struct Options {
    /// Handed to the benchmarks as they are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    check(program(build(true)?).args(&options.rest))
}

/// Builds the benchmarks and, beside them, the program whose processes they start. Returns where they are.
pub fn build(release: bool) -> Result<PathBuf> {
    let (profile, folder) = if release { (Some("--release"), "release") } else { (None, "debug") };
    check(cargo(["build", "--workspace", "--bin", "hawser", "--bin", "bench"]).args(profile))?;
    Ok(target().join(folder).join("bench"))
}
