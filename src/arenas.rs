//! The C library gives every thread an arena of its own to allocate from. A server's memory then grows with its threads, to
//! several times what is in use. Two arenas serve as fast here, and keep it small.

use std::{env, os::unix::process::CommandExt, process::Command};

const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Starts this program anew, in the same process and with the same arguments, with two arenas. Returns where the operator
/// has said something else, and where it cannot be done, which does no harm.
pub fn few() {
    if !cfg!(target_env = "gnu") || env::var_os(ARENAS).is_some() {
        return;
    }
    if let Ok(program) = env::current_exe() {
        let _ = Command::new(program).args(env::args_os().skip(1)).env(ARENAS, "2").exec();
    }
}
