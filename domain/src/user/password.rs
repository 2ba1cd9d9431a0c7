//! Passwords: argon2id, off the threads that serve requests, and never more than a few at once, since each takes 19 MiB.

use std::sync::LazyLock;

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{Error as HashError, SaltString},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{Error, Result, randomness::Randomness};

static SLOTS: Semaphore = Semaphore::const_new(4);

/// What an unknown person's password is compared with, so that the answer takes as long as for a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hashed(b"nobody", &[0; 16]).ok());

/// # Errors
/// `Invalid` for a password nobody should have.
pub(crate) fn check(password: &SecretString) -> Result<()> {
    match password.expose_secret().chars().count() {
        10..=512 => Ok(()),
        _ => Err(Error::invalid(&["input", "password"], "a password has 10 to 512 characters")),
    }
}

/// The password as stored, in PHC string form.
pub(super) async fn hash(randomness: &Randomness, password: &SecretString) -> Result<String> {
    let (password, salt) = (password.clone(), randomness.bytes::<16>());
    run(move || hashed(password.expose_secret().as_bytes(), &salt).map_err(broken)).await?
}

/// Whether this is the password. Takes as long when there is no hash to compare with.
pub(crate) async fn verify(hash: Option<String>, password: &SecretString) -> Result<bool> {
    let password = password.clone();
    run(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return Ok(false) };
        let hash = PasswordHash::new(&hash).map_err(broken)?;
        match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash) {
            Ok(()) => Ok(known),
            Err(HashError::Password) => Ok(false),
            Err(error) => Err(broken(error)),
        }
    })
    .await?
}

fn hashed(password: &[u8], salt: &[u8; 16]) -> Result<String, HashError> {
    let salt = SaltString::encode_b64(salt)?;
    Ok(Argon2::default().hash_password(password, &salt)?.to_string())
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _slot = SLOTS.acquire().await.map_err(|_| Error::Internal("no place to check passwords".into()))?;
    spawn_blocking(work).await.map_err(|error| Error::Internal(format!("checking a password: {error}")))
}

fn broken(error: HashError) -> Error {
    Error::Internal(format!("a stored password hash cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_and_nothing_opens_nobody() {
        let (good, bad) = (SecretString::from("correct horse"), SecretString::from("wrong horse"));
        let hash = hash(&Randomness::from_seed(1), &good).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify(Some(hash.clone()), &good).await.unwrap());
        assert!(!verify(Some(hash), &bad).await.unwrap());
        assert!(!verify(None, &SecretString::from("nobody")).await.unwrap());
    }
}
