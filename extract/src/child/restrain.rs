//! A process gives up what it does not need, before it sees a byte of the file. Nothing here can be taken back.

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus};
use rustix::{
    fs::Mode,
    io,
    process::{Resource, Rlimit, Signal, getrlimit, nice, set_parent_process_death_signal, setrlimit, umask},
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};

use super::{Limits, Walls, syscalls};

/// The main thread's stack may grow to this: readers follow nesting by calling themselves.
const STACK: u64 = 64 << 20;

/// Restrains this process to reading what is open already, and writing at most `written` bytes to a file that is.
///
/// # Errors
/// When a limit of memory or time cannot be set; nothing should be read then.
pub(super) fn to_reading(limits: &Limits, written: u64) -> io::Result<Walls> {
    // Dying with the parent comes first: whoever started this may be gone already.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_no_new_privs(true)?;
    umask(Mode::from_raw_mode(0o077));
    let _ = nice(10);
    lower(Resource::Stack, STACK, STACK)?;
    lower(Resource::Core, 0, 0)?;
    lower(Resource::Fsize, written, written)?;
    lower(Resource::Nofile, 64, 64)?;
    narrow(limits)?;
    // Of a server that runs as root: what root may do, raising its own limits most of all.
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    let files = shut_files();
    let calls = syscalls::readers_only()
        .is_ok_and(|filters| filters.iter().all(|filter| seccompiler::apply_filter(filter).is_ok()));
    Ok(Walls { calls, files })
}

/// Takes memory and processor time down to these limits.
///
/// # Errors
/// When the kernel refuses.
pub(super) fn narrow(limits: &Limits) -> io::Result<()> {
    lower(Resource::As, limits.memory, limits.memory)?;
    // The soft limit says why it ends; the hard one ends a process that does not listen.
    lower(Resource::Cpu, limits.processor, limits.processor + 2)
}

/// Sets a limit that is never above the one there is.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let hard = hard.min(most);
    setrlimit(resource, Rlimit { current: Some(soft.min(hard)), maximum: Some(hard) })
}

/// Shuts the file system and the network; `false` where the kernel cannot do all of it.
fn shut_files() -> bool {
    let shut = || {
        let rules = Ruleset::default().handle_access(AccessFs::from_all(ABI::V1))?;
        let rules = rules.handle_access(AccessFs::from_all(ABI::V5))?.handle_access(AccessNet::from_all(ABI::V5))?;
        rules.create()?.restrict_self()
    };
    shut().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}
