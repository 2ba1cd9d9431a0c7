//! What a document of the table is. Everything not said of one is as in `FILE`.

use hawser_domain::document::DocumentKind;

#[derive(Clone, Copy)]
pub struct Document {
    /// What rows call it.
    pub key: &'static str,
    pub name: &'static str,
    /// The key of its folder; empty for workspaces.
    pub place: &'static str,
    pub kind: DocumentKind,
    pub owner: &'static str,
    /// None: nothing was read, or nothing was in it.
    pub text: Option<&'static str>,
    pub title: Option<&'static str>,
    pub author: Option<&'static str>,
    pub artist: Option<&'static str>,
    pub language: Option<&'static str>,
    pub mime: Option<&'static str>,
    /// Google Drive, Dropbox or Box; none: there is no file in a cloud.
    pub cloud: Option<Cloud>,
    pub size: Option<i64>,
    pub modified: &'static str,
    pub created: &'static str,
    pub taken: Option<&'static str>,
    pub is: &'static [Is],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cloud {
    Drive,
    Dropbox,
    Box,
    /// Bob's account at Dropbox, the file being his own.
    Bobs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Encrypted,
    Unavailable,
    Native,
    /// With a thumbnail of ours.
    Drawn,
    /// With a thumbnail from the cloud.
    Shown,
    Trashed,
}

pub const FILE: Document = Document {
    key: "",
    name: "",
    place: "",
    kind: DocumentKind::File,
    owner: "ann",
    text: None,
    title: None,
    author: None,
    artist: None,
    language: None,
    mime: None,
    cloud: None,
    size: None,
    modified: "2038-06-01T12:00:00Z",
    created: "2038-05-01T12:00:00Z",
    taken: None,
    is: &[],
};

pub const fn folder(key: &'static str, name: &'static str, place: &'static str) -> Document {
    Document { key, name, place, kind: DocumentKind::Folder, ..FILE }
}

pub const fn workspace(key: &'static str, name: &'static str, owner: &'static str) -> Document {
    Document { key, name, owner, kind: DocumentKind::Workspace, ..FILE }
}

pub const fn text(
    key: &'static str,
    name: &'static str,
    place: &'static str,
    language: &'static str,
    text: &'static str,
) -> Document {
    let language = if language.is_empty() { None } else { Some(language) };
    Document { key, name, place, language, text: Some(text), mime: Some("text/plain"), ..FILE }
}

pub const PDF: Option<&str> = Some("application/pdf");
pub const DOCX: Option<&str> = Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
pub const XLSX: Option<&str> = Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
pub const PPTX: Option<&str> = Some("application/vnd.openxmlformats-officedocument.presentationml.presentation");
