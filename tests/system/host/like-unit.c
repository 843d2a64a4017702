/* like-unit CALLS CAPABILITIES FOLDER... -- PROGRAM ARGUMENT...: runs a program as systemd runs a service, where there is no
 * systemd: only the capabilities (a mask, hexadecimal) and system calls (a file, one name a line; all others, and some by
 * their arguments: EPERM), no new privileges, a /dev of its own, and everything but the folders and /proc read-only. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FOLDERS_MAX = 16, ANY_NAMESPACE = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME };

/* Calls that are allowed only where one of an argument's masked values is one of these: RestrictAddressFamilies,
 * RestrictNamespaces, MemoryDenyWriteExecute, RestrictRealtime, RestrictSUIDSGID. */
static const struct { const char *call; unsigned arg; uint64_t mask, value; } only[] = {
	{ "socket", 0, UINT32_MAX, AF_UNIX }, { "socket", 0, UINT32_MAX, AF_NETLINK },
	{ "unshare", 0, ANY_NAMESPACE, 0 }, { "clone", 0, ANY_NAMESPACE, 0 }, { "setns", 1, 0, 1 }, { "clone3", 0, 0, 1 },
	{ "mmap", 2, PROT_WRITE | PROT_EXEC, 0 }, { "mmap", 2, PROT_WRITE | PROT_EXEC, PROT_WRITE },
	{ "mmap", 2, PROT_WRITE | PROT_EXEC, PROT_EXEC }, { "mprotect", 2, PROT_EXEC, 0 }, { "pkey_mprotect", 2, PROT_EXEC, 0 },
	{ "sched_setscheduler", 1, UINT32_MAX, SCHED_OTHER }, { "sched_setscheduler", 1, UINT32_MAX, SCHED_BATCH },
	{ "sched_setscheduler", 1, UINT32_MAX, SCHED_IDLE },
	{ "chmod", 1, S_ISUID | S_ISGID, 0 }, { "fchmod", 1, S_ISUID | S_ISGID, 0 }, { "fchmodat", 2, S_ISUID | S_ISGID, 0 },
	{ "mkdir", 1, S_ISUID | S_ISGID, 0 }, { "mkdirat", 2, S_ISUID | S_ISGID, 0 },
};

static void fail(const char *what)
{
	fprintf(stderr, "like-unit: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void set_read_only(const char *path, int read_only)
{
	struct mount_attr attr = { 0 };

	if (read_only)
		attr.attr_set = MOUNT_ATTR_RDONLY;
	else
		attr.attr_clr = MOUNT_ATTR_RDONLY;
	if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		fail(path);
}

/* PrivateDevices: these only, in a /dev of its own. */
static void make_devices(void)
{
	static const char *const names[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };
	enum { N = sizeof(names) / sizeof(*names) };
	int trees[N];

	for (int i = 0; i < N; i++)
		trees[i] = open_tree(AT_FDCWD, names[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755") < 0)
		fail("/dev");
	for (int i = 0; i < N; i++) {
		int fd = open(names[i], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);

		if (fd < 0 || trees[i] < 0 || move_mount(trees[i], "", AT_FDCWD, names[i], MOVE_MOUNT_F_EMPTY_PATH) < 0)
			fail(names[i]);
		close(fd);
		close(trees[i]);
	}
}

static void protect(char **folders, int n)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("mount namespace");
	for (int i = 0; i < n; i++)
		if (mount(folders[i], folders[i], NULL, MS_BIND | MS_REC, NULL) < 0)
			fail(folders[i]);
	if (mount("/proc/sys", "/proc/sys", NULL, MS_BIND | MS_REC, NULL) < 0)
		fail("/proc/sys");
	set_read_only("/", 1);
	set_read_only("/proc", 0);
	set_read_only("/proc/sys", 1); /* ProtectKernelTunables; of /sys and its control groups nothing may be written */
	make_devices();
	for (int i = 0; i < n; i++)
		set_read_only(folders[i], 0);
}

static void drop_capabilities(unsigned long long kept)
{
	for (int cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			fail("capabilities");
}

/* false: it is allowed whatever its arguments are. */
static int allow_some(scmp_filter_ctx filter, const char *name, int call)
{
	int found = 0;

	for (size_t i = 0; i < sizeof(only) / sizeof(*only); i++) {
		struct scmp_arg_cmp like = SCMP_CMP64(only[i].arg, SCMP_CMP_MASKED_EQ, only[i].mask, only[i].value);

		if (strcmp(only[i].call, name) != 0)
			continue;
		found = 1;
		if (only[i].mask && seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &like) < 0)
			fail(name);
	}
	return found;
}

static void allow_calls(const char *path)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	FILE *f = fopen(path, "re");
	char name[64];

	if (!f || !filter)
		fail(path);
	while (fgets(name, sizeof(name), f)) {
		int call;

		name[strcspn(name, "\n")] = 0;
		call = seccomp_syscall_resolve_name(name);
		if (call == __NR_SCMP_ERROR || allow_some(filter, name, call))
			continue;
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) < 0)
			fail(name);
	}
	fclose(f);
	errno = -seccomp_load(filter); /* sets no_new_privs as well */
	if (errno)
		fail("seccomp");
	seccomp_release(filter);
}

int main(int argc, char **argv)
{
	int n = 0;

	while (n + 3 < argc && strcmp(argv[n + 3], "--") != 0)
		n++;
	if (n == 0 || n > FOLDERS_MAX || n + 4 >= argc) {
		fprintf(stderr, "usage: like-unit CALLS CAPABILITIES FOLDER... -- PROGRAM ARGUMENT...\n");
		return 2;
	}
	protect(argv + 3, n);
	umask(0077);
	if (setpriority(PRIO_PROCESS, 0, -1) < 0)
		fail("Nice");
	drop_capabilities(strtoull(argv[2], NULL, 16));
	allow_calls(argv[1]);
	execv(argv[n + 4], argv + n + 4);
	fail(argv[n + 4]);
}
