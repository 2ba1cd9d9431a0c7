//! People: how they sign in, what they may do, how they come and go.

use hawser_domain::{App, app::Ambient, config::Config, token, user};
use hawser_migration::{Migrator, MigratorTrait};
use hawser_tests::{House, Person, redacted, without_cost};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const PASSWORD: &str = "a quay of one's own";

const SIGN_IN: &str = "mutation($email: String!, $password: String!) {
    sessionCreate(input: {email: $email, password: $password}) {
        token expiresAt userErrors { __typename message code path }
    }
}";

async fn sign_in(house: &House, email: &str, password: &str) -> Value {
    let mut answer = house.gql_with(None, SIGN_IN, json!({ "email": email, "password": password })).await;
    answer["data"]["sessionCreate"].take()
}

async fn refused(house: &House, token: &str) -> bool {
    token::authenticate(&house.app, token, None).await.is_err()
}

/// The code of the first top-level error.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn the_viewer_is_told_who_they_are() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let query = "{ viewer { isSession scopes groups { name } user { id name email role disabledAt viewerCan } } }";
    let data = house.data(&ann, query, json!({})).await;
    let user = json!({
        "id": "[user 1]", "name": "ann", "email": "ann@example.org", "role": "MEMBER", "disabledAt": null,
        "viewerCan": ["UPDATE"],
    });
    let viewer = json!({
        "isSession": true, "scopes": ["READ", "WRITE", "ADMIN"], "groups": [{ "name": "Everyone" }], "user": user,
    });
    assert_eq!(redacted(&data), json!({ "viewer": viewer }));
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in() {
    let house = House::start().await;
    let answer = house.gql_with(None, "{ viewer { isSession } }", json!({})).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED", "{answer:#}");
    assert_eq!(answer["data"], Value::Null);
}

#[tokio::test]
async fn a_password_opens_a_session_that_ends_by_hand_and_by_time() {
    let house = House::start().await;
    house.member_with_password("ann", PASSWORD).await;
    let opened = sign_in(&house, " ANN@Example.org ", PASSWORD).await;
    let first = opened["token"].as_str().unwrap().to_owned();
    assert!(first.starts_with("hws_") && opened["userErrors"] == json!([]), "{opened:#}");

    let answer = house.gql_with(Some(&first), "mutation { sessionEnd { ended } }", json!({})).await;
    assert_eq!(without_cost(answer), json!({ "data": { "sessionEnd": { "ended": true } } }));
    assert!(refused(&house, &first).await);

    let opened = sign_in(&house, "ann@example.org", PASSWORD).await;
    let second = opened["token"].as_str().unwrap();
    assert!(!refused(&house, second).await);
    house.clock.advance(std::time::Duration::from_secs(house.app.config.session_seconds));
    assert!(refused(&house, second).await, "a session outlived its time");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_get_the_same_answer() {
    let house = House::start().await;
    let admin = house.admin().await;
    house.member_with_password("ann", PASSWORD).await;
    house.member("bob").await;
    let eve = house.member_with_password("eve", PASSWORD).await;
    user::disable(&house.app, &admin.principal, eve.id).await.unwrap();

    let wrong = sign_in(&house, "ann@example.org", "not her password").await;
    assert_eq!(wrong["token"], Value::Null);
    assert_eq!(wrong["userErrors"][0]["__typename"], "InvalidInput");
    for (email, password) in
        [("nobody@example.org", PASSWORD), ("bob@example.org", "nobody"), ("eve@example.org", PASSWORD), ("", "")]
    {
        assert_eq!(sign_in(&house, email, password).await, wrong, "{email}");
    }
}

#[tokio::test]
async fn after_ten_wrong_passwords_even_the_right_one_has_to_wait() {
    let house = House::start().await;
    house.member_with_password("ann", PASSWORD).await;
    for _ in 0..10 {
        sign_in(&house, "ann@example.org", "not her password").await;
    }
    let made_to_wait = sign_in(&house, "ann@example.org", PASSWORD).await;
    assert_eq!(made_to_wait["userErrors"][0]["code"], "TOO_MANY_TRIES", "{made_to_wait:#}");
    house.clock.advance(std::time::Duration::from_secs(15 * 60));
    assert!(sign_in(&house, "ann@example.org", PASSWORD).await["token"].is_string());
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let house = House::start().await;
    let here = house.member_with_password("ann", PASSWORD).await;
    let elsewhere = house.person(here.id).await;
    let change = "mutation($old: String!, $new: String!) {
        passwordChange(input: {oldPassword: $old, newPassword: $new}) { user { name } userErrors { path } }
    }";
    let data = house.data(&here, change, json!({ "old": "not my password", "new": "another password" })).await;
    assert_eq!(data["passwordChange"], json!({ "user": null, "userErrors": [{ "path": ["input", "oldPassword"] }] }));
    let data = house.data(&here, change, json!({ "old": PASSWORD, "new": "short" })).await;
    assert_eq!(data["passwordChange"]["userErrors"][0]["path"], json!(["input", "newPassword"]));
    assert!(!refused(&house, &elsewhere.token).await, "a refused change ended a session");

    let data = house.data(&here, change, json!({ "old": PASSWORD, "new": "another password" })).await;
    assert_eq!(data["passwordChange"], json!({ "user": { "name": "ann" }, "userErrors": [] }));
    assert!(refused(&house, &elsewhere.token).await);
    assert!(!refused(&house, &here.token).await);
    assert!(sign_in(&house, "ann@example.org", PASSWORD).await["token"].is_null());
    assert!(sign_in(&house, "ann@example.org", "another password").await["token"].is_string());
}

#[tokio::test]
async fn an_administrator_sets_the_password_of_others_but_not_their_own() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let set =
        "mutation($id: ID!) { passwordSet(input: {userId: $id, password: \"given by the admin\"}) { user { id } } }";
    house.data(&admin, set, json!({ "id": id_of(&house, &ann).await })).await;
    assert!(refused(&house, &ann.token).await, "an old session goes on under a new password");
    assert!(sign_in(&house, "ann@example.org", "given by the admin").await["token"].is_string());
    let answer = house.gql(&admin, set, json!({ "id": id_of(&house, &admin).await })).await;
    assert_eq!(code(&answer), "FORBIDDEN");
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once_and_comes_back_without_the_old_tokens() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member_with_password("ann", PASSWORD).await);
    let id = id_of(&house, &ann).await;
    let disable = "mutation($id: ID!) { userDisable(input: {id: $id}) { user { disabledAt viewerCan } } }";
    let data = house.data(&admin, disable, json!({ "id": id })).await;
    assert_eq!(
        redacted(&data)["userDisable"]["user"],
        json!({ "disabledAt": "[time]", "viewerCan": ["UPDATE", "UPDATE_ROLE", "ENABLE"] })
    );
    assert!(refused(&house, &ann.token).await);
    assert!(sign_in(&house, "ann@example.org", PASSWORD).await["token"].is_null());

    let enable = "mutation($id: ID!) { userEnable(input: {id: $id}) { user { disabledAt } } }";
    house.data(&admin, enable, json!({ "id": id })).await;
    assert!(refused(&house, &ann.token).await, "a revoked token came back to life");
    assert!(sign_in(&house, "ann@example.org", PASSWORD).await["token"].is_string());
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member("ann").await);
    let (admin_id, ann_id) = (id_of(&house, &admin).await, id_of(&house, &ann).await);
    let role = "mutation($id: ID!, $role: Role!) {
        userUpdate(input: {id: $id, role: $role}) { user { role } userErrors { code } }
    }";
    let disable = "mutation($id: ID!) { userDisable(input: {id: $id}) { user { id } userErrors { code } } }";
    let wrong_state = json!([{ "code": "WRONG_STATE" }]);
    let data = house.data(&admin, role, json!({ "id": admin_id, "role": "MEMBER" })).await;
    assert_eq!(data["userUpdate"], json!({ "user": null, "userErrors": wrong_state }));
    let data = house.data(&admin, disable, json!({ "id": admin_id })).await;
    assert_eq!(data["userDisable"]["userErrors"], wrong_state);

    house.data(&admin, role, json!({ "id": ann_id, "role": "ADMIN" })).await;
    let data = house.data(&admin, role, json!({ "id": admin_id, "role": "MEMBER" })).await;
    assert_eq!(data["userUpdate"]["user"]["role"], "MEMBER");
    let data = house.data(&ann, disable, json!({ "id": ann_id })).await;
    assert_eq!(data["userDisable"]["userErrors"], wrong_state);
}

