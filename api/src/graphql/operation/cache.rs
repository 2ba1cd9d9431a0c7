//! Documents that were read and found valid, kept by the hash of their text: for all doors, bounded by their number and
//! by their bytes, the least recently used goes first. What fails the rules never gets in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use hawser_domain::redis::Redis;
use lru::LruCache;
use uuid::Uuid;

use super::document::{Document, Hash};

/// Documents kept, and their bytes together.
const DOCUMENTS: usize = 2_000;
const BYTES: usize = 32 << 20;
/// Documents that one person may have put in by their hash, and their bytes; and all strangers together.
const SHARE: (usize, usize) = (500, 8 << 20);
const STRANGERS: (usize, usize) = (100, 1 << 20);

/// Who put a document in; `None` for strangers.
pub type Owner = Option<Uuid>;

struct Entry {
    document: Arc<Document>,
    owner: Owner,
}

/// Documents by the hash of their text, with an order of use.
struct Shelf {
    entries: LruCache<Hash, Entry>,
    bytes: usize,
}

impl Shelf {
    fn new() -> Self {
        Self { entries: LruCache::unbounded(), bytes: 0 }
    }

    fn get(&mut self, hash: &Hash) -> Option<Arc<Document>> {
        self.entries.get(hash).map(|it| it.document.clone())
    }

    fn put(&mut self, document: &Arc<Document>, owner: Owner) {
        self.remove(&document.hash);
        self.bytes += document.weight;
        self.entries.put(document.hash, Entry { document: document.clone(), owner });
        while self.entries.len() > 1 && (self.entries.len() > DOCUMENTS || self.bytes > BYTES) {
            if let Some((_, entry)) = self.entries.pop_lru() {
                self.bytes -= entry.document.weight;
            }
        }
    }

    fn remove(&mut self, hash: &Hash) {
        if let Some(entry) = self.entries.pop(hash) {
            self.bytes -= entry.document.weight;
        }
    }

    /// Keeps somebody's documents within their share: those they put in, the least recently used go first.
    fn hold_to_share(&mut self, owner: Owner) {
        let (most, most_bytes) = if owner.is_some() { SHARE } else { STRANGERS };
        let (mut documents, mut bytes, mut gone) = (0, 0, Vec::new());
        for (hash, entry) in self.entries.iter().filter(|(_, entry)| entry.owner == owner) {
            documents += 1;
            bytes += entry.document.weight;
            if documents > most || bytes > most_bytes {
                gone.push(*hash);
            }
        }
        gone.iter().for_each(|hash| self.remove(hash));
    }
}

/// All that is remembered of documents.
pub struct Cache {
    /// Whatever ran.
    valid: Mutex<Shelf>,
    /// What clients put in by its hash, to be called by it.
    registered: Mutex<Shelf>,
}

impl Cache {
    pub fn new() -> Self {
        Self { valid: Mutex::new(Shelf::new()), registered: Mutex::new(Shelf::new()) }
    }

    /// The document with this hash, if it was found valid before.
    pub fn get(&self, hash: &Hash) -> Option<Arc<Document>> {
        open(&self.valid).get(hash)
    }

    /// The document that somebody put in by its hash.
    pub fn registered(&self, hash: &Hash) -> Option<Arc<Document>> {
        open(&self.registered).get(hash)
    }

    fn keep(&self, document: &Arc<Document>) {
        open(&self.valid).put(document, None);
    }

    /// Whoever put it in first, it counts as theirs. Returns whether it is new.
    fn register(&self, document: &Arc<Document>, owner: Owner) -> bool {
        let mut shelf = open(&self.registered);
        let is_new = shelf.get(&document.hash).is_none();
        if is_new {
            shelf.put(document, owner);
            shelf.hold_to_share(owner);
        }
        is_new
    }

    #[cfg(test)]
    fn counts(&self) -> (usize, usize) {
        (open(&self.valid).entries.len(), open(&self.registered).entries.len())
    }
}

