//! `cargo xtask deny`: cargo-deny with the lists of deny.toml; it is installed first where it is missing.

use anyhow::Result;

use crate::run::{cargo, check, is_there};

/// The series whose configuration format deny.toml is written in.
const VERSION: &str = "^0.20";

pub fn run() -> Result<()> {
    if !is_there("cargo", &["deny", "--version"]) {
        // Unoptimised: it builds in a minute instead of five, and reads our lockfile in two seconds.
        check(&mut cargo(["install", "--locked", "--debug", "cargo-deny", "--version", VERSION]))?;
    }
    // Duplicates are warnings, and cargo-deny draws a tree for each: the list is `cargo tree --duplicates`.
    check(&mut cargo(["deny", "check", "licenses", "bans", "sources", "--allow", "duplicate"]))
}
