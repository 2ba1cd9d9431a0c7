//! Starts other programs: from the workspace root, with the command shown first, and a failure that names it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The workspace root: the folder above this crate.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where this workspace's build results lie, also when `CARGO_TARGET_DIR` moves them.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The cargo that started us, at the workspace root.
pub fn cargo<I: Into<OsString>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(cargo);
    command.args(arguments.into_iter().map(Into::into));
    command
}

/// Any other program, at the workspace root.
pub fn program(name: impl Into<OsString>) -> Command {
    let mut command = Command::new(name.into());
    command.current_dir(root());
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_about_us(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

/// What `cargo run` told xtask about itself. Some build scripts watch these words (ring's does), so handing them on
/// would rebuild half of the dependencies whenever cargo is called by xtask, and again when it is called by hand.
fn is_about_us(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&variable)
}

/// Whether a program of this name starts and says that all is well.
pub fn is_there(name: &str, arguments: &[&str]) -> bool {
    let status =
        program(name).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs to the end. Fails when the program cannot start or does not end with zero.
pub fn check(command: &mut Command) -> Result<()> {
    let shown = show(command);
    eprintln!("$ {shown}");
    let status = command.status().with_context(|| format!("could not start: {shown}"))?;
    if !status.success() {
        bail!("failed ({status}): {shown}");
    }
    Ok(())
}

/// Runs to the end and returns what was printed on standard output; standard error stays visible.
pub fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("could not start: {shown}"))?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stdout));
        bail!("failed ({}): {shown}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("not UTF-8: the output of {shown}"))
}

/// The command as one would type it.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = command.get_args().map(|word| word.to_string_lossy());
    std::iter::once(name.to_string_lossy()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_fails_the_step_and_is_named() {
        let error = check(&mut cargo(["no-such-command"])).unwrap_err();
        assert!(error.to_string().contains("cargo no-such-command"), "{error}");
    }

    #[test]
    fn what_cargo_told_us_about_ourselves_is_not_handed_on() {
        let printed = read(&mut program("env")).unwrap();
        assert!(!printed.lines().any(|line| line.starts_with("CARGO_PKG_NAME=")), "{printed}");
        assert!(!is_about_us("CARGO_TARGET_DIR") && !is_about_us("CARGO_HOME"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = check(&mut program("hawser-no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "could not start: hawser-no-such-program");
    }
}
