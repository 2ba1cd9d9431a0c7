//! `cargo xtask walls`: what the drawing of the house forbids, checked on the crates and on the sources.
//!
//! `house` reads what is there; `crates`, `names` and `manners` each answer with what breaks a wall.

mod crates;
mod house;
mod manners;
mod names;
mod paths;

use anyhow::{Result, bail};

use house::House;

/// One breach of one wall.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// A crate, or a file with its line.
    pub place: String,
    /// What is wrong, and where it belongs instead.
    pub what: String,
}

pub fn run() -> Result<()> {
    let house = House::read(&crate::run::root())?;
    let breaches = breaches(&house);
    for breach in &breaches {
        eprintln!("{}: {}", breach.place, breach.what);
    }
    if !breaches.is_empty() {
        bail!("breaches of the walls: {}", breaches.len());
    }
    eprintln!("the walls stand: {} crates, {} source files", house.crates.len(), house.sources.len());
    Ok(())
}

fn breaches(house: &House) -> Vec<Breach> {
    let mut all = crates::breaches(house);
    all.extend(names::breaches(house));
    all.extend(manners::breaches(house));
    all.sort();
    all.dedup();
    all
}
