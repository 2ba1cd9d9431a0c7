//! What goes wrong, as clients are told: codes of a closed list, exact paths, and nothing of what is inside.

use hawser_tests::{House, Person};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::document::{child, workspace};

fn path(error: &Value) -> Vec<String> {
    let parts = error["path"].as_array().into_iter().flatten();
    parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect()
}

#[tokio::test]
async fn every_error_has_a_code_of_the_published_list_and_the_number_of_its_request() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let codes = house.data(&ann, "{ capabilities { errorCodes } }", Value::Null).await;
    let codes = codes["capabilities"]["errorCodes"].as_array().unwrap().clone();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/graphql.md")).unwrap();
    for code in &codes {
        assert!(
            page.contains(&format!("\n| `{}` | ", code.as_str().unwrap())),
            "{code} is not told in docs/graphql.md"
        );
    }
    let unknown = "mutation { groupCreate(input: { name: \"x\" }) { group { id } } }";
    for (who, query, code) in [
        (Some(&ann), "{ viewer ", "GRAPHQL_PARSE_FAILED"),
        (Some(&ann), "{ harbour }", "GRAPHQL_VALIDATION_FAILED"),
        (Some(&ann), "query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        (Some(&ann), "{ users(first: 1) { nodes { id } } }", "FORBIDDEN"),
        (Some(&ann), "{ groups(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
        (Some(&ann), "{ group(id: \"user_01h455vb4pex5vsknk084sn02q\") { id } }", "BAD_USER_INPUT"),
        (None, "{ viewer { isSession } }", "UNAUTHENTICATED"),
        (Some(&ann), unknown, "FORBIDDEN"),
        (Some(&ann), "{ cloudDrives(connectionId: \"conn_01h455vb4pex5vsknk084sn02q\") { next } }", "NOT_FOUND"),
    ] {
        let answer = house.gql_with(who.map(|who| who.token.as_str()), query, Value::Null).await;
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{query}: {answer:#}"));
        for error in errors {
            assert_eq!(error["extensions"]["code"], code, "{query}: {answer:#}");
            assert!(codes.contains(&error["extensions"]["code"]), "{query}: {answer:#}");
            uuid::Uuid::parse_str(error["extensions"]["requestId"].as_str().unwrap()).unwrap();
        }
    }
}

#[tokio::test]
async fn a_fault_deep_inside_shows_nothing_of_itself() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    workspace(&house, &ann, "Harbour").await;
    house.app.database.maintenance().execute_unprepared("ALTER TABLE content RENAME TO elsewhere").await.unwrap();
    let query = "{ it: workspaces { nodes { name held: content { state } } } }";
    let answer = house.gql(&ann, query, Value::Null).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer:#}");
    assert_eq!(path(error), ["it", "nodes", "0", "held"]);
    assert_eq!(answer["data"]["it"]["nodes"][0], json!({ "name": "Harbour", "held": null }), "the rest is answered");
    let told = answer.to_string().to_lowercase();
    for inside in ["content ", "elsewhere", "table", "sql", "select", "database", ".rs", "hawser"] {
        assert!(!told.contains(inside), "{inside:?} in {told}");
    }
}

#[tokio::test]
async fn the_path_of_an_error_names_aliases_and_places_in_lists() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    for name in ["Harbour", "Quay"] {
        let top = workspace(&house, &ann, name).await;
        child(&house, &ann, &top, "FOLDER", "Plans").await;
    }
    let query = "{ tops: workspaces(first: 5) { edges { node { kids: children(first: 5) { nodes { far: children(last: 101) { nodes { id } } } } } } } }";
    let answer = house.gql(&ann, query, Value::Null).await;
    let mut paths: Vec<_> = answer["errors"].as_array().unwrap().iter().map(path).collect();
    paths.sort();
    let at = |n: &str| ["tops", "edges", n, "node", "kids", "nodes", "0", "far"].map(str::to_owned).to_vec();
    // An error on the way to a list that is never null takes the list along; one of them is told at least.
    assert!(!paths.is_empty() && paths.iter().all(|path| *path == at("0") || *path == at("1")), "{answer:#}");
    let query = "query($ids: [ID!]!) { all: nodes(ids: $ids) { id } }";
    let answer = house.gql(&ann, query, json!({ "ids": ["nonsense"] })).await;
    assert_eq!(path(&answer["errors"][0]), ["all"], "{answer:#}");
}

