#include "tests/unit/test.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/seal.h"

#define BIT(cap) (1ull << (cap))

/* In a child, since nothing is given back: the number of the first check that failed. */
static int in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static unsigned long long capabilities(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long long v = ~0ull;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			v = strtoull(line + strlen(name) + 1, NULL, 16);
	if (f)
		fclose(f);
	return v;
}

static int sealed(void)
{
	int fd;

	if (seal_recorder() < 0)
		return 1;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT)
		return 2;
	if (socket(AF_INET6, SOCK_DGRAM, 0) >= 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0)
		return 3;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return 4;
	close(fd);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (fd < 0)
		return 5;
	close(fd);
	if (unshare(CLONE_NEWUSER) == 0 || errno != EPERM)
		return 6;
	if (mount("none", "/tmp", "tmpfs", 0, NULL) == 0)
		return 7;
	if (capabilities("CapEff") & ~(BIT(CAP_AUDIT_CONTROL) | BIT(CAP_AUDIT_READ) | BIT(CAP_DAC_READ_SEARCH) |
	                               BIT(CAP_SYS_PTRACE) | BIT(CAP_NET_ADMIN)))
		return 8;
	if (capabilities("NoNewPrivs") != 1 || capabilities("Seccomp") != 2)
		return 9;
	return 0;
}

static int makes_children(void)
{
	if (seal_recorder() < 0)
		return 1;
	return in_child(sealed); /* once more does no harm */
}

static int sealed_client(void)
{
	int fd;

	if (seal_client(65534, 65534) < 0)
		return 1;
	if (getuid() == 0 || getgid() == 0 || setuid(0) == 0)
		return 2;
	if (capabilities("CapEff") || capabilities("CapPrm") || capabilities("CapBnd"))
		return 3;
	if (capabilities("NoNewPrivs") != 1 || capabilities("Seccomp") != 2)
		return 4;
	if (socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0 || errno != EAFNOSUPPORT)
		return 5;
	if (socket(AF_PACKET, SOCK_RAW, 0) >= 0 || unshare(CLONE_NEWUSER) == 0)
		return 6;
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0 && errno == EPERM)
		return 7;
	if (socket(AF_INET, SOCK_STREAM, 0) < 0 || socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		return 8;
	return 0;
}

static int sealed_as_root(void)
{
	return seal_client(0, 0) < 0 ? 0 : 1;
}

static void the_client_has_nothing_left(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(sealed_client), 0);
	assert_int_equal(in_child(sealed_as_root), 0);
}

static void the_recorder_has_little_left(void **state)
{
	assert_int_equal(in_child(sealed), 0);
}

static void children_inherit_it(void **state)
{
	assert_int_equal(in_child(makes_children), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorder_has_little_left),
		cmocka_unit_test(the_client_has_nothing_left),
		cmocka_unit_test(children_inherit_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
