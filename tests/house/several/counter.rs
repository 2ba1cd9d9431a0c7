//! A cloud that only counts, and processes that call it as fast as they may.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{HttpResponse, HttpServer, dev::ServerHandle, web};
use hawser_domain::{
    App,
    app::Ambient,
    change,
    config::Config,
    providers::{
        http::Request,
        pacing::{Bucket, Refusal, Toll},
    },
};
use hawser_tests::{House, lasting};
use secrecy::{ExposeSecret, SecretString};

use super::clock::seconds;

const FOLDER: &str = "HAWSER_TEST_CALLER_FOLDER";
const DATABASE: &str = "HAWSER_TEST_CALLER_DATABASE";
const REDIS: &str = "HAWSER_TEST_CALLER_REDIS";
const PREFIX: &str = "HAWSER_TEST_CALLER_PREFIX";
const CLOUD: &str = "HAWSER_TEST_CALLER_CLOUD";

/// Units of all callers together.
pub const PER_MINUTE: u32 = 6_000;
pub const CALLERS: u32 = 4;
/// Calls that one caller makes at a time.
pub const AT_A_TIME: usize = 8;

pub fn bucket() -> Bucket {
    Bucket { provider: "counter".into(), scope: Some("one".into()), class: "units", per_minute: PER_MINUTE }
}

/// One call, as it came in.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// When its caller began to ask whether it may call.
    pub began: f64,
    pub came: f64,
}

#[derive(Debug, Default)]
struct Told {
    calls: Vec<Call>,
    /// The next call is refused for so many seconds.
    refuses: Option<u64>,
    refused_at: Option<f64>,
    /// When the one who was refused had made it known.
    known_at: Option<f64>,
}

pub struct Counter {
    pub url: String,
    told: Arc<Mutex<Told>>,
    handle: ServerHandle,
}

impl Counter {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::<Mutex<Told>>::default();
        let data = web::Data::from(told.clone());
        let server = HttpServer::new(move || {
            let (call, known) = (web::get().to(called), web::get().to(made_known));
            actix_web::App::new().app_data(data.clone()).route("/call/{began}", call).route("/known", known)
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, told, handle }
    }

    pub fn calls(&self) -> Vec<Call> {
        self.told.lock().unwrap().calls.clone()
    }

    pub fn refuse_next(&self, seconds: u64) {
        self.told.lock().unwrap().refuses = Some(seconds);
    }

    /// When the refusal was given, and when its caller had made it known.
    pub fn refusal(&self) -> Option<(f64, f64)> {
        let told = self.told.lock().unwrap();
        Some((told.refused_at?, told.known_at?))
    }

    /// Waits until a caller has come at such a time.
    pub async fn runs_until(&self, time: f64) {
        while !self.calls().last().is_some_and(|call| call.came >= time) {
            lasting(20).await;
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn called(began: web::Path<f64>, told: web::Data<Mutex<Told>>) -> HttpResponse {
    let mut told = told.lock().unwrap();
    let came = seconds();
    told.calls.push(Call { began: began.into_inner(), came });
    match told.refuses.take() {
        Some(wait) => {
            told.refused_at = Some(came);
            HttpResponse::TooManyRequests().insert_header(("retry-after", wait.to_string())).finish()
        }
        None => HttpResponse::Ok().finish(),
    }
}

async fn made_known(told: web::Data<Mutex<Told>>) -> HttpResponse {
    told.lock().unwrap().known_at = Some(seconds());
    HttpResponse::Ok().finish()
}

/// Processes that call until they are dropped.
pub struct Callers(Vec<Child>);

impl Callers {
    pub fn start(house: &House, counter: &Counter) -> Self {
        let config = &house.app.config;
        let start = |_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["several::counter::a_caller_that_calls_as_fast_as_it_may", "--exact", "--ignored"])
                .env(FOLDER, house.folder())
                .env(DATABASE, config.database_url())
                .env(REDIS, config.redis_url.as_ref().unwrap().expose_secret())
                .env(PREFIX, &config.redis_prefix)
                .env(CLOUD, &counter.url)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        Self((0..CALLERS).map(start).collect())
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the tests that count its calls"]
async fn a_caller_that_calls_as_fast_as_it_may() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let mut config = Config::for_folder(folder.into()).unwrap();
    config.database_url = Some(std::env::var(DATABASE).unwrap());
    config.redis_url = Some(SecretString::from(std::env::var(REDIS).unwrap()));
    config.redis_prefix = std::env::var(PREFIX).unwrap();
    config.allow_loopback_clouds = true;
    let cloud = std::env::var(CLOUD).unwrap();
    let app = App::open(config, Ambient::default()).await.unwrap();
    tokio::spawn(change::follow(app.clone()));
    while app.redis.as_ref().unwrap().processes() != Some(CALLERS) {
        lasting(20).await;
    }
    let calling = (0..AT_A_TIME).map(|_| call(app.clone(), cloud.clone()));
    futures::future::join_all(calling).await;
}

async fn call(app: Arc<App>, cloud: String) {
    let toll = Toll { buckets: vec![bucket()], units: 1 };
    loop {
        let url = format!("{cloud}/call/{}", seconds()).parse().unwrap();
        let request = Request::new(reqwest::Method::GET, url).toll(toll.clone());
        match app.http.fetch(request, 1_000).await {
            Ok(answer) if answer.status.as_u16() == 429 => {
                let wait = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
                let refusal = Refusal { wait: Some(Duration::from_secs(wait)), is_pace: false };
                app.http.pacing().refused(&bucket(), refusal).await;
                reqwest::get(format!("{cloud}/known")).await.unwrap();
            }
            Ok(_) => {}
            // A worker would do something else for so long.
            Err(_) => lasting(100).await,
        }
    }
}
