//! Looking for programs, once, when Hawser starts.

use std::{
    ffi::OsStr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What is installed here. What is missing is only missing from pictures and metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// Frames of films.
    pub ffmpeg: Option<PathBuf>,
    /// What films and sounds say of themselves, more widely than our own readers.
    pub ffprobe: Option<PathBuf>,
    /// HEIC and AVIF.
    pub vipsthumbnail: Option<PathBuf>,
}

/// Looks along a list of folders written as `PATH` is. Relative folders are passed over: what they hold depends on where
/// Hawser was started.
pub fn find_on(path: &OsStr) -> Tools {
    let folders: Vec<PathBuf> = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
    let look = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|file| is_program(file));
    Tools { ffmpeg: look("ffmpeg"), ffprobe: look("ffprobe"), vipsthumbnail: look("vipsthumbnail") }
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_in_absolute_folders_are_found_the_first_first() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let put = |folder: &Path, name: &str, mode: u32| {
            std::fs::write(folder.join(name), "").unwrap();
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        put(first.path(), "ffmpeg", 0o755);
        put(first.path(), "ffprobe", 0o644);
        put(second.path(), "ffmpeg", 0o755);
        put(second.path(), "ffprobe", 0o755);
        let path = std::env::join_paths([Path::new("bin"), first.path(), second.path()]).unwrap();
        let tools = find_on(&path);
        assert_eq!(tools.ffmpeg, Some(first.path().join("ffmpeg")));
        assert_eq!(tools.ffprobe, Some(second.path().join("ffprobe")));
        assert_eq!(tools.vipsthumbnail, None);
    }
}
