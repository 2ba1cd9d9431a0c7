//! Many documents that were linked and read, straight into the tables: how they came there is not what is measured.

use anyhow::Result;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use hawser_domain::{
    App, Principal, Write,
    acl::{self, Permission},
    blob,
    document::{self, DocumentKind, Model},
    entity::{
        blob as kept, connection, content, content::ContentState, document as row, document_ancestor, extraction,
        extraction::Outcome, provider, reading,
    },
    name,
};
use hawser_tests::{House, Person};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use uuid::Uuid;

use super::vocabulary;

const FOLDERS: usize = 200;
/// Documents of one transaction.
const CHUNK: usize = 500;
/// Extension, type, and the language that was found.
const SORTS: [(&str, &str, Option<&str>); 5] = [
    ("pdf", "application/pdf", Some("en")),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Some("en")),
    ("txt", "text/plain", None),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Some("de")),
    ("html", "text/html", Some("en")),
];

pub struct Filled {
    pub ids: Vec<Uuid>,
    /// Bytes of all texts.
    pub text: u64,
}

/// Fills Ann's workspace; of every two folders the member may read one.
pub async fn fill(house: &House, ann: &Person, member: &Person, count: usize) -> Result<Filled> {
    let (app, who) = (&house.app, &ann.principal);
    let workspace = make(app, who, None, DocumentKind::Workspace, "Harbour").await?;
    let mut folders = Vec::with_capacity(FOLDERS);
    for n in 0..FOLDERS {
        let folder = make(app, who, Some(workspace.id), DocumentKind::Folder, &format!("Dock {n}")).await?;
        folders.push(match n % 2 {
            0 => folder,
            _ => {
                let (document_id, principal_id) = (folder.id, member.id);
                let permission = Permission::Read;
                let input = acl::Grant { document_id, principal_id, permission, expected_name_token: None };
                acl::grant(app, who, input, None).await?
            }
        });
    }
    let connection_id = connect(app, ann.id).await?;
    let mut filled = Filled { ids: Vec::with_capacity(count), text: 0 };
    for from in (0..count).step_by(CHUNK) {
        let texts: Vec<(String, i64)> = stream::iter(from..count.min(from + CHUNK))
            .map(|n| async move {
                let text = vocabulary::text_of(n);
                let size = i64::try_from(text.len())?;
                anyhow::Ok((blob::store(app, text.into()).await?, size))
            })
            .buffered(8)
            .try_collect()
            .await?;
        let w = app.write(who).await?;
        let mut rows = Rows::default();
        for (n, (hash, size)) in (from..).zip(texts) {
            let id = w.id();
            rows.add(&w, n, id, &folders[n % FOLDERS], connection_id, (hash, size));
            filled.ids.push(id);
            filled.text += size.unsigned_abs();
        }
        rows.write(&w).await?;
        w.commit().await?;
    }
    Ok(filled)
}

async fn make(app: &App, who: &Principal, parent_id: Option<Uuid>, kind: DocumentKind, name: &str) -> Result<Model> {
    Ok(document::create(app, who, document::New { parent_id, kind, name: name.into() }, None).await?)
}

async fn connect(app: &App, owner_id: Uuid) -> Result<Uuid> {
    let w = app.write(hawser_domain::principal::Actor::System).await?;
    let (provider_id, id) = (w.id(), w.id());
    let row = provider::ActiveModel {
        id: Set(provider_id),
        kind: Set("google_drive".into()),
        name: Set("Drive".into()),
        name_key: Set("drive".into()),
        description: Set(String::new()),
        client_id: Set(String::new()),
        client_secret: Set(None),
        authorization_url: Set("https://cloud.example/authorize".into()),
        token_url: Set("https://cloud.example/token".into()),
        revoke_url: Set(None),
        api_url: Set("https://cloud.example".into()),
        scopes: Set(json!([])),
        enabled: Set(false),
        poll_seconds: Set(86_400),
        push: Set(false),
        revision: Set(1),
        created_at: Set(w.now),
        modified_at: Set(w.now),
        deleted_at: Set(None),
    };
    provider::Entity::insert(row).exec_without_returning(w.db()).await?;
    let row = connection::ActiveModel {
        id: Set(id),
        provider_id: Set(provider_id),
        owner_id: Set(owner_id),
        remote_account_id: Set("ann".into()),
        account_email: Set(None),
        account_name: Set(None),
        state: Set(connection::ConnectionState::Revoked),
        access_token: Set(None),
        refresh_token: Set(None),
        expires_at: Set(None),
        scopes: Set(json!([])),
        token_version: Set(1),
        refresh_lease: Set(None),
        refresh_lease_until: Set(None),
        problem: Set(None),
        created_at: Set(w.now),
        modified_at: Set(w.now),
        last_used_at: Set(None),
    };
    connection::Entity::insert(row).exec_without_returning(w.db()).await?;
    w.commit().await?;
    Ok(id)
}

