//! The program itself, for what only a process of its own can show.

use std::path::PathBuf;

/// The program that was built beside this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    // A test lies in `deps`; the benchmarks lie beside the program.
    let folder = test.ancestors().skip(1).find(|folder| !folder.ends_with("deps")).expect("target/debug");
    let program = folder.join("hawser");
    assert!(program.exists(), "{} is not built: run `cargo xtask test`, or `cargo build`", program.display());
    program
}
