//! The calls a reader makes of the kernel. Whatever is not here fails as forbidden: no file is opened, no socket, no program,
//! no second process, and no memory becomes code. Threads are: libraries follow deep nesting on stacks of their own.

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition as Condition,
    SeccompFilter, SeccompRule as Rule,
};

/// Allowed whatever their arguments are.
const PLAIN: [i64; 28] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    // Answered by the other filter.
    libc::SYS_clone3,
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
    libc::SYS_nanosleep,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_write,
];

/// The filters for a process that only reads, to be applied in this order.
pub(super) fn readers_only() -> Result<[BpfProgram; 2], Error> {
    let own = u64::from(std::process::id());
    let is = |argument, value| Condition::new(argument, Length::Qword, Op::Eq, value);
    let no_code = || Condition::new(2, Length::Qword, Op::MaskedEq(libc::PROT_EXEC as u64), 0);
    let mut rules: Vec<(i64, Vec<Rule>)> = PLAIN.iter().map(|call| (*call, Vec::new())).collect();
    rules.push((libc::SYS_mmap, vec![Rule::new(vec![no_code()?])?]));
    rules.push((libc::SYS_mprotect, vec![Rule::new(vec![no_code()?])?]));
    let thread = libc::CLONE_THREAD as u64;
    let threads = Condition::new(0, Length::Qword, Op::MaskedEq(thread), thread)?;
    rules.push((libc::SYS_clone, vec![Rule::new(vec![threads])?]));
    // Its own limits may be lowered, and it may abort.
    rules.push((libc::SYS_prlimit64, vec![Rule::new(vec![is(0, 0)?])?]));
    rules.push((libc::SYS_tgkill, vec![Rule::new(vec![is(0, own)?])?]));
    // What this call makes stands in memory, where no filter sees it: who is told that it is unknown takes the one above.
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    Ok([
        filter(vec![(libc::SYS_clone3, Vec::new())], SeccompAction::Allow, unknown)?,
        filter(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)?,
    ])
}

fn filter(
    rules: Vec<(i64, Vec<Rule>)>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, Error> {
    let machine = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules.into_iter().collect(), otherwise, on_match, machine)?.try_into()?)
}
