//! The benchmarks: `cargo xtask bench [NAME…] [--json] [--corpus DIR] [--tika JAR]
//! [--documents N] [--node] [--elasticsearch URL] [--cluster]`. Each measures one promise of the house against the real parts and prints its figures with the machine they were taken on. Figures of different machines are not to be compared.

#![allow(clippy::print_stdout, reason = "figures are what it is asked for")]

mod chaos;
mod cluster;
mod commits;
mod extraction;
mod feed;
mod figure;
mod jobs;
mod latency;
mod link;
mod live;
mod machine;
mod poll;
mod queries;
mod scene;
mod search;
mod start;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use figure::Figures;

const NAMES: [&str; 11] =
    ["commits", "extraction", "feed", "jobs", "latency", "link", "live", "poll", "queries", "search", "start"];

/// What the benchmarks were called with.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    json: bool,
    /// A folder of files to read, with a `manifest.json` of what is in them.
    corpus: Option<PathBuf>,
    /// Tika's application, to be measured against.
    tika: Option<PathBuf>,
    /// Whether the Node stack is measured beside this one.
    node: bool,
    /// Documents to search in, or to list.
    documents: Option<usize>,
    /// A search engine to be measured beside the embedded one.
    elasticsearch: Option<String>,
    /// Whether jobs are measured with worker processes on PostgreSQL and Redis.
    cluster: bool,
}

impl Asked {
    fn from(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            let mut path = || words.next().map(PathBuf::from).with_context(|| format!("{word} wants a path"));
            match word.as_str() {
                "--json" => asked.json = true,
                "--node" => asked.node = true,
                "--cluster" => asked.cluster = true,
                "--corpus" => asked.corpus = Some(path()?),
                "--tika" => asked.tika = Some(path()?),
                "--documents" => {
                    let count = words.next().and_then(|count| count.parse().ok()).filter(|count| *count > 0);
                    asked.documents = Some(count.context("--documents wants a number")?);
                }
                "--elasticsearch" => {
                    asked.elasticsearch = Some(words.next().context("--elasticsearch wants a URL")?);
                }
                _ if word.starts_with("--") => {
                    let known =
                        "--json, --node, --cluster, --corpus DIR, --tika JAR, --documents N and --elasticsearch URL";
                    bail!("{word} is no option; there are {known}")
                }
                _ if NAMES.contains(&word.as_str()) => asked.names.push(word),
                _ => bail!("there is no benchmark {word}; there are {}", NAMES.join(", ")),
            }
        }
        Ok(asked)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    // Not a measurement, and never among them: it takes as long as it is asked to.
    if std::env::args().nth(1).is_some_and(|word| word == "chaos") {
        return chaos::run(std::env::args().skip(2)).await;
    }
    let asked = Asked::from(std::env::args().skip(1))?;
    let figures = Figures::new(asked.json);
    let names = &asked.names;
    machine::print();
    for name in NAMES.iter().filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == *name)) {
        println!("\n{name} (load {})", machine::load());
        match *name {
            "commits" => commits::run(&figures).await?,
            "extraction" => extraction::run(&figures, asked.corpus.as_deref(), asked.tika.as_deref()).await?,
            "feed" => feed::run(&figures).await?,
            "jobs" if asked.cluster => cluster::run(&figures).await?,
            "jobs" => jobs::run(&figures).await?,
            "latency" => latency::run(&figures).await?,
            "link" => link::run(&figures).await?,
            "live" => live::run(&figures).await?,
            "poll" => poll::run(&figures).await?,
            "queries" => queries::run(&figures, asked.documents, asked.node).await?,
            "search" => search::run(&figures, asked.documents, asked.elasticsearch.as_deref()).await?,
            _ => start::run(&figures).await?,
        }
    }
    println!("\nload at the end: {}", machine::load());
    Ok(())
}
