/* syscalls: (architecture, system call number) → what it does, for the calls that an event is made of.
 * Architectures: AUDIT_ARCH_* of linux/audit.h. Numbers: asm/unistd_64.h, asm/unistd_32.h, asm-generic/unistd.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum syscall_op {
	OP_NONE,
	OP_EXEC,       /* execve, execveat */
	OP_EXIT,       /* exit_group */
	OP_THREAD_EXIT, /* exit: one thread, which may be the only one */
	OP_FORK,       /* fork, vfork */
	OP_CLONE,      /* flags in the first argument */
	OP_OPEN,       /* flags in `flags_arg` */
	OP_CREAT,
	OP_OPENAT2,    /* flags in an OPENAT2 record */
	OP_UNLINK,     /* unlink, unlinkat, rmdir */
	OP_RENAME,
	OP_MKDIR,
	OP_MKNOD,
	OP_LINK,
	OP_SYMLINK,
	OP_TRUNCATE,
	OP_FTRUNCATE,  /* by descriptor: no record tells which file */
	OP_CHMOD,      /* mode in `flags_arg`; of calls by descriptor, as for all attributes, the PATH record has no name */
	OP_CHOWN,      /* user in `flags_arg`, group in the next */
	OP_SETXATTR,
	OP_REMOVEXATTR,
	OP_UTIME,
	OP_MOUNT,
	OP_UNMOUNT,
	OP_MOVE_MOUNT,
	OP_SETID,      /* setuid, setgid, and those with re, res */
	OP_CAPSET,
	OP_PTRACE,     /* what it asks in the first argument */
	OP_IO_URING,   /* io_uring_setup */
	OP_INIT_MODULE,
	OP_FINIT_MODULE,
	OP_DELETE_MODULE,
	OP_CONNECT,
	OP_ACCEPT,
	OP_BIND,
	OP_LISTEN,
	OP_SENDTO,     /* sendto, sendmsg */
	OP_SOCKETCALL, /* i386: which one is the first argument, see syscall_socketcall */
	OP_COUNT,
};

struct syscall {
	enum syscall_op op;
	int8_t dirfd_arg;  /* argument holding the directory of the (first) path, -1: none, the path is as in open(2) */
	int8_t dirfd2_arg; /* of the second path */
	int8_t flags_arg;  /* -1 none */
};

enum { SYSCALL_ARCH_X86_64 = 0xc000003e, SYSCALL_ARCH_I386 = 0x40000003, SYSCALL_ARCH_AARCH64 = 0xc00000b7 };

/* op OP_NONE for calls and architectures that are not in the tables. x32 counts as x86-64. */
struct syscall syscall_lookup(uint32_t arch, uint32_t number);
/* socketcall(2)'s call number → op. */
enum syscall_op syscall_socketcall(uint64_t call);
/* __AUDIT_ARCH_LE */
static inline bool syscall_arch_little_endian(uint32_t arch) { return arch & 0x40000000; }
/* The 32-bit table of an x86-64 machine, or a 32-bit machine: __AUDIT_ARCH_64BIT unset. */
static inline bool syscall_arch_is_32bit(uint32_t arch) { return !(arch & 0x80000000u); }
