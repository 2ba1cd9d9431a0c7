//! Names for new things, drawn from a seed: two sandboxes with one seed and one history hand out the same ids and tokens.
//! The shapes (length, alphabet, first letters) are the vendor's, because clients have been seen to check them.

use rand::{Rng, SeedableRng, rngs::StdRng};

const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGITS: &[u8] = b"0123456789";

#[derive(Debug)]
pub struct Ids {
    rng: StdRng,
}

impl Ids {
    pub fn seeded(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    fn draw(&mut self, head: &str, alphabet: &[u8], length: usize, tail: &str) -> String {
        let mut text = String::with_capacity(head.len() + length + tail.len());
        text.push_str(head);
        for _ in 0..length {
            text.push(alphabet[self.rng.random_range(0..alphabet.len())] as char);
        }
        text.push_str(tail);
        text
    }

    pub fn file(&mut self) -> String {
        self.draw("1", URL_SAFE, 32, "")
    }

    /// Roots of My Drive and of shared drives.
    pub fn root(&mut self) -> String {
        self.draw("0A", URL_SAFE, 14, "PVA")
    }

    pub fn person(&mut self) -> String {
        self.draw("1", DIGITS, 19, "")
    }

    pub fn revision(&mut self) -> String {
        self.draw("0B", URL_SAFE, 50, "")
    }

    pub fn resource_key(&mut self) -> String {
        self.draw("0-", URL_SAFE, 22, "")
    }

    pub fn code(&mut self) -> String {
        self.draw("4/0A", URL_SAFE, 69, "")
    }

    pub fn access_token(&mut self) -> String {
        self.draw("ya29.a0A", URL_SAFE, 150, "")
    }

    pub fn refresh_token(&mut self) -> String {
        self.draw("1//0", URL_SAFE, 99, "")
    }

    pub fn page_token(&mut self) -> String {
        self.draw("~!!~AI9", URL_SAFE, 60, "")
    }

    pub fn opaque(&mut self, length: usize) -> String {
        self.draw("", URL_SAFE, length, "")
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.rng.random_range(0..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_and_another_seed_another() {
        let sequence = |seed| {
            let mut ids = Ids::seeded(seed);
            (ids.file(), ids.root(), ids.access_token())
        };
        assert_eq!(sequence(7), sequence(7));
        assert_ne!(sequence(7), sequence(8));
        assert_eq!(sequence(7).0.len(), 33);
        assert!(sequence(7).1.ends_with("PVA"));
    }
}
