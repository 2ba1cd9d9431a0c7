//! Groups: who is in them, and that everybody is in one.

use hawser_domain::{principal::EVERYONE, token};
use hawser_tests::{House, redacted};
use serde_json::json;

use crate::people::id_of;

const CREATE: &str = "mutation($name: String!, $key: String) {
    groupCreate(input: {name: $name, idempotencyKey: $key}) {
        group { id name isBuiltIn viewerCan } userErrors { code }
    }
}";

#[tokio::test]
async fn a_group_is_made_renamed_and_deleted() {
    let house = House::start().await;
    let admin = house.admin().await;
    let made = house.data(&admin, CREATE, json!({ "name": "Crew", "key": "k1" })).await;
    let group = json!({
        "id": "[group 1]", "name": "Crew", "isBuiltIn": false,
        "viewerCan": ["UPDATE", "DELETE", "MANAGE_MEMBERS", "READ_MEMBERS"],
    });
    assert_eq!(redacted(&made)["groupCreate"], json!({ "group": group, "userErrors": [] }));
    assert_eq!(house.data(&admin, CREATE, json!({ "name": "Crew", "key": "k1" })).await, made);
    let taken = house.data(&admin, CREATE, json!({ "name": "CREW" })).await;
    assert_eq!(taken["groupCreate"], json!({ "group": null, "userErrors": [{ "code": "NAME_TAKEN" }] }));

    let id = &made["groupCreate"]["group"]["id"];
    let rename = "mutation($id: ID!) { groupUpdate(input: {id: $id, name: \"Pilots\"}) { group { name } } }";
    let data = house.data(&admin, rename, json!({ "id": id })).await;
    assert_eq!(data["groupUpdate"]["group"]["name"], "Pilots");
    let delete = "mutation($id: ID!) { groupDelete(input: {id: $id}) { deletedId userErrors { code } } }";
    let data = house.data(&admin, delete, json!({ "id": id })).await;
    assert_eq!(data["groupDelete"], json!({ "deletedId": id, "userErrors": [] }));
    let data = house.data(&admin, delete, json!({ "id": id })).await;
    assert_eq!(data["groupDelete"], json!({ "deletedId": null, "userErrors": [{ "code": "NOT_FOUND" }] }));
}

#[tokio::test]
async fn members_count_from_their_next_request_on_and_no_longer_than_they_are_members() {
    let house = House::start().await;
    let (admin, ann, bob) = (house.admin().await, house.member("ann").await, house.member("bob").await);
    let made = house.data(&admin, CREATE, json!({ "name": "Crew" })).await;
    let variables = json!({ "group": made["groupCreate"]["group"]["id"], "user": id_of(&house, &ann).await });
    let add = "mutation($group: ID!, $user: ID!) {
        groupMemberAdd(input: {groupId: $group, userId: $user}) {
            group { members { totalCount nodes { name } } } userErrors { code }
        }
    }";
    for _ in 0..2 {
        let data = house.data(&admin, add, variables.clone()).await;
        let members = json!({ "totalCount": 1, "nodes": [{ "name": "ann" }] });
        assert_eq!(data["groupMemberAdd"], json!({ "group": { "members": members }, "userErrors": [] }));
    }
    let names = "{ viewer { groups { name members { nodes { name } } } } }";
    let data = house.data(&ann, names, json!({})).await;
    assert_eq!(data["viewer"]["groups"].as_array().unwrap().len(), 2);
    let data =
        house.data(&bob, "{ groups(search: \"crew\") { nodes { name members { nodes { name } } } } }", json!({})).await;
    assert_eq!(data["groups"]["nodes"], json!([{ "name": "Crew", "members": null }]), "a stranger sees the members");

    let remove = "mutation($group: ID!, $user: ID!) {
        groupMemberRemove(input: {groupId: $group, userId: $user}) { group { members { totalCount } } }
    }";
    let data = house.data(&admin, remove, variables).await;
    assert_eq!(data["groupMemberRemove"]["group"]["members"]["totalCount"], 0);
    assert_eq!(token::authenticate(&house.app, &ann.token, None).await.unwrap().groups, [EVERYONE]);
}

#[tokio::test]
async fn everybody_is_in_the_group_of_everyone_and_nobody_changes_it() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    assert_eq!(ann.principal.groups, [EVERYONE]);
    let data =
        house.data(&ann, "{ viewer { groups { id isBuiltIn viewerCan members { totalCount } } } }", json!({})).await;
    let group = &data["viewer"]["groups"][0];
    assert_eq!(group["members"]["totalCount"], 2);
    assert_eq!(group["viewerCan"], json!(["READ_MEMBERS"]));
    let variables = json!({ "id": group["id"], "user": id_of(&house, &ann).await });
    for operation in [
        "groupUpdate(input: {id: $id, name: \"x\"}) { userErrors { code } }",
        "groupDelete(input: {id: $id}) { userErrors { code } }",
        "groupMemberAdd(input: {groupId: $id, userId: $user}) { userErrors { code } }",
        "groupMemberRemove(input: {groupId: $id, userId: $user}) { userErrors { code } }",
    ] {
        let query = match operation.contains("$user") {
            true => format!("mutation($id: ID!, $user: ID!) {{ done: {operation} }}"),
            false => format!("mutation($id: ID!) {{ done: {operation} }}"),
        };
        let data = house.data(&admin, &query, variables.clone()).await;
        assert_eq!(data["done"]["userErrors"], json!([{ "code": "WRONG_STATE" }]), "{operation}");
    }
}