#[tokio::test]
async fn members_cannot_administer() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let group = hawser_domain::group::create(&house.app, &house.admin().await.principal, "crew", None).await.unwrap();
    let bob_id = id_of(&house, &bob).await;
    let groups = house.data(&ann, "{ groups(search: \"crew\") { nodes { id } } }", json!({})).await;
    let group_id = groups["groups"]["nodes"][0]["id"].as_str().unwrap();
    for operation in [
        "query { users { nodes { id } } }".to_owned(),
        "query { auditEntries { nodes { id } } }".to_owned(),
        "mutation { userCreate(input: {email: \"x@example.org\", name: \"x\"}) { user { id } } }".to_owned(),
        format!("mutation {{ userUpdate(input: {{id: \"{bob_id}\", name: \"x\"}}) {{ user {{ id }} }} }}"),
        format!(
            "mutation {{ userUpdate(input: {{id: \"{}\", role: ADMIN}}) {{ user {{ id }} }} }}",
            id_of(&house, &ann).await
        ),
        format!("mutation {{ userDisable(input: {{id: \"{bob_id}\"}}) {{ user {{ id }} }} }}"),
        format!("mutation {{ userEnable(input: {{id: \"{bob_id}\"}}) {{ user {{ id }} }} }}"),
        format!(
            "mutation {{ passwordSet(input: {{userId: \"{bob_id}\", password: \"0123456789\"}}) {{ user {{ id }} }} }}"
        ),
        "mutation { groupCreate(input: {name: \"x\"}) { group { id } } }".to_owned(),
        format!("mutation {{ groupUpdate(input: {{id: \"{group_id}\", name: \"x\"}}) {{ group {{ id }} }} }}"),
        format!("mutation {{ groupDelete(input: {{id: \"{group_id}\"}}) {{ deletedId }} }}"),
        format!(
            "mutation {{ groupMemberAdd(input: {{groupId: \"{group_id}\", userId: \"{bob_id}\"}}) {{ group {{ id }} }} }}"
        ),
        format!(
            "mutation {{ groupMemberRemove(input: {{groupId: \"{group_id}\", userId: \"{bob_id}\"}}) {{ group {{ id }} }} }}"
        ),
    ] {
        let answer = house.gql(&ann, &operation, json!({})).await;
        assert_eq!(code(&answer), "FORBIDDEN", "{operation}: {answer:#}");
    }
    let still = hawser_domain::group::find(&house.app, &ann.principal, group.id).await.unwrap();
    assert_eq!(still.name, "crew");
}

