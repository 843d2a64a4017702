#include "tests/unit/test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/procevents.h"

/* As drivers/connector/cn_proc.c sends it: nlmsghdr, cn_msg, then struct proc_event. */
static struct span message(char out[76], uint32_t what, int32_t pid, int32_t tgid, uint32_t code)
{
	uint32_t words[] = { 76, 3, 0, 0, 1, 1, 7, 0, 40, what, 0, 500, 1, (uint32_t)pid, (uint32_t)tgid, code, 17, 1, 1 };

	memcpy(out, words, 76);
	return (struct span){ out, 76 };
}

static void an_exit_code_and_a_signal_are_told_apart(void **state)
{
	struct procevents_exit e;
	char bytes[76];

	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 9, 9, 37 << 8), &e), 0);
	assert_int_equal(e.pid, 9);
	assert_int_equal(e.code, 37);
	assert_int_equal(e.signal, 0);
	assert_int_equal(e.monotonic_ns, (INT64_C(1) << 32) + 500);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 9, 9, SIGKILL), &e), 0);
	assert_int_equal(e.code, -1);
	assert_int_equal(e.signal, SIGKILL);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 9, 9, SIGSEGV | 0x80), &e), 0); /* dumped core */
	assert_int_equal(e.signal, SIGSEGV);
}

static void a_thread_counts_only_when_a_signal_killed_it(void **state)
{
	struct procevents_exit e;
	char bytes[76];

	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 10, 9, 0), &e), -EBADMSG);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 10, 9, SIGKILL), &e), 0);
	assert_int_equal(e.pid, 9);
}

static void anything_else_is_refused(void **state)
{
	struct procevents_exit e = { .pid = 4711 };
	char bytes[76];
	struct span whole = message(bytes, 0x80000000, 9, 9, 0), fork;

	for (size_t n = 0; n < 68; n++) /* up to where the exit signal ends */
		assert_int_equal(procevents_parse((struct span){ whole.p, n }, &e), -EBADMSG);
	fork = message(bytes, 1, 9, 9, 0);
	assert_int_equal(procevents_parse(fork, &e), -EBADMSG);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 9, 0, 0), &e), -EBADMSG);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, -9, -9, 0), &e), -EBADMSG);
	assert_int_equal(procevents_parse(message(bytes, 0x80000000, 9, 9, 65), &e), -EBADMSG);
	assert_int_equal(e.pid, 4711);
}

struct wanted {
	pid_t pid;
	int times;
	struct procevents_exit last;
};

static void note(const struct procevents_exit *e, void *data)
{
	struct wanted *w = data;

	if (e->pid == w->pid) {
		w->times++;
		w->last = *e;
	}
}

static void the_kernel_tells_of_a_killed_child(void **state)
{
	int fd = procevents_open();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct wanted w = { 0 };

	if (fd < 0) {
		print_message("skipped: the process connector cannot be used here: %s\n", strerror(-fd));
		skip();
	}
	w.pid = fork();
	if (w.pid == 0) {
		for (;;)
			pause();
	}
	assert_true(w.pid > 0);
	assert_int_equal(kill(w.pid, SIGKILL), 0);
	assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
	while (w.times == 0 && poll(&p, 1, 5000) > 0)
		while (procevents_receive(fd, note, &w) > 0)
			;
	assert_int_equal(w.times, 1);
	assert_int_equal(w.last.signal, SIGKILL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exit_code_and_a_signal_are_told_apart),
		cmocka_unit_test(a_thread_counts_only_when_a_signal_killed_it),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(the_kernel_tells_of_a_killed_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
