//! People: who they are and what they may do.

use hawser_tests::{House, redacted};
use serde_json::json;

#[tokio::test]
async fn the_viewer_is_told_who_they_are() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let query = "{ viewer { isSession scopes user { id name email role disabledAt } } }";
    let data = house.data(&ann, query, json!({})).await;
    let user = json!({
        "id": "[user 1]", "name": "ann", "email": "ann@example.org", "role": "MEMBER", "disabledAt": null,
    });
    let viewer = json!({ "isSession": true, "scopes": ["READ", "WRITE", "ADMIN"], "user": user });
    assert_eq!(redacted(&data), json!({ "viewer": viewer }));
}
