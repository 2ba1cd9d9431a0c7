//! Documents through the front door.

use futures::future::join_all;
use hawser_tests::{House, Person, redacted, without_cost};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: DocumentCreateInput!) { it: documentCreate(input: $input) { \
     document { id name kind nameToken contentToken parent { id } } userErrors { __typename code path message \
     ... on NameTaken { existingId } } } }";
const RENAME: &str = "mutation($input: DocumentRenameInput!) { it: documentRename(input: $input) { \
     document { id name nameToken } userErrors { __typename code path message ... on StaleToken { currentToken } \
     ... on NameTaken { existingId } } } }";
const MOVE: &str = "mutation($input: DocumentMoveInput!) { it: documentMove(input: $input) { \
     document { id nameToken parent { id } } userErrors { __typename code path message } } }";
const REORDER: &str = "mutation($input: DocumentReorderInput!) { it: documentReorder(input: $input) { \
     document { id nameToken position } userErrors { __typename code path message } } }";
const TRASH: &str = "mutation($input: DocumentTrashInput!) { it: documentTrash(input: $input) { \
     document { id nameToken trashedAt trashRoot { id } } userErrors { __typename code path message } } }";
const RESTORE: &str = "mutation($input: DocumentRestoreInput!) { it: documentRestore(input: $input) { \
     document { id name nameToken trashedAt parent { id } } userErrors { __typename code path message } } }";
const DELETE: &str = "mutation($input: DocumentDeleteInput!) { it: documentDelete(input: $input) { \
     deletedId userErrors { __typename code path message } } }";

/// The payload of a mutation whose request was in order.
async fn ask(house: &House, who: &Person, mutation: &str, input: Value) -> Value {
    house.data(who, mutation, json!({ "input": input })).await["it"].take()
}

