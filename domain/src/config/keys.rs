//! The key file of the embedded default: made once, readable by its owner only, next to the data it protects.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt};

use secrecy::ExposeSecret;

use super::Config;
use crate::{Error, Result, randomness::Randomness, secret::Keyring};

impl Config {
    /// The configured keys, or those of the key file. In a new house (`is_new`) the file is made when there is none.
    ///
    /// # Errors
    /// `Config` when the keys cannot be read, and when the file of a house that is not new is gone.
    pub fn keyring(&self, randomness: &Randomness, is_new: bool) -> Result<Keyring> {
        if let Some(keys) = &self.keys {
            return Keyring::parse(keys.expose_secret());
        }
        let path = self.data.join("keys");
        let fault = |what: &str, error: std::io::Error| {
            Error::Config(vec![format!("keys: {what} {}: {error}", path.display())])
        };
        match fs::read_to_string(&path) {
            Ok(text) => Keyring::parse(text.trim()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_new => {
                let lost = "the database holds secrets, and the file of the keys that open them is gone; bring back";
                Err(fault(lost, error))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = Keyring::new_key("k1", randomness)?;
                let keys = Keyring::parse(&text)?;
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true).mode(0o600);
                let written = options
                    .open(&path)
                    .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
                written.map_err(|error| fault("cannot write", error))?;
                Ok(keys)
            }
            Err(error) => Err(fault("cannot read", error)),
        }
    }
}
