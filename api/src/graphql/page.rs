//! Relay connections over keyset cursors: `first` (50 unless told, 100 at most), `after`, `nodes` beside `edges`, and a
//! `totalCount` that is counted only when asked for. A cursor is opaque and names the last row by what rows are sorted by.

use async_graphql::{
    Context, Enum, OutputType, Result, SimpleObject,
    connection::{Connection, CursorType, Edge, EmptyFields},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use super::error;

pub const DEFAULT: usize = 50;
pub const MOST: usize = 100;

pub type Page<N> = Connection<Cursor, N, Total, EmptyFields>;

/// Where a row stands: its sort keys as JSON, in base64url.
#[derive(Debug, Clone)]
pub struct Cursor(String);

impl Cursor {
    fn of(key: &impl Serialize) -> Result<Self> {
        Ok(Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key)?)))
    }

    fn read<K: DeserializeOwned>(&self) -> Result<K> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok();
        let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        key.ok_or_else(|| error::bad_input("`after` is not a cursor of this list; use `pageInfo.endCursor` as it came"))
    }
}

impl CursorType for Cursor {
    type Error = std::convert::Infallible;

    fn decode_cursor(text: &str) -> std::result::Result<Self, Self::Error> {
        Ok(Self(text.to_owned()))
    }

    fn encode_cursor(&self) -> String {
        self.0.clone()
    }
}

/// Which way a list runs.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderDirection {
    /// From small to great, from A to Z, from old to new.
    Asc,
    /// From great to small, from Z to A, from new to old.
    Desc,
}

/// What a connection has besides its rows.
#[derive(SimpleObject)]
pub struct Total {
    /// How many there are on all pages together; null where counting would cost too much.
    total_count: Option<i64>,
}

/// The rows wanted: `limit` is one more than the page holds, so that a next page is noticed.
#[derive(Debug, Clone)]
pub struct Wanted<K> {
    pub after: Option<K>,
    pub limit: u64,
    first: usize,
}

/// Checks the arguments of a list.
///
/// # Errors
/// `BAD_USER_INPUT` for `first` outside 0..=100 and for a cursor of another list.
pub fn wanted<K: DeserializeOwned>(first: Option<i32>, after: Option<String>) -> Result<Wanted<K>> {
    let first = rows(first)?;
    let after = after.map(|text| Cursor(text).read()).transpose()?;
    Ok(Wanted { after, limit: first as u64 + 1, first })
}

/// How many rows are asked for.
pub fn rows(first: Option<i32>) -> Result<usize> {
    let Some(first) = first else { return Ok(DEFAULT) };
    let rows = usize::try_from(first).ok().filter(|rows| *rows <= MOST);
    rows.ok_or_else(|| error::bad_input(format!("`first` lies between 0 and {MOST}, not {first}")))
}

/// Lays out the rows fetched for `wanted`. `key` names a row by its sort keys, `node` turns it into what is shown.
pub fn page<K: Serialize, R, N: OutputType>(
    wanted: &Wanted<K>,
    mut rows: Vec<R>,
    total_count: Option<i64>,
    key: impl Fn(&R) -> K,
    node: impl Fn(R) -> N,
) -> Result<Page<N>> {
    let more = rows.len() > wanted.first;
    rows.truncate(wanted.first);
    let mut page = Connection::with_additional_fields(wanted.after.is_some(), more, Total { total_count });
    for row in rows {
        page.edges.push(Edge::new(Cursor::of(&key(&row))?, node(row)));
    }
    Ok(page)
}

/// What `count` comes to, if the caller asked for `totalCount`.
pub async fn total(ctx: &Context<'_>, count: impl Future<Output = hawser_domain::Result<u64>>) -> Result<Option<i64>> {
    if counts(ctx) { Ok(i64::try_from(count.await?).ok()) } else { Ok(None) }
}

/// Whether the caller asked for `totalCount`.
pub fn counts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// The cost of a list: what one row costs, times the rows of a page. For `#[graphql(complexity = "…")]`.
pub fn cost(first: Option<i32>, child: usize) -> usize {
    let rows = first.map_or(DEFAULT, |first| usize::try_from(first).unwrap_or(0).min(MOST));
    1 + rows.max(1) * child.max(1)
}
