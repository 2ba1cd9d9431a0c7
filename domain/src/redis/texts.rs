//! Texts that clients put in at one server to call them by their hash at all of them. For a day after they were put in, and
//! so many of one person and no more.

use uuid::Uuid;

use super::{Gone, Redis};
use crate::persisted_operation;

/// Seconds.
const DAY: i64 = 24 * 60 * 60;
/// Bytes of one person's that are kept.
const SHARE: usize = 8 << 20;

impl Redis {
    /// Keeps a text in somebody's name, as far as they have room.
    ///
    /// # Errors
    /// `Gone` when Redis does not answer.
    pub async fn keep_text(&self, text: &str, owner: Uuid) -> Result<(), Gone> {
        let room = self.key(&format!("texts:of:{owner}"));
        let mut count = redis::pipe();
        count.incr(&room, text.len()).expire(&room, DAY).ignore();
        let (taken,): (usize,) = self.ask_all(&count).await?;
        if taken > SHARE {
            return Ok(());
        }
        let mut keep = redis::cmd("SET");
        keep.arg(self.text_key(&hex::encode(persisted_operation::hash(text)))).arg(text).arg("EX").arg(DAY);
        self.ask(&keep).await
    }

    /// The text with this hash, in hexadecimal. What is found under it and has another is nobody's.
    ///
    /// # Errors
    /// `Gone` when Redis does not answer.
    pub async fn text(&self, hash: &str) -> Result<Option<String>, Gone> {
        let mut get = redis::cmd("GET");
        get.arg(self.text_key(hash));
        let found: Option<String> = self.ask(&get).await?;
        Ok(found.filter(|text| hex::encode(persisted_operation::hash(text)) == hash))
    }

    fn text_key(&self, hash: &str) -> String {
        self.key(&format!("text:{hash}"))
    }
}
