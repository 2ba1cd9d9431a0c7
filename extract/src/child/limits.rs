//! What a process that reads a file may use. Each number was measured on thousands of files: sound ones need far less.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{detect::Family, text::MAX_TEXT};

/// Bytes of a file that is read at all; a PDF may be twice as large, for its pages are read one by one.
pub const MAX_INPUT: u64 = 100 << 20;
pub const MAX_PDF: u64 = 200 << 20;

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Its text and its metadata.
    Text,
    /// Pictures of it, one of each of `picture::SIZES`.
    Picture,
}

impl Task {
    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Picture => "picture",
        }
    }
}

/// The limits of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of processor time.
    pub processor: u64,
    /// Held by whoever started it.
    pub wall: Duration,
    /// Bytes after the header; held by whoever started it.
    pub output: u64,
}

const MIB: u64 = 1 << 20;

impl Limits {
    /// What holds until it is known what the file is: as much as any family has.
    pub fn widest(task: Task) -> Self {
        Self { memory: 768 * MIB, processor: 20, wall: Duration::from_secs(30), output: output(task) }
    }

    /// What holds for the rest of the reading. Wall clock and output stay at their widest: they are not the process's own.
    pub fn of(task: Task, family: Family) -> Self {
        let (memory, processor) = match family {
            Family::Pdf => (512, 20),
            Family::Text => (512, 15),
            Family::Picture | Family::Audio | Family::Video => (768, 10),
            Family::Other => (512, 10),
        };
        Self { memory: memory * MIB, processor, ..Self::widest(task) }
    }
}

fn output(task: Task) -> u64 {
    match task {
        Task::Text => MAX_TEXT as u64,
        Task::Picture => 4 * MIB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_family_has_more_than_the_widest() {
        for task in [Task::Text, Task::Picture] {
            let widest = Limits::widest(task);
            for family in [Family::Pdf, Family::Text, Family::Picture, Family::Audio, Family::Video, Family::Other] {
                let limits = Limits::of(task, family);
                assert!(limits.memory <= widest.memory && limits.processor <= widest.processor, "{family:?}");
                assert!(Duration::from_secs(limits.processor) < widest.wall, "{family:?} may use up the wall clock");
            }
        }
    }
}
