//! What is special about an index in Elasticsearch: several processes, an engine that comes and goes, documents it refuses,
//! and changing over to another index while people search.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hawser_domain::{
    App, Error,
    app::Ambient,
    document::{self, DocumentKind},
    search,
};
use hawser_tests::{Column, House};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::search::{Harbour, all, find, index, make, named, read_as};

/// Asks the engine behind the back of the house.
async fn ask(house: &House, method: reqwest::Method, path: &str, body: Value) -> Value {
    let server = Column::here().elasticsearch().unwrap();
    let prefix = &house.app.config.elasticsearch_prefix;
    let url = format!("{server}/{}", path.replace("{prefix}", prefix));
    let request = reqwest::Client::new().request(method, url);
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap().json().await.unwrap()
}

async fn get(house: &House, path: &str) -> Value {
    ask(house, reqwest::Method::GET, path, Value::Null).await
}

async fn name(house: &House) -> String {
    search::status(&house.app).await.unwrap().index.unwrap().name
}

async fn another_process(house: &House) -> Arc<App> {
    let ambient = Ambient { clock: house.clock.clone(), ..Default::default() };
    App::open(house.app.config.clone(), ambient).await.unwrap()
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn a_lost_index_and_one_of_another_mapping_are_built_anew() {
    let it = Harbour::set().await;
    index(&it.house).await;
    let first = name(&it.house).await;
    ask(&it.house, reqwest::Method::DELETE, &first, Value::Null).await;
    assert_eq!(it.find("mooring").await, Vec::<String>::new());
    let found = find(&it.house, &it.ann, &all("mooring")).await;
    assert!(!found.is_exact, "and says that it may not be all");
    index(&it.house).await;
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);

    let before = name(&it.house).await;
    let mut mark = get(&it.house, &format!("{before}/_doc/mark")).await["_source"].clone();
    mark["mark"]["version"] = json!("another");
    let path = format!("{before}/_doc/mark?refresh=true&version=1000000&version_type=external");
    ask(&it.house, reqwest::Method::PUT, &path, mark).await;
    index(&it.house).await;
    let after = name(&it.house).await;
    assert_ne!(after, before);
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);
    let aliases = get(&it.house, "{prefix}-docs*/_alias").await;
    assert_eq!(aliases[&before]["aliases"], json!({}), "the one before is kept, and not used");
    assert_eq!(aliases[&after]["aliases"].as_object().unwrap().len(), 2);
    search::rebuild(&it.house.app, &|_| {}).await.unwrap();
    let kept = get(&it.house, "{prefix}-docs*/_alias").await;
    assert_eq!(kept.as_object().unwrap().len(), 2, "and only that one: {kept}");
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn a_second_process_follows_when_the_first_no_longer_does() {
    let it = Harbour::set().await;
    index(&it.house).await;
    let second = another_process(&it.house).await;
    assert!(!search::catch_up(&second).await.unwrap().is_writer);
    let look = async |app: &App| search::search(app, &it.ann.principal, &all("cranes")).await.unwrap().total;
    read_as(&it.house, &it.quay, "All cranes are serviced in winter.", None).await;
    assert_eq!(look(&second).await, 0);
    index(&it.house).await;
    assert_eq!(look(&second).await, 1, "what the first writes the second finds");
    let refused = search::rebuild(&second, &|_| {}).await.unwrap_err();
    assert!(matches!(refused, Error::WrongState { .. }), "{refused}");

    read_as(&it.house, &it.tide, "All cranes sleep.", None).await;
    it.house.clock.advance(Duration::from_secs(31));
    let caught = search::catch_up(&second).await.unwrap();
    assert!(caught.is_writer && caught.documents > 0);
    assert_eq!((look(&second).await, look(&it.house.app).await), (2, 2));
    assert!(!search::catch_up(&it.house.app).await.unwrap().is_writer);
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn a_newer_state_that_is_there_already_stays() {
    let it = Harbour::set().await;
    index(&it.house).await;
    let id = it.quay.id.simple();
    // As if another process had looked at it later and written first.
    let newer = json!({ "deleted": false, "id": id.to_string(), "acl": it.quay.acl_id.simple().to_string(), "name": "lighthouse" });
    let path = format!("{{prefix}}-docs-w/_doc/{id}?version=1000000&version_type=external&refresh=true");
    ask(&it.house, reqwest::Method::PUT, &path, newer).await;
    read_as(&it.house, &it.quay, "Old news.", None).await;
    read_as(&it.house, &it.tide, "New news.", None).await;
    index(&it.house).await;
    assert_eq!(it.find("news").await, ["Tide table 2026.txt"]);
    assert_eq!(it.find("lighthouse").await, ["Quay.pdf"], "what is newer was not written over");
    assert_eq!(search::catch_up(&it.house.app).await.unwrap().documents, 0, "and is not tried again");
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn a_document_that_is_refused_keeps_no_other_from_being_found() {
    let it = Harbour::set().await;
    index(&it.house).await;
    let used = name(&it.house).await;
    // The same index, but for a field that does not take what it is given.
    let mut like = get(&it.house, &used).await[&used].clone();
    let mark = get(&it.house, &format!("{used}/_doc/mark")).await["_source"].clone();
    like["mappings"]["properties"]["name_key"] = json!({ "type": "long" });
    let body = json!({
        "mappings": like["mappings"],
        "settings": { "index": { "refresh_interval": "-1", "auto_expand_replicas": "0-1" } },
        "aliases": {},
    });
    let other = format!("{}9", used.trim_end_matches('1'));
    let made = ask(&it.house, reqwest::Method::PUT, &other, body).await;
    assert_eq!(made["acknowledged"], json!(true), "{made}");
    ask(
        &it.house,
        reqwest::Method::PUT,
        &format!("{other}/_doc/mark?refresh=true&version=1&version_type=external"),
        mark,
    )
    .await;
    let aliases = ["{prefix}-docs", "{prefix}-docs-w"].map(|it| it.to_owned());
    let prefix = &it.house.app.config.elasticsearch_prefix;
    let actions: Vec<Value> = aliases
        .iter()
        .map(|alias| alias.replace("{prefix}", prefix))
        .flat_map(|alias| {
            [
                json!({ "remove": { "index": used, "alias": alias } }),
                json!({ "add": { "index": other, "alias": alias } }),
            ]
        })
        .collect();
    ask(&it.house, reqwest::Method::POST, "_aliases", json!({ "actions": actions })).await;

    let good = make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, "42").await;
    let bad = make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, "buoy").await;
    read_as(&it.house, &good, "lanterns", None).await;
    read_as(&it.house, &bad, "lanterns", None).await;
    index(&it.house).await;
    assert_eq!(it.find("lanterns").await, ["42"]);
    assert_eq!(search::catch_up(&it.house.app).await.unwrap().documents, 0, "it is not tried again and again");
    search::rebuild(&it.house.app, &|_| {}).await.unwrap();
    assert_eq!(it.find("lanterns").await, ["42", "buoy"], "where it is taken, it is found");
}

