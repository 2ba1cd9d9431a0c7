//! `cargo xtask lint`: the format, and clippy with every warning an error.

use anyhow::Result;

use crate::run::{cargo, check};

pub fn run() -> Result<()> {
    check(&mut cargo(["fmt", "--all", "--check"]))?;
    check(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}
