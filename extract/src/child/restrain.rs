//! A process gives up what it does not need, before it sees a byte of the file. Nothing here can be taken back.

use std::{
    os::fd::{BorrowedFd, OwnedFd},
    path::Path,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus,
};
use rustix::{
    fs::{Mode, OFlags},
    io,
    process::{Resource, Rlimit, Signal, getrlimit, nice, set_parent_process_death_signal, setrlimit, umask},
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};
use seccompiler::BpfProgram;

use super::{Limits, Walls, syscalls};

/// The main thread's stack may grow to this: readers follow nesting by calling themselves.
const STACK: u64 = 64 << 20;

/// Restrains this process to reading what is open already, and writing at most `written` bytes to a file that is.
///
/// # Errors
/// When a limit of memory or time cannot be set; nothing should be read then.
pub(super) fn to_reading(limits: &Limits, written: u64) -> io::Result<Walls> {
    give_up(limits, written)?;
    let files = shut_files(&[]);
    Ok(Walls { calls: apply(syscalls::readers_only()), files })
}

/// Restrains this process to becoming `program`, which may load its libraries and open `input` anew.
///
/// # Errors
/// As `to_reading`; and where the network cannot be shut, for such programs know how to use one.
pub(super) fn to_running(limits: &Limits, program: &Path, input: BorrowedFd<'_>) -> io::Result<Walls> {
    give_up(limits, 0)?;
    let mut open: Vec<OwnedFd> = LIBRARIES.iter().filter_map(|place| path(Path::new(place))).collect();
    open.extend(program.canonicalize().ok().as_deref().and_then(Path::parent).and_then(path));
    open.extend(input.try_clone_to_owned().ok());
    let files = shut_files(&open);
    if !apply(syscalls::one_program()) {
        return Err(io::Errno::NOSYS);
    }
    Ok(Walls { calls: true, files })
}

/// Where programs keep what they need to start.
const LIBRARIES: [&str; 10] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/dev/null",
    "/dev/urandom",
    "/sys/devices/system/cpu",
];

fn path(place: &Path) -> Option<OwnedFd> {
    rustix::fs::open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()
}

/// What every process gives up, whatever it is going to do.
fn give_up(limits: &Limits, written: u64) -> io::Result<()> {
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
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
}

fn apply<const N: usize>(filters: Result<[BpfProgram; N], seccompiler::Error>) -> bool {
    filters.is_ok_and(|filters| filters.iter().all(|filter| seccompiler::apply_filter(filter).is_ok()))
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

/// Shuts the file system and the network, but for reading and running what lies in `open`; `false` where the kernel cannot.
fn shut_files(open: &[OwnedFd]) -> bool {
    let reading = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
    let shut = || -> Result<RulesetStatus, RulesetError> {
        let rules = Ruleset::default().handle_access(AccessFs::from_all(ABI::V1))?;
        let rules = rules.handle_access(AccessFs::from_all(ABI::V5))?.handle_access(AccessNet::from_all(ABI::V5))?;
        let mut rules = rules.create()?;
        for one in open {
            rules = rules.add_rule(PathBeneath::new(one, reading))?;
        }
        Ok(rules.restrict_self()?.ruleset)
    };
    shut().is_ok_and(|status| status != RulesetStatus::NotEnforced)
}
