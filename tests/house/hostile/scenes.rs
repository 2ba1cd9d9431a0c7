//! What each root field is asked: good arguments, about things of the owner that are made anew for every question, so
//! that questions do not disturb each other.

use hawser_domain::{
    Principal, connection, content, entity::user::Role, feed, group, job, persisted_operation, provider, token, user,
};
use serde_json::{Value, json};

use super::cast::{Cast, id};

pub struct Question {
    pub variables: Value,
    /// An id that stands in the answer of those who may see what was asked for, and of nobody else.
    pub shows: Option<String>,
}

impl Cast {
    /// Good arguments for this field.
    pub async fn question(&self, field: &str) -> Question {
        let Self { scene, bystander, .. } = self;
        let (house, ann) = (&scene.house, &scene.ann.principal);
        let workspace = id("doc", scene.workspace.id);
        let connection = id("conn", scene.connection.id);
        let somebody = id("user", bystander.id);
        let (variables, shows) = match field {
            "auditEntries" => (json!({ "first": 100 }), Some("audit_".to_owned())),
            "capabilities" | "changeCursor" | "rateLimit" | "viewer" | "sessionEnd" => (json!({}), None),
            "changes" => {
                let cursor = house.data(&scene.ann, "{ changeCursor }", json!({})).await["changeCursor"].take();
                (json!({ "since": cursor }), Some(self.folder().await.0))
            }
            "cloudFiles" | "cloudDrives" => {
                let file = scene.file("browsed.txt", "a").await;
                let shows = (field == "cloudFiles").then_some(file.id);
                (json!({ "connectionId": connection }), shows)
            }
            "cloudSearch" => {
                let file = scene.file("sought.txt", "a").await;
                (json!({ "connectionId": connection, "query": "sought" }), Some(file.id))
            }
            "connection" => (json!({ "id": connection }), Some(connection)),
            "connectionFlow" => {
                let provider = house.provider(&scene.cloud).await;
                let begun =
                    connection::begin(&house.app, &scene.ann.principal, provider.id, None).await.expect("a flow");
                let flow = id("flow", begun.flow_id);
                (json!({ "id": flow }), Some(flow))
            }
            "connections" => (json!({}), Some(connection)),
            "document" => (json!({ "id": workspace }), Some(workspace)),
            "documents" => {
                let (folder, _) = self.folder().await;
                let child = self.create(&folder, "FOLDER").await.0;
                (json!({ "below": folder }), Some(child))
            }
            "workspaces" => (json!({}), Some(workspace)),
            "group" => (json!({ "id": self.group().await }), None),
            "groups" | "providers" | "users" => (json!({}), None),
            "job" | "jobCancel" => {
                let job = id("job", self.job().await);
                let variables = if field == "job" { json!({ "id": job }) } else { json!({ "input": { "id": job } }) };
                (variables, Some(job))
            }
            "jobRetry" => {
                let job = self.job().await;
                job::cancel(&house.app, ann, job).await.expect("cancelled");
                (json!({ "input": { "id": id("job", job) } }), Some(id("job", job)))
            }
            "jobs" => (json!({}), Some(id("job", self.job().await))),
            "jobCounts" => {
                let (_, document) = scene.linked("counted.txt", "a").await;
                content::ask_refresh(&house.app, ann, document.id).await.expect("a job");
                (json!({ "filter": { "documentId": id("doc", document.id) } }), Some("QUEUED".to_owned()))
            }
            "node" => (json!({ "id": workspace }), Some(workspace)),
            "nodes" => (json!({ "ids": [workspace, connection] }), Some(workspace)),
            "persistedOperations" => {
                let text = "{ viewer { isSession } }".to_owned();
                let entry = persisted_operation::Entry { key: self.fresh("operation"), text, name: None };
                persisted_operation::import(&house.app, "web", &[entry]).await.expect("an operation");
                (json!({}), Some("op_".to_owned()))
            }
            "principals" => (json!({ "search": "bystander" }), None),
            "provider" => (json!({ "id": id("prov", house.provider(&scene.cloud).await.id) }), None),
            "search" => {
                let (_, document) = scene.linked("searched.txt", "a").await;
                hawser_domain::search::catch_up(&house.app).await.expect("an index");
                (json!({ "query": "searched" }), Some(id("doc", document.id)))
            }
            "user" => (json!({ "id": somebody }), None),
            "aclBlockInheritance" => {
                let (folder, token) = self.folder().await;
                (json!({ "input": { "documentId": folder, "block": true, "nameToken": token } }), Some(folder))
            }
            "aclGrant" => {
                let (folder, token) = self.folder().await;
                let input =
                    json!({ "documentId": folder, "principalId": somebody, "permission": "READ", "nameToken": token });
                (json!({ "input": input }), Some(folder))
            }
            "aclRevoke" => {
                let (folder, token) = self.folder().await;
                let grant = "mutation($input: AclGrantInput!) { aclGrant(input: $input) { document { nameToken } } }";
                let input =
                    json!({ "documentId": folder, "principalId": somebody, "permission": "READ", "nameToken": token });
                let granted = house.data(&scene.ann, grant, json!({ "input": input })).await;
                let token = granted["aclGrant"]["document"]["nameToken"].clone();
                let input = json!({ "documentId": folder, "principalId": somebody, "nameToken": token });
                (json!({ "input": input }), Some(folder))
            }
            "connectionBegin" => {
                (json!({ "input": { "providerId": id("prov", house.provider(&scene.cloud).await.id) } }), None)
            }
            "connectionRevoke" => {
                let account = format!("{}@spare.example", self.fresh("account"));
                let spare = id("conn", house.connect(&scene.cloud, &scene.ann, &account).await.id);
                house.drain().await;
                (json!({ "input": { "id": spare } }), Some(spare))
            }
            "connectionShare" | "connectionUnshare" => {
                (json!({ "input": { "id": connection, "with": [somebody] } }), Some(connection))
            }
            "documentCreate" => {
                let input = json!({ "parentId": workspace, "kind": "FOLDER", "name": self.fresh("made") });
                (json!({ "input": input }), Some("doc_".to_owned()))
            }
            "documentDelete" | "documentRestore" => {
                let (folder, token) = self.trashed(&workspace).await;
                (json!({ "input": { "id": folder, "nameToken": token } }), Some(folder))
            }
            "documentEmptyTrash" => {
                let (folder, _) = self.folder().await;
                let (trashed, _) = self.trashed(&folder).await;
                (json!({ "input": { "withinId": folder } }), Some(trashed))
            }
            "documentLink" => {
                let file = scene.file("linked.txt", "a").await;
                let items = json!([{ "cloudFileId": file.id }]);
                let input = json!({ "parentId": workspace, "connectionId": connection, "items": items });
                (json!({ "input": input }), Some("doc_".to_owned()))
            }
            "documentMove" => {
                let ((folder, token), (to, _)) = (self.folder().await, self.folder().await);
                (json!({ "input": { "id": folder, "parentId": to, "nameToken": token } }), Some(folder))
            }
            "documentExtract" => {
                let (_, document) = scene.linked("unread.txt", "a").await;
                (json!({ "input": { "id": id("doc", document.id) } }), Some("job_".to_owned()))
            }
            "documentRefresh" => {
                let (_, document) = scene.linked("refreshed.txt", "a").await;
                (json!({ "input": { "id": id("doc", document.id) } }), Some("job_".to_owned()))
            }
            "documentRename" => {
                let (folder, token) = self.folder().await;
                (json!({ "input": { "id": folder, "name": self.fresh("renamed"), "nameToken": token } }), Some(folder))
            }
            "documentReorder" => {
                let ordered = self.create(&workspace, "ORDERED_FOLDER").await.0;
                let first = self.create(&ordered, "FOLDER").await;
                let second = self.create(&ordered, "FOLDER").await.0;
                let input = json!({ "id": first.0, "place": { "after": second }, "nameToken": first.1 });
                (json!({ "input": input }), Some(first.0))
            }
            "documentTrash" => {
                let (folder, token) = self.folder().await;
                (json!({ "input": { "id": folder, "nameToken": token } }), Some(folder))
            }
            "feedPoll" => {
                let feeds = feed::list(&house.app, scene.connection.id).await.expect("the feeds");
                (json!({ "input": { "id": id("feed", feeds[0].id) } }), Some("job_".to_owned()))
            }
            "groupCreate" => (json!({ "input": { "name": self.fresh("group") } }), None),
            "groupDelete" => (json!({ "input": { "id": self.group().await } }), None),
            "groupMemberAdd" | "groupMemberRemove" => {
                (json!({ "input": { "groupId": self.group().await, "userId": somebody } }), None)
            }
            "groupUpdate" => (json!({ "input": { "id": self.group().await, "name": self.fresh("group") } }), None),
            "passwordChange" => {
                (json!({ "input": { "oldPassword": "nobody's password", "newPassword": "a much better one" } }), None)
            }
            "passwordSet" => {
                (json!({ "input": { "userId": self.user().await, "password": "quite long enough" } }), None)
            }
            "providerCreate" => (json!({ "input": { "kind": "GOOGLE_DRIVE", "name": self.fresh("provider") } }), None),
            "providerDelete" => {
                let (provider, token) = self.provider().await;
                (json!({ "input": { "id": provider, "configurationToken": token } }), None)
            }
            "providerTest" => (json!({ "input": { "id": self.provider().await.0 } }), None),
            "providerUpdate" => {
                let (provider, token) = self.provider().await;
                let input = json!({ "id": provider, "configurationToken": token, "name": self.fresh("provider") });
                (json!({ "input": input }), None)
            }
            "sessionCreate" => {
                let input = json!({ "email": "bystander@example.org", "password": "a long enough password" });
                (json!({ "input": input }), None)
            }
            "tokenCreate" => {
                let expires_at = house.clock.now() + chrono::Duration::days(1);
                let input = json!({ "name": "mine", "scopes": ["READ"], "expiresAt": expires_at.to_rfc3339() });
                (json!({ "input": input }), None)
            }
            "tokenRevoke" => {
                let issued = token::open_session(&house.app, scene.ann.id).await.expect("a session");
                let token = id("token", issued.token.id);
                (json!({ "input": { "id": token } }), Some(token))
            }
            "userCreate" => {
                let name = self.fresh("person");
                (json!({ "input": { "email": format!("{name}@example.org"), "name": name } }), None)
            }
            "userDisable" | "userEnable" => (json!({ "input": { "id": self.user().await } }), None),
            "userUpdate" => (json!({ "input": { "id": self.user().await, "name": self.fresh("person") } }), None),
            new => panic!("{new} is new: say here what it is to be asked"),
        };
        Question { variables, shows }
    }