/// A way to the engine that can be cut.
struct Way {
    url: String,
    is_open: watch::Sender<bool>,
}

impl Way {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = url::Url::parse(Column::here().elasticsearch().unwrap()).unwrap();
        let server = (server.host_str().unwrap().to_owned(), server.port_or_known_default().unwrap());
        let (is_open, cut) = watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let (mut cut, server) = (cut.clone(), server.clone());
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.wait_for(|is_open| !is_open) => {}
                    }
                });
            }
        });
        Self { url, is_open }
    }
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn an_engine_that_is_gone_is_told_and_what_was_missed_is_made_up_for() {
    let way = Way::open().await;
    let url = SecretString::from(way.url.clone());
    let it = Harbour::within(House::with(|config| config.elasticsearch_url = Some(url)).await).await;
    assert!(it.house.app.config.elasticsearch_url.as_ref().unwrap().expose_secret().contains("127.0.0.1"));
    index(&it.house).await;
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);
    way.is_open.send(false).unwrap();
    let error = search::search(&it.house.app, &it.ann.principal, &all("mooring")).await.unwrap_err();
    assert!(matches!(error, Error::SearchUnavailable(_)), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "addresses are not told: {error}");
    let query = "{ search(query: \"mooring\", first: 1) { nodes { document { id } } } }";
    let answer = it.house.gql_with(Some(it.ann.token.as_str()), query, Value::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SEARCH_UNAVAILABLE", "{answer:#}");
    let error = search::catch_up(&it.house.app).await.unwrap_err();
    assert!(matches!(error, Error::SearchUnavailable(_)), "{error}");
    // Everything else goes on.
    let made = make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, "Buoy.txt").await;
    read_as(&it.house, &made, "lanterns", None).await;
    let listed = document::list(&it.house.app, &it.ann.principal, &document::List::default()).await.unwrap();
    assert!(listed.rows.iter().any(|(_, it)| it.name == "Buoy.txt"));
    way.is_open.send(true).unwrap();
    index(&it.house).await;
    assert_eq!(it.find("lanterns").await, ["Buoy.txt"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn searches_neither_fail_nor_miss_while_an_index_is_built_and_changes_are_not_lost() {
    let it = Harbour::set().await;
    let mut made = Vec::new();
    for n in 0..40 {
        let name = format!("Berth {n:02}.txt");
        made.push(make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, &name).await);
    }
    index(&it.house).await;
    let (is_over, searched) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let searcher = tokio::spawn({
        let (app, who) = (it.house.app.clone(), it.ann.principal.clone());
        let (is_over, searched) = (is_over.clone(), searched.clone());
        async move {
            while !is_over.load(Ordering::Relaxed) {
                let found = search::search(&app, &who, &all("berth")).await.unwrap();
                assert_eq!((found.total, found.hits.len()), (40, 40), "none is missed and none is there twice");
                searched.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    for round in 0..3 {
        let before = name(&it.house).await;
        let building = tokio::spawn({
            let app = it.house.app.clone();
            async move { search::rebuild(&app, &|_| {}).await.unwrap() }
        });
        for n in [3, 7, 11] {
            let name = format!("Berth {n:02} in round {round}.txt");
            let input = document::Rename { id: made[n].id, name, expected_name_token: None };
            document::rename(&it.house.app, &it.ann.principal, input, None).await.unwrap();
        }
        building.await.unwrap();
        index(&it.house).await;
        assert_ne!(name(&it.house).await, before);
        let renamed = named(&find(&it.house, &it.ann, &all(&format!("\"round {round}\""))).await);
        assert_eq!(renamed.len(), 3, "{renamed:?}");
    }
    is_over.store(true, Ordering::Relaxed);
    searcher.await.unwrap();
    assert!(searched.load(Ordering::Relaxed) > 0);
}

#[tokio::test]
#[ignore = "needs Elasticsearch: cargo xtask test --column cluster"]
async fn what_was_deleted_long_ago_leaves_the_index() {
    let it = Harbour::set().await;
    let trash = document::Trash { id: it.tide.id, expected_name_token: None };
    index(&it.house).await;
    document::trash(&it.house.app, &it.ann.principal, trash, None).await.unwrap();
    index(&it.house).await;
    let left = async || {
        let body = json!({ "query": { "term": { "deleted": true } } });
        ask(&it.house, reqwest::Method::POST, "{prefix}-docs/_count", body).await["count"].clone()
    };
    assert_eq!(left().await, json!(1));
    let month = Duration::from_secs(30 * 86_400);
    assert_eq!(search::purge(&it.house.app, month).await.unwrap(), 0);
    it.house.clock.advance(month + Duration::from_secs(1));
    assert_eq!(search::purge(&it.house.app, month).await.unwrap(), 1);
    assert_eq!(left().await, json!(0));
    assert_eq!(it.find("table").await, Vec::<String>::new());
    let back = document::Restore { id: it.tide.id, parent_id: None, name: None, expected_name_token: None };
    document::restore(&it.house.app, &it.ann.principal, back, None).await.unwrap();
    index(&it.house).await;
    assert_eq!(it.find("table").await, ["Tide table 2026.txt"]);
}