/// What a mutation says a user has to mend.
async fn mended(house: &House, who: &Person, mutation: &str, ty: &str, input: Value) -> Vec<(String, Vec<String>)> {
    let errors = "userErrors { __typename code message path }";
    let fields =
        if mutation == "documentLink" { format!("results {{ {errors} }} {errors}") } else { errors.to_owned() };
    let query = format!("mutation($input: {ty}!) {{ it: {mutation}(input: $input) {{ {fields} }} }}");
    let data = house.data(who, &query, json!({ "input": input })).await;
    let told = |error: &Value| (error["__typename"].as_str().unwrap().to_owned(), path(error));
    data["it"]["userErrors"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn a_user_error_names_the_very_input_that_is_at_fault() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let top = workspace(&house, &ann, "Harbour").await;
    let list = child(&house, &ann, &top, "ORDERED_FOLDER", "List").await;
    let file = child(&house, &ann, &list, "FILE", "Plan.pdf").await;
    child(&house, &ann, &list, "FILE", "Quay.pdf").await;
    let theirs = workspace(&house, &admin, "Elsewhere").await;
    let gone = |prefix: &str| json!(format!("{prefix}_01h455vb4pex5vsknk084sn02q"));
    let (id, token) = (&file["id"], &file["nameToken"]);
    let group = "mutation { groupCreate(input: { name: \"Crew\" }) { group { id } } }";
    let group = house.data(&admin, group, Value::Null).await["groupCreate"]["group"]["id"].clone();
    let user = house.data(&ann, "{ viewer { user { id } } }", Value::Null).await["viewer"]["user"]["id"].clone();
    type Case<'a> = (&'a Person, &'a str, &'a str, Value, &'a str, &'a [&'a str]);
    let cases: Vec<Case<'_>> = vec![
        (
            &ann,
            "documentCreate",
            "DocumentCreateInput",
            json!({ "kind": "FILE", "name": "a", "parentId": gone("doc") }),
            "NotFound",
            &["parentId"],
        ),
        (
            &ann,
            "documentCreate",
            "DocumentCreateInput",
            json!({ "kind": "FILE", "name": "a/b", "parentId": top["id"] }),
            "InvalidInput",
            &["name"],
        ),
        (
            &ann,
            "documentCreate",
            "DocumentCreateInput",
            json!({ "kind": "FILE", "name": "a", "parentId": id }),
            "InvalidInput",
            &["parentId"],
        ),
        (
            &ann,
            "documentCreate",
            "DocumentCreateInput",
            json!({ "kind": "FOLDER", "name": "list", "parentId": top["id"] }),
            "NameTaken",
            &["name"],
        ),
        (
            &ann,
            "documentRename",
            "DocumentRenameInput",
            json!({ "id": gone("doc"), "name": "a", "nameToken": token }),
            "NotFound",
            &["id"],
        ),
        (
            &ann,
            "documentRename",
            "DocumentRenameInput",
            json!({ "id": id, "name": "a", "nameToken": "99" }),
            "StaleToken",
            &["nameToken"],
        ),
        (
            &ann,
            "documentRename",
            "DocumentRenameInput",
            json!({ "id": id, "name": "a", "nameToken": "x" }),
            "InvalidInput",
            &["nameToken"],
        ),
        (
            &ann,
            "documentRename",
            "DocumentRenameInput",
            json!({ "id": id, "name": "quay.pdf", "nameToken": token }),
            "NameTaken",
            &["name"],
        ),
        (
            &ann,
            "documentMove",
            "DocumentMoveInput",
            json!({ "id": id, "parentId": theirs["id"], "nameToken": token }),
            "NotFound",
            &["parentId"],
        ),
        (
            &ann,
            "documentMove",
            "DocumentMoveInput",
            json!({ "id": gone("doc"), "parentId": top["id"], "nameToken": token }),
            "NotFound",
            &["id"],
        ),
        (
            &ann,
            "documentMove",
            "DocumentMoveInput",
            json!({ "id": list["id"], "parentId": list["id"], "nameToken": list["nameToken"] }),
            "InvalidInput",
            &["parentId"],
        ),
        (
            &ann,
            "documentReorder",
            "DocumentReorderInput",
            json!({ "id": id, "place": { "after": top["id"] }, "nameToken": token }),
            "InvalidInput",
            &["place", "after"],
        ),
        (
            &ann,
            "documentReorder",
            "DocumentReorderInput",
            json!({ "id": id, "place": { "before": gone("doc") }, "nameToken": token }),
            "InvalidInput",
            &["place", "before"],
        ),
        (
            &ann,
            "documentRestore",
            "DocumentRestoreInput",
            json!({ "id": id, "nameToken": token }),
            "WrongState",
            &["id"],
        ),
        (
            &ann,
            "documentEmptyTrash",
            "DocumentEmptyTrashInput",
            json!({ "withinId": gone("doc") }),
            "NotFound",
            &["withinId"],
        ),
        (&ann, "documentRefresh", "DocumentRefreshInput", json!({ "id": id }), "WrongState", &["id"]),
        (
            &ann,
            "documentLink",
            "DocumentLinkInput",
            json!({ "connectionId": gone("conn"), "parentId": gone("doc"), "items": [{ "cloudFileId": "a" }] }),
            "NotFound",
            &["parentId"],
        ),
        (
            &ann,
            "documentLink",
            "DocumentLinkInput",
            json!({ "connectionId": gone("conn"), "parentId": top["id"], "items": [{ "cloudFileId": "a" }] }),
            "NotFound",
            &["connectionId"],
        ),
        (
            &ann,
            "documentLink",
            "DocumentLinkInput",
            json!({ "connectionId": gone("conn"), "parentId": top["id"], "items": [] }),
            "InvalidInput",
            &["items"],
        ),
        (
            &ann,
            "aclGrant",
            "AclGrantInput",
            json!({ "documentId": gone("doc"), "principalId": user, "permission": "READ", "nameToken": "1" }),
            "NotFound",
            &["documentId"],
        ),
        (
            &ann,
            "aclGrant",
            "AclGrantInput",
            json!({ "documentId": top["id"], "principalId": gone("user"), "permission": "READ", "nameToken": top["nameToken"] }),
            "InvalidInput",
            &["principalId"],
        ),
        (
            &ann,
            "aclBlockInheritance",
            "AclBlockInheritanceInput",
            json!({ "documentId": top["id"], "block": true, "nameToken": top["nameToken"] }),
            "WrongState",
            &["documentId"],
        ),
        (
            &ann,
            "connectionBegin",
            "ConnectionBeginInput",
            json!({ "providerId": gone("prov") }),
            "NotFound",
            &["providerId"],
        ),
        (
            &ann,
            "connectionShare",
            "ConnectionShareInput",
            json!({ "id": gone("conn"), "with": [user] }),
            "NotFound",
            &["id"],
        ),
        (
            &admin,
            "groupMemberAdd",
            "GroupMemberInput",
            json!({ "groupId": gone("group"), "userId": user }),
            "NotFound",
            &["groupId"],
        ),
        (
            &admin,
            "groupMemberAdd",
            "GroupMemberInput",
            json!({ "groupId": group, "userId": gone("user") }),
            "NotFound",
            &["userId"],
        ),
        (&admin, "groupCreate", "GroupCreateInput", json!({ "name": "crew" }), "NameTaken", &["name"]),
        (&admin, "groupDelete", "GroupDeleteInput", json!({ "id": gone("group") }), "NotFound", &["id"]),
        (
            &admin,
            "passwordSet",
            "PasswordSetInput",
            json!({ "userId": gone("user"), "password": "long enough, surely" }),
            "NotFound",
            &["userId"],
        ),
        (&admin, "userUpdate", "UserUpdateInput", json!({ "id": gone("user"), "name": "x" }), "NotFound", &["id"]),
        (
            &admin,
            "userUpdate",
            "UserUpdateInput",
            json!({ "id": admin_id(&house, &admin).await, "role": "MEMBER" }),
            "WrongState",
            &["role"],
        ),
        (&admin, "jobRetry", "JobInput", json!({ "id": gone("job") }), "NotFound", &["id"]),
        (&admin, "feedPoll", "FeedPollInput", json!({ "id": gone("feed") }), "NotFound", &["id"]),
        (
            &admin,
            "tokenCreate",
            "TokenCreateInput",
            json!({ "name": "t", "scopes": [], "expiresAt": "2026-12-01T00:00:00Z" }),
            "InvalidInput",
            &["scopes"],
        ),
        (&admin, "providerTest", "ProviderTestInput", json!({ "id": gone("prov") }), "NotFound", &["id"]),
        (
            &admin,
            "providerCreate",
            "ProviderCreateInput",
            json!({ "name": "P", "kind": "GOOGLE_DRIVE", "apiUrl": "nowhere" }),
            "InvalidInput",
            &["apiUrl"],
        ),
    ];
    for (who, mutation, ty, input, kind, at) in cases {
        let told = mended(&house, who, mutation, ty, input.clone()).await;
        let at: Vec<String> = ["input"].iter().chain(at).map(|part| (*part).to_owned()).collect();
        assert_eq!(told, [(kind.to_owned(), at)], "{mutation} {input}");
    }
}

async fn admin_id(house: &House, admin: &Person) -> Value {
    house.data(admin, "{ viewer { user { id } } }", Value::Null).await["viewer"]["user"]["id"].clone()
}
