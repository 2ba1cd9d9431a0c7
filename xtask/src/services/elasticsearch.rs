//! An Elasticsearch of our own. Its distribution is on no package registry; its parts are, and `tests/elasticsearch/` makes
//! a node of them: downloaded and compiled once per machine, and kept outside the target folder.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    packages::{self, Package},
    process::{Kind, Running, bound, free_port},
};
use crate::run::{check, is_there, root};

const JAVA: Package = Package {
    what: "Java 17 with its compiler",
    names: &["openjdk-17-jdk-headless"],
    is_there: || is_there("java", &["--version"]) && is_there("javac", &["--version"]),
};
const MAVEN: Package = Package { what: "Maven", names: &["maven"], is_there: || is_there("mvn", &["--version"]) };

const KIND: Kind = Kind { name: "Elasticsearch", ends_on: "TERM" };
const VERSION: &str = "8.19.9";
/// The sources of the node, below `tests/elasticsearch/`.
const SOURCES: [&str; 2] = ["pom.xml", "TestNode.java"];

/// A node's folder and port.
pub struct Elasticsearch {
    built: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Elasticsearch {
    pub fn make(folder: &Path) -> Result<Self> {
        packages::provide(&JAVA)?;
        let built = build().context("the Elasticsearch of the tests could not be built")?;
        fs::create_dir_all(folder.join("config"))?;
        Ok(Self { built, folder: folder.to_owned(), port: free_port()? })
    }

    pub fn start(&self) -> Result<Running> {
        let mut node = bound(KIND, None, Path::new("java"));
        node.current_dir(&self.built).args(["-Xms512m", "-Xmx512m", "-p", "jars", "--add-modules", "ALL-MODULE-PATH"]);
        node.args(["-cp", "classes", "TestNode"]).arg("modules").arg(&self.folder);
        node.args([self.port, free_port()?].map(|port| port.to_string()));
        Running::start(KIND, &mut node, &self.folder.with_extension("log"), || self.answers().unwrap_or(false))
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /_cluster/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    }
}

/// Where the node lies when it is built, which is done where it is missing.
fn build() -> Result<PathBuf> {
    let sources = root().join("tests/elasticsearch");
    let mut hasher = DefaultHasher::new();
    for name in SOURCES {
        fs::read(sources.join(name)).with_context(|| format!("could not read {name}"))?.hash(&mut hasher);
    }
    let cache = cache()?;
    let built = cache.join(format!("{VERSION}-{:016x}", hasher.finish()));
    if built.exists() {
        return Ok(built);
    }
    packages::provide(&MAVEN)?;
    // Made aside and moved into place, so that what is there is whole.
    let aside = cache.join(format!("{VERSION}-being-built-{}", std::process::id()));
    let _ = fs::remove_dir_all(&aside);
    fs::create_dir_all(aside.join("classes"))?;
    fs::create_dir_all(aside.join("modules/transport-netty4"))?;
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "--file"]).arg(sources.join("pom.xml"));
    maven.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
    check(
        maven
            .arg(format!("-Dhawser.version={VERSION}"))
            .arg(format!("-DoutputDirectory={}", aside.join("jars").display())),
    )?;
    for jar in fs::read_dir(aside.join("jars"))? {
        let jar = jar?;
        let name = jar.file_name().to_string_lossy().into_owned();
        if name.starts_with("netty-") || name.starts_with("transport-netty4") {
            fs::rename(jar.path(), aside.join("modules/transport-netty4").join(name))?;
        }
    }
    fs::write(aside.join("modules/transport-netty4/plugin-descriptor.properties"), descriptor())?;
    let mut compiler = Command::new("javac");
    compiler.current_dir(&aside).args(["-p", "jars", "--add-modules", "ALL-MODULE-PATH", "-d", "classes"]);
    check(compiler.arg(sources.join("TestNode.java")))?;
    match fs::rename(&aside, &built) {
        Ok(()) => Ok(built),
        // Somebody else was quicker.
        Err(_) if built.exists() => fs::remove_dir_all(&aside).map(|()| built).map_err(Into::into),
        Err(error) => bail!("could not move {} into place: {error}", aside.display()),
    }
}

/// What a node wants to be told of a module.
fn descriptor() -> String {
    format!(
        "name=transport-netty4\ndescription=HTTP and transport\nversion={VERSION}\nelasticsearch.version={VERSION}\n\
         java.version=17\nclassname=org.elasticsearch.transport.netty4.Netty4Plugin\n"
    )
}

/// The machine's cache, which outlives every target folder.
fn cache() -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let caches = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    let folder = caches.context("neither XDG_CACHE_HOME nor HOME is set")?.join("hawser/elasticsearch");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
