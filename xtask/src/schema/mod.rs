//! `cargo xtask schema`: writes schema.graphql, the contract with front ends; `--check` proves it fresh, `--compat` that it
//! breaks nothing for the clients of the newest release, and `--release` makes it the contract of that.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    clock,
    run::{cargo, read, root},
};

mod compat;
mod contract;

/// The contract of the newest release.
const RELEASED: &str = "docs/schema/released.graphql";

#[derive(clap::Args)]
#[group(multiple = false)]
pub struct Options {
    /// Compare only, and fail where the committed file differs
    #[arg(long)]
    check: bool,
    /// Fail where the committed file breaks the clients of the newest release
    #[arg(long)]
    compat: bool,
    /// Make the committed file the contract of this version
    #[arg(long)]
    release: bool,
}

pub fn run(options: &Options) -> Result<()> {
    if options.compat {
        return keeps(&text("schema.graphql")?, &text(RELEASED)?);
    }
    if options.release {
        return release(&text("schema.graphql")?);
    }
    let printed = read(&mut cargo(["run", "--quiet", "--", "schema"]))?;
    let file = root().join("schema.graphql");
    if options.check { compare(&file, &printed) } else { write(&file, &printed) }
}

fn write(file: &Path, printed: &str) -> Result<()> {
    if printed.trim().is_empty() {
        bail!("`hawser schema` printed nothing; schema.graphql is left as it was");
    }
    fs::write(file, printed).with_context(|| format!("could not write {}", file.display()))
}

fn compare(file: &Path, printed: &str) -> Result<()> {
    let committed = fs::read_to_string(file)
        .with_context(|| format!("could not read {}; `cargo xtask schema` writes it", file.display()))?;
    let Some((line, was, is)) = first_difference(&committed, printed) else {
        return Ok(());
    };
    bail!(
        "schema.graphql is stale from line {line} on; run `cargo xtask schema` and commit it\n  committed: {was}\n  code says: {is}"
    );
}

fn text(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).with_context(|| format!("could not read {file}"))
}

fn keeps(committed: &str, released: &str) -> Result<()> {
    let (old, new) = (contract::read(released).context(RELEASED)?, contract::read(committed)?);
    let breaks = compat::breaks(&old, &new, clock::month());
    if breaks.is_empty() {
        return Ok(());
    }
    bail!("schema.graphql breaks clients of the newest release ({RELEASED}):\n  {}", breaks.join("\n  "));
}

fn release(committed: &str) -> Result<()> {
    contract::read(committed)?;
    let version = env!("CARGO_PKG_VERSION");
    let head = format!("# The contract with front ends as of {version}; `cargo xtask schema --release` writes it.\n\n");
    let file = root().join(RELEASED);
    fs::create_dir_all(file.parent().unwrap_or(&file))?;
    write(&file, &format!("{head}{committed}"))
}

/// The first line that differs, counted from 1, as committed and as printed now.
fn first_difference<'a>(committed: &'a str, printed: &'a str) -> Option<(usize, &'a str, &'a str)> {
    if committed == printed {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), printed.lines());
    for line in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return Some((line, "(end of file)", "(another line ending)")),
            (was, is) if was != is => {
                return Some((line, was.unwrap_or("(end of file)"), is.unwrap_or("(end of file)")));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_schema_is_told_with_the_first_line_that_differs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("schema.graphql");
        write(&file, "type A\ntype B\n").unwrap();
        compare(&file, "type A\ntype B\n").unwrap();

        let error = compare(&file, "type A\ntype C\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("type B") && error.contains("type C"), "{error}");
        compare(&file, "type A\n").unwrap_err();
        compare(&file, "type A\ntype B").unwrap_err();
    }

    #[test]
    fn an_empty_schema_never_replaces_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("schema.graphql");
        write(&file, "type A\n").unwrap();
        write(&file, "\n").unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), "type A\n");
    }
}
