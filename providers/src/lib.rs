//! The outside world: what Hawser asks of a cloud, and one folder per cloud that answers.
//! In come a configured endpoint and an access token; out go neutral files, changes, links and bytes.
//! Nothing here knows a database, GraphQL or a job; a capability a cloud lacks answers `Unsupported`, never a fallback.

mod capability;
mod error;
mod file;
pub mod google;
pub mod http;
mod kind;
mod oauth;
pub mod pacing;
mod provider;

pub use capability::{Capability, Feature};
pub use error::{Error, ErrorKind, Result, Retry};
pub use file::{
    Account, AppLink, Change, ChangePage, CloudFile, Cursor, Download, Drive, Fingerprint, HashKind, Link, LinkKind,
    Listing, Media, Page, Place, Push, Revision, Shortcut, Thumbnail, Watch, WatchRequest,
};
pub use kind::ProviderKind;
pub use oauth::{Consent, ConsentRequest, Grant};
pub use provider::{Access, ByteRange, Endpoints, Provider, Settings};
