//! The secrets callers carry: a prefix that says what they are, 30 random letters, and a checksum of 6 that tells a
//! mistyped or made-up one without asking the database. Only a keyed hash of them is stored.

use hawser_entity::token::TokenKind;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{Error, Result, randomness::Randomness, secret::Keyring};

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM: usize = 30;
const CHECKSUM: usize = 6;
const PREFIX: usize = 4;
/// Characters shown to its owner: the prefix and the first four letters.
const HINT: usize = PREFIX + 4;
const PURPOSE: &str = "token hash";

fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "hws_",
        TokenKind::Personal => "hwp_",
    }
}

/// A new secret, to be shown once.
pub(super) fn mint(randomness: &Randomness, kind: TokenKind) -> SecretString {
    let mut text = prefix(kind).to_owned();
    text.push_str(&letters(randomness, RANDOM));
    let checksum = checksum(&text);
    text.push_str(&checksum);
    SecretString::from(text)
}

/// So many random letters and digits, each as likely as any other.
pub(crate) fn letters(randomness: &Randomness, count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        // 248 is the greatest multiple of 62 in a byte: what lies above would make the first letters likelier.
        let drawn = randomness.bytes::<64>().into_iter().filter(|byte| *byte < 248);
        text.extend(drawn.take(count - text.len()).map(|byte| char::from(LETTERS[usize::from(byte % 62)])));
    }
    text
}

/// What kind of token this is, when it is formed like one of ours.
pub(super) fn kind(secret: &str) -> Option<TokenKind> {
    let formed = secret.len() == PREFIX + RANDOM + CHECKSUM && secret.is_ascii();
    if !formed || checksum(&secret[..PREFIX + RANDOM]) != secret[PREFIX + RANDOM..] {
        return None;
    }
    [TokenKind::Session, TokenKind::Personal].into_iter().find(|kind| secret.starts_with(prefix(*kind)))
}

pub(super) fn hint(secret: &SecretString) -> String {
    secret.expose_secret().chars().take(HINT).collect()
}

/// What is stored: HMAC-SHA256 under a key of the ring that serves nothing else.
pub(super) fn hash(keys: &Keyring, kid: &str, secret: &str) -> Result<Vec<u8>> {
    let key = keys.derive(kid, PURPOSE)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice())
        .map_err(|_| Error::Secret("the key for token hashes has a wrong length".into()))?;
    mac.update(secret.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// The hash under every key, so that tokens outlive a change of the active one.
pub(super) fn hashes(keys: &Keyring, secret: &str) -> Result<Vec<Vec<u8>>> {
    keys.ids().map(|kid| hash(keys, kid, secret)).collect()
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = LETTERS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_one_letter_changed_is_told_from_a_good_one() {
        let secret = mint(&Randomness::from_seed(7), TokenKind::Personal);
        let secret = secret.expose_secret();
        assert_eq!(kind(secret), Some(TokenKind::Personal), "{secret}");
        assert_eq!(secret.len(), 40);
        for place in 0..secret.len() {
            let mut other = secret.as_bytes().to_vec();
            other[place] = if other[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(kind(std::str::from_utf8(&other).unwrap()), None, "letter {place}");
        }
        assert_eq!(kind("hwp_ü"), None);
        assert_eq!(kind(""), None);
    }

    #[test]
    fn the_stored_hash_depends_on_the_key() {
        let one = Keyring::parse("a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let two = Keyring::parse("a:EAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        assert_ne!(hash(&one, "a", "x").unwrap(), hash(&two, "a", "x").unwrap());
    }
}
