//! What scripts run in: Python in an environment of its own, and Node with the packages of the lock file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    run::{check, is_there, program},
    suite::Set,
};

pub struct Runtime {
    /// What must be found, in words.
    pub needs: &'static str,
    pub is_there: fn() -> bool,
    /// The Debian packages that bring it.
    pub packages: &'static [&'static str],
    /// Installs the set's pinned packages.
    pub prepare: fn(&Set) -> Result<Tool>,
}

/// A runtime with the packages of a set.
pub struct Tool {
    pub program: PathBuf,
    /// Where the scripts lie that it can run.
    pub scripts: PathBuf,
}

pub static PYTHON: Runtime = Runtime {
    needs: "python3 with venv",
    is_there: || is_there("python3", &["-c", "import venv, ensurepip"]),
    packages: &["python3", "python3-venv"],
    prepare: python,
};

const NODE_NEEDS: &str = "node (18 or newer) with npm";
const NODE_PACKAGES: &[&str] = &["nodejs", "npm"];

pub static NODE: Runtime =
    Runtime { needs: NODE_NEEDS, is_there: node_is_there, packages: NODE_PACKAGES, prepare: node };

/// Some packages know no Node as old as Debian brings it: then a newer one is installed beside them.
pub static NODE_20: Runtime = Runtime {
    needs: NODE_NEEDS,
    is_there: node_is_there,
    packages: NODE_PACKAGES,
    prepare: |set| {
        let tool = node(set)?;
        let is_new = is_there("node", &["-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"]);
        if is_new { Ok(tool) } else { Ok(Tool { program: newer_node(set)?, ..tool }) }
    },
};

fn newer_node(set: &Set) -> Result<PathBuf> {
    let folder = set.installed().join("runtime");
    let node = folder.join("node_modules/node/bin/node");
    if !node.exists() {
        fs::create_dir_all(&folder)?;
        let mut npm = program("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        check(npm.arg("node@20.20.2"))?;
    }
    Ok(node)
}

fn node_is_there() -> bool {
    is_there("node", &["-e", "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"])
        && is_there("npm", &["--version"])
}

fn python(set: &Set) -> Result<Tool> {
    let folder = set.installed().join("python");
    let python = folder.join("bin/python");
    if !python.exists() {
        check(program("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut pip = program(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    check(pip.arg(set.scripts().join("requirements.txt")))?;
    Ok(Tool { program: python, scripts: set.scripts() })
}

/// Node looks for packages beside the script and above it, so the scripts go to where the packages are.
fn node(set: &Set) -> Result<Tool> {
    let folder = set.installed().join("node");
    copy(&set.scripts(), &folder)?;
    let (wanted, done) = (fs::read(folder.join("package-lock.json"))?, folder.join("installed-lock.json"));
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        check(program("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
        fs::write(done, wanted)?;
    }
    Ok(Tool { program: "node".into(), scripts: folder })
}

/// Copies a folder into another one, where what is there already stays unless it has the same name.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true => copy(&from, &to)?,
            false => {
                fs::copy(&from, &to).with_context(|| format!("could not copy {}", from.display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_copied_with_their_folders_over_older_ones() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(from.path().join("app")).unwrap();
        fs::write(from.path().join("app/main.ts"), "new").unwrap();
        fs::create_dir(to.path().join("app")).unwrap();
        fs::write(to.path().join("app/main.ts"), "old").unwrap();
        fs::write(to.path().join("kept"), "kept").unwrap();
        copy(from.path(), to.path()).unwrap();
        assert_eq!(fs::read_to_string(to.path().join("app/main.ts")).unwrap(), "new");
        assert_eq!(fs::read_to_string(to.path().join("kept")).unwrap(), "kept");
    }
}
