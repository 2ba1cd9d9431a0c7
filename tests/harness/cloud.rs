//! A local cloud beside the house, and people's accounts there.

use hawser_domain::{
    connection::{self, Answer, Callback, Ending},
    entity,
    page::Span,
    provider::{self, Form},
    providers::ProviderKind,
};
use hawser_sandbox::{
    Options, Running,
    control::{Consent, Control},
};
use secrecy::ExposeSecret;
use url::Url;
use uuid::Uuid;

use crate::{House, Person};

/// A sandbox of its own for one test, with nobody in it.
pub struct Cloud {
    pub url: String,
    /// Moves the cloud's world from outside.
    pub control: Control,
    _running: Running,
}

impl Cloud {
    pub async fn start() -> Self {
        let running = hawser_sandbox::start(Options::default()).await.expect("the sandbox starts");
        let url = running.url().to_owned();
        Self { control: Control::new(&url), url, _running: running }
    }

    /// What an administrator enters to use it as Google Drive.
    pub fn form(&self) -> Form {
        let at = ProviderKind::GoogleDrive.sandbox_endpoints(&self.url);
        Form {
            name: Some("Drive".into()),
            client_id: Some("hawser-sandbox".into()),
            client_secret: Some("sandbox-secret".into()),
            authorization_url: Some(at.authorization_url),
            token_url: Some(at.token_url),
            revoke_url: at.revoke_url,
            api_url: Some(at.api_url),
            ..Form::default()
        }
    }

    /// Requests for tokens so far.
    pub async fn token_requests(&self) -> u64 {
        self.control.count("/token").await.expect("the recorder answers")
    }
}

/// Somebody who agrees to everything.
pub fn agreeing(account: &str) -> Consent {
    Consent { account: account.to_owned(), deny: false, scopes: None, picked: Vec::new() }
}

impl House {
    /// The one provider for this cloud, made by the administrator when there is none.
    pub async fn provider(&self, cloud: &Cloud) -> entity::provider::Model {
        let admin = self.admin().await.principal;
        let known = provider::list(&self.app, &admin, &Span::first(1)).await.expect("the providers");
        if let Some(known) = known.rows.into_iter().next() {
            return known;
        }
        let made = provider::create(&self.app, &admin, ProviderKind::GoogleDrive, &cloud.form(), None).await;
        made.expect("a provider")
    }

    /// Connects a person's account, made in the cloud when new, through the real consent page.
    pub async fn connect(&self, cloud: &Cloud, person: &Person, account: &str) -> entity::connection::Model {
        cloud.control.create_user(account, account).await.expect("an account");
        match self.consent(cloud, person, None, &agreeing(account)).await {
            Ending::Connected(connection) => *connection,
            Ending::Failed(problem) => panic!("not connected: {problem:?}"),
        }
    }

    /// A whole consent, in process; `reconnect` names the connection to renew.
    pub async fn consent(&self, cloud: &Cloud, person: &Person, reconnect: Option<Uuid>, consent: &Consent) -> Ending {
        let provider = self.provider(cloud).await;
        let begun = connection::begin(&self.app, &person.principal, provider.id, reconnect).await.expect("a consent");
        let address = Url::parse(&begun.authorization_url).expect("an address");
        let ticket = parameter(&address, "ticket").expect("a ticket");
        let started = connection::start(&self.app, begun.flow_id, &ticket).await.expect("a consent page");
        let back = cloud.control.consent(&started.location, consent).await.expect("the page takes the answer");
        let back = Url::parse(&back).expect("an address");
        let answer = match parameter(&back, "code") {
            Some(code) => Answer::Code(code.into()),
            None => Answer::Error(parameter(&back, "error").expect("a code or an error")),
        };
        let state = parameter(&back, "state").expect("a state");
        let cookie = started.binding.expose_secret().to_owned();
        let binding = |flow: Uuid| (flow == begun.flow_id).then(|| cookie.clone());
        let callback = Callback { provider_id: provider.id, state: &state, answer, issuer: None, binding: &binding };
        connection::finish(&self.app, callback).await.expect("an ending")
    }
}

/// A parameter of an address, when it is there.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
