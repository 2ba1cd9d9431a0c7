//! From an empty house to documents: sign in, provider, consent, workspace, link, token. Each step looks first at what
//! an earlier start has left, so that a kept folder is found as it was.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, ensure};
use hawser_providers::ProviderKind;
use serde_json::{Value, json};

use super::{
    browser::Browser,
    client::{Client, list, text, until},
    house::House,
    world::{self, Planted},
};

const PROVIDER: &str = "Sandbox Drive";
const WORKSPACE: &str = "Harbour";
const PATIENCE: Duration = Duration::from_secs(10);

/// A provider of the house.
pub struct Provider {
    pub id: String,
    /// Whether an earlier start made it.
    pub is_old: bool,
}

/// A file in the cloud and its document here.
#[derive(Debug, Clone)]
pub struct Linked {
    pub planted: Planted,
    pub document_id: String,
}

/// Signs in with the password. Gives the client of the session, and until when it lasts.
pub async fn sign_in(house: &House) -> anyhow::Result<(Client, String)> {
    let client = Client::new(&house.url)?;
    let input = json!({ "email": house.admin_email, "password": house.password });
    let session = client.change("sessionCreate", input, "token expiresAt").await?;
    Ok((client.with_token(text(&session["token"])?), text(&session["expiresAt"])?.to_owned()))
}

/// The provider whose addresses are those of the sandbox. One of an earlier start is told that the sandbox has moved.
pub async fn provider(session: &Client, sandbox: &str) -> anyhow::Result<Provider> {
    let endpoints = ProviderKind::GoogleDrive.sandbox_endpoints(sandbox);
    let mut input = json!({
        "clientId": "hawser-sandbox",
        "clientSecret": "sandbox-secret",
        "authorizationUrl": endpoints.authorization_url,
        "tokenUrl": endpoints.token_url,
        "revokeUrl": endpoints.revoke_url,
        "apiUrl": endpoints.api_url,
    });
    let query = "{ providers(first: 100) { nodes { id name configuration { configurationToken } } } }";
    let known = session.ask(query, Value::Null).await?;
    let known = list(&known["providers"]["nodes"])?.iter().find(|it| it["name"] == PROVIDER);
    if let Some(known) = known {
        input["id"] = known["id"].clone();
        input["configurationToken"] = known["configuration"]["configurationToken"].clone();
        session.change("providerUpdate", input, "provider { id }").await?;
        return Ok(Provider { id: text(&known["id"])?.to_owned(), is_old: true });
    }
    input["kind"] = json!("GOOGLE_DRIVE");
    input["name"] = json!(PROVIDER);
    input["description"] = json!("A cloud on this machine, for trying things out.");
    input["isPushOn"] = json!(true);
    let made = session.change("providerCreate", input, "provider { id }").await?;
    Ok(Provider { id: text(&made["provider"]["id"])?.to_owned(), is_old: false })
}

/// The connection to the account at this provider that an earlier start has left.
pub async fn old_connection(session: &Client, provider: &Provider) -> anyhow::Result<Option<String>> {
    let query = "query($filter: ConnectionFilter) { connections(first: 100, filter: $filter) { nodes { id state } } }";
    let known = session.ask(query, json!({ "filter": { "providerId": provider.id } })).await?;
    let known = list(&known["connections"]["nodes"])?.iter().find(|it| it["state"] != "REVOKED");
    known.map(|it| text(&it["id"]).map(str::to_owned)).transpose()
}

/// Connects the account, or renews a connection to it, through the cloud's own consent page. Returns the connection.
pub async fn connect(session: &Client, provider: &str, renew: Option<&str>) -> anyhow::Result<String> {
    let input = json!({ "providerId": provider, "connectionId": renew });
    let begun = session.change("connectionBegin", input, "authorizationUrl flow { id }").await?;
    Browser::new()?.consent(text(&begun["authorizationUrl"])?, world::ACCOUNT).await?;
    let flow = json!({ "id": begun["flow"]["id"] });
    let query =
        "query($id: ID!) { connectionFlow(id: $id) { state problem { message } connection { id state problem } } }";
    let ended = until("the consent has ended", PATIENCE, async || {
        let answer = session.ask(query, flow.clone()).await?["connectionFlow"].take();
        Ok((answer["state"] != "WAITING").then_some(answer))
    })
    .await?;
    let connection = &ended["connection"];
    ensure!(
        ended["state"] == "CONNECTED" && connection["state"] == "ACTIVE" && connection["problem"].is_null(),
        "expected an ACTIVE connection without a problem, and saw {ended}"
    );
    Ok(text(&connection["id"])?.to_owned())
}

/// The workspace for the documents.
pub async fn workspace(session: &Client) -> anyhow::Result<String> {
    let known = session.ask("{ workspaces(first: 100) { nodes { id name } } }", Value::Null).await?;
    if let Some(known) = list(&known["workspaces"]["nodes"])?.iter().find(|it| it["name"] == WORKSPACE) {
        return Ok(text(&known["id"])?.to_owned());
    }
    let input = json!({ "kind": "WORKSPACE", "name": WORKSPACE });
    let made = session.change("documentCreate", input, "document { id }").await?;
    Ok(text(&made["document"]["id"])?.to_owned())
}

/// Links what is not linked yet, in one request. Returns all documents in the order of the files.
pub async fn link(
    session: &Client,
    connection: &str,
    workspace: &str,
    planted: &[Planted],
) -> anyhow::Result<Vec<Linked>> {
    let mut documents = linked(session, workspace).await?;
    let new: Vec<_> = planted.iter().filter(|file| !documents.contains_key(&file.id)).collect();
    if !new.is_empty() {
        let items: Vec<_> = new.iter().map(|file| json!({ "cloudFileId": file.id })).collect();
        let input = json!({ "connectionId": connection, "parentId": workspace, "items": items });
        let read = "results { document { id } userErrors { code message } }";
        let payload = session.change("documentLink", input, read).await?;
        let results = list(&payload["results"])?;
        ensure!(results.len() == new.len(), "expected {} results, and {} came", new.len(), results.len());
        for (file, result) in new.iter().zip(results) {
            let id = result["document"]["id"].as_str();
            let id = id.with_context(|| format!("{} was not linked: {}", file.name, result["userErrors"]))?;
            documents.insert(file.id.clone(), id.to_owned());
        }
    }
    let all = planted.iter().map(|file| {
        let document_id = documents.get(&file.id).cloned().context("a file without a document")?;
        Ok(Linked { planted: file.clone(), document_id })
    });
    all.collect()
}

/// The documents of a workspace by the cloud's ids of their files.
async fn linked(session: &Client, workspace: &str) -> anyhow::Result<HashMap<String, String>> {
    let query = "query($below: ID) { documents(below: $below, first: 100) { nodes { id content { cloudFileId } } } }";
    let known = session.ask(query, json!({ "below": workspace })).await?;
    let known = list(&known["documents"]["nodes"])?.iter();
    Ok(known
        .filter_map(|it| Some((it["content"]["cloudFileId"].as_str()?.to_owned(), it["id"].as_str()?.to_owned())))
        .collect())
}

/// A personal token for scripts, good as long as the session.
pub async fn personal_token(session: &Client, expires_at: &str) -> anyhow::Result<String> {
    let input = json!({ "name": "demo", "scopes": ["READ", "WRITE"], "expiresAt": expires_at });
    Ok(text(&session.change("tokenCreate", input, "secret").await?["secret"])?.to_owned())
}
