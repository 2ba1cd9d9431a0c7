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
    Ok([without_clone3()?, filter(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)?])
}

/// Refused to a program that is not ours: the network, other processes, and what no decoder needs of a kernel.
const REFUSED: [i64; 36] = [
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_add_key,
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_connect,
    libc::SYS_execveat,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_kill,
    libc::SYS_listen,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_request_key,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_setns,
    libc::SYS_setsid,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_tkill,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// The filters for a process that becomes another program, to be applied in this order.
pub(super) fn one_program() -> Result<[BpfProgram; 2], Error> {
    let mut rules: Vec<(i64, Vec<Rule>)> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let process = Condition::new(0, Length::Qword, Op::MaskedEq(libc::CLONE_THREAD as u64), 0)?;
    rules.push((libc::SYS_clone, vec![Rule::new(vec![process])?]));
    rules.push((libc::SYS_setpgid, Vec::new()));
    #[cfg(target_arch = "x86_64")]
    rules.extend([(libc::SYS_fork, Vec::new()), (libc::SYS_vfork, Vec::new())]);
    Ok([without_clone3()?, filter(rules, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?])
}

/// What this call makes stands in memory, where no filter sees it: who is told that it is unknown takes the older one.
fn without_clone3() -> Result<BpfProgram, Error> {
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    filter(vec![(libc::SYS_clone3, Vec::new())], SeccompAction::Allow, unknown)
}

fn filter(
    rules: Vec<(i64, Vec<Rule>)>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, Error> {
    let machine = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules.into_iter().collect(), otherwise, on_match, machine)?.try_into()?)
}
