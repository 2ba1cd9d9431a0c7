//! Secrets go through the whole program, through what succeeds and what fails, while everything is logged; and are then
//! found nowhere: not in its lines, its answers, its traces, its numbers, nor in anything it keeps.

use std::{collections::BTreeMap, path::Path, time::Duration};

use hawser_domain::clock::Clock;
use hawser_sandbox::control::{Fault, NewFile};
use hawser_tests::{ACCOUNT, Bucket, Cloud, agreeing};
use reqwest::{Client, header, redirect::Policy};
use serde_json::{Value, json};

use crate::telemetry::{Program, collector, free, holds};

const ADMIN: &str = "the harbour master knows";
const ANN: &str = "canary of the first password";
const ANN_LATER: &str = "canary of the second password";
const KEY: &str = "QkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWmFiY2RlZmc=";
const OLD_KEY: &str = "aGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkrL0E=";

/// What must be found nowhere, by what it is.
#[derive(Default)]
struct Planted(BTreeMap<String, Vec<u8>>);

impl Planted {
    fn add(&mut self, what: impl Into<String>, secret: impl AsRef<str>) {
        let secret = secret.as_ref();
        assert!(secret.len() >= 5, "{secret} could stand anywhere");
        self.0.insert(what.into(), secret.as_bytes().to_vec());
    }

    fn look(&self, place: &str, bytes: &[u8]) {
        assert!(!bytes.is_empty(), "there is nothing in {place}");
        let found: Vec<_> = self.0.iter().filter(|(_, secret)| holds(bytes, secret)).collect();
        let told = |(what, secret): &(&String, &Vec<u8>)| {
            let at = bytes.windows(secret.len()).position(|it| it == **secret).unwrap_or_default();
            let around = &bytes[at.saturating_sub(200)..(at + 100).min(bytes.len())];
            format!("{what} in {place}: {}", String::from_utf8_lossy(around))
        };
        assert!(found.is_empty(), "{:#?}", found.iter().map(told).collect::<Vec<_>>());
    }
}

struct Front {
    http: Client,
    url: String,
    /// Answers that are to hold no secret.
    said: Vec<u8>,
}

impl Front {
    async fn ask(&mut self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let answer = self.give(token, query, variables).await;
        self.said.extend(answer.to_string().into_bytes());
        answer
    }

