//! One search: what matches and may be seen, a page of it behind a cursor, and how many there are.

use elasticsearch::http::Method;
use futures::future;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Elastic,
    client::{Body, SOON},
    compile::Compiler,
    seen, suggest,
};
use crate::search::{
    ask::{BUCKETS, Bucket, Collected, Facet, SPANS, Wanted, buckets},
    cursor::{Cursor, Key, Sort},
    fault::Fault,
    find::Look,
    load::term,
    query::Node,
};

/// What is found, and what may have been meant where nothing is.
pub async fn look(elastic: &Elastic, look: Look, wanted: Wanted) -> Result<(Collected, Option<String>), Fault> {
    let query = query(&look, look.parsed.root.as_ref(), look.parsed.is_open);
    let is_first = wanted.span.after.is_none() && wanted.span.before.is_none();
    let (mut collected, beyond) = match is_first {
        true => (page(elastic, &query, &wanted, &look.typed).await?, false),
        false => {
            future::try_join(
                page(elastic, &query, &wanted, &look.typed),
                is_more_behind(elastic, &query, &wanted, &look.typed),
            )
            .await?
        }
    };
    match wanted.span.from_end {
        false => collected.beyond.0 |= beyond && wanted.span.after.is_some(),
        true => collected.beyond.1 |= beyond && wanted.span.before.is_some(),
    }
    let suggestion = if collected.total == 0 { suggest::suggest(elastic, &look).await? } else { None };
    Ok((collected, suggestion))
}

/// What matches and may be seen: rights stand outside of everything that was typed.
pub(super) fn query(look: &Look, root: Option<&Node>, is_open: bool) -> Value {
    let compiler = Compiler { resolved: &look.resolved };
    let typed: Vec<Value> = root.map(|root| compiler.compile(root, is_open)).into_iter().collect();
    let mut filters = vec![alive(), seen::filter(&look.sight)];
    filters.extend(look.filter.as_ref().map(|filter| compiler.compile(filter, false)));
    json!({ "bool": { "must": typed, "filter": filters } })
}

/// Everything but tombstones, and the mark.
pub(super) fn alive() -> Value {
    json!({ "term": { "deleted": false } })
}

/// Asks the index in use.
pub(super) async fn ask(elastic: &Elastic, body: &Value) -> Result<Value, Fault> {
    ask_same(elastic, body, "").await
}

/// Asks the index in use; with the same `typed` the same copy of it, so that pages are cut by the same scores.
async fn ask_same(elastic: &Elastic, body: &Value, typed: &str) -> Result<Value, Fault> {
    let path = format!("/{}/_search", elastic.names.read);
    let copy = format!("{:08x}", crc32fast::hash(typed.as_bytes()));
    let query = [("allow_partial_search_results", "false"), ("preference", copy.as_str())];
    let answer = elastic.client.ask(Method::Post, &path, &query, Body::Json(body), SOON).await?;
    match answer.status {
        404 => Err(Fault::Gone("there is no index any more".to_owned())),
        500..=599 => Err(Fault::Gone(super::client::quote(&answer.body))),
        _ => answer.good(),
    }
}

/// The bound the page begins at, and the one it may not cross.
fn bounds(wanted: &Wanted) -> (Option<&Cursor>, Option<&Cursor>) {
    let (after, before) = (wanted.span.after.as_ref(), wanted.span.before.as_ref());
    if wanted.span.from_end { (before, after) } else { (after, before) }
}