#[derive(Default)]
struct Rows {
    documents: Vec<row::ActiveModel>,
    ancestors: Vec<document_ancestor::ActiveModel>,
    blobs: Vec<kept::ActiveModel>,
    contents: Vec<content::ActiveModel>,
    extractions: Vec<extraction::ActiveModel>,
    readings: Vec<reading::ActiveModel>,
}

impl Rows {
    fn add(&mut self, w: &Write<'_>, n: usize, id: Uuid, folder: &Model, connection_id: Uuid, text: (String, i64)) {
        let (extension, mime, language) = SORTS[n * 7 % SORTS.len()];
        let words = vocabulary::words_of(n);
        let called = format!("{} {} {n}.{extension}", words[0], words[1]);
        // Five years, most of them lately.
        let age = chrono::TimeDelta::minutes((n * n % 1600 * (n % 1600)) as i64);
        let modified: DateTime<Utc> = w.now - age;
        for (depth, above) in (0..).zip([Some(id), Some(folder.id), folder.parent_id]) {
            if let Some(above) = above {
                self.ancestors.push(document_ancestor::ActiveModel {
                    document_id: Set(id),
                    ancestor_id: Set(above),
                    depth: Set(depth),
                });
            }
        }
        self.documents.push(row::ActiveModel {
            id: Set(id),
            kind: Set(DocumentKind::File),
            parent_id: Set(Some(folder.id)),
            name_key: Set(name::key(&called)),
            name: Set(called.clone()),
            position: Set(None),
            content_token: Set(1),
            name_token: Set(1),
            acl_id: Set(folder.acl_id),
            acl_blocks: Set(false),
            trash_root_id: Set(None),
            trashed_at: Set(None),
            created_by: Set(folder.created_by),
            created_at: Set(modified),
            modified_by: Set(None),
            modified_at: Set(modified),
        });
        let remote = json!({
            "id": id, "name": called, "mime_type": mime, "size": text.1 * 9, "modified_at": modified,
            "created_at": modified, "trashed": false, "parents": [], "has_thumbnail": false, "can_download": true,
            "can_edit": true, "is_folder": false, "is_native": false, "owned_by_me": true, "export_types": [],
        });
        self.contents.push(content::ActiveModel {
            document_id: Set(id),
            connection_id: Set(connection_id),
            feed_id: Set(None),
            remote_id: Set(id.to_string()),
            drive_id: Set(None),
            remote_parent: Set(None),
            resource_key: Set(None),
            remote_name: Set(called),
            mime_type: Set(mime.into()),
            size: Set(Some(text.1 * 9)),
            hash_kind: Set(None),
            hash: Set(None),
            revision: Set(Some("1".into())),
            remote_version: Set(None),
            remote_modified_at: Set(Some(modified)),
            thumbnail_version: Set(None),
            remote: Set(remote),
            state: Set(ContentState::Ok),
            unavailable_since: Set(None),
            unavailable_reason: Set(None),
            checked_at: Set(w.now),
            linked_by: Set(None),
        });
        self.read(w, id, mime, language, text);
    }

    fn read(&mut self, w: &Write<'_>, id: Uuid, mime: &str, language: Option<&str>, (text, size): (String, i64)) {
        self.blobs.push(kept::ActiveModel { hash: Set(text.clone()), size: Set(size), created_at: Set(w.now) });
        let hash = id.simple().to_string();
        self.extractions.push(extraction::ActiveModel {
            hash: Set(hash.clone()),
            version: Set(1),
            outcome: Set(Outcome::Ok),
            tries: Set(0),
            mime_type: Set(Some(mime.into())),
            detail: Set(None),
            trouble: Set(None),
            encoding: Set(None),
            is_poor: Set(false),
            needs_ocr: Set(false),
            metadata: Set(json!({ "language": language, "pages": 3 })),
            text_blob: Set(Some(text)),
            text_size: Set(size),
            drawn: Set(None),
            drawn_version: Set(None),
            created_at: Set(w.now),
            updated_at: Set(w.now),
        });
        self.readings.push(reading::ActiveModel {
            document_id: Set(id),
            source: Set("1".into()),
            hash: Set(Some(hash)),
            outcome: Set(None),
            at: Set(w.now),
        });
    }

    async fn write(self, w: &Write<'_>) -> Result<()> {
        row::Entity::insert_many(self.documents).exec_without_returning(w.db()).await?;
        document_ancestor::Entity::insert_many(self.ancestors).exec_without_returning(w.db()).await?;
        kept::Entity::insert_many(self.blobs).exec_without_returning(w.db()).await?;
        content::Entity::insert_many(self.contents).exec_without_returning(w.db()).await?;
        extraction::Entity::insert_many(self.extractions).exec_without_returning(w.db()).await?;
        reading::Entity::insert_many(self.readings).exec_without_returning(w.db()).await?;
        Ok(())
    }
}
