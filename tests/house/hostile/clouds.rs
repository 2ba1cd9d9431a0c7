//! Clouds that answer badly while somebody waits: the answer says what is wrong and what to do, and nothing is half
//! written.

use hawser_domain::{Error, connection::Ending, content};
use hawser_sandbox::control::Fault;
use hawser_tests::{Scene, agreeing};
use serde_json::{Value, json};

use super::{
    cast::id,
    dump::{Dumper, difference},
};

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Everything a cloud can do to a request below this path, with what it is called.
fn misfortunes(path: &str) -> Vec<(String, Fault)> {
    let at = || Fault { path: path.into(), ..Fault::default() };
    let mut all = vec![
        ("cut at the start".to_owned(), Fault { truncate_at: Some(1), ..at() }),
        ("cut in the middle".to_owned(), Fault { truncate_at: Some(10), ..at() }),
        ("empty".to_owned(), Fault { truncate_at: Some(0), ..at() }),
        ("a page of a proxy".to_owned(), Fault { html: Some("<html><h1>Sign in</h1></html>".into()), ..at() }),
        (
            "a page that says all is well".to_owned(),
            Fault { status: Some(200), html: Some("<html><h1>Welcome</h1></html>".into()), ..at() },
        ),
        (
            "half of an answer".to_owned(),
            Fault { status: Some(200), html: Some("{\"files\":[{\"id\":\"1".into()), ..at() },
        ),
        ("dropped".to_owned(), Fault { drop_connection: true, ..at() }),
    ];
    for (status, reason) in [
        (400, "badRequest"),
        (401, "authError"),
        (403, "userRateLimitExceeded"),
        (403, "rateLimitExceeded"),
        (403, "dailyLimitExceeded"),
        (403, "insufficientFilePermissions"),
        (403, "insufficientPermissions"),
        (403, "domainPolicy"),
        (403, "appNotAuthorizedToFile"),
        (403, "cannotDownloadFile"),
        (403, "accessNotConfigured"),
        (403, "somethingNew"),
        (404, "notFound"),
        (410, "gone"),
        (418, "teapot"),
        (429, "rateLimitExceeded"),
        (500, "internalError"),
        (502, "badGateway"),
        (503, "backendError"),
    ] {
        let fault = Fault { status: Some(status), reason: Some(reason.into()), retry_after_s: Some(1), ..at() };
        all.push((format!("{status} {reason}"), fault));
    }
    all
}

const LINK: &str = "mutation($input: DocumentLinkInput!) { documentLink(input: $input) {
    results { document { id } userErrors { __typename code message } } userErrors { __typename code message } } }";
const FILES: &str = "query($id: ID!) { cloudFiles(connectionId: $id) { nodes { id } } }";
const DRIVES: &str = "query($id: ID!) { cloudDrives(connectionId: $id) { nodes { id } } }";
const SEARCH: &str = "query($id: ID!) { cloudSearch(connectionId: $id, query: \"tariff\") { nodes { id } } }";

/// What is wrong with an answer that must be a refusal with words.
fn unclear(answer: &Value, field: &str) -> Option<String> {
    let data = &answer["data"][field];
    let errors = [&answer["errors"], &data["userErrors"], &data["results"][0]["userErrors"]];
    let Some(error) = errors.into_iter().find_map(|errors| errors.get(0)) else {
        return Some("no error at all".into());
    };
    let code = error["extensions"]["code"].as_str().or(error["code"].as_str()).unwrap_or("no code");
    let known = ["PROVIDER_UNAVAILABLE", "PROVIDER_REFUSED", "NEEDS_REAUTH", "NOT_FOUND", "BAD_USER_INPUT", "INVALID"];
    if !known.contains(&code) || error["message"].as_str().is_none_or(|message| message.len() < 10) {
        return Some(format!("{code} without words"));
    }
    None
}

