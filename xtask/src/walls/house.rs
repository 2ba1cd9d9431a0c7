//! What stands there: the crates with their dependencies from `cargo metadata`, and every Rust source file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::run::{cargo, read};

#[derive(Debug, Default)]
pub struct House {
    pub crates: Vec<Crate>,
    pub sources: Vec<Source>,
}

/// A member of the workspace. Names are as on crates.io, ours with the prefix `hawser-`.
#[derive(Debug, Default)]
pub struct Crate {
    pub name: String,
    /// Named in its own Cargo.toml, for the product.
    pub direct: BTreeSet<String>,
    /// Named in its own Cargo.toml, for tests only.
    pub in_tests: BTreeSet<String>,
    /// Everything that is linked into the product through it.
    pub reach: BTreeSet<String>,
    /// The files with which its library, programs and tests begin.
    pub entries: BTreeSet<String>,
}

/// A Rust source file, its path from the workspace root with forward slashes.
#[derive(Debug, Default)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl House {
    /// Asks cargo for the crates and reads every source below `root`.
    pub fn read(root: &Path) -> Result<House> {
        let printed = read(&mut cargo(["metadata", "--format-version", "1", "--locked"]))?;
        let metadata: Metadata = serde_json::from_str(&printed).context("cargo metadata")?;
        let mut sources = Vec::new();
        collect(root, root, &mut sources)?;
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(House { crates: metadata.crates(), sources })
    }
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Build results, hidden folders, and the documents of the demo are not our sources.
        if name.starts_with('.') || name == "target" || name == "node_modules" || path == root.join("fixtures") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let inner = path.strip_prefix(root)?.components();
            let words: Vec<_> = inner.map(|word| word.as_os_str().to_string_lossy()).collect();
            into.push(Source { path: words.join("/"), text });
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    src_path: String,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

impl Metadata {
    fn crates(&self) -> Vec<Crate> {
        let names: BTreeMap<_, _> = self.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        let nodes: BTreeMap<_, _> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let ours = self.packages.iter().filter(|package| self.workspace_members.contains(&package.id));
        let standing = ours.map(|package| {
            let named = |for_tests: bool| {
                let kind = move |d: &&Dependency| (d.kind.as_deref() == Some("dev")) == for_tests;
                package.dependencies.iter().filter(kind).map(|d| d.name.clone()).collect()
            };
            Crate {
                name: package.name.clone(),
                entries: package.targets.iter().map(|target| target.src_path.clone()).collect(),
                direct: named(false),
                in_tests: named(true),
                reach: reach(&package.id, &nodes)
                    .iter()
                    .filter_map(|id| names.get(id))
                    .map(|n| n.to_string())
                    .collect(),
            }
        });
        standing.collect()
    }
}

/// All packages linked through `id`, itself excepted: normal dependencies only, at any depth.
fn reach<'a>(id: &'a str, nodes: &BTreeMap<&'a str, &'a Node>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        let edges = nodes.get(id).map_or(&[][..], |node| &node.deps);
        for edge in edges.iter().filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none())) {
            if seen.insert(edge.pkg.as_str()) {
                next.push(&edge.pkg);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crate_reaches_is_followed_through_others_but_not_through_their_tests() {
        let json = serde_json::json!({
            "workspace_members": ["a"],
            "packages": [
                { "id": "a", "name": "hawser-a", "dependencies": [
                    { "name": "b", "kind": null }, { "name": "t", "kind": "dev" }],
                    "targets": [{ "src_path": "a/src/lib.rs" }] },
                { "id": "b", "name": "b", "dependencies": [], "targets": [] },
                { "id": "c", "name": "c", "dependencies": [], "targets": [] },
                { "id": "t", "name": "t", "dependencies": [], "targets": [] },
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [
                    { "pkg": "b", "dep_kinds": [{ "kind": null }] },
                    { "pkg": "t", "dep_kinds": [{ "kind": "dev" }] }] },
                { "id": "b", "deps": [{ "pkg": "c", "dep_kinds": [{ "kind": null }] }] },
            ] },
        });
        let crates = serde_json::from_value::<Metadata>(json).unwrap().crates();
        let words = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(crates.len(), 1);
        assert_eq!(words(&crates[0].entries), "a/src/lib.rs");
        assert_eq!(words(&crates[0].direct), "b");
        assert_eq!(words(&crates[0].in_tests), "t");
        assert_eq!(words(&crates[0].reach), "b c");
    }

    #[test]
    fn this_house_is_read_whole() {
        let house = House::read(&crate::run::root()).unwrap();
        let domain = house.crates.iter().find(|it| it.name == "hawser-domain").unwrap();
        assert!(domain.direct.contains("hawser-entity"));
        assert!(domain.reach.contains("sqlx-core"), "through sea-orm");
        assert!(house.sources.iter().any(|source| source.path == "xtask/src/walls/house.rs"));
        assert!(!house.sources.iter().any(|source| source.path.starts_with("fixtures/")));
    }
}
