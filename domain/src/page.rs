//! Pages of a list, from either end. A page is cut by the whole order, whose last part is the id and therefore unique:
//! rows are compared by `(sort key, id)`, so that a page neither repeats nor skips a row, however many have the same sort
//! key and whoever writes meanwhile.

use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
    sea_query::{Expr, ExprTrait, Order as Direction},
};
use uuid::Uuid;

use crate::Result;

/// Which rows of a list are wanted. `K` names a row by what the list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<K> {
    /// Only what comes behind this row.
    pub after: Option<K>,
    /// Only what comes before this row.
    pub before: Option<K>,
    /// The last of those instead of the first.
    pub from_end: bool,
    /// Rows of a page.
    pub most: u64,
    /// Also look whether rows lie at or behind the bounds; without it a bound says that there are none.
    pub looks_back: bool,
}

impl<K> Default for Span<K> {
    /// All rows.
    fn default() -> Self {
        Self::first(i64::MAX.unsigned_abs() - 1)
    }
}

impl<K> Span<K> {
    /// The first rows.
    pub fn first(most: u64) -> Self {
        Self { after: None, before: None, from_end: false, most, looks_back: false }
    }

    /// The same rows, named in another way.
    ///
    /// # Errors
    /// Those of `name`.
    pub fn try_map<L, E>(&self, name: impl Fn(&K) -> Result<L, E>) -> Result<Span<L>, E> {
        Ok(Span {
            after: self.after.as_ref().map(&name).transpose()?,
            before: self.before.as_ref().map(&name).transpose()?,
            from_end: self.from_end,
            most: self.most,
            looks_back: self.looks_back,
        })
    }
}

/// Rows in the order of their list, and whether there are others around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R> {
    pub rows: Vec<R>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<R> Default for Page<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_previous: false, has_next: false }
    }
}

impl<R> Page<R> {
    /// The page of rows fetched for `span`, nearest first: one more than the page holds says that there are others.
    pub(crate) fn cut<K>(span: &Span<K>, mut rows: Vec<R>) -> Self {
        let most = usize::try_from(span.most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        if span.from_end {
            rows.reverse();
        }
        Self { rows, has_previous: span.from_end && more, has_next: !span.from_end && more }
    }

    pub fn map<S>(self, show: impl FnMut(R) -> S) -> Page<S> {
        Page {
            rows: self.rows.into_iter().map(show).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

/// What a list is sorted by: expressions, of which the last is unique, all in one direction.
pub(crate) struct Sorted<const N: usize> {
    pub by: [Expr; N],
    pub descending: bool,
}

/// Where a row lies in a list as seen from another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Behind,
    Before,
    AtOrBehind,
    AtOrBefore,
}

impl<const N: usize> Sorted<N> {
    /// Reads a page.
    pub async fn read<E: EntityTrait>(
        &self,
        db: &impl ConnectionTrait,
        all: Select<E>,
        span: &Span<[Value; N]>,
    ) -> Result<Page<E::Model>> {
        let mut within = all.clone();
        if let Some(key) = &span.after {
            within = within.filter(self.lies(Side::Behind, key));
        }
        if let Some(key) = &span.before {
            within = within.filter(self.lies(Side::Before, key));
        }
        let direction = if self.descending == span.from_end { Direction::Asc } else { Direction::Desc };
        for by in &self.by {
            within = within.order_by(by.clone(), direction.clone());
        }
        let mut page = Page::cut(span, within.limit(span.most.saturating_add(1)).all(db).await?);
        if !page.has_previous {
            page.has_previous = self.any(db, &all, span, Side::AtOrBefore, span.after.as_ref()).await?;
        }
        if !page.has_next {
            page.has_next = self.any(db, &all, span, Side::AtOrBehind, span.before.as_ref()).await?;
        }
        Ok(page)
    }

    /// Whether the list goes on beyond a bound.
    async fn any<E: EntityTrait>(
        &self,
        db: &impl ConnectionTrait,
        all: &Select<E>,
        span: &Span<[Value; N]>,
        side: Side,
        bound: Option<&[Value; N]>,
    ) -> Result<bool> {
        match bound.filter(|_| span.looks_back) {
            Some(key) => Ok(all.clone().filter(self.lies(side, key)).one(db).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Row values are compared as a whole, which an index on the same columns answers.
    fn lies(&self, side: Side, key: &[Value; N]) -> Expr {
        let row = Expr::tuple(self.by.clone());
        let key = Expr::tuple(key.clone().map(Expr::value));
        match (side, self.descending) {
            (Side::Behind, false) | (Side::Before, true) => row.gt(key),
            (Side::Before, false) | (Side::Behind, true) => row.lt(key),
            (Side::AtOrBehind, false) | (Side::AtOrBefore, true) => row.gte(key),
            (Side::AtOrBefore, false) | (Side::AtOrBehind, true) => row.lte(key),
        }
    }
}

/// Reads a page of what is sorted by its id alone, which is the order in which things were made.
pub(crate) async fn by_id<E: EntityTrait>(
    db: &impl ConnectionTrait,
    all: Select<E>,
    id: E::Column,
    descending: bool,
    span: &Span<Uuid>,
) -> Result<Page<E::Model>> {
    let Ok(span) = span.try_map(|id| Ok::<_, std::convert::Infallible>([Value::from(*id)]));
    Sorted { by: [Expr::col((E::default(), id))], descending }.read(db, all, &span).await
}