#[tokio::test]
async fn browsing_searching_and_linking_tell_what_a_bad_cloud_did_and_leave_nothing_half_written() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let scene = Scene::set().await;
    let (good, other) = (scene.file("tariff.txt", "a").await, scene.file("other.txt", "b").await);
    let dumper = Dumper::of(&scene.house).await;
    let connection = id("conn", scene.connection.id);
    let items = json!([{ "cloudFileId": good.id }, { "cloudFileId": other.id }]);
    let link = json!({ "parentId": id("doc", scene.workspace.id), "connectionId": connection, "items": items });
    for (field, query, variables) in [
        ("cloudFiles", FILES, json!({ "id": connection })),
        ("cloudDrives", DRIVES, json!({ "id": connection })),
        ("cloudSearch", SEARCH, json!({ "id": connection })),
        ("documentLink", LINK, json!({ "input": link })),
    ] {
        let path = if field == "cloudDrives" { "/drive/v3/drives" } else { "*" };
        for (what, fault) in misfortunes(path).into_iter().filter(|(what, _)| !what.starts_with("401")) {
            let ann = scene.house.person(scene.ann.id).await;
            let before = dumper.dump().await;
            scene.cloud.control.fault(&fault).await.expect("a fault");
            let answer = scene.house.gql(&ann, query, variables.clone()).await;
            scene.cloud.control.clear_faults(None).await.expect("cleared");
            count += 1;
            if let Some(unclear) = unclear(&answer, field) {
                wrong.push(format!("{field}, {what}: {unclear}: {answer}"));
            }
            let after = dumper.dump().await;
            let linked =
                |dump: &super::dump::Dump| (dump["document"].clone(), dump["content"].clone(), dump["job"].clone());
            if linked(&before) != linked(&after) {
                wrong.push(format!("{field}, {what} left behind {}", difference(&before, &after)));
            }
            // Clouds ask to stay away; the next case is another day.
            scene.house.clock.advance(DAY);
            scene.cloud.control.advance_clock(86_400_000).await.expect("the clock moves");
        }
        let ann = scene.house.person(scene.ann.id).await;
        let after = scene.house.gql(&ann, query, variables).await;
        assert!(unclear(&after, field).is_some_and(|it| it == "no error at all"), "{field} does not heal: {after}");
    }
    scene.house.drain().await;
    println!("{count} misfortunes");
    assert!(wrong.is_empty(), "{}\n{} of {count} are wrong", wrong.join("\n"), wrong.len());
}

#[tokio::test]
async fn a_cloud_that_fails_during_a_consent_connects_nothing_and_says_why() {
    let scene = Scene::set().await;
    let dumper = Dumper::of(&scene.house).await;
    let mut wrong = Vec::new();
    scene.cloud.control.create_user("second@cloud.example", "Second").await.expect("an account");
    for path in ["/token", "/drive/v3/about"] {
        for (what, fault) in misfortunes(path) {
            let before = dumper.dump().await;
            scene.cloud.control.fault(&fault).await.expect("a fault");
            let ann = scene.house.person(scene.ann.id).await;
            let ending = scene.house.consent(&scene.cloud, &ann, None, &agreeing("second@cloud.example")).await;
            scene.cloud.control.clear_faults(None).await.expect("cleared");
            match ending {
                Ending::Connected(_) => wrong.push(format!("{path}, {what}: connected all the same")),
                Ending::Failed(problem) if problem.message().len() < 10 => {
                    wrong.push(format!("{path}, {what}: no words"))
                }
                Ending::Failed(_) => {}
            }
            let after = dumper.dump().await;
            for table in ["connection", "feed", "job", "schedule", "change"] {
                if before[table] != after[table] {
                    wrong.push(format!("{path}, {what} left behind {}", difference(&before, &after)));
                }
            }
            scene.house.clock.advance(DAY / 24);
        }
    }
    assert!(wrong.is_empty(), "{}\n{} are wrong", wrong.join("\n"), wrong.len());
    let ann = scene.house.person(scene.ann.id).await;
    let ending = scene.house.consent(&scene.cloud, &ann, None, &agreeing("second@cloud.example")).await;
    assert!(matches!(ending, Ending::Connected(_)), "{ending:?}");
    scene.house.drain().await;
}

#[tokio::test]
async fn a_link_whose_batch_fails_writes_nothing_and_one_whose_last_file_fails_writes_the_others() {
    let scene = Scene::set().await;
    let mut ids = Vec::new();
    // A batch of a hundred, and one that is asked for alone.
    for n in 0..101 {
        ids.push(scene.file(&format!("{n}.txt"), "a").await.id);
    }
    let all: Vec<_> = ids.iter().map(String::as_str).collect();
    let dumper = Dumper::of(&scene.house).await;
    let before = dumper.dump().await;
    let broken = |path: String| Fault { path, drop_connection: true, ..Fault::default() };
    scene.cloud.control.fault(&broken("/batch".into())).await.expect("a fault");
    let items: Vec<_> =
        all.iter().map(|id| content::Item { remote_id: (*id).into(), resource_key: None, name: None }).collect();
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    let refused = content::link(app, who, scene.connection.id, scene.workspace.id, &items, Some("key")).await;
    assert!(matches!(refused, Err(Error::ProviderUnavailable { .. })), "{refused:?}");
    assert_eq!(difference(&before, &dumper.dump().await), "");
    scene.cloud.control.clear_faults(None).await.expect("cleared");

    scene.cloud.control.fault(&broken(format!("/drive/v3/files/{}", ids[100]))).await.expect("a fault");
    let results = scene.try_link(&all, Some("key")).await;
    scene.cloud.control.clear_faults(None).await.expect("cleared");
    assert!(results[..100].iter().all(Result::is_ok), "the key of the refused request is free");
    assert!(matches!(results[100], Err(Error::ProviderUnavailable { .. })), "{:?}", results[100]);
    scene.house.drain().await;
}