    /// A name that was not used before.
    fn fresh(&self, word: &str) -> String {
        let app = &self.scene.house.app;
        format!("{word}-{}", app.randomness.id(self.scene.house.clock.now()).simple())
    }

    async fn admin(&self) -> Principal {
        self.scene.house.admin().await.principal
    }

    async fn folder(&self) -> (String, String) {
        self.create(&id("doc", self.scene.workspace.id), "FOLDER").await
    }

    /// A document of the owner's, with its name token.
    async fn create(&self, parent: &str, kind: &str) -> (String, String) {
        let query =
            "mutation($input: DocumentCreateInput!) { documentCreate(input: $input) { document { id nameToken } } }";
        let input = json!({ "parentId": parent, "kind": kind, "name": self.fresh("folder") });
        let made = self.scene.house.data(&self.scene.ann, query, json!({ "input": input })).await;
        named(&made["documentCreate"]["document"])
    }

    async fn trashed(&self, parent: &str) -> (String, String) {
        let (folder, token) = self.create(parent, "FOLDER").await;
        let query =
            "mutation($input: DocumentTrashInput!) { documentTrash(input: $input) { document { id nameToken } } }";
        let input = json!({ "id": folder, "nameToken": token });
        let trashed = self.scene.house.data(&self.scene.ann, query, json!({ "input": input })).await;
        named(&trashed["documentTrash"]["document"])
    }

