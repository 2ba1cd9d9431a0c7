//! Connections: what may be seen and shared, how tokens are kept fresh, and the end.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use hawser_domain::{
    App, Error,
    app::Ambient,
    connection::{self, Ending, Problem},
    entity::{
        connection::{Column, ConnectionState, Entity as Connections, Model},
        job::JobState,
    },
    job::{self, New, Work},
    page::Span,
    provider::{self, Form},
    providers::{self, Account, ProviderKind},
    randomness::Randomness,
};
use hawser_sandbox::control::{Consent, Fault};
use hawser_tests::{Cloud, Column as Servers, House, Person, agreeing};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hostile::dump::Dumper;

const HOUR: Duration = Duration::from_secs(3600);
const ANN: &str = "ann@cloud.example";
const BOB: &str = "bob@cloud.example";

async fn account(app: &App, id: Uuid) -> hawser_domain::Result<Account> {
    connection::call(app, id, |cloud, access| async move { cloud.account(&access).await }).await
}

async fn row(house: &House, id: Uuid) -> Model {
    let row = Connections::find_by_id(id).one(house.app.database.read()).await.expect("a read");
    row.expect("a connection")
}

async fn sql(house: &House, sql: &str) {
    house.app.database.maintenance().execute_unprepared(sql).await.expect("SQL");
}

async fn slow_tokens(cloud: &Cloud) {
    let fault = Fault { path: "/token".into(), latency_ms: Some(300), ..Fault::default() };
    cloud.control.fault(&fault).await.expect("a fault");
}

async fn fail(cloud: &Cloud, path: &str, status: u16, reason: &str) {
    let fault = Fault { path: path.into(), status: Some(status), reason: Some(reason.into()), ..Fault::default() };
    cloud.control.fault(&fault).await.expect("a fault");
}

#[tokio::test]
async fn ten_parallel_uses_of_an_expired_token_make_exactly_one_refresh() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    slow_tokens(&cloud).await;
    house.clock.advance(HOUR);
    let before = cloud.token_requests().await;
    for answer in join_all((0..10).map(|_| account(&house.app, id))).await {
        assert_eq!(answer.expect("an account").email.as_deref(), Some(ANN));
    }
    assert_eq!(cloud.token_requests().await - before, 1);
    assert_eq!(row(&house, id).await.token_version, 2);
    house.leave_jobs();
}

#[tokio::test]
async fn a_token_the_cloud_refuses_before_its_time_is_refreshed_once_by_all_its_users() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    slow_tokens(&cloud).await;
    cloud.control.expire_access_tokens(ANN).await.expect("expired");
    let before = cloud.token_requests().await;
    for answer in join_all((0..10).map(|_| account(&house.app, id))).await {
        answer.expect("an account");
    }
    assert_eq!(cloud.token_requests().await - before, 1);
    house.leave_jobs();
}

#[tokio::test]
async fn two_processes_on_one_database_refresh_once_between_them() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    let ambient = Ambient { clock: house.clock.clone(), randomness: Randomness::from_seed(2) };
    let other = App::open(house.app.config.clone(), ambient).await.expect("a second process");
    slow_tokens(&cloud).await;
    house.clock.advance(HOUR);
    let before = cloud.token_requests().await;
    let apps: Vec<Arc<App>> = (0..10).map(|n| if n % 2 == 0 { house.app.clone() } else { other.clone() }).collect();
    for answer in join_all(apps.iter().map(|app| account(app, id))).await {
        answer.expect("an account");
    }
    assert_eq!(cloud.token_requests().await - before, 1);
    house.leave_jobs();
}

#[tokio::test]
async fn a_refresh_whose_process_died_is_taken_over_once_its_lease_has_ended() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    house.clock.advance(HOUR);
    let until = house.clock.now() + Duration::from_secs(45);
    Connections::update_many()
        .col_expr(Column::RefreshLease, Expr::value(Uuid::from_u128(1)))
        .col_expr(Column::RefreshLeaseUntil, Expr::value(until))
        .exec(house.app.database.maintenance())
        .await
        .expect("a lease");
    let waiting = tokio::time::timeout(Duration::from_millis(600), account(&house.app, id)).await;
    assert!(waiting.is_err(), "a living lease was not honoured: {waiting:?}");
    house.clock.advance(Duration::from_secs(46));
    account(&house.app, id).await.expect("an account");
    assert_eq!(row(&house, id).await.token_version, 2);
    house.leave_jobs();
}