    /// Asks for what is a secret itself.
    async fn give(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut request = self.http.post(format!("{}/graphql", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Option<String> {
        let query = "mutation($email: String!, $password: String!) { \
            sessionCreate(input: { email: $email, password: $password }) { token userErrors { message } } }";
        let answer = self.give(None, query, json!({ "email": email, "password": password })).await;
        assert!(!answer["data"]["sessionCreate"]["userErrors"].to_string().contains(password));
        answer["data"]["sessionCreate"]["token"].as_str().map(str::to_owned)
    }

    async fn get(&mut self, path: &str, cookie: Option<&str>) -> reqwest::Response {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.http.get(url).header("Sec-Fetch-Site", "same-origin");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request.send().await.unwrap()
    }
}

fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_any_line_answer_trace_number_row_index_or_blob() {
    let (cloud, bucket, (otlp, bodies)) = (Cloud::start().await, Bucket::start(), collector());
    let (keys, redis) = (format!("k2:{KEY},k1:{OLD_KEY}"), format!("redis://:canary-of-redis@{}", free()));
    let blobs = bucket.url("house");
    let settings = [
        ("LOG", "warn,hawser=trace,hawser_api=trace,hawser_domain=trace,hawser_providers=trace,hawser_workers=trace"),
        ("OTLP_URL", &otlp),
        ("KEYS", &keys),
        ("REDIS_URL", &redis),
        ("BLOB_URL", &blobs),
        ("BLOB_ACCESS_KEY", "hawser"),
        ("BLOB_SECRET_KEY", "hawser-secret"),
        ("ALLOW_LOOPBACK_CLOUDS", "true"),
        ("EXTRACT", "true"),
    ];
    let mut planted = Planted::default();
    for (what, secret) in [
        ("the administrator's password", ADMIN),
        ("a password", ANN),
        ("a later password", ANN_LATER),
        ("the first key", KEY),
        ("the second key", OLD_KEY),
        ("the password of Redis", "canary-of-redis"),
        ("the key of the store", "hawser-secret"),
        ("access tokens of the cloud", "ya29."),
    ] {
        planted.add(what, secret);
    }
    let (program, mut lines) = Program::serve(&settings);
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let mut front = Front { http, url: program.url.clone(), said: Vec::new() };

    // People: what is right, what is wrong, and what is changed.
    let admin = front.sign_in("admin@localhost", ADMIN).await.expect("the administrator's session");
    planted.add("the administrator's session", &admin);
    let query = "mutation($password: String!) { userCreate(input: { email: \"ann@example.org\", name: \"Ann\", \
        password: $password }) { user { id } userErrors { message } } }";
    let made = front.ask(Some(&admin), query, json!({ "password": ANN })).await;
    assert!(made["data"]["userCreate"]["user"]["id"].is_string(), "{made}");
    let ann = front.sign_in("ann@example.org", ANN).await.expect("Ann's session");
    planted.add("Ann's session", &ann);
    for (number, email) in ["ann@example.org", "nobody@example.org", "admin@localhost"].iter().enumerate() {
        let wrong = format!("canary of wrong password {number}");
        assert_eq!(front.sign_in(email, &wrong).await, None);
        planted.add(format!("a wrong password of {email}"), &wrong);
    }
    let change = "mutation($old: String!, $new: String!) { passwordChange(input: { oldPassword: $old, \
        newPassword: $new }) { userErrors { message } } }";
    planted.add("a wrong old password", "canary of the old password");
    front.ask(Some(&ann), change, json!({ "old": "canary of the old password", "new": ANN_LATER })).await;
    front.ask(Some(&ann), change, json!({ "old": ANN, "new": ANN_LATER })).await;
    let ann = front.sign_in("ann@example.org", ANN_LATER).await.expect("Ann's later session");
    planted.add("Ann's later session", &ann);
    let query = "mutation($at: DateTime!) { tokenCreate(input: { name: \"script\", scopes: [READ, WRITE], \
        expiresAt: $at }) { secret userErrors { message } } }";
    // The program has no other time than the machine's.
    let later = (Clock::default().now() + Duration::from_secs(3600)).to_rfc3339();
    let issued = front.give(Some(&ann), query, json!({ "at": later })).await;
    let personal = issued["data"]["tokenCreate"]["secret"].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned();
    planted.add("a personal token", &personal);
    front.ask(Some(&personal), "{ viewer { user { name } tokens { nodes { name hint } } } }", json!({})).await;

    // Secrets where none belong.
    for (number, query) in [
        "{ sessionCreate(password: \"CANARY\") ",
        "mutation { sessionCreate(input: { email: \"x\", password: \"CANARY\", nothing: 1 }) { token } }",
        "mutation { sessionCreate(input: { email: 7, password: \"CANARY\" }) { token } }",
        "query CANARY { nothing }",
        "query($CANARY: Int!) { viewer { isSession } }",
    ]
    .into_iter()
    .enumerate()
    {
        let canary = format!("canary_in_query_{number}");
        front.give(Some(&ann), &query.replace("CANARY", &canary), json!({ "password": canary })).await;
        planted.add(format!("a word of a bad query {number}"), &canary);
    }
    for (number, scheme) in ["Bearer", "Basic", "bearer  ", "Token"].into_iter().enumerate() {
        let canary = format!("canary-credential-{number}");
        let request =
            front.http.post(format!("{}/graphql", front.url)).header("authorization", format!("{scheme} {canary}"));
        request.json(&json!({ "query": "{ viewer { isSession } }" })).send().await.unwrap();
        planted.add(format!("credentials that are none {number}"), &canary);
    }
    let forged = format!("{}x", &ann[..ann.len() - 1]);
    planted.add("a forged session", &forged);
    front.ask(Some(&forged), "{ viewer { isSession } }", json!({})).await;

    // A provider, wrong at first.
    let form = cloud.form();
    let query = "mutation($secret: String!, $a: String!, $t: String!, $r: String!, $p: String!) { providerCreate(input: { \
        kind: GOOGLE_DRIVE, name: \"Drive\", clientId: \"hawser-sandbox\", clientSecret: $secret, authorizationUrl: $a, \
        tokenUrl: $t, revokeUrl: $r, apiUrl: $p, isPushOn: false }) { \
        provider { id configuration { configurationToken } } userErrors { message } } }";
    let variables = json!({ "secret": "canary-client-secret", "a": form.authorization_url, "t": form.token_url,
        "r": form.revoke_url, "p": form.api_url });
    planted.add("a wrong client secret", "canary-client-secret");
    let made = front.ask(Some(&admin), query, variables).await;
    let provider = made["data"]["providerCreate"]["provider"].clone();
    assert!(provider["id"].is_string(), "{made}");
    cloud.control.create_user(ACCOUNT, ACCOUNT).await.unwrap();
    assert!(connect(&mut front, &cloud, &ann, &provider["id"], &mut planted, "refused").await.is_none());
    let query = "mutation($id: ID!, $token: String!, $secret: String!, $t: String!) { providerUpdate(input: { id: $id, \
        configurationToken: $token, clientSecret: $secret, tokenUrl: $t }) { userErrors { message } } }";
    let token = provider["configuration"]["configurationToken"].clone();
    let variables = json!({ "id": provider["id"], "token": token, "secret": "sandbox-secret", "t": form.token_url });
    let updated = front.ask(Some(&admin), query, variables).await;
    assert_eq!(updated["data"]["providerUpdate"]["userErrors"], json!([]), "{updated}");
    planted.add("the client secret", "sandbox-secret");
    let connection =
        connect(&mut front, &cloud, &ann, &provider["id"], &mut planted, "taken").await.expect("connected");

    // Contents and their tickets; a cloud that fails on the way.
    let query = "mutation { documentCreate(input: { kind: WORKSPACE, name: \"Harbour\" }) { document { id } userErrors { message } } }";
    let made = front.ask(Some(&ann), query, json!({})).await;
    let workspace = made["data"]["documentCreate"]["document"]["id"].clone();
    let mut ids = Vec::new();
    for (name, text) in [("a.txt", "what stands in a"), ("b.txt", "what stands in b")] {
        let new = NewFile { owner: ACCOUNT.into(), name: name.into(), text: Some(text.into()), ..NewFile::default() };
        ids.push(cloud.control.create_file(&new).await.unwrap().id);
    }
    let broken = Fault { path: "/drive/v3/files".into(), status: Some(500), times: Some(2), ..Fault::default() };
    cloud.control.fault(&broken).await.unwrap();
    let query = "mutation($c: ID!, $p: ID!, $items: [DocumentLinkItem!]!) { documentLink(input: { connectionId: $c, \
        parentId: $p, items: $items }) { results { document { id } userErrors { message } } userErrors { message } } }";
    let items: Vec<_> = ids.iter().map(|id| json!({ "cloudFileId": id })).collect();
    let mut documents = Vec::new();
    for _ in 0..4 {
        let linked = front.ask(Some(&ann), query, json!({ "c": connection, "p": workspace, "items": items })).await;
        let results = linked["data"]["documentLink"]["results"].as_array().cloned().unwrap_or_default();
        documents.extend(results.iter().filter_map(|it| it["document"]["id"].as_str().map(str::to_owned)));
        if documents.len() >= ids.len() {
            break;
        }
    }
    assert!(!documents.is_empty(), "nothing was linked");
    let query = "query($id: ID!) { node(id: $id) { ... on Document { name thumbnail { url } content { download { url } \
        downloadRedirect { url } pdf { url } } } } }";
    for (number, document) in documents.iter().enumerate() {
        let told = front.give(Some(&ann), query, json!({ "id": document })).await;
        let urls = [
            &told["data"]["node"]["content"]["download"]["url"],
            &told["data"]["node"]["content"]["downloadRedirect"]["url"],
            &told["data"]["node"]["content"]["pdf"]["url"],
            &told["data"]["node"]["thumbnail"]["url"],
        ];
        let urls: Vec<_> = urls.into_iter().filter_map(Value::as_str).collect();
        assert!(!urls.is_empty(), "{told}");
        for url in urls {
            let ticket = url.split("/content/").nth(1).unwrap().split('/').next().unwrap().to_owned();
            front.get(url, None).await;
            front.get(&url.replace(&ticket, &format!("{ticket}x")), None).await;
            planted.add(format!("a ticket of {number}: {}", url.rsplit('/').next().unwrap()), &ticket);
        }
    }

    // Pushes that nobody sent.
    for (header, canary) in [("X-Goog-Channel-Token", "canary-of-a-channel"), ("X-Goog-Channel-ID", "canary-of-an-id")]
    {
        let url = format!("{}/webhooks/00000000-0000-0000-0000-000000000007", front.url);
        front.http.post(url).header(header, canary).send().await.unwrap();
        planted.add(format!("what came as {header}"), canary);
    }
    for path in ["/oauth/callback/x?code=CANARY&state=CANARY", "/graphql?query=%7BCANARY%7D", "/nothing?token=CANARY"] {
        let canary = format!("canary-in-address-{}", path.len());
        front.get(&path.replace("CANARY", &canary), None).await;
        planted.add(format!("what came in {path}"), &canary);
    }
    assert!(planted.0.len() >= 40, "{} secrets are planted", planted.0.len());

    let health = reqwest::get(format!("{}/ready", program.operations)).await.unwrap().bytes().await.unwrap();
    front.said.extend(health);
    let numbers = reqwest::get(format!("{}/metrics", program.operations)).await.unwrap().bytes().await.unwrap();
    let (rest, folder) = program.end();
    lines.extend(rest);
    let lines = lines.join("\n").into_bytes();
    assert!(holds(&lines, b"TRACE") || holds(&lines, b"DEBUG"), "everything is logged");
    assert!(holds(&lines, b"Redis does not answer"), "what fails was asked, too");
    planted.look("the lines of the log", &lines);
    planted.look("the answers", &front.said);
    planted.look("the numbers", &numbers);
    planted.look("the traces", &bodies.try_iter().flatten().collect::<Vec<_>>());
    let kept = all(folder.path());
    assert!(holds(&kept, ACCOUNT.as_bytes()), "the search finds what is there");
    planted.look("the data folder", &kept);
    let blobs = all(bucket.folder());
    assert!(holds(&blobs, b"Hawser keeps its blobs here"), "the search finds what is there");
    planted.look("the blobs", &blobs);
}

/// A whole consent by a browser. The connection's id, if there is one in the end.
async fn connect(
    front: &mut Front,
    cloud: &Cloud,
    token: &str,
    provider: &Value,
    planted: &mut Planted,
    word: &str,
) -> Option<String> {
    let query = "mutation($id: ID!) { connectionBegin(input: { providerId: $id }) { flow { id } authorizationUrl \
        userErrors { message } } }";
    let begun = front.give(Some(token), query, json!({ "id": provider })).await;
    let begun = &begun["data"]["connectionBegin"];
    let start = begun["authorizationUrl"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
    planted.add(format!("the ticket of a consent that is {word}"), parameter(&start, "ticket"));
    let answer = front.get(&start, None).await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    planted.add(format!("the cookie of a consent that is {word}"), cookie.split('=').nth(1).unwrap());
    let page = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let back = cloud.control.consent(&page, &agreeing(ACCOUNT)).await.unwrap();
    planted.add(format!("the code of a consent that is {word}"), parameter(&back, "code"));
    planted.add(format!("the state of a consent that is {word}"), parameter(&back, "state"));
    let page = front.get(&back, Some(&cookie)).await.bytes().await.unwrap();
    front.said.extend(page);
    let query = "query($id: ID!) { connectionFlow(id: $id) { state problem { code } connection { id } } }";
    let flow = front.ask(Some(token), query, json!({ "id": begun["flow"]["id"] })).await;
    flow["data"]["connectionFlow"]["connection"]["id"].as_str().map(str::to_owned)
}

/// All bytes of all files, the names included.
fn all(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        bytes.extend(entry.path().to_string_lossy().into_owned().into_bytes());
        match entry.path() {
            path if path.is_dir() => bytes.extend(all(&path)),
            path => bytes.extend(std::fs::read(path).unwrap_or_default()),
        }
    }
    bytes
}