/// The document of a payload without errors.
async fn done(house: &House, who: &Person, mutation: &str, input: Value) -> Value {
    let mut payload = ask(house, who, mutation, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["document"].take()
}

pub(crate) async fn workspace(house: &House, who: &Person, name: &str) -> Value {
    done(house, who, CREATE, json!({ "kind": "WORKSPACE", "name": name })).await
}

pub(crate) async fn child(house: &House, who: &Person, parent: &Value, kind: &str, name: &str) -> Value {
    done(house, who, CREATE, json!({ "kind": kind, "name": name, "parentId": parent["id"] })).await
}

fn of(document: &Value) -> Value {
    json!({ "id": document["id"], "nameToken": document["nameToken"] })
}

fn with(mut input: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

/// The id and token of a document that was there and is gone.
async fn missing(house: &House, who: &Person, parent: &Value) -> Value {
    let folder = child(house, who, parent, "FOLDER", "soon gone").await;
    let trashed = done(house, who, TRASH, of(&folder)).await;
    let deleted = ask(house, who, DELETE, of(&trashed)).await;
    assert_eq!(deleted, json!({ "deletedId": folder["id"], "userErrors": [] }));
    of(&trashed)
}

#[tokio::test]
async fn a_tree_is_made_walked_down_and_walked_up() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    let plans = child(&house, &ann, &harbour, "FOLDER", "Plans").await;
    let file = child(&house, &ann, &plans, "FILE", "Quay.pdf").await;
    child(&house, &ann, &plans, "PICTURE", "crane.jpg").await;
    let query = "query($id: ID!) { \
         workspaces(first: 5) { totalCount nodes { name children(first: 9) { nodes { name kind children(first: 9) { totalCount nodes { name kind } } } } } } \
         document(id: $id) { name kind contentToken position trashedAt viewerCan createdAt createdBy { name } \
           modifiedBy { name } parent { name } ancestors { name } children { nodes { id } } \
           audit { nodes { action actor { name } detail } } } \
         node(id: $id) { __typename id } }";
    let data = redacted(&house.data(&ann, query, json!({ "id": file["id"] })).await);
    let leaves = json!({ "totalCount": 2, "nodes": [
        { "name": "crane.jpg", "kind": "PICTURE" }, { "name": "Quay.pdf", "kind": "FILE" },
    ] });
    let folder = json!({ "name": "Plans", "kind": "FOLDER", "children": leaves });
    let tree = json!({ "totalCount": 1, "nodes": [{ "name": "Harbour", "children": { "nodes": [folder] } }] });
    assert_eq!(data["workspaces"], tree);
    let parent = data["document"]["audit"]["nodes"][0]["detail"]["parent"].clone();
    let detail = json!({ "kind": "FILE", "name": "Quay.pdf", "parent": parent });
    let expected = json!({
        "name": "Quay.pdf", "kind": "FILE", "contentToken": "1", "position": null, "trashedAt": null,
        "viewerCan": ["READ", "WRITE", "ADMIN"], "createdAt": "[time]", "createdBy": { "name": "ann" },
        "modifiedBy": { "name": "ann" }, "parent": { "name": "Plans" },
        "ancestors": [{ "name": "Harbour" }, { "name": "Plans" }], "children": { "nodes": [] },
        "audit": { "nodes": [{ "action": "document.create", "actor": { "name": "ann" }, "detail": detail }] },
    });
    assert_eq!(data["document"], expected);
    assert_eq!(data["node"]["__typename"], "Document");
}

#[tokio::test]
async fn what_is_forbidden_gets_the_same_answer_as_what_is_missing() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let harbour = workspace(&house, &ann, "Harbour").await;
    let mine = workspace(&house, &bob, "Bob's").await;
    let forbidden = of(&child(&house, &ann, &harbour, "FOLDER", "Plans").await);
    let missing = missing(&house, &ann, &harbour).await;
    let own = child(&house, &bob, &mine, "FOLDER", "own").await;
    let name = json!({ "name": "x" });
    let place = json!({ "parentId": mine["id"] });
    let order = json!({ "place": { "before": own["id"] } });
    let mut seen = Vec::new();
    for target in [&forbidden, &missing] {
        let query = "query($id: ID!) { document(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }";
        let mut answers = vec![without_cost(house.gql(&bob, query, json!({ "id": target["id"] })).await)];
        assert_eq!(answers[0]["data"], json!({ "document": null, "node": null, "nodes": [null] }));
        let below = "query($id: ID!) { documents(below: $id) { totalCount } }";
        let mut listed = without_cost(house.gql(&bob, below, json!({ "id": target["id"] })).await);
        listed["errors"][0]["extensions"]["requestId"] = Value::Null;
        answers.push(listed);
        let create = json!({ "kind": "FOLDER", "name": "x", "parentId": target["id"] });
        let bring = with(of(&own), json!({ "parentId": target["id"] }));
        for (mutation, input) in [
            (CREATE, create),
            (RENAME, with(target.clone(), name.clone())),
            (MOVE, with(target.clone(), place.clone())),
            (MOVE, bring),
            (REORDER, with(target.clone(), order.clone())),
            (TRASH, target.clone()),
            (RESTORE, target.clone()),
            (DELETE, target.clone()),
        ] {
            let payload = ask(&house, &bob, mutation, input).await;
            assert_eq!(payload["userErrors"][0]["__typename"], "NotFound", "{mutation}: {payload:#}");
            answers.push(payload);
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_stale_token_is_refused_with_the_current_one_and_a_made_up_one_as_no_token() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    let seen = child(&house, &ann, &harbour, "FOLDER", "a").await;
    let current = done(&house, &ann, RENAME, with(of(&seen), json!({ "name": "b" }))).await;
    let refused = ask(&house, &ann, RENAME, with(of(&seen), json!({ "name": "c" }))).await;
    assert_eq!(refused["document"], Value::Null);
    assert_eq!(refused["userErrors"][0]["__typename"], "StaleToken");
    assert_eq!(refused["userErrors"][0]["currentToken"], current["nameToken"]);
    let input = json!({ "id": seen["id"], "nameToken": "soon", "name": "c" });
    let refused = ask(&house, &ann, RENAME, input).await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["input", "nameToken"]));
    let query = "query($id: ID!) { document(id: $id) { name } }";
    assert_eq!(house.data(&ann, query, json!({ "id": seen["id"] })).await, json!({ "document": { "name": "b" } }));
}

