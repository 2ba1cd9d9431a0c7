//! The control API from the asking side: one method per thing the world can be made to do.

use reqwest::{Client, Method, redirect::Policy};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::wire::*;
use crate::Error;

/// Speaks to the control API of one sandbox.
#[derive(Debug, Clone)]
pub struct Control {
    base: String,
    client: Client,
}

impl Control {
    /// `base_url` as `Running::url` gives it.
    pub fn new(base_url: impl Into<String>) -> Self {
        // The plain builder only fails without a TLS backend; then the default would fail as well.
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap_or_default();
        let base = base_url.into().trim_end_matches('/').to_owned();
        Self { base, client }
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Error> {
        let url = format!("{}/_sandbox/{path}", self.base);
        let response = self.client.request(method, url).json(body).send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.json().await?);
        }
        let message = response.text().await?;
        Err(Error::Refused { status: status.as_u16(), message: message.trim().to_owned() })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.ask(Method::GET, path, &json!({})).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        self.ask(Method::POST, path, body).await
    }

    async fn done(&self, path: &str, body: &impl Serialize) -> Result<(), Error> {
        let _: Value = self.post(path, body).await?;
        Ok(())
    }

    pub async fn status(&self) -> Result<Status, Error> {
        self.get("status").await
    }

    /// The user of this address, created when new.
    pub async fn create_user(&self, email: &str, display_name: &str) -> Result<UserState, Error> {
        self.post("users", &json!({"email": email, "display_name": display_name})).await
    }

    pub async fn users(&self) -> Result<Vec<UserState>, Error> {
        self.get("users").await
    }

    pub async fn register_client(&self, client: &ClientState) -> Result<(), Error> {
        self.done("clients", client).await
    }

    pub async fn clients(&self) -> Result<Vec<ClientState>, Error> {
        self.get("clients").await
    }

    pub async fn create_drive(&self, name: &str, organizer: &str) -> Result<DriveState, Error> {
        self.post("drives", &json!({"name": name, "organizer": organizer})).await
    }

    pub async fn drives(&self) -> Result<Vec<DriveState>, Error> {
        self.get("drives").await
    }

    pub async fn rename_drive(&self, drive: &str, name: &str) -> Result<(), Error> {
        self.done(&format!("drives/{drive}/rename"), &json!({"name": name})).await
    }

    pub async fn add_member(&self, drive: &str, email: &str, role: &str) -> Result<(), Error> {
        self.done(&format!("drives/{drive}/members"), &json!({"email": email, "role": role})).await
    }

    pub async fn remove_member(&self, drive: &str, email: &str) -> Result<(), Error> {
        self.done(&format!("drives/{drive}/members/remove"), &json!({"email": email})).await
    }

    pub async fn create_file(&self, file: &NewFile) -> Result<FileState, Error> {
        self.post("files", file).await
    }

    /// Ids of the new files, in the order of their numbers.
    pub async fn create_files(&self, bulk: &Bulk) -> Result<Vec<String>, Error> {
        self.post("files/bulk", bulk).await
    }

    /// A shortcut of `owner` in `parent` (My Drive's root when absent) to `target`.
    pub async fn create_shortcut(
        &self,
        owner: &str,
        target: &str,
        name: &str,
        parent: Option<&str>,
    ) -> Result<FileState, Error> {
        let body = json!({"owner": owner, "target": target, "name": name, "parent": parent});
        self.post("files/shortcut", &body).await
    }

    pub async fn file(&self, id: &str) -> Result<FileState, Error> {
        self.get(&format!("files/{id}")).await
    }

    /// Everything in a user's My Drive and what is shared with him, parents before children.
    pub async fn tree(&self, email: &str) -> Result<Vec<FileState>, Error> {
        self.get(&format!("users/{email}/tree")).await
    }

    pub async fn edit(&self, id: &str, edit: &Edit) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/edit"), edit).await
    }

    pub async fn edit_text(&self, id: &str, text: &str) -> Result<FileState, Error> {
        let edit = Edit { text: Some(text.to_owned()), ..Edit::default() };
        self.edit(id, &edit).await
    }

    pub async fn rename(&self, id: &str, name: &str) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/rename"), &json!({"name": name})).await
    }

    pub async fn move_to(&self, id: &str, parent: &str) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/move"), &json!({"parent": parent})).await
    }

    pub async fn trash(&self, id: &str) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/trash"), &json!({})).await
    }

    pub async fn untrash(&self, id: &str) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/untrash"), &json!({})).await
    }

    /// Deletes for good.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        self.done(&format!("files/{id}/delete"), &json!({})).await
    }

    pub async fn share(&self, id: &str, share: &Share) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/share"), share).await
    }

    pub async fn share_with(&self, id: &str, email: &str, role: &str) -> Result<FileState, Error> {
        let share = Share { email: Some(email.to_owned()), role: Some(role.to_owned()), resource_key: false };
        self.share(id, &share).await
    }

    /// `email` absent closes the link.
    pub async fn unshare(&self, id: &str, email: Option<&str>) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/unshare"), &json!({"email": email})).await
    }

    /// Viewers may not download, print or copy from now on, or may again.
    pub async fn restrict_download(&self, id: &str, restricted: bool) -> Result<FileState, Error> {
        self.post(&format!("files/{id}/restrict"), &json!({"restricted": restricted})).await
    }

    /// Access tokens of a user die now; refresh tokens live. Returns how many died.
    pub async fn expire_access_tokens(&self, email: &str) -> Result<u64, Error> {
        self.post(&format!("users/{email}/expire_tokens"), &json!({})).await
    }

    /// The user takes back what he granted, to every client.
    pub async fn revoke_grants(&self, email: &str) -> Result<(), Error> {
        self.done(&format!("users/{email}/revoke"), &json!({})).await
    }

    /// Every change cursor handed out so far becomes foreign.
    pub async fn invalidate_cursors(&self) -> Result<(), Error> {
        self.done("cursors/invalidate", &json!({})).await
    }

    /// Returns the rule's number.
    pub async fn fault(&self, fault: &Fault) -> Result<u64, Error> {
        self.post("faults", fault).await
    }

    /// One rule, or all of them.
    pub async fn clear_faults(&self, number: Option<u64>) -> Result<(), Error> {
        self.done("faults/clear", &json!({"id": number})).await
    }

    /// Requests whose vendor path matches the glob, after number `after` (0 for all).
    pub async fn requests(&self, path: Option<&str>, after: u64) -> Result<Vec<Recorded>, Error> {
        self.post("requests", &json!({"path": path, "after": after})).await
    }

    pub async fn count(&self, path: &str) -> Result<u64, Error> {
        self.post("requests/count", &json!({"path": path, "after": 0})).await
    }

    pub async fn reset_requests(&self) -> Result<(), Error> {
        self.done("requests/reset", &json!({})).await
    }

    /// Moves the clock forward; returns the new time in milliseconds since 1970.
    pub async fn advance_clock(&self, by_ms: i64) -> Result<i64, Error> {
        self.post("clock/advance", &json!({"ms": by_ms})).await
    }

    pub async fn set_clock(&self, to_ms: i64) -> Result<i64, Error> {
        self.post("clock/set", &json!({"ms": to_ms})).await
    }

    /// Replaces all limits and empties the meters.
    pub async fn set_limits(&self, limits: &Limits) -> Result<(), Error> {
        self.done("limits", limits).await
    }

    /// Off: push messages are lost, as they may be at the vendor.
    pub async fn push(&self, enabled: bool) -> Result<(), Error> {
        self.done("push", &json!({"enabled": enabled})).await
    }

    /// Answers a consent page as a person would: opens the authorization URL, fills in the form, sends it.
    /// Returns the redirect's address, which is not followed.
    pub async fn consent(&self, authorization_url: &str, consent: &Consent) -> Result<String, Error> {
        let page = self.client.get(authorization_url).send().await?;
        if !page.status().is_success() {
            return Err(Error::Consent(format!("{}: {}", page.status(), page.text().await?)));
        }
        let url = url::Url::parse(authorization_url).map_err(|error| Error::Consent(error.to_string()))?;
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let asked = form.iter().find(|(name, _)| name == "scope").map(|(_, scopes)| scopes.clone());
        let asked = asked.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let mut put = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
        put("account", &consent.account);
        put("decision", if consent.deny { "deny" } else { "allow" });
        for scope in consent.scopes.as_ref().unwrap_or(&asked) {
            put("granted", scope);
        }
        for file in &consent.picked {
            put("picked", file);
        }
        let mut action = url;
        action.set_query(None);
        let response = self.client.post(action).form(&form).send().await?;
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        match location {
            Some(location) => Ok(location),
            None => Err(Error::Consent(response.text().await?)),
        }
    }
}