fn open(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call on its way to the rules: in the data of its request.
#[derive(Clone)]
pub struct Checked {
    pub cache: Arc<Cache>,
    pub document: Arc<Document>,
    /// `Document::call`
    pub call: Hash,
    /// For whom the document is kept to be called by its hash, if at all.
    pub register_for: Option<Owner>,
    /// How other servers get to know it then.
    pub share: Option<Share>,
}

/// A text for other servers, in somebody's name: strangers' are kept here alone.
#[derive(Clone)]
pub struct Share {
    pub redis: Redis,
    pub text: String,
    pub owner: Uuid,
}

impl Checked {
    /// Whether the call was found valid before; then that holds again.
    pub async fn pass_again(&self) -> bool {
        let Some(result) = self.document.passed(&self.call) else { return false };
        self.pass(result).await;
        true
    }

    async fn pass(&self, result: ValidationResult) {
        self.document.pass(self.call, result);
        self.cache.keep(&self.document);
        if let Some(owner) = self.register_for
            && self.cache.register(&self.document, owner)
            && let Some(Share { redis, text, owner }) = &self.share
        {
            // Where it is not kept, the client sends it again.
            let _ = redis.keep_text(text, *owner).await;
        }
    }
}

/// In the data of a request that is to be checked and not to be run.
pub struct OnlyChecked;

/// What a request ends with that was found valid and is not to be run.
pub const VALID: &str = "valid";

/// Asks the rules only for calls that they have not seen yet.
pub struct Remembered;

impl ExtensionFactory for Remembered {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Remembered)
    }
}

#[async_trait::async_trait]
impl Extension for Remembered {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        if ctx.data::<OnlyChecked>().is_ok() {
            next.run(ctx).await?;
            return Err(vec![ServerError::new(VALID, None)]);
        }
        let Ok(checked) = ctx.data::<Checked>() else { return next.run(ctx).await };
        let result = match checked.document.passed(&checked.call) {
            Some(result) => result,
            None => next.run(ctx).await?,
        };
        checked.pass(result).await;
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(number: usize) -> Arc<Document> {
        Arc::new(Document::read(&format!("{{ field{number} }}")).unwrap())
    }

    /// Of this many bytes, and read from another text than the others.
    fn heavy(number: usize, weight: usize) -> Arc<Document> {
        let mut document = Document::read(&format!("{{ heavy{number} }}")).unwrap();
        document.weight = weight;
        Arc::new(document)
    }

    #[test]
    fn the_least_recently_used_goes_first_when_there_are_too_many() {
        let cache = Cache::new();
        let first = document(0);
        cache.keep(&first);
        for number in 1..DOCUMENTS {
            cache.keep(&document(number));
        }
        assert!(cache.get(&first.hash).is_some(), "it is used again");
        cache.keep(&document(DOCUMENTS));
        assert_eq!(cache.counts().0, DOCUMENTS);
        assert!(cache.get(&first.hash).is_some());
        assert!(cache.get(&document(1).hash).is_none());
    }

    #[test]
    fn bytes_are_bounded_too_and_given_back() {
        let cache = Cache::new();
        for number in 0..10 {
            cache.keep(&heavy(number, BYTES / 4));
            cache.keep(&heavy(number, BYTES / 4));
        }
        assert_eq!(cache.counts().0, 4);
        assert_eq!(open(&cache.valid).bytes, BYTES);
        cache.keep(&document(1));
        assert_eq!(cache.counts().0, 4, "one went for it");
    }

    #[test]
    fn nobody_registers_beyond_their_share_nor_at_the_cost_of_others() {
        let cache = Cache::new();
        let (ann, bob) = (Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        let bobs = document(0);
        cache.register(&bobs, bob);
        for number in 1..SHARE.0 + 10 {
            cache.register(&document(number), ann);
        }
        assert_eq!(cache.counts().1, SHARE.0 + 1);
        assert!(cache.registered(&bobs.hash).is_some());
        assert!(cache.registered(&document(1).hash).is_none(), "the oldest of hers went");
        for number in 0..10 {
            cache.register(&heavy(number, STRANGERS.1 / 2), None);
        }
        assert_eq!(cache.counts().1, SHARE.0 + 1 + 2);
    }
}
