//! Google's side of the sandbox as one value: people, shared drives, files, feeds, channels, sign-ins, transfers.
//! Verbs on it are what both the vendor's API and the control API do; each verb announces itself in the change feeds.

pub mod access;
pub mod channel;
pub mod content;
pub mod feed;
pub mod file;
pub mod people;
mod sharing;
pub mod tree;

use std::collections::{BTreeSet, HashMap, HashSet};

use tokio::sync::mpsc::UnboundedSender;

use self::{
    channel::Channel,
    feed::Feeds,
    file::File,
    people::{SharedDrive, User},
};
use crate::{
    control::wire::Limits,
    google::{
        delivery::Message, files::list::Listings, files::upload::Uploads, oauth::Book, operations::Operations,
        quota::Meters,
    },
    ids::Ids,
};

pub const FOLDER: &str = "application/vnd.google-apps.folder";
pub const SHORTCUT: &str = "application/vnd.google-apps.shortcut";

#[derive(Debug)]
pub struct World {
    pub ids: Ids,
    /// The present, set whenever the world is locked.
    pub now: i64,
    pub users: Vec<User>,
    pub drives: Vec<SharedDrive>,
    /// Deleted files keep their place, so that a feed can still name them.
    pub files: Vec<File>,
    pub feeds: Feeds,
    pub channels: HashMap<String, Channel>,
    pub oauth: Book,
    pub listings: Listings,
    pub uploads: Uploads,
    pub operations: Operations,
    pub meters: Meters,
    pub limits: Limits,
    /// Ids handed out by `generateIds` and not used yet.
    pub promised_ids: HashSet<String>,
    /// Signs thumbnail links.
    pub secret: String,
    pub pushes: UnboundedSender<Message>,
    by_id: HashMap<String, usize>,
    by_email: HashMap<String, usize>,
    drive_ids: HashMap<String, usize>,
    children: HashMap<usize, BTreeSet<usize>>,
    owned: HashMap<usize, BTreeSet<usize>>,
    granted: HashMap<usize, BTreeSet<usize>>,
    in_drive: HashMap<usize, BTreeSet<usize>>,
}

impl World {
    pub fn new(seed: u64, now: i64, pushes: UnboundedSender<Message>) -> Self {
        let mut ids = Ids::seeded(seed);
        let secret = ids.opaque(32);
        Self {
            ids,
            now,
            users: Vec::new(),
            drives: Vec::new(),
            files: Vec::new(),
            feeds: Feeds::default(),
            channels: HashMap::new(),
            oauth: Book::default(),
            listings: Listings::default(),
            uploads: Uploads::default(),
            operations: Operations::default(),
            meters: Meters::default(),
            limits: Limits::default(),
            promised_ids: HashSet::new(),
            secret,
            pushes,
            by_id: HashMap::new(),
            by_email: HashMap::new(),
            drive_ids: HashMap::new(),
            children: HashMap::new(),
            owned: HashMap::new(),
            granted: HashMap::new(),
            in_drive: HashMap::new(),
        }
    }

    pub fn user(&self, email: &str) -> Option<usize> {
        self.by_email.get(&email.to_lowercase()).copied()
    }

    pub fn drive(&self, id: &str) -> Option<usize> {
        let drive = self.drive_ids.get(id).copied()?;
        (!self.drives[drive].deleted).then_some(drive)
    }

    /// The file of this id, deleted or not.
    pub fn file(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub fn children(&self, folder: usize) -> impl Iterator<Item = usize> + '_ {
        self.children.get(&folder).into_iter().flatten().copied()
    }

    pub fn drive_files(&self, drive: usize) -> impl Iterator<Item = usize> + '_ {
        self.in_drive.get(&drive).into_iter().flatten().copied()
    }

    pub fn owned(&self, user: usize) -> impl Iterator<Item = usize> + '_ {
        self.owned.get(&user).into_iter().flatten().copied()
    }

    /// Files shared with a user by name, not those below them.
    pub fn granted(&self, user: usize) -> impl Iterator<Item = usize> + '_ {
        self.granted.get(&user).into_iter().flatten().copied()
    }
}