async fn page(elastic: &Elastic, query: &Value, wanted: &Wanted, typed: &str) -> Result<Collected, Fault> {
    let (near, far) = bounds(wanted);
    let mut body = json!({
        "size": wanted.most,
        "_source": false,
        "track_total_hits": true,
        "query": query,
        "sort": sort(wanted, wanted.takes_greatest()),
        "aggs": wanted.facets.iter().map(|facet| (name(*facet).to_owned(), counted(*facet, wanted.now))).collect::<serde_json::Map<_, _>>(),
    });
    if let Some(near) = near {
        body["search_after"] = json!([place(wanted.order.sort, &near.key), term(near.id)]);
    }
    let answer = ask_same(elastic, &body, typed).await?;
    let mut collected = Collected {
        total: answer["hits"]["total"]["value"].as_u64().unwrap_or_default(),
        facets: wanted.facets.iter().map(|facet| (*facet, counts(*facet, &answer["aggregations"]))).collect(),
        ..Collected::default()
    };
    let hits = answer["hits"]["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    collected.hits = hits
        .iter()
        .filter_map(|hit| Some((key(wanted.order.sort, &hit["sort"][0])?, hit["_id"].as_str()?.parse::<Uuid>().ok()?)))
        .collect();
    if let Some(far) = far {
        let crosses = |(key, id): &(Key, Uuid)| {
            let side = (key, id).cmp(&(&far.key, &far.id));
            if wanted.takes_greatest() { side.is_le() } else { side.is_ge() }
        };
        let within = collected.hits.iter().position(crosses);
        if let Some(within) = within {
            collected.hits.truncate(within);
            match wanted.span.from_end {
                false => collected.beyond.1 = true,
                true => collected.beyond.0 = true,
            }
        }
    }
    Ok(collected)
}

/// Whether there are hits at the bound the page begins at, or on its other side.
async fn is_more_behind(elastic: &Elastic, query: &Value, wanted: &Wanted, typed: &str) -> Result<bool, Fault> {
    let Some(near) = bounds(wanted).0 else { return Ok(false) };
    let takes_greatest = !wanted.takes_greatest();
    // The bound itself counts: one beside it is where the search begins.
    let beside = match takes_greatest {
        true => near.id.as_u128().saturating_add(1),
        false => near.id.as_u128().saturating_sub(1),
    };
    let body = json!({
        "size": 1,
        "_source": false,
        "track_total_hits": false,
        "query": query,
        "sort": sort(wanted, takes_greatest),
        "search_after": [place(wanted.order.sort, &near.key), term(Uuid::from_u128(beside))],
    });
    let answer = ask_same(elastic, &body, typed).await?;
    Ok(answer["hits"]["hits"].as_array().is_some_and(|hits| !hits.is_empty()))
}

fn sort(wanted: &Wanted, takes_greatest: bool) -> Value {
    let direction = if takes_greatest { "desc" } else { "asc" };
    let field = match wanted.order.sort {
        Sort::Relevance => "_score",
        Sort::Name => "name_key",
        Sort::Modified => "modified",
        Sort::Created => "created",
        Sort::Size => "size_key",
    };
    json!([{ field: direction }, { "id": direction }])
}

/// Of times, so that their order is that of numbers without a sign.
const SIGN: u64 = 1 << 63;

/// A key as the engine sorts by it.
fn place(sort: Sort, key: &Key) -> Value {
    match (sort, key) {
        (_, Key::Text(text)) => text.as_str().into(),
        (Sort::Relevance, Key::Number(bits)) => {
            f64::from(f32::from_bits(u32::try_from(*bits).unwrap_or_default())).into()
        }
        (Sort::Modified | Sort::Created, Key::Number(time)) => (time ^ SIGN).cast_signed().into(),
        (_, Key::Number(size)) => size.cast_signed().into(),
    }
}

fn key(sort: Sort, value: &Value) -> Option<Key> {
    Some(match sort {
        Sort::Relevance => {
            #[allow(clippy::cast_possible_truncation, reason = "it was one before it was written")]
            let score = value.as_f64()? as f32;
            // Scores are never negative: their bits are in the same order.
            Key::Number(u64::from(score.max(0.0).to_bits()))
        }
        Sort::Name => Key::Text(value.as_str().unwrap_or_default().to_owned()),
        Sort::Modified | Sort::Created => Key::Number(value.as_i64()?.cast_unsigned() ^ SIGN),
        Sort::Size => Key::Number(value.as_i64()?.cast_unsigned()),
    })
}

fn name(facet: Facet) -> &'static str {
    match facet {
        Facet::Kind => "type",
        Facet::Provider => "provider",
        Facet::Extension => "extension",
        Facet::Owner => "owner",
        Facet::Modified => "modified",
    }
}

/// How a facet is counted.
fn counted(facet: Facet, now: i64) -> Value {
    if facet != Facet::Modified {
        let order = json!([{ "_count": "desc" }, { "_key": "asc" }]);
        return json!({ "terms": { "field": name(facet), "size": BUCKETS, "shard_size": 20 * BUCKETS, "order": order } });
    }
    let mut newer = None;
    let mut ranges = Vec::new();
    for (name, longest) in SPANS {
        let mut range = json!({ "key": name });
        if longest < i64::MAX {
            range["from"] = now.saturating_sub(longest).into();
        }
        if let Some(newer) = newer {
            range["to"] = json!(newer);
        }
        newer = Some(now.saturating_sub(longest));
        ranges.push(range);
    }
    json!({ "range": { "field": "modified", "ranges": ranges } })
}

fn counts(facet: Facet, answered: &Value) -> Vec<Bucket> {
    let found = answered[name(facet)]["buckets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |it: &Value| Some((it["key"].as_str()?.to_owned(), it["doc_count"].as_u64().filter(|count| *count > 0)?));
    buckets(found.iter().filter_map(one).collect())
}
