//! The change feeds: one per user and one per shared drive, each with at most one entry for a file or drive.
//! A newer change replaces the older entry and moves to the end, so reading from a cursor is a range scan,
//! never a search through files. An entry only says *that* something changed; what is true is looked up when it is read.

use std::collections::{BTreeMap, HashMap};

use super::World;

/// Parts of a user's world, as bits.
pub mod see {
    pub const MINE: u8 = 1;
    pub const SHARED: u8 = 2;
    pub const DRIVE: u8 = 4;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedOf {
    User(usize),
    Drive(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    File(usize),
    Drive(usize),
}

#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub subject: Subject,
    pub at: i64,
    /// Where the subject was or is, over all changes this entry stands for.
    pub was: u8,
}

/// Who sees a file, and from where, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    pub users: Vec<(usize, u8)>,
    pub drive: Option<usize>,
}

#[derive(Debug, Default)]
struct Feed {
    entries: BTreeMap<u64, Entry>,
    places: HashMap<Subject, u64>,
}

#[derive(Debug, Default)]
pub struct Feeds {
    feeds: HashMap<FeedOf, Feed>,
    last: u64,
    /// Cursors below this were invalidated.
    floor: u64,
}

impl Feeds {
    /// The cursor that will show everything from now on.
    pub fn cursor(&self) -> u64 {
        self.last + 1
    }

    pub fn is_valid(&self, cursor: u64) -> bool {
        cursor >= self.floor.max(1) && cursor <= self.cursor()
    }

    /// Makes every cursor handed out so far a foreign one.
    pub fn invalidate(&mut self) {
        self.last += 1000;
        self.floor = self.cursor();
    }

    pub fn put(&mut self, feeds: &[FeedOf], subject: Subject, was: u8, at: i64) {
        self.last += 1;
        for of in feeds {
            self.put_one(*of, subject, was, at);
        }
    }

    fn put_one(&mut self, of: FeedOf, subject: Subject, was: u8, at: i64) {
        let number = self.last;
        let feed = self.feeds.entry(of).or_default();
        let before = feed.places.insert(subject, number);
        let before = before.and_then(|place| feed.entries.remove(&place));
        let was = was | before.map_or(0, |entry| entry.was);
        feed.entries.insert(number, Entry { subject, at, was });
    }

    /// Entries at or after the cursor, oldest first, with the cursor that follows each.
    pub fn since(&self, of: FeedOf, cursor: u64) -> impl Iterator<Item = (u64, Entry)> + '_ {
        let feed = self.feeds.get(&of);
        let range = feed.into_iter().flat_map(move |feed| feed.entries.range(cursor..));
        range.map(|(number, entry)| (number + 1, *entry))
    }
}

impl World {
    /// Writes a change of a file into the feed of everybody who saw it before or sees it now.
    pub fn announce(&mut self, file: usize, before: &Sight) {
        let after = self.sight(file);
        self.feeds.last += 1;
        let (subject, now) = (Subject::File(file), self.now);
        let mut touched = Vec::new();
        let mut seen: BTreeMap<usize, u8> = before.users.iter().copied().collect();
        for (user, part) in &after.users {
            *seen.entry(*user).or_default() |= part;
        }
        for (user, was) in seen {
            self.feeds.put_one(FeedOf::User(user), subject, was, now);
            touched.push(FeedOf::User(user));
        }
        for drive in before.drive.into_iter().chain(after.drive) {
            self.feeds.put_one(FeedOf::Drive(drive), subject, see::DRIVE, now);
            touched.push(FeedOf::Drive(drive));
        }
        self.notify_feeds(&touched);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_change_replaces_the_older_one_and_moves_to_the_end() {
        let mut feeds = Feeds::default();
        let of = FeedOf::User(0);
        let start = feeds.cursor();
        feeds.put(&[of], Subject::File(1), see::MINE, 10);
        feeds.put(&[of], Subject::File(2), see::MINE, 20);
        feeds.put(&[of], Subject::File(1), see::SHARED, 30);
        let seen: Vec<_> = feeds.since(of, start).map(|(_, entry)| entry).collect();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].subject, Subject::File(2));
        assert_eq!(seen[1].subject, Subject::File(1));
        assert_eq!(seen[1].was, see::MINE | see::SHARED);
        let (next, _) = feeds.since(of, start).last().unwrap();
        assert_eq!(feeds.since(of, next).count(), 0);
        assert_eq!(next, feeds.cursor());
    }

    #[test]
    fn invalidated_cursors_are_refused_and_new_ones_work() {
        let mut feeds = Feeds::default();
        let old = feeds.cursor();
        assert!(feeds.is_valid(old));
        feeds.invalidate();
        assert!(!feeds.is_valid(old));
        assert!(feeds.is_valid(feeds.cursor()));
        assert!(!feeds.is_valid(feeds.cursor() + 1));
    }
}
