#include "agent/session/confine-seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* since Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum { PROCESSOR_SECONDS = 4 * 3600, DESCRIPTORS = 64 };

/* ---- Landlock ---- */

#define LANDLOCK_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define LANDLOCK_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
                        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)
#define LANDLOCK_REST (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
                       LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static int allow_beneath(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	rule.parent_fd = fd;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

/* The folder that a file is in, malloc'd. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* 0 too where the kernel has no Landlock: the rest holds without it. */
static int restrict_files(const char *path, const char *temp, bool live)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_REST };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t write = LANDLOCK_WRITE | (abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0);
	AUTO_FREE char *folder = folder_of(path);
	AUTO_FREE char *around = folder_of(temp);
	AUTO_CLOSE int ruleset = -1;
	int r;

	if (abi < 1)
		return 0;
	if (!folder || !around)
		return -ENOMEM;
	if (abi >= 2)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	attr.handled_access_fs |= write;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	/* A folder that is not there, or that may not be entered: opening the file will say so better. */
	r = allow_beneath(ruleset, folder, LANDLOCK_READ | (live ? write : 0));
	if (r < 0 && r != -ENOENT && r != -EACCES && r != -ENOTDIR && r != -ELOOP && r != -ENAMETOOLONG)
		return r;
	r = *temp ? allow_beneath(ruleset, temp, LANDLOCK_READ | write) : 0;
	if (r < 0)
		return r;
	if (*temp)
		allow_beneath(ruleset, around, LANDLOCK_ACCESS_FS_REMOVE_DIR); /* of `temp`; only what is empty can be */
	allow_beneath(ruleset, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE); /* SQLite manages without */
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}

/* ---- seccomp ---- */

/* What talking, memory and reading open files take. */
static const int reading_calls[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(statx), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(fcntl), SCMP_SYS(fadvise64), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(shutdown), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk),
	SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(sysinfo),
	SCMP_SYS(uname), SCMP_SYS(getrlimit), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* What opening a file, or a copy of it, takes besides. */
static const int opening_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(rmdir), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
	SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(copy_file_range),
	SCMP_SYS(sendfile), SCMP_SYS(statfs), SCMP_SYS(dup), SCMP_SYS(eventfd2),
	SCMP_SYS(setrlimit), SCMP_SYS(prctl), SCMP_SYS(seccomp),
};

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Memory, but never executable. */
static int allow_memory(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                         SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (r < 0)
		return r;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	                        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* Its own: without this it could set those of the program that started it. */
static int allow_limits(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
}

static int allow_threads(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	                         SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	if (r < 0)
		return r;
	/* Its flags are in memory, where a filter cannot look; libc then uses clone. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* Everything that is not allowed fails with EPERM: a library that only tries does no harm. */
static int filter_calls(bool opening, bool live)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? 0 : -ENOMEM;

	if (r == 0)
		r = allow(filter, reading_calls, ARRAY_LEN(reading_calls));
	if (r == 0)
		r = allow_memory(filter);
	if (r == 0 && opening)
		r = allow(filter, opening_calls, ARRAY_LEN(opening_calls));
	if (r == 0 && opening)
		r = allow_threads(filter);
	if (r == 0 && opening)
		r = allow_limits(filter);
	/* A live database's WAL index is shared memory that readers take part in. */
	if (r == 0 && live && !opening)
		r = allow(filter, (const int[]){ SCMP_SYS(pwrite64), SCMP_SYS(ftruncate), SCMP_SYS(fallocate) }, 3);
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return r;
}

/* ---- limits ---- */

static int limit(int what, rlim_t most)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return -errno;
	if (l.rlim_max == RLIM_INFINITY || l.rlim_max > most)
		l.rlim_max = most;
	l.rlim_cur = l.rlim_max;
	return setrlimit(what, &l) < 0 ? -errno : 0;
}

static int limit_opening(void)
{
	int r = limit(RLIMIT_CORE, 0);

	if (r == 0)
		r = limit(RLIMIT_CPU, PROCESSOR_SECONDS);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, DESCRIPTORS);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their shadow takes terabytes of address space */
	if (r == 0)
		r = limit(RLIMIT_AS, (rlim_t)3 << 30); /* sets of ids are large and mostly untouched; what is used: confine.h */
#endif
	return r;
}

int confine_seal_for_opening(const char *path, const char *temp, bool live)
{
	int r = limit_opening();

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = restrict_files(path, temp, live);
	return r < 0 ? r : filter_calls(true, live);
}

int confine_seal_for_reading(bool live)
{
	int r = live ? 0 : limit(RLIMIT_FSIZE, 0);

	return r < 0 ? r : filter_calls(false, live);
}
