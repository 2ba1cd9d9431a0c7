//! What the end of a process says of the file it read.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use crate::Outcome;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, and its answer holds.
    Well,
    /// Whatever it said does not hold.
    Badly(Outcome, &'static str),
}

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// `trouble` is the end of what it said on its standard error: an allocation that failed and a broken invariant both abort.
pub(super) fn of(status: ExitStatus, trouble: &str) -> Ended {
    match (status.code(), status.signal()) {
        (Some(0), _) => Ended::Well,
        (_, Some(SIGABRT)) if trouble.contains("memory allocation of") => {
            Ended::Badly(Outcome::Oom, "reading it wants more memory than it may have")
        }
        // Nothing of ours sent this one: the kernel does, when the machine has no memory left.
        (_, Some(SIGKILL)) => Ended::Badly(Outcome::Oom, "the machine had no memory left to read it"),
        (_, Some(SIGXCPU)) => Ended::Badly(Outcome::Timeout, "reading it takes more processor time than it may"),
        _ => Ended::Badly(Outcome::Crashed, "the reader broke off"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(raw: i32, trouble: &str) -> Option<Outcome> {
        match of(ExitStatus::from_raw(raw), trouble) {
            Ended::Well => None,
            Ended::Badly(outcome, _) => Some(outcome),
        }
    }

    #[test]
    fn every_end_has_one_outcome() {
        assert_eq!(outcome(0, ""), None);
        assert_eq!(outcome(6, "memory allocation of 1073741824 bytes failed\n"), Some(Outcome::Oom));
        assert_eq!(outcome(6, "thread 'main' has overflowed its stack"), Some(Outcome::Crashed));
        assert_eq!(outcome(9, ""), Some(Outcome::Oom));
        assert_eq!(outcome(24, ""), Some(Outcome::Timeout));
        for raw in [11, 31, 101 << 8, 1 << 8] {
            assert_eq!(outcome(raw, ""), Some(Outcome::Crashed), "{raw}");
        }
    }
}
