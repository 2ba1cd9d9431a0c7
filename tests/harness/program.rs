//! The program itself, for what only a process of its own can show.

use std::path::PathBuf;

/// The program that was built beside this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let program = test.ancestors().nth(2).expect("target/debug/deps").join("hawser");
    assert!(program.exists(), "{} is not built: run `cargo xtask test`, or `cargo build`", program.display());
    program
}
