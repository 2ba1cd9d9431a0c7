//! What is printed: progress while it works, plain words and lines to paste once it is ready, changes as they arrive.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Demo,
    live::{self, Live},
    moor::Linked,
    story::find::PHRASE,
};

/// Lines with the time since the beginning.
pub struct Progress {
    began: Instant,
    /// stdout is for one line of JSON only.
    is_for_scripts: bool,
}

impl Progress {
    pub fn begin(is_for_scripts: bool) -> Self {
        Self { began: Instant::now(), is_for_scripts }
    }

    pub fn tell(&self, what: &str) {
        let line = format!("{:7.2} s  {what}", self.began.elapsed().as_secs_f64());
        match self.is_for_scripts {
            true => eprintln!("{line}"),
            false => crate::say(&line),
        }
    }
}

/// Every address and token, for scripts. The password only where it ends with the temporary folder.
pub fn json(demo: &Demo) -> Value {
    let documents = demo.documents.iter();
    let mut all = json!({
        "graphqlUrl": graphql(demo),
        "websocketUrl": live::address(&demo.house.url),
        "graphiqlUrl": hawser_api::has_graphiql().then(|| format!("{}/graphiql", demo.house.url)),
        "token": demo.scripts.token(),
        "sessionToken": demo.session.token(),
        "adminEmail": demo.house.admin_email,
        "sandboxUrl": demo.sandbox.url(),
        "controlUrl": control(demo),
        "providerId": demo.provider_id,
        "connectionId": demo.connection_id,
        "workspaceId": demo.workspace_id,
        "documentIds": documents.clone().map(|it| &it.document_id).collect::<Vec<_>>(),
        "documents": documents.map(|it| json!({
            "id": it.document_id,
            "name": it.planted.name,
            "kind": it.planted.kind,
            "mimeType": it.planted.mime_type,
            "cloudFileId": it.planted.id,
        })).collect::<Vec<_>>(),
    });
    match demo.house.kept() {
        Some(folder) => all["data"] = json!(folder),
        None => all["adminPassword"] = json!(demo.house.password),
    }
    all
}

fn graphql(demo: &Demo) -> String {
    format!("{}/graphql", demo.house.url)
}

fn ide(demo: &Demo) -> String {
    match hawser_api::has_graphiql() {
        true => format!("{}/graphiql", demo.house.url),
        false => "not in this build; `cargo xtask ide` fetches it for the next one".to_owned(),
    }
}

fn control(demo: &Demo) -> String {
    format!("{}/_sandbox", demo.sandbox.url())
}

/// For people.
pub fn plain(demo: &Demo) -> String {
    let note = named(demo, "notice-to-mariners-04.txt");
    let picture = named(demo, "kittiwake-at-anchor.jpg");
    let workspace = &demo.workspace_id;
    let list = format!(
        "{{ documents(below: \\\"{workspace}\\\") {{ nodes {{ kind name content {{ mimeType size state }} }} }} }}"
    );
    let one = format!(
        "{{ document(id: \\\"{}\\\") {{ name thumbnail {{ url }} content {{ download {{ url }} }} }} }}",
        picture.document_id
    );
    let found = format!(
        "{{ search(query: \\\"{}\\\") {{ totalCount nodes {{ document {{ name }} highlights {{ content {{ html }} }} }} }} }}",
        PHRASE.replace('"', "\\\\\\\"")
    );
    let search = format!(
        "{{ cloudSearch(connectionId: \\\"{}\\\", query: \\\"dues\\\") {{ nodes {{ name mimeType viewUrl }} }} }}",
        demo.connection_id
    );
    let (url, token) = (graphql(demo), demo.scripts.token());
    let control = control(demo);
    let edit = format!(
        "curl -s {control}/files/{}/edit -H 'content-type: application/json' -d '{{\"text\": \"The green buoy is back.\"}}'",
        note.planted.id
    );
    let rename = format!(
        "curl -s {control}/files/{}/rename -H 'content-type: application/json' -d '{{\"name\": \"notice-05.txt\"}}'",
        note.planted.id
    );
    format!(
        "\n\
         GraphQL:    {url}\n\
         WebSocket:  {socket} (graphql-transport-ws)\n\
         IDE:        {ide}\n\
         Token:      {token}\n\
         {admin}\n\
         \n\
         Four queries to paste into another terminal:\n\
         \n\
         # what is in the workspace\n{}\n\
         \n\
         # one picture: open the addresses in a browser\n{}\n\
         \n\
         # what is in the files: a phrase inside a PDF\n{}\n\
         \n\
         # search in the cloud itself\n{}\n\
         \n\
         Change a file in the cloud, and watch the change arrive below:\n\
         \n\
         {edit}\n\
         {rename}\n\
         \n\
         To hear of changes in a program of your own, keep a cursor and ask what came after it, or subscribe to\n\
         `documentChanged` over the WebSocket:\n\
         \n\
         {}\n\
         \n\
         Ctrl-C ends it{end}. Changes so far:\n",
        curl(&url, token, &list),
        curl(&url, token, &one),
        curl(&url, token, &found),
        curl(&url, token, &search),
        watch(&url, token),
        socket = live::address(&demo.house.url),
        ide = ide(demo),
        admin = admin(demo),
        end = if demo.house.kept().is_some() { "; the folder stays" } else { " and leaves nothing behind" },
    )
}

fn admin(demo: &Demo) -> String {
    let email = &demo.house.admin_email;
    match demo.house.kept() {
        None => format!("Sign in as: {email} with the password {}", demo.house.password),
        Some(folder) => {
            format!("Sign in as: {email} with the password in {}", folder.join("demo-password").display())
        }
    }
}

/// A query that stands inside JSON inside single quotes.
fn curl(url: &str, token: &str, query: &str) -> String {
    format!(
        "curl -s {url} -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{{\"query\": \"{query}\"}}'"
    )
}

fn watch(url: &str, token: &str) -> String {
    let ask = curl(
        url,
        token,
        "{ changes(since: \\\"'$cursor'\\\", filter: { nouns: [DOCUMENT] }) { cursor changes { kind document { name } } } }",
    );
    let now = curl(url, token, "{ changeCursor }");
    format!(
        "cursor=$({now} | cut -d'\"' -f6)\n\
         while sleep 1; do answer=$({ask}); echo \"$answer\"; cursor=$(echo \"$answer\" | sed 's/.*\"cursor\":\"\\([^\"]*\\)\".*/\\1/'); done"
    )
}

/// The document of the fixture with this name; of the first one when there is none, which a test forbids.
fn named<'a>(demo: &'a Demo, name: &str) -> &'a Linked {
    demo.documents.iter().find(|it| it.planted.name == name).unwrap_or(&demo.documents[0])
}

/// Prints every change of a document as it arrives, until the socket ends.
pub async fn changes(demo: &Demo) -> anyhow::Result<()> {
    let query = "subscription { documentChanged { at kind documentId document { name content { state size } } } }";
    let mut live = Live::open(&demo.scripts, query, Value::Null).await?;
    loop {
        let change = live.next().await?["documentChanged"].take();
        let document = &change["document"];
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let name = document["name"].as_str().or(change["documentId"].as_str()).unwrap_or_default();
        let (state, size) = (word(&document["content"]["state"]), word(&document["content"]["size"]));
        crate::say(&format!("{}  {:12}  {name} ({state}, {size} bytes)", word(&change["at"]), word(&change["kind"])));
    }
}