#[tokio::test]
async fn only_its_owner_reconnects_a_connection_and_at_its_own_provider() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (ann, bob, admin) = (house.member("ann").await, house.member("bob").await, house.admin().await);
    let connected = house.connect(&cloud, &ann, ANN).await;
    let begin = async |who: &Person, provider_id| {
        connection::begin(&house.app, &who.principal, provider_id, Some(connected.id)).await.map(|begun| begun.flow_id)
    };
    let stranger = begin(&bob, connected.provider_id).await;
    assert!(matches!(stranger, Err(Error::NotFound { .. })), "{stranger:?}");
    let seen = begin(&admin, connected.provider_id).await;
    assert!(matches!(seen, Err(Error::NotAllowed { .. })), "{seen:?}");
    let form = Form { name: Some("Other".into()), ..cloud.form() };
    let other = provider::create(&house.app, &admin.principal, ProviderKind::GoogleDrive, &form, None).await;
    let wrong = begin(&ann, other.expect("a provider").id).await;
    assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
    begin(&ann, connected.provider_id).await.expect("its owner may");
    house.leave_jobs();
}

#[tokio::test]
async fn a_caller_who_leaves_in_the_middle_of_a_refresh_loses_nothing() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    slow_tokens(&cloud).await;
    house.clock.advance(HOUR);
    let before = cloud.token_requests().await;
    let left = tokio::time::timeout(Duration::from_millis(100), account(&house.app, id)).await;
    assert!(left.is_err(), "the refresh was faster than the caller");
    let kept = async { while row(&house, id).await.token_version == 1 {} };
    tokio::time::timeout(Duration::from_secs(20), kept).await.expect("the tokens are kept though nobody asks for them");
    account(&house.app, id).await.expect("an account");
    assert_eq!(cloud.token_requests().await - before, 1);
    house.leave_jobs();
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let connected = house.connect(&cloud, &ann, ANN).await;
    for _ in 0..2 {
        house.clock.advance(HOUR);
        account(&house.app, connected.id).await.expect("an account");
    }
    let now = row(&house, connected.id).await;
    assert_eq!((now.token_version, now.refresh_token), (3, connected.refresh_token));
    assert_ne!(now.access_token, connected.access_token);
    house.leave_jobs();
}

#[tokio::test]
async fn a_grant_taken_back_parks_the_work_and_reconnecting_resumes_it_in_order() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let connected = house.connect(&cloud, &ann, ANN).await;
    house.drain().await;
    let mut w = house.app.write(&ann.principal).await.expect("a transaction");
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let work = Work::RefreshDocument { document_id: w.id() };
        waiting.push(w.queue(New::now(work).for_connection(&connected)).await.expect("a job"));
    }
    w.commit().await.expect("a commit");
    cloud.control.revoke_grants(ANN).await.expect("revoked");
    let refused = account(&house.app, connected.id).await;
    assert!(matches!(refused, Err(Error::NeedsReauth { connection }) if connection == connected.id), "{refused:?}");
    let parked = row(&house, connected.id).await;
    assert_eq!(parked.state, ConnectionState::NeedsReauth);
    assert!(parked.problem.is_some());
    assert_eq!(states(&house, &ann, connected.id).await, [JobState::Parked; 3]);
    let unusable = connection::usable(&house.app, &ann.principal, connected.id).await;
    assert!(matches!(unusable, Err(Error::NeedsReauth { .. })), "{unusable:?}");

    let ended = house.consent(&cloud, &ann, Some(connected.id), &agreeing(ANN)).await;
    let Ending::Connected(renewed) = ended else { panic!("{ended:?}") };
    assert_eq!((renewed.id, renewed.state, &renewed.problem), (connected.id, ConnectionState::Active, &None));
    assert_eq!(states(&house, &ann, connected.id).await, [JobState::Queued; 3]);
    account(&house.app, connected.id).await.expect("an account");
    house.leave_jobs();
}

