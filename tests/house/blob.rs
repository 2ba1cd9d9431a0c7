//! Where bytes are kept: a folder or a bucket. What is acknowledged is there, what is not leaves nothing, and only what
//! nobody needs goes.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hawser_domain::{App, Error, blob, config::Config, principal::Actor};
use hawser_tests::{Bucket, House};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const DAY: Duration = Duration::from_secs(86_400);

/// A house on a bucket of its own, whatever the column is.
async fn on(bucket: &Bucket) -> House {
    House::with(|config| bucket.furnish(config, "one")).await
}

async fn keep(house: &House, bytes: impl Into<Bytes>) -> String {
    let bytes = bytes.into();
    let size = i64::try_from(bytes.len()).unwrap();
    let hash = blob::store(&house.app, bytes).await.unwrap();
    let w = house.app.write(Actor::System).await.unwrap();
    blob::note(&w, &hash, size).await.unwrap();
    w.commit().await.unwrap();
    hash
}

#[tokio::test]
async fn two_writers_of_the_same_bytes_agree_and_both_read_them() {
    let bucket = Bucket::start();
    let (one, other) = (on(&bucket).await, on(&bucket).await);
    let bytes = Bytes::from(vec![7; 300_000]);
    let (here, there) = tokio::join!(keep(&one, bytes.clone()), keep(&other, bytes.clone()));
    assert_eq!(here, there);
    for house in [&one, &other] {
        assert_eq!(blob::read(&house.app, &here).await.unwrap(), bytes);
        assert_eq!(house.blobs().await.len(), 1, "kept once");
    }
    assert!(matches!(blob::read(&one.app, &"0".repeat(64)).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn orphans_leave_the_bucket_once_they_are_old_and_what_is_noted_stays() {
    let bucket = Bucket::start();
    let house = on(&bucket).await;
    let app = &house.app;
    let orphan = blob::store(app, "a transaction was given up".into()).await.unwrap();
    // Noted, and nothing refers to it: both its row and its bytes go. More than one page of a listing has to be read.
    for number in 0..30 {
        keep(&house, format!("unused {number}")).await;
    }
    assert_eq!(blob::collect(app, DAY).await.unwrap(), blob::Collected::default(), "not while they are young");
    house.clock.advance(DAY + Duration::from_secs(60));
    let renewed = keep(&house, "unused 7").await;
    assert_eq!(blob::collect(app, DAY).await.unwrap(), blob::Collected { rows: 29, files: 30 - 1 + 1 });
    assert!(house.blobs().await.iter().eq([&renewed]));
    assert_eq!(blob::read(app, &renewed).await.unwrap(), "unused 7");
    assert!(matches!(blob::read(app, &orphan).await, Err(Error::NotFound { .. })));
    assert!(blob::answers(&app.blobs).await, "its own sign is no orphan");
}

#[tokio::test]
async fn an_upload_that_is_cut_midway_leaves_nothing_that_can_be_read() {
    let bucket = Bucket::start();
    let whole = on(&bucket).await;
    let line = Line::to(&bucket, 200_000).await;
    let house = House::with(|config| {
        bucket.furnish(config, "one");
        config.blob_url = Some(Bucket::url_at(&line.endpoint, "one"));
    })
    .await;
    let bytes = Bytes::from((0..1_000_000_u32).flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>());
    let refused = blob::store(&house.app, bytes.clone()).await;
    assert!(matches!(refused, Err(Error::Blob(_))), "{refused:?}");
    assert!(line.cut.load(Ordering::Relaxed) > 1, "it was tried again");
    let hash = blob::store(&whole.app, Bytes::from_static(b"another")).await.unwrap();
    assert_eq!(whole.blobs().await.into_iter().collect::<Vec<_>>(), [hash], "nothing of it can be listed");
    let kept = blob::store(&whole.app, bytes.clone()).await.unwrap();
    assert_eq!(blob::read(&whole.app, &kept).await.unwrap(), bytes, "the next try starts from nothing");
}

#[tokio::test]
async fn a_store_that_refuses_is_told_at_the_start_by_the_name_of_the_setting() {
    let bucket = Bucket::start();
    let folder = tempfile::tempdir().unwrap();
    let refused = async |change: &dyn Fn(&mut Config)| {
        let mut config = Config::for_folder(folder.path().to_owned()).unwrap();
        bucket.furnish(&mut config, "one");
        change(&mut config);
        match blob::open(&config).await {
            Err(Error::Config(faults)) => faults.join("; "),
            other => panic!("{other:?}"),
        }
    };
    let password = SecretString::from("certainly not this");
    let said = refused(&|config| config.blob_secret_key = Some(password.clone())).await;
    assert!(said.starts_with("blob_access_key, blob_secret_key: "), "{said}");
    assert!(!said.contains("certainly"), "{said}");
    let said = refused(&|config| {
        config.blob_url = config.blob_url.take().map(|url| url.replace("//hawser/", "//nowhere/"));
    })
    .await;
    assert!(said.starts_with("blob_url: there is no bucket \"nowhere\""), "{said}");
}

#[tokio::test]
async fn a_store_that_is_away_keeps_no_house_from_opening_and_is_known_to_be_away() {
    let bucket = Bucket::start();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let house = House::with(|config| {
        bucket.furnish(config, "one");
        config.blob_url = Some(Bucket::url_at(&endpoint, "one"));
    })
    .await;
    assert!(!blob::answers(&house.app.blobs).await);
    assert!(matches!(blob::store(&house.app, "x".into()).await, Err(Error::Blob(_))));
    let apps: [&App; 1] = [&on(&bucket).await.app];
    assert!(blob::answers(&apps[0].blobs).await);
}

/// A line to the store that is cut after so many bytes towards it, each time.
struct Line {
    endpoint: String,
    cut: Arc<AtomicUsize>,
}

impl Line {
    async fn to(bucket: &Bucket, bytes: usize) -> Self {
        let store: SocketAddr = bucket.endpoint.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let cut = Arc::new(AtomicUsize::new(0));
        let cuts = cut.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cuts = cuts.clone();
                tokio::spawn(async move {
                    if carry(client, store, bytes).await.unwrap_or(true) {
                        cuts.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self { endpoint, cut }
    }
}

/// Carries bytes both ways; says whether the line was cut.
async fn carry(mut client: TcpStream, store: SocketAddr, most: usize) -> std::io::Result<bool> {
    let mut server = TcpStream::connect(store).await?;
    let (mut up, mut down, mut sent) = (vec![0; 16_384], vec![0; 16_384], 0);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read? {
                0 => return Ok(false),
                count => {
                    sent += count;
                    if sent > most {
                        return Ok(true);
                    }
                    server.write_all(&up[..count]).await?;
                }
            },
            read = server.read(&mut down) => match read? {
                0 => return Ok(false),
                count => client.write_all(&down[..count]).await?,
            },
        }
    }
}
