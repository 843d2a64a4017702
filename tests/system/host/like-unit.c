/* like-unit CALLS CAPABILITIES FOLDER... -- PROGRAM ARGUMENT...: runs a program as systemd runs a service, where there is no
 * systemd: only the capabilities (a mask, hexadecimal) and system calls (a file, one name a line; all others: EPERM), no
 * new privileges, and everything but the folders, /proc, /sys and /dev read-only. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FOLDERS_MAX = 16 };

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

static void protect(char **folders, int n)
{
	static const char *const others[] = { "/proc", "/sys", "/dev" };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("mount namespace");
	for (int i = 0; i < n; i++)
		if (mount(folders[i], folders[i], NULL, MS_BIND | MS_REC, NULL) < 0)
			fail(folders[i]);
	set_read_only("/", 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		set_read_only(others[i], 0);
	for (int i = 0; i < n; i++)
		set_read_only(folders[i], 0);
}

static void drop_capabilities(unsigned long long kept)
{
	for (int cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			fail("capabilities");
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
		if (call != __NR_SCMP_ERROR && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) < 0)
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
	drop_capabilities(strtoull(argv[2], NULL, 16));
	allow_calls(argv[1]);
	execv(argv[n + 4], argv + n + 4);
	fail(argv[n + 4]);
}
