//! The calls a reader makes of the kernel. Whatever is not here fails as forbidden: no file is opened, no socket, no program,
//! no second process or thread, and no memory becomes code.

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition as Condition,
    SeccompFilter, SeccompRule as Rule,
};

/// Allowed whatever their arguments are.
const PLAIN: [i64; 23] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_write,
];

/// The filter for a process that only reads.
pub(super) fn readers_only() -> Result<BpfProgram, Error> {
    let own = u64::from(std::process::id());
    let is = |argument, value| Condition::new(argument, Length::Qword, Op::Eq, value);
    let no_code = || Condition::new(2, Length::Qword, Op::MaskedEq(libc::PROT_EXEC as u64), 0);
    let mut rules: Vec<(i64, Vec<Rule>)> = PLAIN.iter().map(|call| (*call, Vec::new())).collect();
    rules.push((libc::SYS_mmap, vec![Rule::new(vec![no_code()?])?]));
    rules.push((libc::SYS_mprotect, vec![Rule::new(vec![no_code()?])?]));
    // Its own limits may be lowered, and it may abort.
    rules.push((libc::SYS_prlimit64, vec![Rule::new(vec![is(0, 0)?])?]));
    rules.push((libc::SYS_tgkill, vec![Rule::new(vec![is(0, own)?])?]));
    filter(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

fn filter(
    rules: Vec<(i64, Vec<Rule>)>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, Error> {
    let machine = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules.into_iter().collect(), otherwise, on_match, machine)?.try_into()?)
}
