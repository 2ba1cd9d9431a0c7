//! Relay connections over keyset cursors, from both ends: `first`/`after` and `last`/`before` (50 unless told, 20
//! inside of other things, 100 at most), `nodes` beside `edges`, and a `totalCount` that is counted only when asked for. A cursor is opaque and names
//! its list and a row by what the rows are sorted by.

use std::borrow::Cow;

use async_graphql::{Context, Enum, Object, ObjectType, OutputType, Result, SimpleObject, TypeName};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hawser_domain::page::{Page, Span};
use serde::{Serialize, de::DeserializeOwned};

use super::{error, scalar::Cursor};

pub const DEFAULT: usize = 50;
pub const MOST: usize = 100;
const NESTED: i32 = 20;

/// Which way a list runs.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderDirection {
    /// From small to great, from A to Z, from old to new.
    Asc,
    /// From great to small, from Z to A, from new to old.
    Desc,
}

/// Where a page stands in its list.
#[derive(SimpleObject, Debug, Clone)]
pub struct PageInfo {
    /// Whether there are others before those of this page.
    has_previous_page: bool,
    /// Whether there are others behind those of this page.
    has_next_page: bool,
    /// The cursor of the first of this page, to be given as `before`; null on an empty page.
    start_cursor: Option<Cursor>,
    /// The cursor of the last of this page, to be given as `after`; null on an empty page.
    end_cursor: Option<Cursor>,
}

/// One of a page, with the cursor that names its place.
pub struct Edge<N> {
    cursor: Cursor,
    node: N,
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// One of a page, with the cursor that names its place.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// Its place in the list, to be given as `after` or `before`.
    async fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The thing itself.
    async fn node(&self) -> &N {
        &self.node
    }
}

/// A page of a list, and what the list has besides its rows.
pub struct Connection<N, T: ObjectType = Total> {
    edges: Vec<Edge<N>>,
    has_previous: bool,
    has_next: bool,
    rest: T,
}

impl<N: OutputType, T: ObjectType> TypeName for Connection<N, T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type)]
impl<N: OutputType, T: ObjectType> Connection<N, T> {
    /// Those of this page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// Those of this page.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    #[graphql(flatten)]
    async fn rest(&self) -> &T {
        &self.rest
    }
}

/// What a connection has besides its rows.
#[derive(SimpleObject)]
pub struct Total {
    /// How many there are on all pages together; null where counting would cost too much.
    total_count: Option<i32>,
}

/// The arguments of a list, as they came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub first: Option<i32>,
    pub after: Option<Cursor>,
    pub last: Option<i32>,
    pub before: Option<Cursor>,
}

impl Asked {
    /// The rows wanted of a list of `N`, by its cursors as they are.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for `first` and `last` together, and for either outside 0..=100.
    pub fn span(self, ctx: &Context<'_>) -> Result<Span<Cursor>> {
        if self.first.is_some() && self.last.is_some() {
            return Err(error::bad_input("`first` and `last` exclude each other: a page begins at one end of a list"));
        }
        let most = match self.last {
            Some(last) => rows("last", Some(last))?,
            None => rows("first", self.first)?,
        };
        let asks = |field| ctx.look_ahead().field("pageInfo").field(field).exists();
        Ok(Span {
            looks_back: self.after.is_some() && asks("hasPreviousPage") || self.before.is_some() && asks("hasNextPage"),
            after: self.after,
            before: self.before,
            from_end: self.last.is_some(),
            most: most as u64,
        })
    }

    /// The rows wanted of a list of `N`, which is sorted by `K`.
    ///
    /// # Errors
    /// As `span`; `BAD_USER_INPUT` also for a cursor of another list.
    pub fn keys<N: OutputType, K: DeserializeOwned>(self, ctx: &Context<'_>) -> Result<Span<K>> {
        let span = self.span(ctx)?;
        Ok(Span {
            after: span.after.map(|cursor| read::<N, K>("after", "endCursor", &cursor)).transpose()?,
            before: span.before.map(|cursor| read::<N, K>("before", "startCursor", &cursor)).transpose()?,
            from_end: span.from_end,
            most: span.most,
            looks_back: span.looks_back,
        })
    }
}

/// How many rows are asked for.
pub fn rows(argument: &str, count: Option<i32>) -> Result<usize> {
    let Some(count) = count else { return Ok(DEFAULT) };
    let rows = usize::try_from(count).ok().filter(|rows| *rows <= MOST);
    rows.ok_or_else(|| error::bad_input(format!("`{argument}` lies between 0 and {MOST}, not {count}")))
}

fn write<N: OutputType>(key: &impl Serialize) -> Result<Cursor> {
    Ok(Cursor(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(N::type_name(), key))?)))
}

fn read<N: OutputType, K: DeserializeOwned>(argument: &str, origin: &str, cursor: &Cursor) -> Result<K> {
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok();
    let named: Option<(String, K)> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let key = named.filter(|(list, _)| *list == N::type_name()).map(|(_, key)| key);
    key.ok_or_else(|| {
        error::bad_input(format!("`{argument}` is not a cursor of this list; use `pageInfo.{origin}` as it came"))
    })
}

/// Lays out a page. `key` names a row by what the list is sorted by, `node` turns it into what is shown.
pub fn page<K: Serialize, R, N: OutputType>(
    page: Page<R>,
    total_count: Option<u64>,
    key: impl Fn(&R) -> K,
    node: impl Fn(R) -> N,
) -> Result<Connection<N>> {
    let total_count = total_count.map(count);
    connection(page, Total { total_count }, |row| Ok((write::<N>(&key(&row))?, node(row))))
}

/// Lays out a page whose list has more to say, or cursors of its own.
pub fn connection<R, N: OutputType, T: ObjectType>(
    page: Page<R>,
    rest: T,
    show: impl Fn(R) -> Result<(Cursor, N)>,
) -> Result<Connection<N, T>> {
    let (has_previous, has_next) = (page.has_previous, page.has_next);
    let edges = page.rows.into_iter().map(|row| show(row).map(|(cursor, node)| Edge { cursor, node }));
    Ok(Connection { edges: edges.collect::<Result<_>>()?, has_previous, has_next, rest })
}

/// A count as the schema has it, which ends where its `Int` does.
pub fn count(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What `count` comes to, if the caller asked for `totalCount`.
pub async fn total(ctx: &Context<'_>, count: impl Future<Output = hawser_domain::Result<u64>>) -> Result<Option<u64>> {
    if counts(ctx) { Ok(Some(count.await?)) } else { Ok(None) }
}

/// Whether the caller asked for `totalCount`.
pub fn counts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// What `first` comes to in a list inside of other things, where nothing is told: fewer, since there may be many lists.
pub fn nested(first: Option<i32>, last: Option<i32>) -> Option<i32> {
    first.or(last.is_none().then_some(NESTED))
}
