//! How many of what was found there are of each kind.

use std::collections::HashMap;

use async_graphql::{Context, Enum, Result, SimpleObject};
use hawser_domain::search::{Bucket, Facet, Facets};

use crate::graphql::{
    loaders::loaders,
    node::{Id, of},
    scalar::Long,
};

/// What hits can be counted by.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Facet")]
pub enum SearchFacetField {
    /// What they are; values are those of `SearchKind`.
    Kind,
    /// The kind of cloud; values are those of `ProviderKind`.
    Provider,
    /// The end of the name, without the dot.
    Extension,
    /// Who created them here, or whose they are in the cloud; values are ids of users.
    Owner,
    /// How long ago they were changed: DAY, WEEK, MONTH, YEAR (within so long) or OLDER. Each is counted once.
    Modified,
}

/// The hits counted by one thing.
#[derive(SimpleObject)]
pub struct SearchFacet {
    /// What they are counted by.
    field: SearchFacetField,
    /// The values, those with most hits first.
    buckets: Vec<SearchBucket>,
}

/// How many hits have a value.
#[derive(SimpleObject)]
struct SearchBucket {
    /// The value, as the filter takes it.
    value: String,
    /// What to call it: a person's name for owners, else the value in plain words.
    label: String,
    /// How many.
    count: Long,
}

/// The facets asked for, in their order.
pub async fn shown(ctx: &Context<'_>, wanted: &[SearchFacetField], found: &Facets) -> Result<Vec<SearchFacet>> {
    let mut shown = Vec::with_capacity(wanted.len());
    for field in wanted {
        let buckets = found.get(&Facet::from(*field)).map(Vec::as_slice).unwrap_or_default();
        let buckets = match field {
            SearchFacetField::Owner => owners(ctx, buckets).await?,
            SearchFacetField::Extension => buckets.iter().map(|it| bucket(it, it.value.clone())).collect(),
            _ => buckets.iter().map(|it| bucket(it, it.value.to_uppercase())).collect(),
        };
        shown.push(SearchFacet { field: *field, buckets });
    }
    Ok(shown)
}

fn bucket(it: &Bucket, value: String) -> SearchBucket {
    SearchBucket { label: it.value.replace('_', " "), value, count: count(it) }
}

fn count(it: &Bucket) -> Long {
    Long(i64::try_from(it.count).unwrap_or(i64::MAX))
}

async fn owners(ctx: &Context<'_>, buckets: &[Bucket]) -> Result<Vec<SearchBucket>> {
    let ids: Vec<uuid::Uuid> = buckets.iter().filter_map(|it| it.value.parse().ok()).collect();
    let people: HashMap<_, _> = loaders(ctx)?.users.load_many(ids).await?;
    let shown = buckets.iter().filter_map(|it| {
        let id = it.value.parse().ok()?;
        let label = people.get(&id)?.name.clone();
        let value = async_graphql::ID::from(Id::<of::User>::new(id)).to_string();
        Some(SearchBucket { value, label, count: count(it) })
    });
    Ok(shown.collect())
}
