//! The process locked in before it reads anything from strangers: it may read the inputs and write the
//! outputs that it was given, and nothing else. Linux only, with its Landlock and seccomp.
//!
//! [`enter`] cannot be undone, and holds for the calling thread and all threads that are started later; so it
//! comes before pools of threads. What is left is files by [`Paths`], memory and time. Two layers:
//!
//! - **Landlock** decides about files: what is not below one of the paths is neither read nor listed nor made.
//!   Nothing is executable. Where the kernel knows it, TCP and signals to other processes are refused as well.
//! - **seccomp** refuses, with `EPERM`, what no conversion needs and a break-in would: sockets of every kind,
//!   other programs, new processes, other processes' memory, mounts, namespaces, kernel modules, keys, BPF,
//!   `io_uring`. It is a list of what is refused, not of what is allowed: allocator, threads and C library
//!   use different calls on every system, and a list of those would end good runs.
//!
//! Who breaks in can still use the processor and the memory that the process may use, and read and replace
//! what is in the folders of the outputs. Limits of the service manager or the container stand against the first.

use std::path::PathBuf;

/// What may be touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// Files and folders to read. What does not exist is passed over.
    pub read: Vec<PathBuf>,
    /// Folders to write in, and to read. They must exist.
    pub write: Vec<PathBuf>,
}

#[cfg(target_os = "linux")]
pub use linux::enter;

/// There is no such thing on this system.
///
/// # Errors
/// [`Code::SandboxUnavailable`](crate::Code::SandboxUnavailable), always.
#[cfg(not(target_os = "linux"))]
pub fn enter(_: &Paths) -> crate::Result<()> {
    Err(crate::Error::new(crate::Code::SandboxUnavailable, "this system is not Linux"))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, RestrictionStatus, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    };

    use super::Paths;
    use crate::{Code, Error, Result};

    /// What the process reads of itself and of the machine: its memory, the processors and limits it may use.
    const OWN: [&str; 6] =
        ["/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/fs/cgroup", "/sys/devices/system/cpu"];

    /// The newest interface whose rights are asked for; an older kernel grants those that it knows.
    const NEWEST: ABI = ABI::V6;

    /// Locks the process in. Call it before any thread is started.
    ///
    /// # Errors
    /// [`Code::SandboxUnavailable`] when the kernel cannot restrict files or calls: half a sandbox is none.
    pub fn enter(paths: &Paths) -> Result<()> {
        restrict_files(paths).map_err(|e| unavailable(format!("Landlock: {e}")))?;
        restrict_calls().map_err(|e| unavailable(format!("seccomp: {e}")))
    }

    fn unavailable(what: String) -> Error {
        Error::new(Code::SandboxUnavailable, what)
    }

    fn restrict_files(paths: &Paths) -> std::result::Result<(), Box<dyn std::error::Error>> {
        if let Some(missing) = paths.write.iter().find(|p| !p.is_dir()) {
            return Err(format!("{} is no folder", missing.display()).into());
        }
        let status = restrict(paths)?;
        if status.ruleset == RulesetStatus::NotEnforced {
            return Err("this kernel does not have it, or it is switched off".into());
        }
        Ok(())
    }

    fn restrict(paths: &Paths) -> std::result::Result<RestrictionStatus, RulesetError> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let make = AccessFs::MakeReg | AccessFs::MakeDir | AccessFs::RemoveFile | AccessFs::RemoveDir;
        let write = read | make | AccessFs::WriteFile | AccessFs::Truncate;
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(ABI::V1))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .add_rules(path_beneath_rules(OWN, read))?
            .add_rules(path_beneath_rules(&paths.read, read))?
            .add_rules(path_beneath_rules(&paths.write, write))?
            .restrict_self()
    }

    /// Calls that are refused whatever their arguments are.
    fn refused() -> Vec<i64> {
        let mut calls = vec![
            // The network, and other processes through it.
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_listen,
            libc::SYS_accept,
            libc::SYS_accept4,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_sendmmsg,
            // Other programs.
            libc::SYS_execve,
            libc::SYS_execveat,
            // Other processes.
            libc::SYS_kill,
            libc::SYS_tkill,
            libc::SYS_rt_sigqueueinfo,
            libc::SYS_rt_tgsigqueueinfo,
            libc::SYS_pidfd_open,
            libc::SYS_pidfd_send_signal,
            libc::SYS_pidfd_getfd,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_process_madvise,
            libc::SYS_kcmp,
            // Around the file rules.
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_setns,
            libc::SYS_unshare,
            libc::SYS_open_tree,
            libc::SYS_move_mount,
            libc::SYS_fsopen,
            libc::SYS_fsmount,
            libc::SYS_fspick,
            libc::SYS_mount_setattr,
            libc::SYS_open_by_handle_at,
            libc::SYS_name_to_handle_at,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_io_uring_register,
            // The kernel itself.
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_add_key,
            libc::SYS_request_key,
            libc::SYS_keyctl,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_delete_module,
            libc::SYS_kexec_load,
            libc::SYS_reboot,
            libc::SYS_swapon,
            libc::SYS_swapoff,
            libc::SYS_acct,
            libc::SYS_quotactl,
            libc::SYS_settimeofday,
            libc::SYS_clock_settime,
            libc::SYS_sethostname,
            libc::SYS_setdomainname,
            libc::SYS_personality,
            // Who the process is.
            libc::SYS_setuid,
            libc::SYS_setgid,
            libc::SYS_setreuid,
            libc::SYS_setregid,
            libc::SYS_setresuid,
            libc::SYS_setresgid,
            libc::SYS_setgroups,
            libc::SYS_setfsuid,
            libc::SYS_setfsgid,
            libc::SYS_capset,
        ];
        #[cfg(target_arch = "x86_64")]
        calls.extend([libc::SYS_fork, libc::SYS_vfork, libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt]);
        calls
    }

    fn restrict_calls() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = refused().into_iter().map(|call| (call, Vec::new())).collect();
        // A new thread is a clone with this flag, a new process one without.
        let thread = libc::CLONE_THREAD as u64;
        let process = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)?;
        rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![process])?]);
        install(rules, libc::EPERM)?;
        // Its flags are in memory, where a filter cannot look: as if it were not there, and C libraries fall
        // back to `clone`.
        install(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)
    }

    fn install(
        rules: BTreeMap<i64, Vec<SeccompRule>>,
        errno: i32,
    ) -> std::result::Result<(), Box<dyn std::error::Error>> {
        let refuse = SeccompAction::Errno(errno.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, std::env::consts::ARCH.try_into()?)?;
        let program: BpfProgram = filter.try_into()?;
        Ok(seccompiler::apply_filter_all_threads(&program)?)
    }
}
