//! `cargo xtask ide`: fetches the assets of the IDE from their packages, proves that they are the ones meant, and puts them,
//! packed, where the build embeds them. Does nothing when they lie there already.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::{check, program, read, root, target};

struct Package {
    name: &'static str,
    version: &'static str,
    /// Subresource integrity of the package as npm tells it.
    integrity: &'static str,
    /// Path in the package, and what it is called here.
    files: &'static [(&'static str, &'static str)],
}

/// The newest line of GraphiQL that is published as one script, and the React that it asks for. All under the MIT licence.
const PACKAGES: &[Package] = &[
    Package {
        name: "graphiql",
        version: "4.1.2",
        integrity: "sha512-rNlzQIAzm6i2KBXmVQWBgLvt0TloxFVB2d18bukvdsvjEuFDHsKx5IVOomL1W1o5WW+tE54+ioHb2AEKzO2cUg==",
        files: &[("graphiql.min.js", "js"), ("graphiql.min.css", "css"), ("LICENSE", "license.txt")],
    },
    Package {
        name: "react",
        version: "18.3.1",
        integrity: "sha512-wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==",
        files: &[("umd/react.production.min.js", "js"), ("LICENSE", "license.txt")],
    },
    Package {
        name: "react-dom",
        version: "18.3.1",
        integrity: "sha512-5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==",
        files: &[("umd/react-dom.production.min.js", "js"), ("LICENSE", "license.txt")],
    },
];

pub fn run() -> Result<()> {
    let assets = root().join("api/assets/graphiql");
    for package in PACKAGES {
        let wanted = package.files.iter().map(|(path, ending)| (*path, assets.join(packed(package, ending))));
        let missing: Vec<(&str, PathBuf)> = wanted.filter(|(_, file)| !file.exists()).collect();
        if !missing.is_empty() {
            fetch(package, &missing)?;
        }
    }
    Ok(())
}

fn packed(package: &Package, ending: &str) -> String {
    format!("{}-{}.{ending}.gz", package.name, package.version)
}

fn fetch(package: &Package, missing: &[(&str, PathBuf)]) -> Result<()> {
    let folder = target().join("ide").join(package.name);
    fs::create_dir_all(&folder)?;
    let wanted = format!("{}@{}", package.name, package.version);
    let mut npm = program("npm");
    npm.args(["pack", &wanted, "--json", "--ignore-scripts"]).current_dir(&folder);
    let told = read(&mut npm).context("npm is needed to fetch the IDE (Debian: apt-get install npm)")?;
    let told: serde_json::Value = serde_json::from_str(&told).context("npm pack told no JSON")?;
    let found = told[0]["integrity"].as_str().unwrap_or_default();
    if found != package.integrity {
        bail!("{wanted} is not the package that is meant: its integrity is `{found}`");
    }
    let archive = told[0]["filename"].as_str().context("npm pack told no file")?.to_owned();
    check(program("tar").args(["-xzf", &archive]).current_dir(&folder))?;
    for (path, file) in missing {
        let bytes = fs::read(folder.join("package").join(path)).with_context(|| format!("{wanted} has no {path}"))?;
        fs::create_dir_all(file.parent().unwrap_or(file))?;
        // Renamed when whole: a build must not embed half a file.
        let begun = file.with_extension("part");
        let mut writer = flate2::write::GzEncoder::new(fs::File::create(&begun)?, flate2::Compression::best());
        std::io::Write::write_all(&mut writer, &bytes)?;
        writer.finish()?;
        fs::rename(&begun, file)?;
    }
    Ok(())
}
