//! XChaCha20-Poly1305 with the key's id in front and the row's place as associated data:
//! `1 | length of kid | kid | nonce (24) | ciphertext`. A value copied to another row, column or table does not open.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::Keyring;
use crate::{Error, Result, randomness::Randomness};

const FORMAT: u8 = 1;
const NONCE: usize = 24;
const PURPOSE: &str = "hawser/seal/v1";

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub row: Uuid,
}

impl Place<'_> {
    fn associated_data(&self) -> String {
        format!("{}|{}|{}", self.table, self.column, self.row)
    }
}

/// What every value sealed with this key begins with.
pub(super) fn stamp(kid: &str) -> Vec<u8> {
    // A key's id has 32 letters at most.
    let length = u8::try_from(kid.len()).unwrap_or(u8::MAX);
    [&[FORMAT, length], kid.as_bytes()].concat()
}

/// The key that a value was sealed with.
pub(super) fn kid(sealed: &[u8]) -> Option<&str> {
    let (&[FORMAT, length], rest) = sealed.split_first_chunk::<2>()? else { return None };
    std::str::from_utf8(rest.get(..usize::from(length))?).ok()
}

pub fn seal(keys: &Keyring, randomness: &Randomness, place: Place<'_>, secret: &SecretString) -> Result<Vec<u8>> {
    let kid = keys.active();
    let cipher = XChaCha20Poly1305::new(keys.derive(kid, PURPOSE)?.as_slice().into());
    let nonce = randomness.bytes::<NONCE>();
    let place = place.associated_data();
    let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: place.as_bytes() };
    let ciphertext =
        cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| Error::Secret("sealing failed".into()))?;
    let kid_length = u8::try_from(kid.len()).map_err(|_| Error::Secret("the key id is too long".into()))?;
    let mut sealed = vec![FORMAT, kid_length];
    sealed.extend_from_slice(kid.as_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// # Errors
/// `Secret` for a value that is cut, altered, from another place, or sealed with a key that is not configured.
pub fn open(keys: &Keyring, place: Place<'_>, sealed: &[u8]) -> Result<SecretString> {
    let cut = || Error::Secret("a stored secret is damaged".into());
    let (&[format, kid_length], rest) = sealed.split_first_chunk::<2>().ok_or_else(cut)?;
    if format != FORMAT || rest.len() < usize::from(kid_length) + NONCE {
        return Err(cut());
    }
    let (kid, rest) = rest.split_at(usize::from(kid_length));
    let (nonce, ciphertext) = rest.split_at(NONCE);
    let kid = std::str::from_utf8(kid).map_err(|_| cut())?;
    let cipher = XChaCha20Poly1305::new(keys.derive(kid, PURPOSE)?.as_slice().into());
    let place = place.associated_data();
    let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
    let plain = cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| cut())?;
    String::from_utf8(plain).map(SecretString::from).map_err(|_| cut())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Keyring {
        Keyring::parse(text).unwrap()
    }

    const A: &str = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const B: &str = "b:HxABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=";

    #[test]
    fn a_sealed_value_opens_only_in_its_own_place_and_unaltered() {
        let (keys, randomness) = (keys(A), Randomness::from_seed(1));
        let place = Place { table: "connection", column: "access_token", row: Uuid::from_u128(7) };
        let sealed = seal(&keys, &randomness, place, &SecretString::from("ya29.secret")).unwrap();
        assert_eq!(open(&keys, place, &sealed).unwrap().expose_secret(), "ya29.secret");
        for elsewhere in [
            Place { row: Uuid::from_u128(8), ..place },
            Place { column: "refresh_token", ..place },
            Place { table: "provider", ..place },
        ] {
            assert!(open(&keys, elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        for index in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[index] ^= 1 << bit;
                assert!(open(&keys, place, &altered).is_err(), "byte {index} bit {bit}");
            }
            assert!(open(&keys, place, &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn an_old_key_still_opens_what_it_sealed_and_the_first_key_seals() {
        let randomness = Randomness::from_seed(1);
        let place = Place { table: "t", column: "c", row: Uuid::nil() };
        let old = seal(&keys(A), &randomness, place, &SecretString::from("x")).unwrap();
        let both = keys(&format!("{B},{A}"));
        assert_eq!(both.active(), "b");
        assert_eq!(open(&both, place, &old).unwrap().expose_secret(), "x");
        assert!(open(&keys(B), place, &old).is_err());
    }

    #[test]
    fn bad_keys_are_refused_all_at_once() {
        let Err(Error::Config(faults)) = Keyring::parse("x,y:abc,z:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        else {
            panic!("bad keys were taken");
        };
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(Keyring::parse("").is_err());
    }
}
