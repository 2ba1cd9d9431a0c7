//! Building an index from the database beside the one in use, and changing over in one step. Searches and writes go on with
//! the other one meanwhile, which is kept until the next building: whoever wants it back moves the aliases.

use serde_json::{Value, json};

use super::{
    Elastic,
    desk::{self, Desk},
    follow, mapping, mark,
    write::{self, Target},
};
use crate::{
    App, Error, change,
    search::{engine::Progress, fault::Fault, load},
};

const CHUNK: u64 = 500;

/// Returns how many documents were written.
pub(super) async fn build(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, Fault> {
    let known = indexes(elastic).await?;
    for (unused, _) in known.iter().filter(|(_, is_read)| !is_read) {
        remove(elastic, unused).await?;
    }
    let number =
        known.iter().filter_map(|(name, _)| name.rsplit('-').next()?.parse::<u64>().ok()).max().unwrap_or(0) + 1;
    let name = format!("{}-{}-{number}", elastic.names.read, elastic.version);
    elastic.client.put(&format!("/{name}"), &[], &mapping::index()).await?.good()?;
    let documents = match fill(app, elastic, desk, &name, tell).await {
        Ok(documents) => documents,
        Err(fault) => {
            // What is left of it is taken away by the next building at the latest.
            let _ = remove(elastic, &name).await;
            return Err(fault);
        }
    };
    change_over(elastic, &name).await?;
    desk.at = None;
    desk::say_progress(app, elastic, desk, None).await?;
    Ok(documents)
}

async fn fill(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    name: &str,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, Fault> {
    let target = Target::Index(name);
    // Whatever changes from here on is in the log behind this place.
    let start = change::head(app).await?;
    let of = load::count(app).await?;
    let (mut done, mut found, mut last) = (0, 0, None);
    loop {
        tell(Progress { done, of });
        desk::say_progress(app, elastic, desk, Some(Progress { done, of })).await?;
        let ids = load::ids_after(app, last, CHUNK).await?;
        found += write::replace(app, elastic, target, &ids).await?.live;
        done += ids.len() as u64;
        match ids.last() {
            Some(id) => last = Some(*id),
            None => break,
        }
        // Who searches meanwhile finds what is new in the index in use.
        if let Some(used) = elastic.marked().await?.filter(|used| used.mark.version == elastic.version) {
            match follow::follow_alias(app, elastic, desk, used).await {
                // Whatever is wrong with it: it is about to be replaced.
                Ok(_) | Err(Fault::Index(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    mark::refresh(elastic, name).await?;
    let there = elastic.count(name).await?;
    if there != found {
        return Err(Error::Internal(format!("{name} has {there} of the {found} documents it was given")).into());
    }
    mark::write(elastic, target, start).await?;
    // As far as the index in use, or further: what a search was promised there it finds here.
    follow::follow(app, elastic, desk, target, start, start).await?;
    // Whoever lost the desk meanwhile must not change over.
    desk::say_progress(app, elastic, desk, Some(Progress { done, of })).await?;
    Ok(done)
}

/// From one search and one write to the next, it is this index.
async fn change_over(elastic: &Elastic, name: &str) -> Result<(), Fault> {
    let (read, write) = (&elastic.names.read, &elastic.names.write);
    let others = indexes(elastic).await?.into_iter().map(|(other, _)| other).filter(|other| other != name);
    let mut actions: Vec<Value> = others
        .flat_map(|other| {
            [read, write].map(|alias| json!({ "remove": { "index": other, "alias": alias, "must_exist": false } }))
        })
        .collect();
    actions.extend([read, write].map(|alias| json!({ "add": { "index": name, "alias": alias } })));
    elastic.client.post("/_aliases", &[], &json!({ "actions": actions })).await?.good()?;
    Ok(())
}

/// Our indexes of documents, and whether each is behind the alias that is searched.
async fn indexes(elastic: &Elastic) -> Result<Vec<(String, bool)>, Fault> {
    let read = &elastic.names.read;
    let all = elastic.client.get(&format!("/{read}-*/_alias"), &[("expand_wildcards", "all")]).await?;
    if all.status == 404 {
        return Ok(Vec::new());
    }
    let all = all.good()?;
    let named = |name: &str| {
        // Not those of another house whose prefix begins like ours.
        let rest = name.strip_prefix(read.as_str())?.strip_prefix('-')?;
        let (version, number) = rest.split_once('-')?;
        (version.len() == elastic.version.len() && number.parse::<u64>().is_ok()).then(|| name.to_owned())
    };
    let all = all.as_object().into_iter().flatten();
    Ok(all.filter_map(|(name, it)| Some((named(name)?, !it["aliases"][read].is_null()))).collect())
}

async fn remove(elastic: &Elastic, name: &str) -> Result<(), Fault> {
    let answer = elastic.client.delete(&format!("/{name}")).await?;
    match answer.status {
        404 => Ok(()),
        _ => answer.good().map(|_| ()),
    }
}
