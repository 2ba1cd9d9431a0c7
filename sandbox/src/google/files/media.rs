//! `alt=media`: the bytes of a blob, whole or by `Range`.

use bytes::Bytes;

use crate::{
    call::{Call, Reply},
    google::{
        refusal::Refusal,
        visit::{Answer, Visit},
        world::file::{Blob, File, Role},
    },
};

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let (file, role) = visit.find(path[1], true)?;
    let it = &visit.world.files[file];
    let head = match it.head() {
        Some(head) if it.is_blob() => head,
        _ => {
            let words = "Only files with binary content can be downloaded. Use Export with Docs Editors files.";
            return Err(Refusal::new(403, "fileNotDownloadable", words).with_location("parameter", "alt"));
        }
    };
    allowed(it, role)?;
    Ok(bytes(visit.call, &head.blob, &head.mime))
}

/// An owner may forbid viewers to download.
pub fn allowed(it: &File, role: Role) -> Result<(), Refusal> {
    if it.copy_restricted && role < Role::Writer {
        let words = "This file cannot be downloaded by the user.";
        return Err(Refusal::new(403, "cannotDownloadFile", words));
    }
    Ok(())
}

/// 200, 206 or 416, as the `Range` header says. Only single ranges are served; others get the whole.
pub fn bytes(call: &Call, blob: &Blob, mime: &str) -> Reply {
    let whole = blob.bytes.len();
    let ranged = call.header("range").and_then(|header| range(header, whole));
    let reply = match ranged {
        None => Reply::new(200, mime, blob.bytes.clone()),
        Some(None) => {
            return Reply::new(416, "text/html; charset=utf-8", Bytes::new())
                .with("Content-Range", format!("bytes */{whole}"));
        }
        Some(Some((first, last))) => Reply::new(206, mime, blob.bytes.slice(first..=last))
            .with("Content-Range", format!("bytes {first}-{last}/{whole}")),
    };
    reply.with("Accept-Ranges", "bytes").with("Cache-Control", "private, max-age=0, must-revalidate")
}

/// `None`: no range that is understood. `Some(None)`: one that cannot be satisfied.
fn range(header: &str, whole: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    if last.contains(',') {
        return None;
    }
    let (first, last) = match (first.trim(), last.trim()) {
        ("", suffix) => {
            let length: usize = suffix.parse().ok()?;
            if length == 0 || whole == 0 {
                return Some(None);
            }
            (whole.saturating_sub(length), whole - 1)
        }
        (first, "") => (first.parse().ok()?, usize::MAX),
        (first, last) => (first.parse().ok()?, last.parse().ok()?),
    };
    if last < first {
        return None;
    }
    Some((first < whole).then(|| (first, last.min(whole - 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file_and_refused_beyond_its_end() {
        assert_eq!(range("bytes=0-3", 10), Some(Some((0, 3))));
        assert_eq!(range("bytes=8-99", 10), Some(Some((8, 9))));
        assert_eq!(range("bytes=5-", 10), Some(Some((5, 9))));
        assert_eq!(range("bytes=-4", 10), Some(Some((6, 9))));
        assert_eq!(range("bytes=10-", 10), Some(None));
        assert_eq!(range("bytes=0-0", 0), Some(None));
        assert_eq!(range("bytes=0-1,3-4", 10), None);
        assert_eq!(range("lines=0-1", 10), None);
    }
}
