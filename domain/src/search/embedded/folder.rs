//! Where indexes lie: a folder each, a file `current` that names the one in use, and a lock for the one process that writes.
//! Everything in here may be deleted at any time.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

const CURRENT: &str = "current";
const LOCK: &str = "writer.lock";
const PROGRESS: &str = "progress";

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub fn of(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The name of the index in use; none where there is none, or what is said of it makes no sense.
    pub fn current(&self) -> Option<String> {
        let name = fs::read_to_string(self.root.join(CURRENT)).ok()?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_name.then_some(name)
    }

    /// Puts an index that is whole into use, in one step.
    pub fn point_at(&self, name: &str) -> io::Result<()> {
        self.replace(CURRENT, name)?;
        // The name must not outlive a loss of power without the folder it names.
        File::open(&self.root)?.sync_all()
    }

    /// Makes the folder of a new index.
    pub fn make(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.of(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Removes every index but one. Who still reads a removed one keeps its files until done.
    pub fn sweep(&self, kept: Option<&str>) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let is_kept = kept.is_some_and(|kept| entry.file_name() == kept);
            if entry.file_type()?.is_dir() && !is_kept {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// The right to write; none while another process has it. It ends with the file, or the process.
    pub fn lock(&self) -> io::Result<Option<File>> {
        fs::create_dir_all(&self.root)?;
        let file = File::options().create(true).truncate(false).write(true).open(self.root.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a lock taken earlier is the one others would meet: its file may have been deleted, and made anew by them.
    pub fn is_met(&self, lock: &File) -> bool {
        let same = |held: fs::Metadata, met: fs::Metadata| (held.dev(), held.ino()) == (met.dev(), met.ino());
        lock.metadata().is_ok_and(|held| fs::metadata(self.root.join(LOCK)).is_ok_and(|met| same(held, met)))
    }

    /// How far a building has come, for other processes to see.
    pub fn say_progress(&self, done: u64, of: u64) -> io::Result<()> {
        self.replace(PROGRESS, &format!("{done} {of}"))
    }

    pub fn progress(&self) -> Option<(u64, u64)> {
        let said = fs::read_to_string(self.root.join(PROGRESS)).ok()?;
        let (done, of) = said.split_once(' ')?;
        Some((done.parse().ok()?, of.parse().ok()?))
    }

    pub fn end_progress(&self) {
        let _ = fs::remove_file(self.root.join(PROGRESS));
    }

    /// Bytes of an index.
    pub fn size(&self, name: &str) -> u64 {
        let files = fs::read_dir(self.of(name)).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
    }

    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.root.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, self.root.join(name))
    }
}

/// Removes files of an index that were begun and never given their name. Only its one writer may call this.
pub fn sweep_unfinished(index: &Path) -> io::Result<()> {
    for entry in fs::read_dir(index)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(".tmp") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What tells one state of a file from the next.
pub fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}
