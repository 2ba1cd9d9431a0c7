//! Where blobs lie: a folder on disk, or a bucket of a store that speaks S3. Both are tried before anything is served.

use std::{path::Path, time::Duration};

use futures::TryStreamExt;
use opendal::{
    ErrorKind, Operator,
    layers::{RetryLayer, TimeoutLayer},
    services,
};
use secrecy::ExposeSecret;
use url::Url;

use crate::{Error, Result, config::Config};

/// What lies in every bucket, so that it can be asked for something that is there.
pub(super) const SIGN: &str = ".hawser";
/// The longest that a question about an object may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that one piece of bytes may take on its way.
const BYTES_PATIENCE: Duration = Duration::from_secs(30);
/// How often a question is asked again when the store is busy or the line was cut.
const RETRIES: usize = 3;
/// The longest that `answers` waits: whoever asks wants to know it now.
const LOOK: Duration = Duration::from_secs(2);

/// Letters of a store's own words that are told.
const TOLD: usize = 300;

/// What `s3://bucket/folder?region=…&endpoint=…` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub folder: String,
    pub region: String,
    /// Amazon's own where none is named.
    pub endpoint: Option<String>,
}

impl Bucket {
    /// # Errors
    /// What is wrong with the text, as a sentence.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "is not a URL".to_owned())?;
        let name = url.host_str().filter(|_| url.scheme() == "s3").ok_or("must begin with s3:// and name a bucket")?;
        if url.password().is_some() || !url.username().is_empty() {
            return Err("holds a password; give it as blob_access_key and blob_secret_key".to_owned());
        }
        let mut bucket = Self {
            name: name.to_owned(),
            folder: url.path().to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: None,
        };
        for (word, value) in url.query_pairs() {
            match word.as_ref() {
                "region" => bucket.region = value.into_owned(),
                "endpoint" => {
                    let good =
                        Url::parse(&value).is_ok_and(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
                    if !good {
                        return Err("its endpoint must begin with http:// or https:// and name a host".to_owned());
                    }
                    bucket.endpoint = Some(value.into_owned());
                }
                word => return Err(format!("knows region and endpoint after the question mark, not {word:?}")),
            }
        }
        Ok(bucket)
    }
}

/// Opens the place of blobs. A bucket that cannot be reached just now does not keep the house from opening.
///
/// # Errors
/// `Config` when the store refuses what the settings name.
pub async fn open(config: &Config) -> Result<Operator> {
    let Some(url) = &config.blob_url else { return folder(&config.data.join("blobs")) };
    let bucket = Bucket::parse(url).map_err(|fault| Error::Config(vec![format!("blob_url: {fault}")]))?;
    let blobs = at(&bucket, config)?;
    match is_usable(&blobs).await {
        Ok(()) => {}
        Err(error) => match fault(&bucket, &error) {
            Some(fault) => return Err(Error::Config(vec![fault])),
            None => tracing::warn!(error = %told(&error), "blob_url: the store does not answer; what needs it waits"),
        },
    }
    Ok(blobs)
}

/// A folder on disk; files appear under their final name only when complete.
fn folder(root: &Path) -> Result<Operator> {
    let temporary = root.join(".incoming");
    let builder = services::Fs::default().root(&root.to_string_lossy()).atomic_write_dir(&temporary.to_string_lossy());
    Ok(Operator::new(builder)?.finish())
}

/// A folder of a bucket; an object appears when its last byte has arrived.
fn at(bucket: &Bucket, config: &Config) -> Result<Operator> {
    let mut builder = services::S3::default()
        .bucket(&bucket.name)
        .root(&bucket.folder)
        .region(&bucket.region)
        .disable_config_load()
        .disable_ec2_metadata();
    builder = match &bucket.endpoint {
        Some(endpoint) => builder.endpoint(endpoint),
        None => builder.enable_virtual_host_style(),
    };
    if let Some(key) = &config.blob_access_key {
        builder = builder.access_key_id(key.expose_secret());
    }
    if let Some(key) = &config.blob_secret_key {
        builder = builder.secret_access_key(key.expose_secret());
    }
    let time = TimeoutLayer::new().with_timeout(PATIENCE).with_io_timeout(BYTES_PATIENCE);
    let again = RetryLayer::new()
        .with_jitter()
        .with_max_times(RETRIES)
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(2));
    Ok(Operator::new(builder)?.layer(time).layer(again).finish())
}

/// What will be done later is done once: listing and writing.
async fn is_usable(blobs: &Operator) -> std::result::Result<(), opendal::Error> {
    blobs.lister_with("/").limit(1).await?.try_next().await?;
    blobs.write(SIGN, "Hawser keeps its blobs here.\n").await?;
    Ok(())
}

/// Whether the store answers now. A folder always does.
pub async fn answers(blobs: &Operator) -> bool {
    let asked = async {
        match blobs.info().scheme() {
            "fs" => Ok(()),
            _ => blobs.stat(SIGN).await.map(drop),
        }
    };
    let answer = tokio::time::timeout(LOOK, asked).await;
    // A store that lost the sign answers all the same.
    matches!(answer, Ok(Ok(()))) || matches!(answer, Ok(Err(error)) if error.kind() == ErrorKind::NotFound)
}

/// What the settings have to do with it. Nothing, where the trouble may pass.
fn fault(bucket: &Bucket, error: &opendal::Error) -> Option<String> {
    let name = &bucket.name;
    match error.kind() {
        ErrorKind::PermissionDenied => Some(format!(
            "blob_access_key, blob_secret_key: the store refuses them for the bucket {name:?}; they must be allowed to \
             read, write, list and delete"
        )),
        ErrorKind::NotFound | ErrorKind::ConfigInvalid => {
            Some(format!("blob_url: there is no bucket {name:?}; make it, or name another"))
        }
        _ => None,
    }
}

/// The first words only: behind them stands the request as it was sent.
fn told(error: &opendal::Error) -> String {
    error.to_string().chars().take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_read_from_its_url_and_what_is_wrong_is_said() {
        let bucket = Bucket::parse("s3://moored/house/one?region=eu-west-1&endpoint=http://127.0.0.1:9000").unwrap();
        assert_eq!((bucket.name.as_str(), bucket.folder.as_str()), ("moored", "/house/one"));
        assert_eq!((bucket.region.as_str(), bucket.endpoint.as_deref()), ("eu-west-1", Some("http://127.0.0.1:9000")));
        assert_eq!(Bucket::parse("s3://moored").unwrap().region, "us-east-1");
        for wrong in [
            "moored",
            "https://moored",
            "s3:///folder",
            "s3://key:password@moored",
            "s3://moored?endpoint=minio:9000",
            "s3://moored?reigon=eu",
        ] {
            let fault = Bucket::parse(wrong).unwrap_err();
            assert!(!fault.contains("s3://key"), "{fault}");
        }
    }
}
