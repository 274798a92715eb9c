#include "tests/faults/tap_call.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

static const struct {
	uint64_t number;
	const char *name;
} names[] = {
	{SYS_read, "read"},
	{SYS_write, "write"},
	{SYS_pread64, "pread64"},
	{SYS_pwrite64, "pwrite64"},
	{SYS_readv, "readv"},
	{SYS_writev, "writev"},
	{SYS_sendto, "sendto"},
	{SYS_sendmsg, "sendmsg"},
	{SYS_recvfrom, "recvfrom"},
	{SYS_recvmsg, "recvmsg"},
	{SYS_sendfile, "sendfile"},
	{SYS_fsync, "fsync"},
	{SYS_fdatasync, "fdatasync"},
	{SYS_ftruncate, "ftruncate"},
	{SYS_fallocate, "fallocate"},
	{SYS_openat, "openat"},
	{SYS_close, "close"},
	{SYS_unlinkat, "unlinkat"},
	{SYS_renameat, "renameat"},
	{SYS_mkdirat, "mkdirat"},
	{SYS_fchmod, "fchmod"},
	{SYS_fchown, "fchown"},
	{SYS_fcntl, "fcntl"},
	{SYS_flock, "flock"},
	{SYS_fstat, "fstat"},
	{SYS_newfstatat, "newfstatat"},
	{SYS_statx, "statx"},
	{SYS_faccessat, "faccessat"},
	{SYS_lseek, "lseek"},
	{SYS_getdents64, "getdents64"},
	{SYS_readlinkat, "readlinkat"},
	{SYS_getcwd, "getcwd"},
	{SYS_socket, "socket"},
	{SYS_socketpair, "socketpair"},
	{SYS_bind, "bind"},
	{SYS_listen, "listen"},
	{SYS_accept4, "accept4"},
	{SYS_connect, "connect"},
	{SYS_shutdown, "shutdown"},
	{SYS_setsockopt, "setsockopt"},
	{SYS_getsockopt, "getsockopt"},
	{SYS_getsockname, "getsockname"},
	{SYS_getpeername, "getpeername"},
	{SYS_ppoll, "ppoll"},
	{SYS_epoll_ctl, "epoll_ctl"},
	{SYS_epoll_pwait, "epoll_pwait"},
	{SYS_eventfd2, "eventfd2"},
	{SYS_pipe2, "pipe2"},
	{SYS_clone, "clone"},
	{SYS_clone3, "clone3"},
	{SYS_execve, "execve"},
	{SYS_wait4, "wait4"},
	{SYS_kill, "kill"},
	{SYS_exit, "exit"},
	{SYS_exit_group, "exit_group"},
	{SYS_rt_sigtimedwait, "rt_sigtimedwait"},
	{SYS_getrandom, "getrandom"},
	{SYS_ioctl, "ioctl"},
#ifdef SYS_open /* the older calls, where there are such */
	{SYS_open, "open"},
	{SYS_stat, "stat"},
	{SYS_lstat, "lstat"},
	{SYS_access, "access"},
	{SYS_mkdir, "mkdir"},
	{SYS_unlink, "unlink"},
	{SYS_rename, "rename"},
	{SYS_readlink, "readlink"},
	{SYS_poll, "poll"},
	{SYS_select, "select"},
	{SYS_pipe, "pipe"},
	{SYS_fork, "fork"},
	{SYS_vfork, "vfork"},
	{SYS_accept, "accept"},
#endif
};

/* What changes nothing that anybody outside the process can see. */
static const uint64_t inner[] = {
	SYS_futex,
	SYS_mmap,
	SYS_munmap,
	SYS_mprotect,
	SYS_madvise,
	SYS_brk,
	SYS_mremap,
	SYS_gettid,
	SYS_getpid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_gettimeofday,
	SYS_nanosleep,
	SYS_rt_sigprocmask,
	SYS_rt_sigaction,
	SYS_sched_yield,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_restart_syscall,
	SYS_rt_sigreturn,
	SYS_prctl,
	SYS_prlimit64,
	SYS_uname,
	SYS_sysinfo,
	SYS_set_tid_address,
	SYS_sched_getaffinity,
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
};

static const uint64_t single[] = {
	[TAP_PWRITE] = SYS_pwrite64, [TAP_FDATASYNC] = SYS_fdatasync, [TAP_FSYNC] = SYS_fsync};

bool tap_call_counts(enum tap_calls calls, uint64_t number)
{
	if (calls != TAP_ALL)
		return number == single[calls];
	for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
		if (inner[i] == number)
			return false;
	return true;
}

const char *tap_call_name(uint64_t number)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number)
			return names[i].name;
	return "other";
}

#if defined __x86_64__

bool tap_call_skip(pid_t thread)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, thread, NULL, &regs) != 0)
		return false;
	regs.orig_rax = (unsigned long long)-1;
	return ptrace(PTRACE_SETREGS, thread, NULL, &regs) == 0;
}

bool tap_call_fail(pid_t thread, int error)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, thread, NULL, &regs) != 0)
		return false;
	regs.rax = (unsigned long long)-error;
	return ptrace(PTRACE_SETREGS, thread, NULL, &regs) == 0;
}

#elif defined __aarch64__

bool tap_call_skip(pid_t thread)
{
	int none = -1;
	struct iovec at = {&none, sizeof none};

	return ptrace(PTRACE_SETREGSET, thread, (void *)0x404 /* NT_ARM_SYSTEM_CALL */, &at) == 0;
}

bool tap_call_fail(pid_t thread, int error)
{
	struct user_regs_struct regs;
	struct iovec at = {&regs, sizeof regs};

	if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &at) != 0)
		return false;
	regs.regs[0] = (unsigned long long)-error;
	return ptrace(PTRACE_SETREGSET, thread, (void *)NT_PRSTATUS, &at) == 0;
}

#else

bool tap_call_skip(pid_t thread)
{
	(void)thread;
	return false;
}

bool tap_call_fail(pid_t thread, int error)
{
	(void)thread;
	(void)error;
	return false;
}

#endif
