//! The keys that seal secrets: one active, others only to open what they once sealed.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, Result, randomness::Randomness};

/// 32 random bytes.
pub type Key = Zeroizing<[u8; 32]>;

#[derive(Clone)]
pub struct Keyring {
    active: String,
    keys: BTreeMap<String, Key>,
}

impl Keyring {
    /// Reads `kid:base64,kid:base64`; the first is active.
    ///
    /// # Errors
    /// `Config` naming every fault: no key, a bad id, not 32 bytes, no entropy, the same id twice.
    pub fn parse(text: &str) -> Result<Self> {
        let mut faults = Vec::new();
        let mut keys = BTreeMap::new();
        let mut active = None;
        for (number, part) in text.split(',').map(str::trim).filter(|part| !part.is_empty()).enumerate() {
            match parse_key(part) {
                Ok((kid, key)) => {
                    active.get_or_insert_with(|| kid.clone());
                    if keys.insert(kid.clone(), key).is_some() {
                        faults.push(format!("keys: the id {kid:?} appears twice"));
                    }
                }
                Err(fault) => faults.push(format!("keys: entry {}: {fault}", number + 1)),
            }
        }
        if let (Some(active), true) = (active, faults.is_empty()) {
            return Ok(Self { active, keys });
        }
        if faults.is_empty() {
            faults.push("keys: none given; make one with `hawser keys new`".to_owned());
        }
        Err(Error::Config(faults))
    }

    /// A new key in the form `parse` reads.
    ///
    /// # Errors
    /// `Config` for a bad id.
    pub fn new_key(kid: &str, randomness: &Randomness) -> Result<String> {
        let text = format!("{kid}:{}", STANDARD.encode(randomness.bytes::<32>()));
        Self::parse(&text).map(|_| text)
    }

    pub fn active(&self) -> &str {
        &self.active
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// A key for one purpose, derived by HKDF-SHA256 (RFC 5869) so that no key serves two.
    ///
    /// # Errors
    /// `Secret` when the id is unknown.
    pub fn derive(&self, kid: &str, purpose: &str) -> Result<Key> {
        let key = self.keys.get(kid).ok_or_else(|| Error::Secret(format!("the key {kid:?} is not configured")))?;
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, key.as_slice())
            .expand(purpose.as_bytes(), derived.as_mut_slice())
            .map_err(|_| Error::Secret("key derivation failed".into()))?;
        Ok(derived)
    }
}

fn parse_key(part: &str) -> std::result::Result<(String, Key), String> {
    let (kid, encoded) = part.split_once(':').ok_or("expected id:base64")?;
    let good_id =
        (1..=32).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !good_id {
        return Err("a key id has 1 to 32 letters, digits, '-' or '_'".into());
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| "not base64".to_owned())?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| format!("{} bytes instead of 32", bytes.len()))?;
    let distinct = key.iter().collect::<std::collections::BTreeSet<_>>().len();
    if distinct < 16 {
        return Err("not random: too few different bytes".into());
    }
    Ok((kid.to_owned(), Zeroizing::new(key)))
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("active", &self.active).finish_non_exhaustive()
    }
}
