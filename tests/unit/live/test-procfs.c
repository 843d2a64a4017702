#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/procfs.h"

static void test_stat(void **state)
{
	struct span text = SPAN("4711 (a) (b ) c) S 12 4711 12 34817 1 0 9 8 7 6 5 4 3 2 20 0 1 0 123456789 999 0\n");
	struct procfs_stat s;

	assert_int_equal(procfs_parse_stat(text, &s), 0);
	assert_int_equal(s.pid, 4711);
	assert_int_equal(s.parent, 12);
	assert_int_equal(s.state, 'S');
	assert_int_equal(s.terminal, 34817);
	assert_true(s.start_ticks == 123456789);
	assert_true(span_eq(s.comm, SPAN("a) (b ) c")));
	for (size_t n = 0; n < 60; n++) /* cut short in front of the start time */
		assert_int_equal(procfs_parse_stat((struct span){ text.p, n }, &s), -EBADMSG);
	assert_int_equal(procfs_parse_stat(SPAN("x (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"), &s), -EBADMSG);
	assert_int_equal(procfs_parse_stat(SPAN(") 1 ("), &s), -EBADMSG);
}

static void test_namespace_pid(void **state)
{
	struct procfs *p = procfs_new();

	assert_int_equal(procfs_parse_ns_pid(SPAN("Name:\tx\nNSpid:\t4711\t12\t1\nNSpgid:\t7\n")), 1);
	assert_int_equal(procfs_parse_ns_pid(SPAN("Name:\tx\nNSpid:\t4711")), 4711);
	assert_int_equal(procfs_parse_ns_pid(SPAN("Name:\tNSpid:\t9\n")), 0);
	assert_int_equal(procfs_parse_ns_pid(SPAN("x\nNSpid:\tx\n")), 0);
	assert_int_equal(procfs_parse_ns_pid(SPAN("x\nNSpid:")), 0);
	assert_int_equal(procfs_ns_pid(p, getpid()), 0);
	assert_int_equal(procfs_ns_pid(p, INT32_MAX), 0);
	procfs_free(p);
}

static void test_arguments(void **state)
{
	struct arena arena = ARENA_INIT;
	struct image_start image = { 0 };

	assert_int_equal(procfs_parse_arguments(SPAN("ls\0-l\0/tmp\0"), &arena, &image), 0);
	assert_true(span_eq(image.command_line, SPAN("ls -l /tmp")));
	assert_int_equal(image.argc, 3);
	assert_null(image.arg_lengths);

	assert_int_equal(procfs_parse_arguments(SPAN("sh\0-c\0echo  a\0\0"), &arena, &image), 0);
	assert_true(span_eq(image.command_line, SPAN("sh -c echo  a ")));
	assert_int_equal(image.argc, 4);
	assert_non_null(image.arg_lengths);
	assert_int_equal(image.arg_lengths[0], 2);
	assert_int_equal(image.arg_lengths[2], 7);
	assert_int_equal(image.arg_lengths[3], 0);

	image = (struct image_start){ 0 };
	assert_int_equal(procfs_parse_arguments(SPAN(""), &arena, &image), 0);
	assert_null(image.command_line.p);
	arena_free(&arena);
}

/* A child that we know everything of: argv, folder, start. */
static pid_t start_child(int64_t *ret_before)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	*ret_before = clock_now();
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		if (chdir("/usr/share") < 0)
			_exit(1);
		execl("/bin/sh", "sh", "-c", "echo; read x; exit 0 # two words", (char *)NULL);
		_exit(1);
	}
	assert_true(pid > 0);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void test_child(void **state)
{
	struct procfs *p = procfs_new();
	struct arena arena = ARENA_INIT;
	struct process_start process;
	struct image_start image;
	int hold[2], saved = dup(STDIN_FILENO);
	int64_t before;
	pid_t pid;

	assert_non_null(p);
	assert_int_equal(pipe(hold), 0);
	dup2(hold[0], STDIN_FILENO);
	pid = start_child(&before);
	assert_int_equal(procfs_read(p, pid, &arena, &process, &image), 0);
	assert_int_equal(process.pid, pid);
	assert_int_equal(process.parent_pid, getpid());
	assert_in_range(process.start_ms, before - 50, clock_now() + 50);
	assert_int_equal(process.origin, PROCESS_SEEN);
	assert_true(span_eq(image.comm, SPAN("sh")));
	assert_true(image.executable.n > 0 && image.executable.p[0] == '/');
	assert_true(span_eq(image.command_line, SPAN("sh -c echo; read x; exit 0 # two words")));
	assert_int_equal(image.argc, 3);
	assert_non_null(image.arg_lengths);
	assert_true(span_eq(image.cwd, SPAN("/usr/share")));
	assert_int_equal(image.who.uid, getuid());
	assert_int_equal(image.who.euid, geteuid());
	assert_int_equal(image.who.egid, getegid());
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(procfs_read(p, pid, &arena, &process, &image), -ENOENT);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(hold[0]);
	close(hold[1]);
	arena_free(&arena);
	procfs_free(p);
}

static void test_machine(void **state)
{
	struct procfs *p = procfs_new();
	int64_t *pids;
	size_t n, self = 0;

	assert_non_null(p);
	assert_true(span_eq(procfs_user(p, 0), SPAN("root")));
	assert_null(procfs_user(p, 4000000000).p);
	assert_null(procfs_user(p, -1).p);
	assert_int_equal(strlen(procfs_boot_id(p)), 36);
	assert_true(procfs_boot_ms(p) > 0 && procfs_boot_ms(p) <= clock_now());
	assert_int_equal(procfs_pids(&pids, &n), 0);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || pids[i - 1] < pids[i]);
		self += pids[i] == getpid();
	}
	assert_int_equal(self, 1);
	free(pids);
	procfs_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat), cmocka_unit_test(test_namespace_pid), cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_child), cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
