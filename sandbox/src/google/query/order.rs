//! `orderBy`: a comma list of keys, each with an optional `desc`.

use std::cmp::Ordering;

use crate::google::world::{FOLDER, World};

const KEYS: [&str; 11] = [
    "createdTime",
    "folder",
    "modifiedByMeTime",
    "modifiedTime",
    "name",
    "name_natural",
    "quotaBytesUsed",
    "recency",
    "sharedWithMeTime",
    "starred",
    "viewedByMeTime",
];

/// Sorts in place; false when a key is unknown.
pub fn sort(world: &World, user: usize, order: &str, files: &mut [usize]) -> bool {
    let keys: Vec<(&str, bool)> = order
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(|key| key.strip_suffix(" desc").map_or((key, false), |key| (key.trim(), true)))
        .collect();
    if keys.iter().any(|(key, _)| !KEYS.contains(key)) {
        return false;
    }
    files.sort_by(|left, right| {
        let orders = keys.iter().map(|(key, desc)| {
            let order = compare(world, user, key, *left, *right);
            if *desc { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then).then(left.cmp(right))
    });
    true
}

fn compare(world: &World, user: usize, key: &str, left: usize, right: usize) -> Ordering {
    let (a, b) = (&world.files[left], &world.files[right]);
    match key {
        "createdTime" => a.created.cmp(&b.created),
        "folder" => (a.mime != FOLDER).cmp(&(b.mime != FOLDER)),
        "modifiedByMeTime" => a.modified_by_me.get(&user).cmp(&b.modified_by_me.get(&user)),
        "modifiedTime" | "recency" => a.modified.cmp(&b.modified),
        "name" => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        "name_natural" => natural(&a.name).cmp(&natural(&b.name)),
        "quotaBytesUsed" => {
            let size = |at: &crate::google::world::file::File| at.head().map_or(0, |head| head.blob.bytes.len());
            size(a).cmp(&size(b))
        }
        "sharedWithMeTime" => a.shared_with_me.get(&user).cmp(&b.shared_with_me.get(&user)),
        "starred" => b.starred.contains(&user).cmp(&a.starred.contains(&user)),
        "viewedByMeTime" => a.viewed.get(&user).cmp(&b.viewed.get(&user)),
        _ => Ordering::Equal,
    }
}

/// Numbers inside a name count as numbers: `a2` before `a10`. Text before a number decides first.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let (mut text, mut digits) = (String::new(), String::new());
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if !digits.is_empty() {
            let number = digits.parse().unwrap_or(u64::MAX);
            parts.push((std::mem::take(&mut text), number));
            digits.clear();
        }
        text.push(letter);
    }
    parts.push((text, digits.parse().unwrap_or(0)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order_counts() {
        assert!(natural("a2.txt") < natural("a10.txt"));
        assert!(natural("a10") < natural("b1"));
    }
}
