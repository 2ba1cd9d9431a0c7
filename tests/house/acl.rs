//! Who may do what with a document, through the front door.

use hawser_domain::{
    acl::{self, Permission},
    document::{self, DocumentKind, Model, New},
    principal::EVERYONE,
};
use hawser_tests::{House, Person};
use serde_json::{Value, json};

const GRANT: &str = "mutation($input: AclGrantInput!) { it: aclGrant(input: $input) { \
     document { id } userErrors { __typename code path message } } }";
const REVOKE: &str = "mutation($input: AclRevokeInput!) { it: aclRevoke(input: $input) { \
     document { id } userErrors { __typename code path message } } }";
const BLOCK: &str = "mutation($input: AclBlockInheritanceInput!) { it: aclBlockInheritance(input: $input) { \
     document { id } userErrors { __typename code path message } } }";
const RULES: &str = "query($id: ID!) { document(id: $id) { viewerCan audit { nodes { action } } acl { blocksInheritance \
     entries { permission grantedBy { name } principal { ... on User { name } ... on Group { id isBuiltIn } } } \
     inherited { permission document { name } principal { ... on User { name } ... on Group { isBuiltIn } } } \
     effective { permission principal { ... on User { name } ... on Group { isBuiltIn } } } } } }";

/// A document, its id and token as the API writes them.
struct Known {
    model: Model,
    id: Value,
    token: Value,
}

async fn make(house: &House, who: &Person, parent: Option<&Known>, kind: DocumentKind, name: &str) -> Known {
    let new = New { parent_id: parent.map(|it| it.model.id), kind, name: name.into() };
    let model = document::create(&house.app, &who.principal, new, None).await.unwrap();
    let query = "{ documents(first: 100) { nodes { id name nameToken } } }";
    let data = house.data(who, query, json!({})).await;
    let nodes = data["documents"]["nodes"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["name"] == name).unwrap();
    Known { model, id: node["id"].clone(), token: node["nameToken"].clone() }
}

