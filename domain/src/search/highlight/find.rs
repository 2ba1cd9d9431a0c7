//! Where the wanted things are, in one pass over the text. What takes several words is collected word by word and put
//! together whenever enough has come together, so that memory stays small in any text.

use super::{
    Hit,
    wanted::{Item, Slot, Wanted},
};
use crate::search::words::Mode;

/// Nobody looks at more.
const MOST_HITS: usize = 10_000;
const ENOUGH: usize = 4096;
/// Tokens of phrases that are looked at: one word again and again would ask for every place of each.
const MOST_FOUND: usize = 1_000_000;

/// One token of a phrase, somewhere in the text.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Where the phrase would begin; more than a text has tokens is never subtracted.
    origin: i64,
    at: usize,
    position: usize,
    start: usize,
    end: usize,
}

/// Sorted by where they start.
pub fn hits(text: &str, wanted: &Wanted) -> Vec<Hit> {
    let mut hits = Vec::new();
    if wanted.is_empty() {
        return hits;
    }
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); wanted.items.len()];
    let mut tokens = wanted.tokens(text, Mode::Index);
    let mut looked_at = 0;
    while hits.len() < MOST_HITS && looked_at < MOST_FOUND && tokens.advance() {
        let token = tokens.token();
        if !wanted.firsts[usize::from(token.text.as_bytes().first().copied().unwrap_or(0))] {
            continue;
        }
        let beginnings = wanted.beginnings.iter().filter(|(text, _)| token.text.starts_with(text.as_str()));
        let whole = wanted.whole.get(&token.text).into_iter().flatten();
        for Slot { item, at } in whole.chain(beginnings.map(|(_, slot)| slot)) {
            let (start, end) = (token.start, token.end);
            let Some(Item { positions, .. }) = wanted.items.get(*item) else { continue };
            if positions.len() == 1 {
                hits.push(Hit { start, end, item: *item });
            } else {
                looked_at += 1;
                let origin = signed(token.position) - signed(positions[*at]);
                found[*item].push(Found { origin, at: *at, position: token.position, start, end });
                if found[*item].len() >= ENOUGH {
                    join(&wanted.items[*item], *item, &mut found[*item], &mut hits);
                    let reach = positions.last().copied().unwrap_or(0) + wanted.items[*item].slop;
                    let oldest = signed(token.position) - signed(reach);
                    found[*item].retain(|it| it.origin >= oldest);
                }
            }
        }
    }
    for (at, found) in found.iter_mut().enumerate() {
        join(&wanted.items[at], at, found, &mut hits);
    }
    hits.sort_by_key(|hit| (hit.start, hit.end));
    hits.dedup();
    hits
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Phrases are where each of their tokens is, and the origins are no further apart than the slop.
fn join(item: &Item, number: usize, found: &mut [Found], hits: &mut Vec<Hit>) {
    found.sort_by_key(|it| (it.origin, it.at));
    let (mut counts, mut missing, mut first) = (vec![0_usize; item.positions.len()], item.positions.len(), 0);
    for last in 0..found.len() {
        missing -= usize::from(counts[found[last].at] == 0);
        counts[found[last].at] += 1;
        while first < last {
            let is_far = found[last].origin - found[first].origin > signed(item.slop);
            // All of them without the first: a narrower place is a better one.
            if !is_far && counts[found[first].at] == 1 {
                break;
            }
            counts[found[first].at] -= 1;
            missing += usize::from(counts[found[first].at] == 0);
            first += 1;
        }
        if missing == 0 {
            mark(item, number, &found[first..=last], hits);
        }
    }
}

fn mark(item: &Item, number: usize, within: &[Found], hits: &mut Vec<Hit>) {
    let mut chosen: Vec<Option<Found>> = vec![None; item.positions.len()];
    for it in within {
        chosen[it.at] = Some(*it);
    }
    let mut chosen: Vec<Found> = chosen.into_iter().flatten().collect();
    chosen.sort_by_key(|it| it.position);
    if chosen.windows(2).any(|two| two[0].position == two[1].position) {
        return;
    }
    if item.slop > 0 {
        hits.extend(chosen.iter().map(|it| Hit { start: it.start, end: it.end, item: number }));
    } else if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
        hits.push(Hit { start: first.start, end: last.end, item: number });
    }
}