#[tokio::test]
async fn members_see_names_to_share_with_but_no_addresses() {
    let house = House::start().await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let query = "query($id: ID!) { user(id: $id) { name email } }";
    let data = house.data(&ann, query, json!({ "id": id_of(&house, &bob).await })).await;
    assert_eq!(data, json!({ "user": { "name": "bob", "email": null } }));
    let query = "query($search: String!) {
        principals(search: $search) { __typename ... on User { name } ... on Group { name } }
    }";
    let data = house.data(&ann, query, json!({ "search": "BO" })).await;
    assert_eq!(data["principals"], json!([{ "__typename": "User", "name": "bob" }]));
    let data = house.data(&ann, query, json!({ "search": "example.org" })).await;
    assert_eq!(data["principals"], json!([]), "a member searches in addresses");
    let data = house.data(&ann, query, json!({ "search": "every" })).await;
    assert_eq!(data["principals"], json!([{ "__typename": "Group", "name": "Everyone" }]));
    let data = house.data(&ann, query, json!({ "search": "%" })).await;
    assert_eq!(data["principals"], json!([]), "a wildcard is taken for one");
}

#[tokio::test]
async fn a_person_is_added_once_however_often_it_is_asked_for() {
    let house = House::start().await;
    let admin = house.admin().await;
    let create = "mutation($email: String!, $name: String!, $key: String) {
        userCreate(input: {email: $email, name: $name, idempotencyKey: $key}) {
            user { id name role } userErrors { code path }
        }
    }";
    let variables = json!({ "email": "ann@example.org", "name": " Ann ", "key": "k1" });
    let first = house.data(&admin, create, variables.clone()).await;
    assert_eq!(redacted(&first)["userCreate"]["user"], json!({ "id": "[user 1]", "name": "Ann", "role": "MEMBER" }));
    assert_eq!(house.data(&admin, create, variables).await, first);
    let other = json!({ "email": "eve@example.org", "name": "Eve", "key": "k1" });
    assert_eq!(house.data(&admin, create, other).await["userCreate"]["userErrors"][0]["code"], "KEY_REUSED");
    for (email, name, path) in [
        ("ANN@example.org", "Ann again", "email"),
        ("no address", "Nobody", "email"),
        ("eve@example.org", "  ", "name"),
        ("eve@example.org", "Eve\nBcc: x", "name"),
    ] {
        let data = house.data(&admin, create, json!({ "email": email, "name": name })).await;
        let expected = json!({ "user": null, "userErrors": [{ "code": "INVALID", "path": ["input", path] }] });
        assert_eq!(data["userCreate"], expected, "{email} {name}");
    }
}

