//! Which document a request means, and whether it may run: sent as a text, called by its hash (automatic persisted
//! queries as Apollo's clients do them), or called by the name it was imported under.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::ServerError;
use hawser_domain::{
    config::Admission,
    persisted_operation::{self, Model},
};
use lru::LruCache;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Engine, Parameters,
    cache::{Owner, Share},
    document::{Document, Hash},
};
use crate::graphql::{
    caller::Caller,
    error::{Code, fault},
};

/// Names remembered.
const NAMES: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// An operation that was imported, as far as it is remembered. What a name stands for never changes.
#[derive(Clone)]
pub struct Imported {
    id: Uuid,
    hash: Hash,
    client: Arc<str>,
}

/// The names under which operations were imported, as far as somebody called them.
pub struct Names(Mutex<LruCache<String, Imported>>);

impl Names {
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(NAMES)))
    }

    fn get(&self, name: &str) -> Option<Imported> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn put(&self, name: &str, imported: Imported) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(name.to_owned(), imported);
    }
}

/// The document that was meant.
pub struct Found {
    pub document: Arc<Document>,
    /// For whom it is to be kept, once it is found valid.
    pub register_for: Option<Owner>,
    /// How other servers get to know it then.
    pub share: Option<Share>,
}

/// What a request names its document by.
enum Name<'a> {
    None,
    /// `documentId`
    Id(&'a str),
    /// `extensions.persistedQuery`
    Hash(&'a str),
}

/// Finds the document and counts its use.
///
/// # Errors
/// `PERSISTED_QUERY_NOT_FOUND` where nothing is known under the name; `PERSISTED_OPERATION_REQUIRED` where a text is sent
/// and only known documents run; what the parser says of the text.
pub async fn find(engine: &Engine, sent: &Parameters, caller: &Caller) -> Result<Found, ServerError> {
    let text = sent.query.as_deref().filter(|text| !text.is_empty());
    match (name(sent)?, text) {
        (Name::None, None) => Err(fault(Code::BadUserInput, "the request has neither a `query` nor a `documentId`")),
        (Name::Id(_), Some(_)) => Err(fault(Code::BadUserInput, "send either a `query` or a `documentId`")),
        (Name::None, Some(text)) => sent_as_text(engine, sent, caller, text, false).await,
        (Name::Hash(hash), Some(text)) => {
            if !hash.eq_ignore_ascii_case(&hex::encode(persisted_operation::hash(text))) {
                return Err(fault(Code::BadUserInput, "provided sha does not match query"));
            }
            sent_as_text(engine, sent, caller, text, true).await
        }
        (Name::Id(id), None) => called(engine, sent, caller, persisted_operation::key(id)).await,
        (Name::Hash(hash), None) => called(engine, sent, caller, persisted_operation::key(hash)).await,
    }
}

fn name(sent: &Parameters) -> Result<Name<'_>, ServerError> {
    if let Some(id) = sent.document_id.as_deref().filter(|id| !id.is_empty()) {
        return Ok(Name::Id(id));
    }
    let Some(named) = sent.extensions.as_ref().and_then(|all| all.get("persistedQuery")) else { return Ok(Name::None) };
    match named {
        Value::Null => Ok(Name::None),
        // Told so, Apollo's clients go on without hashes.
        _ if named["version"] != 1 => Err(fault(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported")),
        _ => {
            let hash = named["sha256Hash"].as_str().filter(|hash| !hash.is_empty());
            hash.map(Name::Hash)
                .ok_or_else(|| fault(Code::BadUserInput, "`extensions.persistedQuery` needs the text `sha256Hash`"))
        }
    }
}

async fn sent_as_text(
    engine: &Engine,
    sent: &Parameters,
    caller: &Caller,
    text: &str,
    by_hash: bool,
) -> Result<Found, ServerError> {
    let hash = persisted_operation::hash(text);
    let admission = engine.app.config.graphql_documents;
    let may_send = match admission {
        Admission::Open => true,
        Admission::Apq => by_hash || is_free(caller) || engine.cache.registered(&hash).is_some(),
        Admission::Trusted => is_free(caller),
    };
    if admission != Admission::Open {
        match imported(engine, &hex::encode(hash)).await? {
            Some(known) => count(engine, sent, &known),
            None if may_send => {}
            None => return Err(refused(admission)),
        }
    }
    let document = match engine.cache.get(&hash) {
        Some(document) => document,
        None => Arc::new(Document::read(text)?),
    };
    let owner = caller.principal.as_ref().map(|who| who.user_id);
    // Strangers would fill the memory of a house in which hashes are how one gets in.
    let keeps = by_hash && admission != Admission::Trusted && (owner.is_some() || admission == Admission::Open);
    let share = || Some(Share { redis: engine.app.redis.clone()?, text: text.to_owned(), owner: owner? });
    Ok(Found { document, register_for: keeps.then_some(owner), share: keeps.then(share).flatten() })
}

/// Administrators run what they like, with a token that has the scope.
fn is_free(caller: &Caller) -> bool {
    caller.principal.as_ref().is_some_and(|who| who.require_admin().is_ok())
}

fn refused(admission: Admission) -> ServerError {
    let message = match admission {
        Admission::Apq => "this server runs a text only together with its hash, in `extensions.persistedQuery`",
        _ => "this server runs only the operations that were imported: send a `documentId`",
    };
    fault(Code::PersistedOperationRequired, message)
}

/// A document that is called by its name alone.
async fn called(engine: &Engine, sent: &Parameters, caller: &Caller, key: &str) -> Result<Found, ServerError> {
    if engine.app.config.graphql_documents != Admission::Trusted
        && let Some(document) = hash_in(key).and_then(|hash| engine.cache.registered(&hash))
    {
        return Ok(Found { document, register_for: None, share: None });
    }
    let missing = || fault(Code::PersistedQueryNotFound, "PersistedQueryNotFound");
    let known = match imported(engine, key).await? {
        Some(known) => known,
        None => return elsewhere(engine, caller, key).await.ok_or_else(missing),
    };
    count(engine, sent, &known);
    if let Some(document) = engine.cache.get(&known.hash) {
        return Ok(Found { document, register_for: None, share: None });
    }
    let row = row(engine, key).await?.ok_or_else(missing)?;
    Ok(Found { document: Arc::new(Document::read(&row.text)?), register_for: None, share: None })
}

/// A text that somebody put in at another server.
async fn elsewhere(engine: &Engine, caller: &Caller, key: &str) -> Option<Found> {
    let redis = engine.app.redis.as_ref().filter(|_| engine.app.config.graphql_documents != Admission::Trusted)?;
    let text = redis.text(&hex::encode(hash_in(key)?)).await.ok()??;
    let document = Arc::new(Document::read(&text).ok()?);
    // Registered here, too, for those who are known: strangers ask Redis again.
    let owner = caller.principal.as_ref().map(|who| who.user_id);
    Some(Found { document, register_for: owner.map(Some), share: None })
}

fn hash_in(key: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    hex::decode_to_slice(key, &mut hash).ok().map(|()| hash)
}

async fn imported(engine: &Engine, key: &str) -> Result<Option<Imported>, ServerError> {
    if let Some(known) = engine.names.get(key) {
        return Ok(Some(known));
    }
    let Some(row) = row(engine, key).await? else { return Ok(None) };
    let hash = hash_in(&row.hash).unwrap_or_else(|| persisted_operation::hash(&row.text));
    let known = Imported { id: row.id, hash, client: row.client.into() };
    engine.names.put(key, known.clone());
    Ok(Some(known))
}

async fn row(engine: &Engine, key: &str) -> Result<Option<Model>, ServerError> {
    let found = persisted_operation::called(&engine.app, key).await;
    found.map_err(|error| async_graphql::Error::new_with_source(error).into_server_error(Default::default()))
}

fn count(engine: &Engine, sent: &Parameters, known: &Imported) {
    let client = sent.client_name.as_deref().unwrap_or(&known.client);
    engine.app.uses.note(known.id, client, engine.app.clock.now());
}