/// The states of the refresh jobs, oldest first.
async fn states(house: &House, who: &Person, connection_id: Uuid) -> Vec<JobState> {
    let filter = job::Filter {
        connection_id: Some(connection_id),
        kinds: vec!["refresh_document".into()],
        ..Default::default()
    };
    let mut jobs = job::list(&house.app, &who.principal, &filter, &Span::first(10)).await.expect("jobs").rows;
    jobs.reverse();
    jobs.into_iter().map(|job| job.state).collect()
}

#[tokio::test]
async fn a_client_the_cloud_no_longer_believes_is_the_operators_matter_and_not_the_owners() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    let admin = house.admin().await.principal;
    let provider = house.provider(&cloud).await;
    let wrong = Form { client_secret: Some("wrong".into()), ..Form::default() };
    provider::update(&house.app, &admin, provider.id, provider.revision, &wrong).await.expect("changed");
    house.clock.advance(HOUR);
    let refused = account(&house.app, id).await;
    let Err(Error::ProviderUnavailable { message, .. }) = refused else { panic!("{refused:?}") };
    assert!(message.contains("administrator"), "{message}");
    assert_eq!(row(&house, id).await.state, ConnectionState::Active);
    let right = Form { client_secret: Some("sandbox-secret".into()), ..Form::default() };
    provider::update(&house.app, &admin, provider.id, provider.revision + 1, &right).await.expect("changed");
    account(&house.app, id).await.expect("an account, with the lease given back");
    house.leave_jobs();
}

#[tokio::test]
async fn a_cloud_that_is_down_leaves_the_connection_active_and_all_callers_hear_of_one_try() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let id = house.connect(&cloud, &ann, ANN).await.id;
    let fault = Fault { path: "/token".into(), status: Some(503), latency_ms: Some(300), ..Fault::default() };
    cloud.control.fault(&fault).await.expect("a fault");
    house.clock.advance(HOUR);
    let before = cloud.token_requests().await;
    for answer in join_all((0..10).map(|_| account(&house.app, id))).await {
        assert!(matches!(answer, Err(Error::ProviderUnavailable { .. })), "{answer:?}");
    }
    assert_eq!(cloud.token_requests().await - before, 1);
    cloud.control.clear_faults(None).await.expect("cleared");
    account(&house.app, id).await.expect("an account");
    house.leave_jobs();
}

#[tokio::test]
async fn reconnecting_with_another_account_is_refused_and_changes_nothing() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let connected = house.connect(&cloud, &ann, ANN).await;
    cloud.control.create_user(BOB, "Bob").await.expect("an account");
    let before = row(&house, connected.id).await;
    let ended = house.consent(&cloud, &ann, Some(connected.id), &agreeing(BOB)).await;
    assert!(matches!(ended, Ending::Failed(Problem::OtherAccount)), "{ended:?}");
    assert_eq!(row(&house, connected.id).await, before);
    house.leave_jobs();
}

#[tokio::test]
async fn the_same_account_again_renews_its_connection_and_another_makes_a_second_one() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let first = house.connect(&cloud, &ann, ANN).await;
    let again = house.connect(&cloud, &ann, ANN).await;
    assert_eq!((again.id, again.token_version), (first.id, 2));
    let other = house.connect(&cloud, &ann, BOB).await;
    assert_ne!(other.id, first.id);
    let bob = house.member("bob").await;
    let bobs = house.connect(&cloud, &bob, ANN).await;
    assert_ne!(bobs.id, first.id, "another person's connection is another one, on the same account too");
    let count = house.data(&ann, "{ connections { totalCount } }", json!({})).await;
    assert_eq!(count["connections"]["totalCount"], 2);
    house.leave_jobs();
}

#[tokio::test]
async fn a_consent_with_less_than_is_needed_connects_nothing() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (admin, ann) = (house.admin().await.principal, house.member("ann").await);
    let mut provider = house.provider(&cloud).await;
    let scope = |word: &str| format!("https://www.googleapis.com/auth/{word}");
    let two = Form { scopes: Some(vec![scope("drive.readonly"), scope("drive.file")]), ..Form::default() };
    provider = provider::update(&house.app, &admin, provider.id, provider.revision, &two).await.expect("changed");
    cloud.control.create_user(ANN, "Ann").await.expect("an account");
    let one = Consent { scopes: Some(vec![scope("drive.file")]), ..agreeing(ANN) };
    let ended = house.consent(&cloud, &ann, None, &one).await;
    assert!(matches!(ended, Ending::Failed(Problem::MissingScopes)), "{ended:?}");
    assert_eq!(Connections::find().all(house.app.database.read()).await.expect("a read"), []);
    assert_eq!(provider.revision, 2);
}

