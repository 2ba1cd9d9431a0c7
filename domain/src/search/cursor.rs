//! The order of hits, and the cursor that names a place in it: the key of the last hit seen and its id. Pages cut by it
//! neither repeat nor skip while others write, as long as keys stay what they were.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What fits best first. Scores are never told.
    Relevance,
    Name,
    Modified,
    Created,
    /// What has no size comes as if it had none.
    Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    pub sort: Sort,
    /// Of relevance, what fits best is the greatest.
    pub descending: bool,
}

/// Greater keys are further in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Scores, times and sizes, mapped so that their order stays.
    Number(u64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(flatten)]
    pub order: Order,
    pub key: Key,
    pub id: Uuid,
}

impl Cursor {
    pub fn write(&self) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self)?))
    }

    /// # Errors
    /// `Invalid` for what is no cursor, or one of another order.
    pub fn read(text: &str, order: Order) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let cursor: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let fault = |message| Error::invalid(&["after"], message);
        let cursor = cursor.ok_or_else(|| fault("this is not a cursor of a search"))?;
        let fits = matches!(cursor.key, Key::Text(_)) == (order.sort == Sort::Name);
        if cursor.order != order || !fits {
            return Err(fault("this cursor belongs to a search in another order; begin without one"));
        }
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_and_fits_its_order_only() {
        let order = Order { sort: Sort::Name, descending: false };
        let cursor = Cursor { order, key: Key::Text("quay é.pdf".into()), id: Uuid::from_u128(7) };
        let text = cursor.write().unwrap();
        assert_eq!(Cursor::read(&text, order).unwrap(), cursor);
        assert!(Cursor::read(&text, Order { descending: true, ..order }).is_err());
        assert!(Cursor::read(&text, Order { sort: Sort::Size, ..order }).is_err());
        for nonsense in ["", "!", "e30", &text[1..]] {
            assert!(Cursor::read(nonsense, order).is_err(), "{nonsense:?}");
        }
    }
}
