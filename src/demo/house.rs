//! The parts of the demo and their order: the sandbox, the house on a free loopback port, its workers. All in this
//! process; everything else in this folder reaches them through their public doors only.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use hawser_domain::{app::Ambient, config::Config, randomness::Randomness};
use hawser_sandbox::Running;
use hawser_workers::{Slots, Workers};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{
    serve::{self, Front},
    setup,
};

/// The administrator's password of a folder that is kept, so that the next start can sign in.
const PASSWORD: &str = "demo-password";

/// Everything that runs.
pub struct House {
    /// The server's address, without a slash at the end.
    pub url: String,
    pub admin_email: String,
    pub password: String,
    server: Front,
    workers: Workers,
    news: JoinHandle<()>,
    uses: JoinHandle<()>,
    folder: Folder,
}

enum Folder {
    /// Goes away when dropped.
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn open(data: Option<&Path>) -> anyhow::Result<Self> {
        match data {
            Some(path) => {
                fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
                Ok(Self::Kept(path.to_owned()))
            }
            None => Ok(Self::Temporary(tempfile::Builder::new().prefix("hawser-demo-").tempdir()?)),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

impl House {
    /// Opens the house in `data`, or in a temporary folder.
    pub async fn open(data: Option<&Path>) -> anyhow::Result<Self> {
        let folder = Folder::open(data)?;
        let password = password(folder.path())?;
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
        let mut config = Config::for_folder(folder.path().to_owned())?;
        config.bind = listener.local_addr()?;
        config.public_url = Some(format!("http://{}", config.bind));
        config.allow_loopback_clouds = true;
        config.graphiql = true;
        config.admin_password = Some(SecretString::from(password.clone()));
        let (url, admin_email) = (config.public_url(), config.admin_email.clone());
        let app = setup::open(config, Ambient::default()).await?;
        setup::first_admin(&app).await?;
        let news = tokio::spawn(hawser_domain::change::follow(app.clone()));
        let uses = tokio::spawn(hawser_domain::persisted_operation::follow(app.clone()));
        let workers = Workers::start(app.clone(), Slots::spread(app.config.worker_slots));
        let server = serve::listen_on(&app, listener)?;
        Ok(Self { url, admin_email, password, server, workers, news, uses, folder })
    }

    /// Where the data is kept, when it is.
    pub fn kept(&self) -> Option<&Path> {
        match &self.folder {
            Folder::Temporary(_) => None,
            Folder::Kept(path) => Some(path),
        }
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
        self.workers.stop().await;
        self.news.abort();
        self.uses.abort();
    }
}

/// An empty world that listens on a free loopback port.
pub async fn sandbox() -> anyhow::Result<Running> {
    hawser_sandbox::start(hawser_sandbox::Options::default()).await.context("the sandbox does not start")
}

/// The password of an earlier start, or a new one, written down before anybody is made with it.
fn password(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join(PASSWORD);
    match fs::read_to_string(&path) {
        Ok(password) => return Ok(password.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    if folder.join("hawser.db").exists() {
        bail!("{} holds a house that no demo has made; give --data another folder", folder.display());
    }
    let password = hex::encode(Randomness::from_system().bytes::<12>());
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(password.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(password)
}
