//! Which pieces of a text are shown: first those with most of the different things that are wanted, cut between words.

use std::ops::Range;

use super::{Fragment, Hit};
use crate::search::words::script;

/// How far a border between words is looked for, in characters.
const REACH: usize = 30;

/// Byte ranges, in the order of the text.
pub fn choose(text: &str, hits: &[Hit], most: usize, length: usize) -> Vec<Range<usize>> {
    let mut chosen: Vec<Range<usize>> = Vec::new();
    let characters = characters(text, hits);
    let mut left: Vec<usize> = (0..hits.len()).collect();
    let mut is_shown = vec![false; hits.iter().map(|hit| hit.item + 1).max().unwrap_or(0)];
    while chosen.len() < most && !left.is_empty() {
        let Some(window) = best(&left, hits, &characters, &is_shown, &chosen, length) else { break };
        for hit in &left[window.clone()] {
            is_shown[hits[*hit].item] = true;
        }
        let from = hits[left[window.start]].start;
        let to = left[window].iter().map(|hit| hits[*hit].end).max().unwrap_or(from);
        let floor = chosen.iter().map(|it| it.end).filter(|end| *end <= from).max().unwrap_or(0);
        let ceiling = chosen.iter().map(|it| it.start).filter(|start| *start >= to).min().unwrap_or(text.len());
        let range = widen(text, from..to, floor..ceiling, length);
        left.retain(|hit| hits[*hit].end <= range.start || hits[*hit].start >= range.end);
        chosen.push(range);
    }
    chosen.sort_by_key(|range| range.start);
    chosen
}

/// Of each hit, the characters before its start and its end.
fn characters(text: &str, hits: &[Hit]) -> Vec<(usize, usize)> {
    let (mut at, mut count) = (0, 0);
    let of = |hit: &Hit| {
        count += text[at..hit.start].chars().count();
        at = hit.start;
        (count, count + text[hit.start..hit.end].chars().count())
    };
    hits.iter().map(of).collect()
}

/// The window over `left` that shows most: what was not shown yet counts most, then the number of hits.
fn best(
    left: &[usize],
    hits: &[Hit],
    characters: &[(usize, usize)],
    is_shown: &[bool],
    chosen: &[Range<usize>],
    length: usize,
) -> Option<Range<usize>> {
    let mut counts = vec![0_usize; is_shown.len()];
    let (mut end, mut news, mut best) = (0, 0_usize, None);
    for start in 0..left.len() {
        let first = left[start];
        while end < left.len() {
            let hit = &hits[left[end]];
            let fits = characters[left[end]].1 <= characters[first].0 + length;
            let is_parted = chosen.iter().any(|it| hits[first].start < it.start && it.start < hit.end);
            if end > start && (!fits || is_parted) {
                break;
            }
            news += usize::from(counts[hit.item] == 0 && !is_shown[hit.item]);
            counts[hit.item] += 1;
            end += 1;
        }
        let score = (news, end - start);
        if best.as_ref().is_none_or(|(_, most)| score > *most) {
            best = Some((start..end, score));
        }
        let item = hits[first].item;
        counts[item] -= 1;
        news -= usize::from(counts[item] == 0 && !is_shown[item]);
    }
    best.map(|(window, _)| window)
}

/// To about `length` characters, between words, and within bounds.
fn widen(text: &str, hit: Range<usize>, bounds: Range<usize>, length: usize) -> Range<usize> {
    let room = length.saturating_sub(text[hit.clone()].chars().count());
    let (before, after) = (&text[bounds.start..hit.start], &text[hit.end..bounds.end]);
    let available = |text: &str| text.chars().take(room).count();
    let tail = available(after).min(room - available(before).min(room / 2));
    let head = before.chars().rev().take(room - tail).count();
    let mut start = hit.start - before.chars().rev().take(head).map(char::len_utf8).sum::<usize>();
    let mut end = hit.end + after.chars().take(tail).map(char::len_utf8).sum::<usize>();
    for _ in 0..REACH {
        match text[start..hit.start].chars().next() {
            Some(next) if start > bounds.start && is_inside(text, start) => start += next.len_utf8(),
            _ => break,
        }
    }
    for _ in 0..REACH {
        match text[hit.end..end].chars().next_back() {
            Some(last) if end < bounds.end && is_inside(text, end) => end -= last.len_utf8(),
            _ => break,
        }
    }
    start..end
}

/// Between two characters of one word.
fn is_inside(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next()) else { return false };
    let is_part = |c: char| (c.is_alphanumeric() || c == '_' || script::is_attached(c)) && !script::is_paired(c);
    script::is_attached(after) || before == '\u{200d}' || is_part(before) && is_part(after)
}

/// The piece with its marks.
pub fn fragment(text: &str, range: Range<usize>, hits: &[Hit]) -> Fragment {
    let mut fragment = Fragment::default();
    let first = hits.partition_point(|hit| hit.start < range.start);
    let mut hits = hits[first..].iter().take_while(|hit| hit.start < range.end).peekable();
    let (mut count, mut marked_to) = (0, 0);
    let mut was_space = true;
    for (at, c) in text[range.clone()].char_indices() {
        let at = range.start + at;
        while let Some(hit) = hits.next_if(|hit| hit.start <= at) {
            marked_to = marked_to.max(hit.end);
        }
        let is_space = c.is_whitespace() || c.is_control();
        if is_space && was_space {
            continue;
        }
        was_space = is_space;
        fragment.text.push(if is_space { ' ' } else { c });
        if at < marked_to {
            match fragment.marks.last_mut().filter(|mark| mark.end == count) {
                Some(mark) => mark.end += 1,
                None => fragment.marks.push(count..count + 1),
            }
        }
        count += 1;
    }
    // White space at the end is in no mark: words end before it.
    fragment.text.truncate(fragment.text.trim_end().len());
    fragment
}
