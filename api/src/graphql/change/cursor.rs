//! Cursors of the change log as text: the epoch and the number of the last line read. Opaque to everybody else.

use async_graphql::Result;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hawser_domain::change::Position;
use uuid::Uuid;

use crate::graphql::{error, scalar::Cursor};

pub(super) fn write_cursor(position: Position) -> Cursor {
    let mut bytes = position.epoch.as_bytes().to_vec();
    bytes.extend_from_slice(&position.seq.to_be_bytes());
    Cursor(URL_SAFE_NO_PAD.encode(bytes))
}

/// # Errors
/// `BAD_USER_INPUT` for what is no cursor.
pub(super) fn read_cursor(cursor: &Cursor) -> Result<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok();
    let split = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<16>());
    let read = split.and_then(|(epoch, seq)| {
        Some(Position { epoch: Uuid::from_bytes(*epoch), seq: i64::from_be_bytes(seq.try_into().ok()?) })
    });
    read.ok_or_else(|| error::bad_input("this is no cursor of the change log; take one from `changeCursor`"))
}
