//! Who loses a right hears nothing more, however the right was held, and however late the answer is taken.

use std::time::Duration;

use hawser_domain::{
    acl::{self, Permission},
    document::{self, DocumentKind},
    entity::{document::Model, user::Role},
    group, user,
};
use hawser_tests::{House, Person};
use serde_json::{Value, json};
use uuid::Uuid;

use super::listener::{CHANGES, Listener, said, say};

async fn workspace(house: &House, owner: &Person, name: &str) -> Model {
    let new = document::New { parent_id: None, kind: DocumentKind::Workspace, name: name.into() };
    document::create(&house.app, &owner.principal, new, None).await.unwrap()
}

async fn rename(house: &House, owner: &Person, id: Uuid, name: &str) {
    let rename = document::Rename { id, name: name.into(), expected_name_token: None };
    document::rename(&house.app, &owner.principal, rename, None).await.unwrap();
}

async fn share(house: &House, owner: &Person, document_id: Uuid, principal_id: Uuid) {
    let grant = acl::Grant { document_id, principal_id, permission: Permission::Read, expected_name_token: None };
    acl::grant(&house.app, &owner.principal, grant, None).await.unwrap();
}

/// Kind, whether it is gone, and the name of each change.
fn told(batch: &Value) -> Vec<(String, bool, Option<String>)> {
    let changes = batch["changes"].as_array().unwrap();
    let name = |change: &Value| change["document"]["name"].as_str().map(str::to_owned);
    changes.iter().map(|it| (it["kind"].as_str().unwrap().to_owned(), it["gone"] == true, name(it))).collect()
}

fn shown(kind: &str, name: &str) -> Vec<(String, bool, Option<String>)> {
    vec![(kind.to_owned(), false, Some(name.to_owned()))]
}

fn gone() -> Vec<(String, bool, Option<String>)> {
    vec![("ACCESS".to_owned(), true, None)]
}

#[tokio::test]
async fn members_of_a_group_hear_of_what_is_its_own_from_the_moment_they_come_to_the_moment_they_go() {
    let house = House::start().await;
    let (admin, ann, bo) = (house.admin().await, house.member("ann").await, house.member("bo").await);
    let pier = workspace(&house, &ann, "Pier").await;
    let crew = group::create(&house.app, &admin.principal, "Crew", None).await.unwrap();
    share(&house, &ann, pier.id, crew.id).await;
    let mut listener = Listener::seated(&house, &bo, CHANGES, json!({}), (1, 1)).await;
    rename(&house, &ann, pier.id, "Unheard of").await;
    // Whoever hears this has passed the name.
    say(&house, [0]).await;
    assert_eq!(said(&listener.next().await), [0]);

    group::add_member(&house.app, &admin.principal, crew.id, bo.id).await.unwrap();
    assert_eq!(told(&listener.next().await), shown("ACCESS", "Unheard of"));
    rename(&house, &ann, pier.id, "Heard of").await;
    assert_eq!(told(&listener.next().await), shown("MOVED", "Heard of"));

    group::remove_member(&house.app, &admin.principal, crew.id, bo.id).await.unwrap();
    assert_eq!(told(&listener.next().await), gone());
    rename(&house, &ann, pier.id, "Secret").await;
    say(&house, [1]).await;
    assert_eq!(said(&listener.next().await), [1], "the name of what is out of sight is passed over");

    group::add_member(&house.app, &admin.principal, crew.id, bo.id).await.unwrap();
    assert_eq!(told(&listener.next().await), shown("ACCESS", "Secret"));
    group::delete(&house.app, &admin.principal, crew.id).await.unwrap();
    assert_eq!(told(&listener.next().await), gone());
    rename(&house, &ann, pier.id, "Secret again").await;
    say(&house, [2]).await;
    assert_eq!(said(&listener.next().await), [2]);
}

#[tokio::test]
async fn an_administrator_who_is_one_no_longer_hears_only_what_a_member_may() {
    let house = House::start().await;
    let (admin, ann, bo) = (house.admin().await, house.member("ann").await, house.member("bo").await);
    let role = |role| user::Update { name: None, role: Some(role) };
    user::update(&house.app, &admin.principal, bo.id, role(Role::Admin)).await.unwrap();
    let pier = workspace(&house, &ann, "Pier").await;
    let mut listener = Listener::seated(&house, &bo, CHANGES, json!({}), (1, 1)).await;
    rename(&house, &ann, pier.id, "Heard of").await;
    assert_eq!(told(&listener.next().await), shown("MOVED", "Heard of"));
    user::update(&house.app, &admin.principal, bo.id, role(Role::Member)).await.unwrap();
    rename(&house, &ann, pier.id, "Secret").await;
    say(&house, [1]).await;
    assert_eq!(said(&listener.next().await), [1]);
}

#[tokio::test]
async fn an_answer_that_waited_is_not_handed_to_somebody_who_lost_the_right_to_it() {
    let house = House::start().await;
    let (ann, bo) = (house.member("ann").await, house.member("bo").await);
    let pier = workspace(&house, &ann, "Pier").await;
    share(&house, &ann, pier.id, bo.id).await;
    let mut quick = Listener::seated(&house, &bo, CHANGES, json!({}), (1, 1)).await;
    let mut slow = Listener::seated(&house, &bo, CHANGES, json!({}), (2, 1)).await;
    for name in ["One", "Two"] {
        rename(&house, &ann, pier.id, name).await;
        assert_eq!(told(&quick.next().await), shown("MOVED", name));
    }
    let revoke = acl::Revoke { document_id: pier.id, principal_id: bo.id, expected_name_token: None };
    acl::revoke(&house.app, &ann.principal, revoke, None).await.unwrap();
    assert_eq!(told(&quick.next().await), gone());
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(told(&slow.next().await), gone(), "what it had not yet taken is out of sight by now");
}