    async fn job(&self) -> uuid::Uuid {
        let (_, document) = self.scene.linked("a.txt", "a").await;
        content::ask_refresh(&self.scene.house.app, &self.scene.ann.principal, document.id).await.expect("a job").id
    }

    async fn group(&self) -> String {
        let made = group::create(&self.scene.house.app, &self.admin().await, &self.fresh("group"), None).await;
        id("group", made.expect("a group").id)
    }

    async fn user(&self) -> String {
        let name = self.fresh("person");
        let new = user::New { email: format!("{name}@example.org"), name, role: Role::Member, password: None };
        id("user", user::create(&self.scene.house.app, &self.admin().await, new, None).await.expect("a member").id)
    }

    async fn provider(&self) -> (String, String) {
        let (house, kind) = (&self.scene.house, hawser_domain::providers::ProviderKind::GoogleDrive);
        let form = provider::Form { name: Some(self.fresh("provider")), ..provider::Form::default() };
        let made = provider::create(&house.app, &self.admin().await, kind, &form, None).await.expect("a provider");
        let query = "query($id: ID!) { provider(id: $id) { configuration { configurationToken } } }";
        let made = id("prov", made.id);
        let seen = house.data(&house.admin().await, query, json!({ "id": made })).await;
        (made, seen["provider"]["configuration"]["configurationToken"].as_str().expect("a token").to_owned())
    }
}

fn named(document: &Value) -> (String, String) {
    let text = |name: &str| document[name].as_str().expect("a text").to_owned();
    (text("id"), text("nameToken"))
}