#[tokio::test]
async fn a_repeated_request_with_its_key_is_answered_with_the_same_document() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let input = json!({ "kind": "WORKSPACE", "name": "Harbour", "idempotencyKey": "k" });
    let answers = join_all((0..4).map(|_| done(&house, &ann, CREATE, input.clone()))).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    let other = ask(&house, &ann, CREATE, with(input, json!({ "name": "Other" }))).await;
    assert_eq!(other["userErrors"][0]["__typename"], "KeyReused");
    let query = "{ workspaces { totalCount } }";
    assert_eq!(house.data(&ann, query, json!({})).await, json!({ "workspaces": { "totalCount": 1 } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_who_want_one_name_get_one_document_and_seven_pointers_to_it() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    let input = |n: usize| {
        let name = ["Plan", "PLAN"][n % 2];
        json!({ "kind": "FOLDER", "name": name, "parentId": harbour["id"] })
    };
    let answers = join_all((0..8).map(|n| ask(&house, &ann, CREATE, input(n)))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer["document"] != Value::Null).collect();
    assert_eq!(made.len(), 1);
    for refused in answers.iter().filter(|answer| answer["document"] == Value::Null) {
        assert_eq!(refused["userErrors"][0]["__typename"], "NameTaken");
        assert_eq!(refused["userErrors"][0]["existingId"], made[0]["document"]["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_folders_moved_into_each_other_one_stays() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    for round in 0..5 {
        let left = child(&house, &ann, &harbour, "FOLDER", &format!("left {round}")).await;
        let right = child(&house, &ann, &harbour, "FOLDER", &format!("right {round}")).await;
        let (one, other) = tokio::join!(
            ask(&house, &ann, MOVE, with(of(&left), json!({ "parentId": right["id"] }))),
            ask(&house, &ann, MOVE, with(of(&right), json!({ "parentId": left["id"] }))),
        );
        let errors = [&one["userErrors"], &other["userErrors"]];
        assert_eq!(errors.iter().filter(|errors| ***errors == json!([])).count(), 1, "{errors:?}");
    }
    assert_eq!(hawser_domain::document::check::faults(&house.app).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_id_of_another_noun_is_refused_with_the_name_of_the_right_one() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let viewer = house.data(&ann, "{ viewer { user { id } } }", json!({})).await;
    let foreign = viewer["viewer"]["user"]["id"].clone();
    let input = json!({ "kind": "FOLDER", "name": "x", "parentId": foreign });
    for (query, variables) in [
        ("query($id: ID!) { document(id: $id) { id } }", json!({ "id": foreign })),
        (CREATE, json!({ "input": input })),
        ("query($id: ID!) { document(id: $id) { id } }", json!({ "id": "no id at all" })),
    ] {
        let answer = house.gql(&ann, query, variables).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains("the id of a document is expected"), "{answer:#}");
    }
}

#[tokio::test]
async fn children_come_in_pages_and_a_cursor_belongs_to_its_order() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    for n in 0..7 {
        child(&house, &ann, &harbour, if n < 3 { "FOLDER" } else { "FILE" }, &format!("d{n}")).await;
    }
    let query = "query($id: ID!, $after: Cursor, $by: DocumentOrder, $filter: DocumentFilter) { document(id: $id) { \
         children(first: 3, after: $after, orderBy: $by, filter: $filter) { \
           totalCount nodes { name } pageInfo { hasNextPage endCursor } } } }";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "id": harbour["id"], "after": after, "by": { "field": "NAME", "direction": "DESC" } });
        let data = house.data(&ann, query, variables).await;
        let page = &data["document"]["children"];
        assert_eq!(page["totalCount"], 7);
        names.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(names, ["d6", "d5", "d4", "d3", "d2", "d1", "d0"]);
    let variables = json!({ "id": harbour["id"], "after": after, "by": { "field": "MODIFIED_AT" } });
    let answer = house.gql(&ann, query, variables).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
    let variables = json!({ "id": harbour["id"], "filter": { "kinds": ["FOLDER"] } });
    let data = house.data(&ann, query, variables).await;
    assert_eq!(data["document"]["children"]["totalCount"], 3);
}

#[tokio::test]
async fn the_trash_gives_back_what_went_in_and_forgets_what_is_deleted() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    let plans = child(&house, &ann, &harbour, "FOLDER", "Plans").await;
    let file = child(&house, &ann, &plans, "FILE", "Quay.pdf").await;
    let trashed = done(&house, &ann, TRASH, of(&plans)).await;
    assert_eq!(trashed["trashRoot"]["id"], plans["id"]);
    let query = "query($id: ID!) { document(id: $id) { nameToken trashRoot { name } } \
         documents { nodes { name } } trash: documents(filter: { life: TRASH_ROOTS }) { nodes { name } } }";
    let data = house.data(&ann, query, json!({ "id": file["id"] })).await;
    assert_eq!(data["documents"]["nodes"], json!([{ "name": "Harbour" }]));
    assert_eq!(data["trash"]["nodes"], json!([{ "name": "Plans" }]));
    assert_eq!(data["document"]["trashRoot"]["name"], "Plans");
    let inner = json!({ "id": file["id"], "nameToken": data["document"]["nameToken"] });
    let refused = ask(&house, &ann, RESTORE, inner.clone()).await;
    assert_eq!(refused["userErrors"][0]["code"], "WRONG_STATE", "its folder is in the trash");
    let saved = done(&house, &ann, RESTORE, with(inner, json!({ "parentId": harbour["id"] }))).await;
    assert_eq!((&saved["parent"]["id"], &saved["trashedAt"]), (&harbour["id"], &Value::Null));
    child(&house, &ann, &harbour, "FOLDER", "PLANS").await;
    let refused = ask(&house, &ann, RESTORE, of(&trashed)).await;
    assert_eq!(refused["userErrors"][0]["code"], "NAME_TAKEN");
    let back = done(&house, &ann, RESTORE, with(of(&trashed), json!({ "name": "Old plans" }))).await;
    assert_eq!(back["name"], "Old plans");
    let refused = ask(&house, &ann, DELETE, of(&back)).await;
    assert_eq!(refused["userErrors"][0]["code"], "WRONG_STATE", "it is not in the trash");
    done(&house, &ann, TRASH, of(&back)).await;
    let empty = "mutation($input: DocumentEmptyTrashInput!) { it: documentEmptyTrash(input: $input) { \
         deletedIds userErrors { code } } }";
    let emptied = ask(&house, &ann, empty, json!({ "withinId": harbour["id"] })).await;
    assert_eq!(emptied, json!({ "deletedIds": [plans["id"]], "userErrors": [] }));
}

#[tokio::test]
async fn an_ordered_folder_shows_its_children_in_the_order_people_gave_them() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = workspace(&house, &ann, "Harbour").await;
    let list = child(&house, &ann, &harbour, "ORDERED_FOLDER", "List").await;
    let a = child(&house, &ann, &list, "FILE", "a").await;
    let b = child(&house, &ann, &list, "FILE", "b").await;
    let c = child(&house, &ann, &list, "FILE", "c").await;
    done(&house, &ann, REORDER, with(of(&c), json!({ "place": { "before": a["id"] } }))).await;
    done(&house, &ann, REORDER, with(of(&a), json!({ "place": { "after": b["id"] } }))).await;
    let query = "query($id: ID!) { document(id: $id) { children { nodes { name } } } }";
    let data = house.data(&ann, query, json!({ "id": list["id"] })).await;
    assert_eq!(data["document"]["children"]["nodes"], json!([{ "name": "c" }, { "name": "b" }, { "name": "a" }]));
    let both = json!({ "place": { "before": a["id"], "after": b["id"] } });
    let answer = house.gql(&ann, REORDER, json!({ "input": with(of(&c), both) })).await;
    assert!(answer["errors"][0]["message"].is_string(), "one place at a time: {answer:#}");
}
