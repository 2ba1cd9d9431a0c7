//! Lists as front ends read them: every connection of the schema, from both ends, and what its arguments refuse.

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition},
};
use hawser_domain::{document as documents, entity::document::DocumentKind, token};
use hawser_tests::{House, Person};
use serde_json::{Value, json};

use crate::job::{probe, queue};

/// Every field that is a connection, with the type it stands in.
fn connections() -> Vec<(String, FieldDefinition)> {
    let schema = parse_schema(hawser_api::sdl()).unwrap();
    let types = schema.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some(ty.node),
        _ => None,
    });
    let fields = types.flat_map(|ty| match ty.kind {
        TypeKind::Object(object) => {
            object.fields.into_iter().map(|field| (ty.name.node.to_string(), field.node)).collect()
        }
        _ => Vec::new(),
    });
    let leads_to_pages = |field: &FieldDefinition| match &field.ty.node.base {
        BaseType::Named(name) => name.ends_with("Connection") && name != "Connection",
        BaseType::List(_) => false,
    };
    fields.filter(|(_, field)| leads_to_pages(field)).collect()
}

/// A list as its readers ask for it: what stands before it, its name, its own arguments, and what stands behind it.
struct List {
    open: &'static str,
    field: &'static str,
    own: String,
    close: &'static str,
}

impl List {
    async fn read(&self, house: &House, who: &Person, arguments: &str) -> Value {
        let node = if self.field == "search" { "document { id }" } else { "__typename ... on Node { id }" };
        let arguments = if arguments.is_empty() { "first: null" } else { arguments };
        let query = format!(
            "{{ {} {}({} {arguments}) {{ nodes {{ {node} }} edges {{ cursor node {{ {node} }} }} \
               pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} {} }}",
            self.open, self.field, self.own, self.close
        );
        let answer = house.gql(who, &query, Value::Null).await;
        let found = answer["data"].as_object().and_then(|data| find(data, self.field));
        found.unwrap_or_else(|| panic!("{query}: {answer:#}"))
    }
}

fn find(data: &serde_json::Map<String, Value>, field: &str) -> Option<Value> {
    match data.get(field) {
        Some(found) if !found.is_null() => Some(found.clone()),
        _ => data.values().filter_map(Value::as_object).find_map(|inner| find(inner, field)),
    }
}

fn nodes(page: &Value) -> Vec<Value> {
    let nodes = page["nodes"].as_array().unwrap().clone();
    let of_edges: Vec<Value> = page["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
    assert_eq!(nodes, of_edges);
    assert_eq!(page["pageInfo"]["startCursor"], page["edges"][0]["cursor"]);
    nodes
}

/// A house with at least four of everything that is listed.
async fn full(house: &House) -> (Person, Vec<List>) {
    let admin = house.admin().await;
    for n in 0..4 {
        house.member(&format!("m{n}")).await;
    }
    let make = "mutation($name: String!) { groupCreate(input: { name: $name }) { group { id } } }";
    let mut group = Value::Null;
    for n in 0..4 {
        group = house.data(&admin, make, json!({ "name": format!("G{n}") })).await["groupCreate"]["group"]["id"].take();
    }
    let add = "mutation($group: ID!, $user: ID!) { groupMemberAdd(input: { groupId: $group, userId: $user }) { \
         userErrors { message } } }";
    let users = house.data(&admin, "{ users { nodes { id } } }", Value::Null).await;
    for user in users["users"]["nodes"].as_array().unwrap() {
        house.data(&admin, add, json!({ "group": group, "user": user["id"] })).await;
        token::open_session(&house.app, admin.id).await.unwrap();
    }
    let mut top = None;
    for n in 0..5 {
        let new = documents::New { parent_id: None, kind: DocumentKind::Workspace, name: format!("W{n}") };
        let workspace = documents::create(&house.app, &admin.principal, new, None).await.unwrap();
        top.get_or_insert(workspace);
    }
    let top = top.unwrap();
    for n in 0..5 {
        let new = documents::New { parent_id: Some(top.id), kind: DocumentKind::Folder, name: format!("F{n}") };
        documents::create(&house.app, &admin.principal, new, None).await.unwrap();
        let cleat = "mutation($name: String!) { providerCreate(input: { name: $name, kind: GOOGLE_DRIVE }) { \
             userErrors { message } } }";
        house.data(&admin, cleat, json!({ "name": format!("P{n}") })).await;
        let rename = documents::Rename { id: top.id, name: format!("Top {n}"), expected_name_token: None };
        documents::rename(&house.app, &admin.principal, rename, None).await.unwrap();
        queue(house, probe()).await;
    }
    house.drain().await;
    hawser_domain::search::catch_up(&house.app).await.unwrap();
    let asked = "{ documents(filter: { kinds: [WORKSPACE] }) { nodes { id name } } }";
    let found = house.data(&admin, asked, Value::Null).await;
    let found = found["documents"]["nodes"].as_array().unwrap();
    let top = found.iter().find(|it| it["name"] == "Top 4").unwrap()["id"].as_str().unwrap().to_owned();
    let plain = |field| List { open: "", field, own: String::new(), close: "" };
    let id = group.as_str().unwrap();
    let lists = vec![
        plain("auditEntries"),
        plain("documents"),
        plain("groups"),
        plain("jobs"),
        plain("providers"),
        List { own: "query: \"\"".into(), ..plain("search") },
        plain("users"),
        plain("workspaces"),
        List { open: "viewer {", close: "}", ..plain("tokens") },
        List { open: leak(format!("group(id: \"{id}\") {{")), close: "}", ..plain("members") },
        List { open: leak(format!("document(id: \"{top}\") {{")), close: "}", ..plain("children") },
        List { open: leak(format!("document(id: \"{top}\") {{")), close: "}", ..plain("audit") },
    ];
    (admin, lists)
}

/// A test ends before its memory matters.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[tokio::test]
async fn every_connection_of_the_schema_is_read_from_both_ends_in_the_same_order() {
    let house = House::start().await;
    let (admin, lists) = full(&house).await;
    for list in &lists {
        let whole = nodes(&list.read(&house, &admin, "first: 100").await);
        assert!(whole.len() >= 4, "{}: {whole:?}", list.field);
        for (count, cursor, from) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
            let (mut walked, mut arguments) = (Vec::new(), format!("{count}: 3"));
            loop {
                let page = list.read(&house, &admin, &arguments).await;
                let (info, found) = (&page["pageInfo"], nodes(&page));
                let (near, far) = match count {
                    "first" => ("hasPreviousPage", "hasNextPage"),
                    _ => ("hasNextPage", "hasPreviousPage"),
                };
                assert_eq!(info[near], !walked.is_empty(), "{}: {arguments}", list.field);
                let at = if count == "first" { walked.len() } else { 0 };
                walked.splice(at..at, found);
                if info[far] == false {
                    break;
                }
                arguments = format!("{count}: 3, {cursor}: {}", info[from]);
            }
            assert_eq!(walked, whole, "{} by `{count}`", list.field);
        }
    }
    let walked: Vec<&str> = lists.iter().map(|list| list.field).collect();
    for (_, field) in connections() {
        // These need a cloud, and a manifest; their lists are that of jobs, with another table.
        let exempt = ["connections", "persistedOperations"];
        let name = field.name.node.as_str();
        assert!(walked.contains(&name) || exempt.contains(&name), "{name} is a connection nobody walked through");
    }
}

