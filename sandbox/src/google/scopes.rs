//! OAuth scopes as bits, and the sets of them the discovery document accepts for each kind of method.

pub const DRIVE: u16 = 1;
pub const FILE: u16 = 2;
pub const READONLY: u16 = 4;
pub const METADATA: u16 = 8;
pub const METADATA_READONLY: u16 = 16;
pub const APPS_READONLY: u16 = 32;
pub const APPDATA: u16 = 64;
pub const PHOTOS: u16 = 128;
pub const MEET: u16 = 256;
pub const SCRIPTS: u16 = 512;

/// Metadata, lists and feeds.
pub const LOOK: u16 = DRIVE | FILE | READONLY | METADATA | METADATA_READONLY | APPDATA | PHOTOS | MEET;
/// Bytes and exports.
pub const READ: u16 = DRIVE | FILE | READONLY | MEET;
/// New content.
pub const WRITE: u16 = DRIVE | FILE | APPDATA;
pub const UPDATE: u16 = WRITE | METADATA | SCRIPTS;
pub const COPY: u16 = WRITE | PHOTOS;
pub const SHARE: u16 = DRIVE | FILE;
pub const DRIVES: u16 = DRIVE | READONLY;

/// Scopes that see every file of the user, not only those of the app.
const EVERYTHING: u16 = DRIVE | READONLY | METADATA | METADATA_READONLY | PHOTOS | MEET;

const PREFIX: &str = "https://www.googleapis.com/auth/";

pub fn bits(scopes: &[String]) -> u16 {
    scopes.iter().map(|scope| bit(scope)).fold(0, |all, one| all | one)
}

fn bit(scope: &str) -> u16 {
    match scope.strip_prefix(PREFIX) {
        Some("drive") => DRIVE,
        Some("drive.file") => FILE,
        Some("drive.readonly") => READONLY,
        Some("drive.metadata") => METADATA,
        Some("drive.metadata.readonly") => METADATA_READONLY,
        Some("drive.apps.readonly") => APPS_READONLY,
        Some("drive.appdata" | "drive.appfolder") => APPDATA,
        Some("drive.photos.readonly") => PHOTOS,
        Some("drive.meet.readonly") => MEET,
        Some("drive.scripts") => SCRIPTS,
        _ => 0,
    }
}

/// Scopes the consent page offers at all.
pub fn is_known(scope: &str) -> bool {
    bit(scope) != 0
        || ["openid", "email", "profile"].contains(&scope)
        || matches!(scope.strip_prefix(PREFIX), Some("userinfo.email" | "userinfo.profile"))
}

pub fn sees_everything(granted: u16) -> bool {
    granted & EVERYTHING != 0
}
