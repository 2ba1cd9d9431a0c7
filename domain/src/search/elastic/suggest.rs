//! Words of names that are one letter away from one that is in no name the caller may see.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::{
    Elastic,
    look::{alive, ask, query},
    seen,
};
use crate::search::{
    fault::Fault,
    find::Look,
    suggest::{Improved, TRIED, asked, improved, token},
};

pub(super) async fn suggest(elastic: &Elastic, look: &Look) -> Result<Option<String>, Fault> {
    let Some(root) = &look.parsed.root else { return Ok(None) };
    let mut better = HashMap::new();
    for word in asked(root) {
        if let Some(token) = token(word)
            && let Some(known) = known(elastic, look, token).await?
        {
            better.insert(word.to_owned(), known);
        }
    }
    let Some(Improved { root, text }) = improved(root, &look.typed, &better) else { return Ok(None) };
    let body = json!({ "size": 0, "track_total_hits": 1, "query": query(look, Some(&root), look.parsed.is_open) });
    let finds = ask(elastic, &body).await?["hits"]["total"]["value"].as_u64().unwrap_or_default() > 0;
    Ok(finds.then_some(text))
}

/// The word of most names that is one letter away from this one, unless this one is in a name itself.
async fn known(elastic: &Elastic, look: &Look, token: String) -> Result<Option<String>, Fault> {
    let near = json!({
        "field": "name",
        "size": TRIED,
        "max_edits": 1,
        "prefix_length": 0,
        "min_word_length": 1,
        "suggest_mode": "always",
        "accuracy": 0.1,
        "max_term_freq": 1_000_000_000,
    });
    let body = json!({ "size": 0, "suggest": { "near": { "text": token, "term": near } } });
    let answer = ask(elastic, &body).await?;
    let options = answer["suggest"]["near"][0]["options"].as_array().cloned().unwrap_or_default();
    let mut candidates: BTreeSet<String> =
        options.iter().filter_map(|option| option["text"].as_str().map(str::to_owned)).collect();
    candidates.insert(token.clone());
    let candidates: Vec<String> = candidates.into_iter().collect();
    let named: Map<String, Value> =
        candidates.iter().enumerate().map(|(n, word)| (n.to_string(), json!({ "term": { "name": word } }))).collect();
    let body = json!({
        "size": 0,
        "track_total_hits": false,
        "query": { "bool": { "filter": [alive(), seen::filter(&look.sight)] } },
        "aggs": { "named": { "filters": { "filters": named } } },
    });
    let answer = ask(elastic, &body).await?;
    let mut best: Option<(u64, String)> = None;
    for (n, candidate) in candidates.into_iter().enumerate() {
        let buckets = &answer["aggregations"]["named"]["buckets"];
        let count = buckets[n.to_string()]["doc_count"].as_u64().unwrap_or_default();
        if count > 0 && candidate == token {
            return Ok(None);
        }
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((count, candidate));
        }
    }
    Ok(best.map(|(_, word)| word))
}