async fn user_id(house: &House, who: &Person) -> Value {
    house.data(who, "{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].take()
}

async fn grant(house: &House, who: &Person, on: &Known, to: &Value, permission: &str) -> Value {
    let input = json!({ "documentId": on.id, "principalId": to, "permission": permission, "nameToken": on.token });
    house.data(who, GRANT, json!({ "input": input })).await["it"]["userErrors"].take()
}

async fn can(house: &House, who: &Person, on: &Known) -> Value {
    let data = house.data(who, "query($id: ID!) { document(id: $id) { viewerCan } }", json!({ "id": on.id })).await;
    data["document"]["viewerCan"].clone()
}

#[tokio::test]
async fn what_is_given_above_holds_below_until_it_is_cut_off_or_taken_back() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let harbour = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
    let plans = make(&house, &ann, Some(&harbour), DocumentKind::Folder, "Plans").await;
    let file = make(&house, &ann, Some(&plans), DocumentKind::File, "Quay.pdf").await;
    let bobs = user_id(&house, &bob).await;
    assert_eq!(can(&house, &bob, &file).await, Value::Null);
    assert_eq!(grant(&house, &ann, &harbour, &bobs, "WRITE").await, json!([]));
    assert_eq!(can(&house, &bob, &file).await, json!(["READ", "WRITE"]));
    assert_eq!(grant(&house, &ann, &plans, &bobs, "READ").await, json!([]));
    assert_eq!(can(&house, &bob, &file).await, json!(["READ", "WRITE"]), "the greatest holds");

    let rules = house.data(&ann, RULES, json!({ "id": plans.id })).await["document"]["acl"].take();
    let (ann_is, bob_is) = (json!({ "name": "ann" }), json!({ "name": "bob" }));
    let above = json!({ "name": "Harbour" });
    let expected = json!([{ "permission": "READ", "grantedBy": ann_is, "principal": bob_is }]);
    assert_eq!(rules["entries"], expected);
    let mut inherited = rules["inherited"].as_array().unwrap().clone();
    inherited.sort_by_key(|entry| entry["permission"].to_string());
    assert_eq!(
        json!(inherited),
        json!([
            { "permission": "ADMIN", "document": above, "principal": ann_is },
            { "permission": "WRITE", "document": above, "principal": bob_is },
        ])
    );
    let mut effective = rules["effective"].as_array().unwrap().clone();
    effective.sort_by_key(|entry| entry["permission"].to_string());
    assert_eq!(
        json!(effective),
        json!([
            { "permission": "ADMIN", "principal": ann_is }, { "permission": "WRITE", "principal": bob_is },
        ])
    );

    let input = json!({ "documentId": plans.id, "block": true, "nameToken": plans.token });
    assert_eq!(house.data(&ann, BLOCK, json!({ "input": input })).await["it"]["userErrors"], json!([]));
    assert_eq!(can(&house, &bob, &file).await, json!(["READ"]), "its own entries hold");
    assert_eq!(can(&house, &ann, &file).await, json!(["READ", "WRITE", "ADMIN"]), "whoever blocks stays in charge");
    let input = json!({ "documentId": plans.id, "principalId": bobs, "nameToken": plans.token });
    assert_eq!(house.data(&ann, REVOKE, json!({ "input": input })).await["it"]["userErrors"], json!([]));
    assert_eq!(can(&house, &bob, &file).await, Value::Null);
    assert_eq!(can(&house, &bob, &harbour).await, json!(["READ", "WRITE"]));
    assert_eq!(can(&house, &house.admin().await, &file).await, json!(["READ", "WRITE", "ADMIN"]));
    assert_eq!(document::check::faults(&house.app).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_everyone_has_is_seen_by_somebody_who_came_later() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
    let input = acl::Grant {
        document_id: harbour.model.id,
        principal_id: EVERYONE,
        permission: Permission::Read,
        expected_name_token: None,
    };
    acl::grant(&house.app, &ann.principal, input, None).await.unwrap();
    let late = house.member("late").await;
    assert_eq!(can(&house, &late, &harbour).await, json!(["READ"]));
    let rules = house.data(&ann, RULES, json!({ "id": harbour.id })).await["document"]["acl"].take();
    let entries = rules["entries"].as_array().unwrap();
    let everyone = entries.iter().find(|entry| entry["principal"]["isBuiltIn"] == true).unwrap();
    let input =
        json!({ "documentId": harbour.id, "principalId": everyone["principal"]["id"], "nameToken": harbour.token });
    assert_eq!(house.data(&ann, REVOKE, json!({ "input": input })).await["it"]["userErrors"], json!([]));
    assert_eq!(can(&house, &late, &harbour).await, Value::Null);
}

#[tokio::test]
async fn rules_and_audit_are_for_administrators_and_null_for_readers() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let harbour = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
    let bobs = user_id(&house, &bob).await;
    grant(&house, &ann, &harbour, &bobs, "WRITE").await;
    let data = house.data(&bob, RULES, json!({ "id": harbour.id })).await;
    assert_eq!(data["document"], json!({ "viewerCan": ["READ", "WRITE"], "audit": null, "acl": null }));
    let refused = grant(&house, &bob, &harbour, &bobs, "ADMIN").await;
    assert_eq!(refused[0]["__typename"], "NotAllowed", "{refused}");
    let data = house.data(&ann, RULES, json!({ "id": harbour.id })).await;
    let actions = data["document"]["audit"]["nodes"].as_array().unwrap();
    assert!(actions.contains(&json!({ "action": "acl.grant" })), "{actions:?}");
}

#[tokio::test]
async fn a_permission_goes_to_people_and_groups_and_never_costs_the_giver_their_own() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let harbour = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
    let anns = user_id(&house, &ann).await;
    let refused = grant(&house, &ann, &harbour, &anns, "READ").await;
    assert_eq!(refused[0]["code"], "WRONG_STATE", "{refused}");
    assert_eq!(can(&house, &ann, &harbour).await, json!(["READ", "WRITE", "ADMIN"]));
    let input = json!({ "documentId": harbour.id, "principalId": harbour.id, "permission": "READ", "nameToken": "1" });
    let answer = house.gql(&ann, GRANT, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
    let input = json!({ "documentId": harbour.id, "block": true, "nameToken": harbour.token });
    let refused = house.data(&ann, BLOCK, json!({ "input": input })).await["it"]["userErrors"].take();
    assert_eq!(refused[0]["code"], "WRONG_STATE", "nothing is above a workspace");
    let refused = {
        let input = json!({ "documentId": harbour.id, "principalId": anns, "permission": "READ", "nameToken": "77" });
        house.data(&ann, GRANT, json!({ "input": input })).await["it"]["userErrors"].take()
    };
    assert_eq!(refused[0]["code"], "STALE_TOKEN");
}
