//! Processes that use one connection to a cloud whose refresh tokens are good for once: each expiry is one refresh, made
//! by one of them, and no connection is lost over it.

use std::{
    net::TcpListener,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use chrono::DateTime;
use futures::future::join_all;
use hawser_domain::{
    App,
    app::Ambient,
    connection,
    entity::connection::{Column, ConnectionState, Entity as Connections, Model},
    provider,
    providers::ProviderKind,
    randomness::Randomness,
};
use hawser_tests::{Cloud, House, Server, inherited, lasting};
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use url::form_urlencoded;
use uuid::Uuid;

use super::{Follower, house_on, soon};

const HOUR: Duration = Duration::from_secs(3600);
const ANN: &str = "ann@cloud.example";

/// Stands before a cloud's token endpoint and takes every refresh token only once, as some clouds do.
struct Rotating {
    url: String,
    state: Arc<Mutex<State>>,
    handle: ServerHandle,
}

#[derive(Default)]
struct State {
    /// The real endpoint, and the token that works there.
    upstream: String,
    real: String,
    /// The number of the one token that is good here.
    current: u32,
    refreshes: u32,
    refused: u32,
    /// Requests are kept waiting, and nothing becomes of them.
    holds: bool,
    held: u32,
}

impl Rotating {
    async fn before(cloud: &Cloud) -> Self {
        let upstream = cloud.form().token_url.unwrap();
        let state = Arc::new(Mutex::new(State { upstream, ..State::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let data = web::Data::from(state.clone());
        let make = move || actix_web::App::new().app_data(data.clone()).route("/token", web::post().to(token));
        let server = HttpServer::new(make).workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, handle }
    }

    fn see<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }
}

impl Drop for Rotating {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn token(request: HttpRequest, body: String, state: web::Data<Mutex<State>>) -> HttpResponse {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let asked = fields.iter_mut().find(|(name, _)| name == "refresh_token");
    let holds = asked.is_some() && {
        let mut state = state.lock().unwrap();
        state.held += u32::from(state.holds);
        state.holds
    };
    if holds {
        return std::future::pending().await;
    }
    let upstream = {
        let mut state = state.lock().unwrap();
        if let Some((_, token)) = asked {
            state.refreshes += 1;
            if *token != format!("turn-{}", state.current) {
                state.refused += 1;
                return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
            }
            state.current += 1;
            *token = state.real.clone();
        }
        state.upstream.clone()
    };
    // Long enough that the others come while it is under way.
    lasting(20).await;
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut onward =
        reqwest::Client::new().post(upstream).header("content-type", "application/x-www-form-urlencoded").body(body);
    if let Some(client) = request.headers().get("authorization") {
        onward = onward.header("authorization", client.to_str().unwrap());
    }
    let mut answer: Value = onward.send().await.unwrap().json().await.unwrap();
    let mut state = state.lock().unwrap();
    if let Some(real) = answer["refresh_token"].as_str() {
        state.real = real.to_owned();
    }
    answer["refresh_token"] = json!(format!("turn-{}", state.current));
    HttpResponse::Ok().json(answer)
}

async fn connected(house: &House, cloud: &Cloud, rotating: &Rotating) -> Uuid {
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let form = provider::Form { token_url: Some(rotating.url.clone()), ..cloud.form() };
    provider::create(&house.app, &admin.principal, ProviderKind::GoogleDrive, &form, None).await.unwrap();
    house.leave_jobs();
    house.connect(cloud, &ann, ANN).await.id
}

async fn row(app: &App, id: Uuid) -> Model {
    Connections::find_by_id(id).one(app.database.read()).await.unwrap().unwrap()
}

async fn account(app: &App, id: Uuid) {
    let called = connection::call(app, id, |cloud, access| async move { cloud.account(&access).await }).await;
    assert_eq!(called.expect("an account").email.as_deref(), Some(ANN));
}

const PROCESSES: usize = 4;
const EXPIRIES: u32 = 200;
/// Of one process, after each expiry.
const CALLS: usize = 5;

/// A process of the house that uses a connection when it is told to.
struct Caller {
    _child: Child,
    orders: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Caller {
    async fn start(house: &House) -> Self {
        let mut command = Command::from(house.again("several::refresh::a_process_that_calls_when_it_is_told_to"));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
        let (orders, said) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut caller = Self { _child: child, orders, said: BufReader::new(said).lines() };
        caller.says("ready").await;
        caller
    }

    async fn says(&mut self, word: &str) {
        loop {
            let line = soon(word, self.said.next_line()).await.unwrap().expect("it says something");
            if line.ends_with(word) {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test that counts its refreshes"]
async fn a_process_that_calls_when_it_is_told_to() {
    let Some(config) = inherited() else { return };
    let app = App::open(config, Ambient::default()).await.unwrap();
    let _follower = Follower::of(&app);
    let order = || tokio::task::spawn_blocking(|| std::io::stdin().lines().next());
    println!("ready");
    while let Some(id) = order().await.unwrap() {
        let id = id.unwrap().parse().unwrap();
        join_all((0..CALLS).map(|_| account(&app, id))).await;
        println!("done");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_refresh_a_token_that_is_good_for_once_exactly_once_at_each_of_200_expiries() {
    let (redis, cloud) = (Server::redis(), Cloud::start().await);
    let (house, rotating) = (house_on(&redis).await, Rotating::before(&cloud).await);
    let id = connected(&house, &cloud, &rotating).await;
    let mut callers = join_all((0..PROCESSES).map(|_| Caller::start(&house))).await;
    for expiry in 1..=EXPIRIES {
        let over = Connections::update_many().col_expr(Column::ExpiresAt, Expr::val(DateTime::UNIX_EPOCH));
        over.exec(house.app.database.maintenance()).await.unwrap();
        for caller in &mut callers {
            caller.orders.write_all(format!("{id}\n").as_bytes()).await.unwrap();
        }
        join_all(callers.iter_mut().map(|caller| caller.says("done"))).await;
        assert_eq!(rotating.see(|state| (state.refreshes, state.refused)), (expiry, 0));
    }
    let row = row(&house.app, id).await;
    assert_eq!(row.state, ConnectionState::Active);
    assert_eq!(row.token_version, 1 + i64::from(EXPIRIES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_in_the_middle_of_a_refresh_costs_its_lease_and_not_the_connection() {
    let (redis, cloud) = (Server::redis(), Cloud::start().await);
    let (house, rotating) = (house_on(&redis).await, Rotating::before(&cloud).await);
    let id = connected(&house, &cloud, &rotating).await;
    house.clock.advance(HOUR);
    rotating.see(|state| state.holds = true);
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (config, clock) = (house.app.config.clone(), house.clock.clone());
    doomed.spawn(async move {
        let app = App::open(config, Ambient { clock, randomness: Randomness::from_seed(77) }).await.unwrap();
        account(&app, id).await;
    });
    let held = async {
        while rotating.see(|state| state.held) == 0 {
            lasting(10).await;
        }
    };
    soon("a refresh under way", held).await;
    assert!(row(&house.app, id).await.refresh_lease.is_some());
    doomed.shutdown_background();
    rotating.see(|state| state.holds = false);
    house.clock.advance(Duration::from_secs(46));
    let other = house.another(1).await;
    soon("the others' refresh", join_all([&house.app, &other, &house.app].map(|app| account(app, id)))).await;
    assert_eq!(rotating.see(|state| (state.refreshes, state.refused)), (1, 0));
    let row = row(&house.app, id).await;
    assert_eq!((row.state, row.token_version), (ConnectionState::Active, 2));
}