#[tokio::test]
async fn a_list_is_read_in_pages_without_gap_or_repetition() {
    let house = House::start().await;
    let admin = house.admin().await;
    for name in ["ann", "bob", "eve", "zoe"] {
        house.member(name).await;
    }
    let query = "query($after: Cursor) { users(first: 2, after: $after) {
        totalCount nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor }
    } }";
    let (mut after, mut names, mut pages) = (Value::Null, Vec::new(), 0);
    loop {
        let data = house.data(&admin, query, json!({ "after": after })).await;
        let page = &data["users"];
        assert_eq!(page["totalCount"], 5);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], pages > 0);
        names.extend(page["nodes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()));
        (after, pages) = (page["pageInfo"]["endCursor"].clone(), pages + 1);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!((pages, names), (3, ["Administrator", "ann", "bob", "eve", "zoe"].map(str::to_owned).to_vec()));
    for bad in ["first: -1", "first: 101", "after: \"nonsense\""] {
        let answer = house.gql(&admin, &format!("{{ users({bad}) {{ nodes {{ id }} }} }}"), json!({})).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{bad}: {answer:#}");
    }
}

#[tokio::test]
async fn an_id_of_another_noun_is_refused_with_the_name_of_the_right_one() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let id = id_of(&house, &ann).await;
    let query = "query($id: ID!) { group(id: $id) { name } }";
    let answer = house.gql(&ann, query, json!({ "id": id })).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer:#}");
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("group_") && message.contains("user_"), "{message}");
    let uuid = ann.id.to_string();
    for id in ["", "group_", "nonsense", uuid.as_str(), "group_zzzzzzzzzzzzzzzzzzzzzzzzzz"] {
        let answer = house.gql(&ann, query, json!({ "id": id })).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{id}: {answer:#}");
        let answer = house.gql(&ann, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{id}: {answer:#}");
    }
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let unknown = "user_00000000000000000000000000";
    let data = house.data(&ann, nodes, json!({ "ids": [id, unknown, id] })).await;
    assert_eq!(data["nodes"], json!([{ "__typename": "User", "id": id }, null, { "__typename": "User", "id": id }]));
}

#[tokio::test]
async fn every_deed_leaves_a_line_in_the_audit() {
    let house = House::start().await;
    let (admin, ann) = (house.admin().await, house.member_with_password("ann", PASSWORD).await);
    let id = id_of(&house, &ann).await;
    sign_in(&house, "ann@example.org", "not her password").await;
    house
        .data(&admin, "mutation($id: ID!) { userDisable(input: {id: $id}) { user { id } } }", json!({ "id": id }))
        .await;
    let query = "query($filter: AuditFilter) { auditEntries(filter: $filter) {
        nodes { id at action noun subjectId actor { name } detail }
    } }";
    let data = house.data(&admin, query, json!({ "filter": { "subjectId": id } })).await;
    let expected = json!([
        {
            "id": "[audit 1]", "at": "[time]", "action": "user.disable", "noun": "user", "subjectId": "[user 2]",
            "actor": { "name": "Administrator" }, "detail": { "tokensRevoked": 1 },
        },
        {
            "id": "[audit 3]", "at": "[time]", "action": "user.create", "noun": "user", "subjectId": "[user 2]",
            "actor": { "name": "Administrator" }, "detail": { "role": "MEMBER" },
        },
    ]);
    assert_eq!(redacted(&data)["auditEntries"]["nodes"], expected);
    let data = house.data(&admin, query, json!({ "filter": { "action": "session.refuse" } })).await;
    assert_eq!(data["auditEntries"]["nodes"].as_array().unwrap().len(), 1);
    let data = house.data(&admin, query, json!({ "filter": { "action": "session." } })).await;
    assert!(data["auditEntries"]["nodes"].as_array().unwrap().len() > 1);
    let text = house.data(&admin, query, json!({})).await.to_string();
    assert!(!text.contains(PASSWORD) && !text.contains("not her password") && !text.contains(&ann.token));
}

#[tokio::test]
async fn the_first_administrator_is_made_once_and_the_made_up_password_opens() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::for_folder(folder.path().to_owned()).unwrap();
    let db = sea_orm::Database::connect(format!("{}?mode=rwc", config.database_url())).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let app = App::open(config, Ambient::default()).await.unwrap();
    let password = user::ensure_first_admin(&app).await.unwrap().expect("a made-up password");
    assert!(password.expose_secret().len() >= 20);
    assert!(user::ensure_first_admin(&app).await.unwrap().is_none(), "a second administrator was made");
    let issued = token::sign_in(&app, Person::ADMIN_EMAIL, &password, None).await.unwrap();
    let who = token::authenticate(&app, issued.secret.expose_secret(), None).await.unwrap();
    who.require_admin().unwrap();
}

/// The id of a person, as the API writes it.
pub(crate) async fn id_of(house: &House, person: &Person) -> String {
    let data = house.data(person, "{ viewer { user { id } } }", json!({})).await;
    data["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}
