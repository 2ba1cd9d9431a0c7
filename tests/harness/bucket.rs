//! A store that speaks S3, in this process: started when the column asks for one, or by a test that breaks it.

use std::{net::TcpListener, path::Path, sync::OnceLock};

use hawser_domain::config::Config;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::SecretString;
use tempfile::TempDir;

/// The bucket that is there from the beginning, and what opens it.
const BUCKET: &str = "hawser";
pub(crate) const ACCESS_KEY: &str = "hawser";
pub(crate) const SECRET_KEY: &str = "hawser-secret";

/// A running store. It ends with the process.
#[derive(Debug)]
pub struct Bucket {
    /// `http://127.0.0.1:…`
    pub endpoint: String,
    folder: TempDir,
}

impl Bucket {
    /// The one that houses of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Bucket> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// On a thread of its own: it outlives the runtime of the test that needs it first.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("the bucket is made");
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("the store opens"));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("the listener is set");
        let endpoint = format!("http://{}", listener.local_addr().expect("the port is known"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is taken");
                while let Ok((stream, _)) = listener.accept().await {
                    let service = service.clone();
                    tokio::spawn(async move {
                        let http = Builder::new(TokioExecutor::new());
                        // Whoever hangs up in the middle is no fault of the store.
                        let _ = http.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            });
        });
        Self { endpoint, folder }
    }

    /// The address of a folder in the bucket.
    pub fn url(&self, folder: &str) -> String {
        Self::url_at(&self.endpoint, folder)
    }

    /// The same behind another endpoint, such as one that cuts lines.
    pub fn url_at(endpoint: &str, folder: &str) -> String {
        format!("s3://{BUCKET}/{folder}?region=us-east-1&endpoint={endpoint}")
    }

    /// What opens it, as settings of the program.
    pub fn keys() -> [(&'static str, &'static str); 2] {
        [("HAWSER_BLOB_ACCESS_KEY", ACCESS_KEY), ("HAWSER_BLOB_SECRET_KEY", SECRET_KEY)]
    }

    /// Makes a house keep its blobs in this folder of the bucket.
    pub fn furnish(&self, config: &mut Config, folder: &str) {
        config.blob_url = Some(self.url(folder));
        config.blob_access_key = Some(SecretString::from(ACCESS_KEY));
        config.blob_secret_key = Some(SecretString::from(SECRET_KEY));
    }

    /// Where the objects lie as files, to look at what nobody can read yet.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
