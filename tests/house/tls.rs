//! Servers of a house's own behind TLS: it speaks with those whose certificate the system trusts, and with no others.

use std::{sync::Arc, time::Duration};

use hawser_tests::{Bucket, Column, Server, lasting};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::NamedTempFile;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

use crate::hostile::server::Server as Program;

const PATIENCE: Duration = Duration::from_secs(60);

/// An authority of one's own, as firms have them.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, in a file.
    file: NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    fn path(&self) -> &str {
        self.file.path().to_str().unwrap()
    }

    /// Puts TLS before the server at this host and port. Returns the host and port to come to.
    async fn before(&self, server: &str) -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let (acceptor, server) = (TlsAcceptor::from(Arc::new(config)), server.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    // Whoever does not trust the certificate hangs up.
                    let Ok(mut near) = acceptor.accept(near).await else { return };
                    let mut far = TcpStream::connect(server).await.unwrap();
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        address
    }
}

fn host(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_behind_tls_are_used_where_their_authority_is_trusted_and_nowhere_else() {
    let (redis, bucket, trusted, stranger) = (Server::redis(), Bucket::start(), Authority::new(), Authority::new());
    let redis = format!("rediss://{}/0", trusted.before(&host(&redis.url())).await);
    let blobs = trusted.before(&host(&bucket.endpoint)).await;
    let blobs = Bucket::url_at(&format!("https://{blobs}"), "tls");
    let mut settings = vec![("HAWSER_REDIS_URL", redis.as_str()), ("HAWSER_BLOB_URL", &blobs)];
    settings.extend(Bucket::keys());
    let search = match Column::here().elasticsearch() {
        Some(url) => Some(format!("https://{}", trusted.before(&host(url)).await)),
        None => None,
    };
    settings.extend(search.as_deref().map(|url| ("HAWSER_ELASTICSEARCH_URL", url)));
    for (authority, is_trusted) in [(&trusted, true), (&stranger, false)] {
        let mut settings = settings.clone();
        settings.push(("SSL_CERT_FILE", authority.path()));
        let program = Program::start_with(&settings);
        if is_trusted {
            // A search engine that has just made its first index needs a moment.
            let all = async {
                while ready(&program).await != "ready\n" {
                    lasting(50).await
                }
            };
            let all = tokio::time::timeout(PATIENCE, all).await;
            assert!(all.is_ok(), "{}", program.end());
        } else {
            let said = ready(&program).await;
            let without = said.lines().filter(|line| line.starts_with("warning: ")).count();
            assert_eq!(without, if search.is_some() { 3 } else { 2 }, "{said}");
        }
    }
}

async fn ready(program: &Program) -> String {
    let answer = reqwest::get(format!("http://{}/ready", program.address)).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}
