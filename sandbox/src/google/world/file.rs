//! A file as Google keeps it: names, place, grants, revisions. Plain data; the rules are in the neighbouring rooms.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::OnceLock,
};

use bytes::Bytes;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Default)]
pub struct File {
    pub id: String,
    pub name: String,
    pub mime: String,
    /// None: the root of a drive.
    pub parent: Option<usize>,
    pub drive: Option<usize>,
    /// None in shared drives.
    pub owner: Option<usize>,
    pub grants: Vec<Grant>,
    pub created: i64,
    pub modified: i64,
    pub modified_by: usize,
    pub trashed: bool,
    pub trashed_at: i64,
    pub trashed_by: usize,
    pub deleted: bool,
    pub version: u64,
    pub thumbnail_version: u64,
    /// Oldest first; the last is the head. Empty for folders and shortcuts.
    pub revisions: Vec<Revision>,
    pub properties: BTreeMap<String, String>,
    /// By OAuth client.
    pub app_properties: BTreeMap<String, BTreeMap<String, String>>,
    pub description: Option<String>,
    pub starred: BTreeSet<usize>,
    pub viewed: HashMap<usize, i64>,
    pub modified_by_me: HashMap<usize, i64>,
    pub shared_with_me: HashMap<usize, (i64, usize)>,
    pub target: Option<usize>,
    pub resource_key: Option<String>,
    pub key_required: bool,
    /// OAuth clients that created or opened the file: what `drive.file` may see.
    pub apps: BTreeSet<String>,
    pub original_name: Option<String>,
    pub folder_color: Option<String>,
    /// Viewers may not download, print or copy.
    pub copy_restricted: bool,
}

impl File {
    pub fn is_native(&self) -> bool {
        self.mime.starts_with("application/vnd.google-apps.")
    }

    /// A native document with content: neither folder nor shortcut.
    pub fn is_editors_document(&self) -> bool {
        self.is_native() && self.mime != super::FOLDER && self.mime != super::SHORTCUT
    }

    pub fn is_folder(&self) -> bool {
        self.mime == super::FOLDER
    }

    pub fn is_blob(&self) -> bool {
        !self.is_native()
    }

    pub fn head(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    pub fn bytes(&self) -> Bytes {
        self.head().map(|head| head.blob.bytes.clone()).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
pub struct Revision {
    pub id: String,
    pub at: i64,
    pub by: usize,
    pub mime: String,
    pub blob: Blob,
    pub keep: bool,
    pub original_name: Option<String>,
}

/// Bytes and, once somebody asks, their hashes.
#[derive(Debug, Clone, Default)]
pub struct Blob {
    pub bytes: Bytes,
    hashes: OnceLock<Hashes>,
}

#[derive(Debug, Clone)]
pub struct Hashes {
    pub md5: String,
    pub sha1: String,
    pub sha256: String,
}

impl Blob {
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes, hashes: OnceLock::new() }
    }

    pub fn hashes(&self) -> &Hashes {
        self.hashes.get_or_init(|| Hashes {
            md5: hex::encode(Md5::digest(&self.bytes)),
            sha1: hex::encode(Sha1::digest(&self.bytes)),
            sha256: hex::encode(Sha256::digest(&self.bytes)),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    User(usize),
    Group(String),
    Domain(String),
    Anyone,
}

#[derive(Debug, Clone)]
pub struct Grant {
    pub id: String,
    pub who: Who,
    pub role: Role,
    /// Found by search without the link; only for domain and anyone.
    pub discoverable: bool,
    pub expires: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Reader,
    Commenter,
    Writer,
    FileOrganizer,
    Organizer,
    Owner,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
            Self::FileOrganizer => "fileOrganizer",
            Self::Organizer => "organizer",
            Self::Owner => "owner",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Reader, Self::Commenter, Self::Writer, Self::FileOrganizer, Self::Organizer, Self::Owner];
        all.into_iter().find(|role| role.name() == name)
    }
}
