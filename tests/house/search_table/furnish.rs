//! The documents of the table as rows of the house: as if they had been linked, read and drawn.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use hawser_domain::{
    Principal, Write,
    acl::{self, Permission},
    blob, document,
    entity::{
        connection::{self, ConnectionState},
        content::{self, ContentState},
        extraction::{self, Outcome},
        picture, provider, reading,
        rendition::{self, RenditionKind},
    },
    name,
    principal::Actor,
    providers::CloudFile,
};
use hawser_tests::{House, Person};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;
use uuid::Uuid;

use super::{
    documents::{DOCUMENTS, NOW},
    form::{Cloud, Document, Is},
};

/// Returns Ann and the ids by key.
pub async fn furnish(house: &House) -> (Principal, BTreeMap<&'static str, Uuid>) {
    let ahead = time(NOW) - house.clock.now();
    house.clock.advance(ahead.to_std().unwrap());
    let mut people = HashMap::new();
    for name in ["ann", "bob", "eve"] {
        people.insert(name, house.member(name).await);
    }
    let clouds = connect(house, &people).await;
    let mut ids = BTreeMap::new();
    for it in DOCUMENTS {
        let owner = &people[it.owner].principal;
        let made = if it.place.is_empty() {
            let new = document::New { parent_id: None, kind: it.kind, name: it.name.into() };
            document::create(&house.app, owner, new, None).await.unwrap()
        } else {
            let mut w = house.app.write(owner).await.unwrap();
            let parent = Some(ids[it.place]);
            let made = document::insert(&mut w, parent, it.kind, it.name, document::OnTaken::Fail).await.unwrap();
            w.commit().await.unwrap();
            made
        };
        ids.insert(it.key, made.id);
        fill(house, it, made.clone(), clouds.get(&it.cloud.unwrap_or(Cloud::Drive)).copied()).await;
        if it.is.contains(&Is::Trashed) {
            let input = document::Trash { id: made.id, expected_name_token: None };
            document::trash(&house.app, owner, input, None).await.unwrap();
        }
    }
    let (ann, bob) = (&people["ann"], &people["bob"]);
    let (document_id, principal_id) = (ids["pilots"], ann.id);
    let input = acl::Grant { document_id, principal_id, permission: Permission::Read, expected_name_token: None };
    acl::grant(&house.app, &bob.principal, input, None).await.unwrap();
    assert_eq!(ids.len(), DOCUMENTS.len(), "each key is there once");
    (ann.principal.clone(), ids)
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Three clouds, an account of Ann's in each, and one of Bob's.
async fn connect(house: &House, people: &HashMap<&str, Person>) -> HashMap<Cloud, Uuid> {
    let w = house.app.write(Actor::System).await.unwrap();
    let mut clouds = HashMap::new();
    let kinds = [
        (Cloud::Drive, "google_drive", "Team Drive"),
        (Cloud::Dropbox, "dropbox", "Drop"),
        (Cloud::Box, "box", "Case"),
    ];
    for (cloud, kind, called) in kinds {
        let id = w.id();
        let row = provider::ActiveModel {
            id: Set(id),
            kind: Set(kind.into()),
            name: Set(called.into()),
            name_key: Set(name::key(called)),
            description: Set(String::new()),
            client_id: Set("table".into()),
            client_secret: Set(None),
            authorization_url: Set("https://cloud.example/authorize".into()),
            token_url: Set("https://cloud.example/token".into()),
            revoke_url: Set(None),
            api_url: Set("https://cloud.example".into()),
            scopes: Set(json!([])),
            enabled: Set(true),
            poll_seconds: Set(300),
            push: Set(false),
            revision: Set(1),
            created_at: Set(w.now),
            modified_at: Set(w.now),
            deleted_at: Set(None),
        };
        provider::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
        clouds.insert(cloud, account(&w, id, people["ann"].id).await);
        if cloud == Cloud::Dropbox {
            clouds.insert(Cloud::Bobs, account(&w, id, people["bob"].id).await);
        }
    }
    w.commit().await.unwrap();
    clouds
}

async fn account(w: &Write<'_>, provider_id: Uuid, owner_id: Uuid) -> Uuid {
    let id = w.id();
    let row = connection::ActiveModel {
        id: Set(id),
        provider_id: Set(provider_id),
        owner_id: Set(owner_id),
        remote_account_id: Set(id.to_string()),
        account_email: Set(None),
        account_name: Set(None),
        state: Set(ConnectionState::Active),
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
    connection::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    id
}

async fn fill(house: &House, it: &Document, made: document::Model, connection_id: Option<Uuid>) {
    let kept = match it.text {
        Some(text) => Some((blob::store(&house.app, text.to_owned().into()).await.unwrap(), text.len())),
        None => None,
    };
    let w = house.app.write(Actor::System).await.unwrap();
    let id = made.id;
    let mut row: hawser_domain::entity::document::ActiveModel = made.into();
    row.modified_at = Set(time(it.modified));
    row.created_at = Set(time(it.created));
    row.update(w.db()).await.unwrap();
    if let (Some(_), Some(connection_id)) = (it.cloud, connection_id) {
        content::Entity::insert(linked(it, id, connection_id)).exec_without_returning(w.db()).await.unwrap();
    }
    if it.mime.is_some() {
        let text = kept.as_ref().map(|(hash, size)| (hash.as_str(), *size as i64));
        if let Some((hash, size)) = text {
            blob::note(&w, hash, size).await.unwrap();
        }
        read(&w, it, id, text).await;
    }
    if it.is.contains(&Is::Shown) {
        let row = rendition::ActiveModel {
            document_id: Set(id),
            kind: Set(RenditionKind::Thumbnail),
            source: Set("1".into()),
            blob: Set(format!("shown {id}")),
            mime_type: Set("image/png".into()),
            size: Set(1),
            created_at: Set(w.now),
        };
        rendition::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    }
    w.commit().await.unwrap();
}

fn linked(it: &Document, id: Uuid, connection_id: Uuid) -> content::ActiveModel {
    let file = CloudFile {
        id: id.to_string(),
        name: it.name.into(),
        mime_type: it.mime.unwrap_or_default().into(),
        size: it.size.map(|size| size.unsigned_abs()),
        fingerprint: None,
        revision: None,
        version: None,
        modified_at: Some(time(it.modified)),
        created_at: Some(time(it.created)),
        trashed: false,
        parents: Vec::new(),
        drive_id: None,
        web_url: None,
        download_url: None,
        icon_url: None,
        has_thumbnail: false,
        thumbnail_version: None,
        resource_key: None,
        can_download: true,
        can_edit: true,
        is_folder: false,
        is_native: it.is.contains(&Is::Native),
        shortcut: None,
        owned_by_me: Some(it.cloud == Some(Cloud::Bobs)),
        last_modified_by: None,
        extension: None,
        export_types: Vec::new(),
        media: None,
    };
    let is_gone = it.is.contains(&Is::Unavailable);
    content::ActiveModel {
        document_id: Set(id),
        connection_id: Set(connection_id),
        feed_id: Set(None),
        remote_id: Set(id.to_string()),
        drive_id: Set(None),
        remote_parent: Set(None),
        resource_key: Set(None),
        remote_name: Set(it.name.into()),
        mime_type: Set(it.mime.unwrap_or_default().into()),
        size: Set(it.size),
        hash_kind: Set(None),
        hash: Set(None),
        revision: Set(None),
        remote_version: Set(None),
        remote_modified_at: Set(Some(time(it.modified))),
        thumbnail_version: Set(None),
        remote: Set(serde_json::to_value(file).unwrap()),
        state: Set(if is_gone { ContentState::Unavailable } else { ContentState::Ok }),
        unavailable_since: Set(is_gone.then(|| time(it.modified))),
        unavailable_reason: Set(None),
        checked_at: Set(time(it.modified)),
        linked_by: Set(None),
    }
}

async fn read(w: &Write<'_>, it: &Document, id: Uuid, text: Option<(&str, i64)>) {
    let hash = format!("bytes of {id}");
    let metadata = json!({
        "title": it.title,
        "author": it.author,
        "artist": it.artist,
        "language": it.language,
        "taken_at": it.taken,
    });
    let outcome = if it.is.contains(&Is::Encrypted) { Outcome::Encrypted } else { Outcome::Ok };
    let row = extraction::ActiveModel {
        hash: Set(hash.clone()),
        version: Set(1),
        outcome: Set(outcome),
        tries: Set(0),
        mime_type: Set(it.mime.map(str::to_owned)),
        detail: Set(None),
        trouble: Set(None),
        encoding: Set(None),
        is_poor: Set(false),
        needs_ocr: Set(false),
        metadata: Set(metadata),
        text_blob: Set(text.map(|(hash, _)| hash.to_owned())),
        text_size: Set(text.map_or(0, |(_, size)| size)),
        drawn: Set(None),
        drawn_version: Set(None),
        created_at: Set(w.now),
        updated_at: Set(w.now),
    };
    extraction::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    let row = reading::ActiveModel {
        document_id: Set(id),
        source: Set("1".into()),
        hash: Set(Some(hash.clone())),
        outcome: Set(None),
        at: Set(w.now),
    };
    reading::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    if it.is.contains(&Is::Drawn) {
        let row = picture::ActiveModel {
            hash: Set(hash),
            edge: Set(128),
            blob: Set(format!("drawn {id}")),
            mime_type: Set("image/webp".into()),
            width: Set(128),
            height: Set(96),
            size: Set(1),
        };
        picture::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    }
}