#[test]
fn every_connection_of_the_schema_takes_the_same_four_arguments() {
    let all = connections();
    assert!(all.len() >= 13, "{}", all.len());
    for (owner, field) in all {
        for (name, ty) in [("first", "Int"), ("after", "Cursor"), ("last", "Int"), ("before", "Cursor")] {
            let argument = field.arguments.iter().find(|it| it.node.name.node == name);
            let found = argument.map(|it| it.node.ty.node.to_string());
            assert_eq!(found.as_deref(), Some(ty), "{owner}.{}({name}:)", field.name.node);
        }
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused_with_what_would_be_right() {
    let house = House::start().await;
    let (admin, lists) = full(&house).await;
    let users = lists.iter().find(|list| list.field == "users").unwrap();
    let cursor = users.read(&house, &admin, "first: 2").await["pageInfo"]["endCursor"].clone();
    for list in &lists {
        let refused = |arguments: String, words: &'static str| {
            let (house, admin) = (&house, &admin);
            async move {
                let query = format!(
                    "{{ {} {}({} {arguments}) {{ pageInfo {{ hasNextPage }} }} {} }}",
                    list.open, list.field, list.own, list.close
                );
                let answer = house.gql(admin, &query, Value::Null).await;
                let error = &answer["errors"][0];
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer:#}");
                assert!(error["message"].as_str().unwrap().contains(words), "{query}: {answer:#}");
                let path = error["path"].as_array().unwrap();
                assert_eq!(path.last().unwrap(), list.field, "{answer:#}");
            }
        };
        refused("first: 2, last: 2".into(), "exclude each other").await;
        for bad in [-1, 101, i32::MAX, i32::MIN] {
            refused(format!("first: {bad}"), "between 0 and 100").await;
            refused(format!("last: {bad}"), "between 0 and 100").await;
        }
        for bad in ["", "nonsense", "bnVsbA", "W10", "e30"] {
            refused(format!("after: \"{bad}\""), "cursor").await;
            refused(format!("last: 3, before: \"{bad}\""), "cursor").await;
        }
        if !["users", "members"].contains(&list.field) {
            refused(format!("after: {cursor}"), "cursor").await;
        }
        let empty = list.read(&house, &admin, "first: 0").await;
        let info = json!({ "hasNextPage": true, "hasPreviousPage": false, "startCursor": null, "endCursor": null });
        assert_eq!((nodes(&empty), &empty["pageInfo"]), (Vec::new(), &info), "{}", list.field);
        assert!(list.read(&house, &admin, "").await["nodes"].as_array().unwrap().len() >= 4, "fifty unless told");
    }
}

#[tokio::test]
async fn what_a_cloud_lists_is_read_forward_only() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    for field in ["cloudFiles", "cloudDrives"] {
        let query = format!("{{ {field}(connectionId: \"conn_01h455vb4pex5vsknk084sn02q\", last: 3) {{ next }} }}");
        let answer = house.gql(&ann, &query, Value::Null).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains("last"), "{answer:#}");
    }
}