#[tokio::test]
async fn revoking_reaches_the_cloud_wipes_the_tokens_and_gives_up_the_work() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let connected = house.connect(&cloud, &ann, ANN).await;
    let query = "mutation($id: ID!) { connectionRevoke(input: { id: $id }) { \
        connection { state problem viewerCan { use revoke } } userErrors { code } } }";
    let id = connection_id(&house, &ann).await;
    let revoked = house.data(&ann, query, json!({ "id": id })).await;
    let expected = json!({
        "connection": { "state": "REVOKED", "problem": null, "viewerCan": { "use": false, "revoke": false } },
        "userErrors": [],
    });
    assert_eq!(revoked["connectionRevoke"], expected);
    assert_eq!(cloud.control.count("/revoke").await.expect("a count"), 1);
    let left = row(&house, connected.id).await;
    assert_eq!((left.access_token, left.refresh_token), (None, None));
    let refused = account(&house.app, connected.id).await;
    assert!(matches!(refused, Err(Error::WrongState { .. })), "{refused:?}");
    // The house checks that no work is left behind.
}

async fn connection_id(house: &House, who: &Person) -> Value {
    let data = house.data(who, "{ connections(first: 1) { nodes { id } } }", json!({})).await;
    data["connections"]["nodes"][0]["id"].clone()
}

#[tokio::test]
async fn a_cloud_that_cannot_be_told_of_the_end_is_named_in_the_problem() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let connected = house.connect(&cloud, &ann, ANN).await;
    fail(&cloud, "/revoke", 503, "backendError").await;
    let ended = connection::revoke(&house.app, &ann.principal, connected.id).await.expect("revoked");
    assert_eq!((ended.state, ended.refresh_token), (ConnectionState::Revoked, None));
    assert!(ended.problem.expect("a problem").contains("could not be told"));
}

#[tokio::test]
async fn ending_one_connection_does_not_end_anothers_on_the_same_account() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let anns = house.connect(&cloud, &ann, ANN).await;
    let bobs = house.connect(&cloud, &bob, ANN).await;
    connection::revoke(&house.app, &ann.principal, anns.id).await.expect("revoked");
    assert_eq!(cloud.control.count("/revoke").await.expect("a count"), 0, "clouds end a grant as a whole");
    account(&house.app, bobs.id).await.expect("Bob's still works");
    connection::revoke(&house.app, &bob.principal, bobs.id).await.expect("revoked");
    assert_eq!(cloud.control.count("/revoke").await.expect("a count"), 1);
}

#[tokio::test]
async fn a_shared_connection_can_be_used_but_not_managed_and_strangers_do_not_see_it() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (ann, bob, eve) = (house.member("ann").await, house.member("bob").await, house.member("eve").await);
    let connected = house.connect(&cloud, &ann, ANN).await;
    let hidden = connection::usable(&house.app, &bob.principal, connected.id).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    let id = connection_id(&house, &ann).await;
    let users = house.data(&bob, "{ viewer { user { id } } }", json!({})).await;
    let share = "mutation($id: ID!, $with: [ID!]!) { connectionShare(input: { id: $id, with: $with }) { \
        connection { sharedWith { ... on User { name } } } userErrors { code } } }";
    let variables = json!({ "id": id, "with": [users["viewer"]["user"]["id"]] });
    let shared = house.data(&ann, share, variables.clone()).await;
    assert_eq!(shared["connectionShare"]["connection"]["sharedWith"], json!([{ "name": "bob" }]), "{shared:#}");
    connection::usable(&house.app, &bob.principal, connected.id).await.expect("usable");
    let by_bob = house.data(&bob, share, variables.clone()).await;
    assert_eq!(by_bob["connectionShare"]["userErrors"][0]["code"], "NOT_ALLOWED");
    let refused = connection::revoke(&house.app, &bob.principal, connected.id).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    let strange = house.data(&eve, "query($id: ID!) { connection(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(strange["connection"], Value::Null);
    let admin = house.admin().await.principal;
    connection::find(&house.app, &admin, connected.id).await.expect("administrators see all");
    let used = connection::usable(&house.app, &admin, connected.id).await;
    assert!(matches!(used, Err(Error::NotAllowed { .. })), "and use only their own: {used:?}");
    let unshare = share.replace("connectionShare", "connectionUnshare");
    house.data(&ann, &unshare, variables).await;
    let gone = connection::usable(&house.app, &bob.principal, connected.id).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    house.leave_jobs();
}

