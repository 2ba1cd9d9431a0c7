//! What the servers are made of: asked for from a Debian's own package manager where we are root, and named where not.

use anyhow::{Result, bail};

use crate::run::{check, is_there, program};

/// Something that must be installed.
pub struct Package {
    pub what: &'static str,
    /// The Debian packages that bring it.
    pub names: &'static [&'static str],
    pub is_there: fn() -> bool,
}

pub fn is_root() -> bool {
    is_there("sh", &["-c", "test $(id -u) = 0"])
}

/// # Errors
/// Says what to install where that cannot be done from here.
pub fn provide(package: &Package) -> Result<()> {
    if (package.is_there)() {
        return Ok(());
    }
    let Package { what, names, .. } = package;
    if !is_root() || !is_there("apt-get", &["--version"]) {
        bail!("{what} is not installed; install it first (on Debian: apt-get install {})", names.join(" "));
    }
    install(names)?;
    if !(package.is_there)() {
        bail!("{what} is still not there after installing {}", names.join(" "));
    }
    Ok(())
}

/// Asks the package manager for them.
pub fn install(names: &[&str]) -> Result<()> {
    check(program("apt-get").args(["update", "--quiet"]))?;
    let mut command = program("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // PostgreSQL's package would start a server of the machine's own.
    command.env("RUNLEVEL", "1");
    check(command.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(names))
}
