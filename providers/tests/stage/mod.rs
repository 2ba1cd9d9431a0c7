//! A sandbox with one person's cloud in it, signed in through the real consent page: what the contract suite plays on.

#![allow(clippy::expect_used, reason = "a stage that cannot be set should stop the test")]

use std::sync::Arc;

use hawser_providers::http::{Client, Policy};
use hawser_providers::pacing::Clock;
use hawser_providers::{Access, CloudFile, Consent, ConsentRequest, Provider, ProviderKind, Settings};
use hawser_sandbox::control::{ClientState, Consent as Decision, Control, Fault, NewFile, Share};
use hawser_sandbox::{Options, Running};
use secrecy::SecretString;

pub const ADA: &str = "ada@example.com";
pub const BEA: &str = "bea@example.com";
pub const TEXT: &str = "What the tide brought in.";
pub const REDIRECT: &str = "http://127.0.0.1:8420/oauth/callback";

/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const FOLDER: &str = "application/vnd.google-apps.folder";
const DOCUMENT: &str = "application/vnd.google-apps.document";

/// A PNG of one grey pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

pub struct Stage {
    kind: ProviderKind,
    /// Stops the sandbox when dropped.
    sandbox: Running,
    pub control: Control,
    pub provider: Arc<dyn Provider>,
    pub access: Access,
    pub refresh_token: SecretString,
    pub text_id: String,
    pub document_id: String,
    picture_id: String,
    folder_id: String,
}

impl Stage {
    pub async fn set(kind: ProviderKind) -> Self {
        let sandbox = hawser_sandbox::start(Options::default()).await.expect("a sandbox");
        let control = Control::new(sandbox.url());
        control.create_user(ADA, "Ada").await.expect("Ada");
        control.create_user(BEA, "Bea").await.expect("Bea");
        let client = ClientState {
            id: "client".into(),
            secret: "secret".into(),
            redirect_uris: vec![REDIRECT.into()],
            any_loopback: false,
        };
        control.register_client(&client).await.expect("a client");
        let create = async |name: &str, mime_type: Option<&str>, text: Option<&str>, base64: Option<&str>| {
            let file = NewFile {
                owner: ADA.into(),
                name: name.into(),
                mime_type: mime_type.map(Into::into),
                text: text.map(Into::into),
                base64: base64.map(Into::into),
                ..NewFile::default()
            };
            control.create_file(&file).await.expect(name).id
        };
        let text_id = create("the quay's log.txt", None, Some(TEXT), None).await;
        let picture_id = create("buoy.png", Some("image/png"), None, Some(PIXEL)).await;
        let folder_id = create("zz archive", Some(FOLDER), None, None).await;
        let words = Some("minutes of the harbour board");
        let document_id = create("minutes", Some(DOCUMENT), words, None).await;
        let (provider, access, refresh_token) = connect(kind, &sandbox, &control).await;
        Self { kind, provider, access, refresh_token, text_id, document_id, picture_id, folder_id, control, sandbox }
    }

    /// The same provider configured with another client secret.
    pub fn with_secret(&self, secret: &str) -> Arc<dyn Provider> {
        build(self.kind, &self.sandbox, secret)
    }

    pub async fn text_file(&self) -> CloudFile {
        self.read(&self.text_id).await
    }

    pub async fn document(&self) -> CloudFile {
        self.read(&self.document_id).await
    }

    pub async fn picture(&self) -> CloudFile {
        self.read(&self.picture_id).await
    }

    pub async fn folder(&self) -> CloudFile {
        self.read(&self.folder_id).await
    }

    async fn read(&self, id: &str) -> CloudFile {
        self.provider.file(&self.access, id, None).await.expect("a file")
    }

    /// Gives the text file other words.
    pub async fn edit(&self, text: &str) {
        self.control.edit_text(&self.text_id, text).await.expect("edited");
    }

