//! Looks whether the IDE's assets were fetched (`cargo xtask ide`) and lists those that are there for embedding. Nothing is
//! downloaded here, and nothing is missed where they are absent: the server says then how to come by them.

#![allow(clippy::print_stdout, reason = "cargo is told on stdout what to watch")]

use std::{env, error::Error, fmt::Write, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest folder")?);
    let folder = here.join("assets/graphiql");
    println!("cargo:rerun-if-changed={}", here.join("assets").display());
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut list = String::from("&[\n");
    let mut files: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.is_file()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", file.to_string_lossy())?;
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no output folder")?);
    fs::write(out.join("graphiql.rs"), list)?;
    Ok(())
}
