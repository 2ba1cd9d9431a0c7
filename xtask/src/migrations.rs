//! `cargo xtask migrations`: every migration up, down and up again on a fresh database of each kind.
//!
//! The check itself is a test of the house, so that it runs wherever the tests run; here it gets a name of its own.

use anyhow::{Context, Result, bail};
use hawser_xtask::services::Services;

use crate::run::{cargo, read};

const NAME: &str = "migrations_go_up_down_and_up_again";

pub fn run() -> Result<()> {
    walk("SQLite", &[])?;
    let services = Services::postgres().context("the migrations cannot be walked on PostgreSQL")?;
    walk("PostgreSQL", services.environment())
}

fn walk(database: &str, environment: &[(&'static str, String)]) -> Result<()> {
    let mut command = cargo(["test", "--workspace", "--test", "house", "--", NAME]);
    let printed = read(command.envs(environment.iter().cloned()))?;
    print(&printed);
    if passed(&printed) == 0 {
        bail!("no test named {NAME} ran on {database}");
    }
    eprintln!("migrations: up, down and up again on {database}");
    Ok(())
}

#[allow(clippy::print_stdout)]
fn print(text: &str) {
    print!("{text}");
}

/// How many tests of our name passed: a filter that matches nothing is green, and proves nothing.
fn passed(printed: &str) -> usize {
    let ours = |line: &&str| line.contains(NAME) && line.ends_with("... ok");
    printed.lines().filter(ours).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_in_which_the_test_does_not_exist_counts_as_nothing() {
        assert_eq!(passed("running 0 tests\n\ntest result: ok. 0 passed\n"), 0);
        assert_eq!(passed("test document::a_folder_is_made ... ok\n"), 0);
        let one = "test migration::migrations_go_up_down_and_up_again ... ok\n";
        assert_eq!(passed(one), 1);
        assert_eq!(passed(&one.replace("ok", "FAILED")), 0);
    }
}