    /// A shared drive of Ada's with one file in it; their ids.
    pub async fn shared_drive(&self, name: &str, file: &str) -> (String, String) {
        let drive = self.control.create_drive(name, ADA).await.expect("a drive");
        let file = NewFile {
            owner: ADA.into(),
            name: file.into(),
            drive: Some(drive.id.clone()),
            text: Some("soundings".into()),
            ..NewFile::default()
        };
        let file = self.control.create_file(&file).await.expect("a file");
        (drive.id, file.id)
    }

    /// A file of Bea's that Ada may read; its id.
    pub async fn shared_by_bea(&self, name: &str) -> String {
        let file = NewFile { owner: BEA.into(), name: name.into(), text: Some("hello".into()), ..NewFile::default() };
        let file = self.control.create_file(&file).await.expect("a file");
        self.control.share_with(&file.id, ADA, "reader").await.expect("shared");
        file.id
    }

    /// A file of Bea's that anyone with the link may read, and its resource key.
    pub async fn behind_a_key(&self, name: &str) -> (String, String) {
        let file = NewFile { owner: BEA.into(), name: name.into(), text: Some("hello".into()), ..NewFile::default() };
        let file = self.control.create_file(&file).await.expect("a file");
        let share = Share { email: None, role: Some("reader".into()), resource_key: true };
        let file = self.control.share(&file.id, &share).await.expect("shared");
        (file.id, file.resource_key.expect("a key"))
    }

    /// Lets every read of the text file's metadata or bytes fail so.
    pub async fn break_reads(&self, fault: Fault) {
        let path = match self.kind {
            ProviderKind::GoogleDrive => format!("/drive/v3/files/{}", self.text_id),
        };
        self.control.fault(&Fault { path, ..fault }).await.expect("a fault");
    }

    /// How many calls the cloud has answered.
    pub async fn requests(&self) -> u64 {
        self.control.count("*").await.expect("a number")
    }

    pub async fn now(&self) -> chrono::DateTime<chrono::Utc> {
        let status = self.control.status().await.expect("a status");
        chrono::DateTime::from_timestamp_millis(status.now_ms).expect("a time")
    }
}

fn build(kind: ProviderKind, sandbox: &Running, secret: &str) -> Arc<dyn Provider> {
    let policy = Policy { allow_loopback_http: true, ..Policy::default() };
    // Nothing here waits for real: the clock moves when somebody sleeps on it.
    let clock = Clock::manual("2026-05-01T12:00:00Z".parse().expect("a time"));
    let http = Client::with_clock(policy, clock).expect("a client");
    let settings = Settings {
        provider_id: "provider".into(),
        client_id: "client".into(),
        client_secret: secret.into(),
        scopes: kind.default_scopes(),
        endpoints: kind.sandbox_endpoints(sandbox.url()),
    };
    kind.build(settings, http)
}

/// Ada signs in and agrees; what the browser brings back becomes tokens.
async fn connect(
    kind: ProviderKind,
    sandbox: &Running,
    control: &Control,
) -> (Arc<dyn Provider>, Access, SecretString) {
    let provider = build(kind, sandbox, "secret");
    let request = ConsentRequest {
        redirect_uri: REDIRECT.into(),
        state: "state".into(),
        code_challenge: CHALLENGE.into(),
        login_hint: Some(ADA.into()),
    };
    let page = provider.authorize(&request).expect("an address");
    let decision = Decision { account: ADA.into(), ..Decision::default() };
    let back = control.consent(&page, &decision).await.expect("agreed");
    let back: url::Url = back.parse().expect("a url");
    let parameter = |wanted: &str| {
        let found = back.query_pairs().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).expect(wanted)
    };
    assert_eq!(parameter("state"), "state");
    let consent = Consent { code: parameter("code").into(), verifier: VERIFIER.into(), redirect_uri: REDIRECT.into() };
    let grant = provider.exchange(&consent).await.expect("tokens");
    assert_eq!(grant.scopes, Some(kind.default_scopes()));
    let refresh_token = grant.refresh_token.expect("a refresh token");
    (provider, Access { connection_id: "connection".into(), token: grant.access_token }, refresh_token)
}
