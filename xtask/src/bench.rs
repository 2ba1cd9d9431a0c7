//! `cargo xtask bench …`: the benchmarks, in release. What follows the word is handed to them.

use anyhow::Result;

use crate::run::{cargo, check};

#[derive(clap::Args)]
pub struct Options {
    /// Handed to the benchmarks as they are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    if options.rest.iter().any(|word| word == "--cluster") {
        // Its workers are processes of the program itself.
        check(&mut cargo(["build", "--release", "--bin", "hawser"]))?;
    }
    let mut command = cargo(["run", "--release", "--package", "hawser-tests", "--bin", "bench", "--"]);
    check(command.args(&options.rest))
}