#[tokio::test]
async fn a_token_copied_to_another_row_does_not_open() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let ann = house.member("ann").await;
    let (one, two) = (house.connect(&cloud, &ann, ANN).await, house.connect(&cloud, &ann, BOB).await);
    account(&house.app, one.id).await.expect("an account");
    sql(&house, "UPDATE connection SET access_token = (SELECT access_token FROM connection ORDER BY id DESC LIMIT 1)")
        .await;
    account(&house.app, two.id).await.expect("the token in its own row");
    let moved = account(&house.app, one.id).await;
    assert!(matches!(moved, Err(Error::Secret(_))), "{moved:?}");
    house.leave_jobs();
}

#[tokio::test]
async fn no_token_and_no_secret_is_in_any_answer_or_in_any_file_of_the_house() {
    let (house, cloud) = (House::start().await, Cloud::start().await);
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let id = house.connect(&cloud, &ann, ANN).await.id;
    house.drain().await;
    house.clock.advance(HOUR);
    let access = connection::call(&house.app, id, |_, access| async move {
        Ok::<_, providers::Error>(secrecy::ExposeSecret::expose_secret(&access.token).to_owned())
    });
    let access = access.await.expect("a token");
    assert!(access.starts_with("ya29."), "{access}");
    // Access tokens of this cloud begin with ya29., refresh tokens with 1//.
    let canaries = ["ya29.", "\"1//", "sandbox-secret", access.as_str()];
    let query = "{ providers { nodes { name configuration { clientId hasClientSecret scopes tokenUrl } } } \
        connections { nodes { state problem accountId accountEmail accountName scopes lastUsedAt provider { name } \
        owner { name } sharedWith { __typename } } } }";
    let told = house.data(&admin, query, json!({})).await.to_string();
    let row = row(&house, id).await;
    let cut = row.refresh_token.iter().flatten().rev().copied().collect();
    let mut damaged = row.into_active_model();
    damaged.refresh_token = Set(Some(cut));
    damaged.update(house.app.database.maintenance()).await.expect("the token is damaged");
    house.clock.advance(HOUR);
    let failed = account(&house.app, id).await.expect_err("the token is damaged").to_string();
    let mut bytes = match Servers::here().is_postgres() {
        true => stored(&house).await,
        false => {
            sql(&house, "PRAGMA wal_checkpoint(TRUNCATE)").await;
            Vec::new()
        }
    };
    let mut files = vec![house.folder().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else {
            bytes.extend(std::fs::read(&path).expect("a file"));
        }
    }
    assert!(find(&bytes, ANN.as_bytes()), "the search finds what is there");
    for canary in canaries {
        assert!(!told.contains(canary), "{canary} was told");
        assert!(!failed.contains(canary), "{canary} stands in an error");
        assert!(!find(&bytes, canary.as_bytes()), "{canary} is in the data folder");
    }
    house.leave_jobs();
}

/// All that a database server holds of the house, bytes as they are.
async fn stored(house: &House) -> Vec<u8> {
    let dump = Dumper::of(house).await.dump().await;
    let mut bytes = Vec::new();
    for row in dump.values().flatten() {
        bytes.extend(row.as_bytes());
        for hex in row.split(r"\\x").skip(1) {
            let digits: Vec<u8> = hex.chars().map_while(|it| it.to_digit(16)).map(|it| it as u8).collect();
            bytes.extend(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
        }
    }
    bytes
}

fn find(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
