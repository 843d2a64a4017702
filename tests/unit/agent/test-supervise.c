#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/supervise.h"

/* The supervisor runs in a process of its own and writes what happens into a pipe, a line an event. */
static int events;

static void tell(const struct supervise_child *c, enum supervise_event event, pid_t pid, int status, int64_t pause_ms)
{
	dprintf(events, "%s %d %d %d %d\n", c->name, event, (int)pid, event == SUPERVISE_ENDED ? status : 0, (int)pause_ms);
}

static sigset_t ends(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

static int wait_for_term(void *data)
{
	sigset_t set = ends();
	int number;

	while (sigwait(&set, &number) == 0 && number == SIGHUP)
		dprintf(*(int *)data, "hup\n");
	return 7;
}

static int end_at_once(void *data)
{
	return 3;
}

struct event {
	char name[16];
	int event, pid, status, pause;
};

static FILE *lines;

static struct event next(void)
{
	struct event e = { "" };
	char line[128];

	assert_non_null(fgets(line, sizeof(line), lines));
	if (sscanf(line, "%15s %d %d %d %d", e.name, &e.event, &e.pid, &e.status, &e.pause) < 5)
		e.event = -1;
	return e;
}

static struct event next_of(const char *name)
{
	struct event e;

	do
		e = next();
	while (strcmp(e.name, name) != 0);
	return e;
}

/* Children have the signals blocked from their first moment on, as the supervisor has. */
static pid_t begin(const struct supervise_child *children, size_t n)
{
	sigset_t set = ends();
	int pipe_ends[2];
	pid_t pid;

	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	events = pipe_ends[1];
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		_exit(supervise_run(children, n, tell) == 0 ? 0 : 9);
	}
	close(pipe_ends[1]);
	lines = fdopen(pipe_ends[0], "r");
	assert_non_null(lines);
	return pid;
}

static int finish(pid_t pid)
{
	int status;

	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void one_that_dies_leaves_the_other_alone(void **state)
{
	struct supervise_child children[] = { { "steady", wait_for_term, &events }, { "killed", wait_for_term, &events } };
	pid_t pid = begin(children, 2);
	int steady = next_of("steady").pid, killed = next_of("killed").pid;
	struct event e;

	kill(killed, SIGKILL);
	e = next_of("killed");
	assert_int_equal(e.event, SUPERVISE_ENDED);
	assert_int_equal(WTERMSIG(e.status), SIGKILL);
	assert_int_equal(e.pause, SUPERVISE_PAUSE_MS);
	e = next_of("killed");
	assert_int_equal(e.event, SUPERVISE_STARTED);
	assert_int_not_equal(e.pid, killed);
	assert_int_equal(kill(steady, 0), 0);
	kill(pid, SIGHUP);
	next_of("hup");
	next_of("hup");
	assert_int_equal(finish(pid), 0);
	for (int i = 0; i < 2; i++) {
		e = next();
		assert_int_equal(e.event, SUPERVISE_ENDED);
		assert_int_equal(WEXITSTATUS(e.status), 7);
		assert_int_equal(e.pause, -1);
	}
	fclose(lines);
}

static void one_that_ends_is_started_again(void **state)
{
	struct supervise_child child = { "short", end_at_once, NULL };
	pid_t pid = begin(&child, 1);

	assert_int_equal(next().event, SUPERVISE_STARTED);
	assert_int_equal(WEXITSTATUS(next().status), 3);
	assert_int_equal(next().event, SUPERVISE_STARTED);
	assert_int_equal(next().pause, 2 * SUPERVISE_PAUSE_MS);
	assert_int_equal(finish(pid), 0);
	fclose(lines);
}

static int rest(void *data)
{
	return SUPERVISE_REST;
}

static void one_with_nothing_to_do_rests_until_reload(void **state)
{
	const struct supervise_child children[] = { { "idle", rest, NULL } };
	pid_t pid = begin(children, 1);
	struct event e;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(next().event, SUPERVISE_STARTED);
		e = next();
		assert_int_equal(WEXITSTATUS(e.status), SUPERVISE_REST);
		assert_int_equal(e.pause, -1);
		if (i == 0)
			kill(pid, SIGHUP);
	}
	assert_int_equal(finish(pid), 0);
	fclose(lines);
}

static void a_child_dies_with_its_supervisor(void **state)
{
	struct supervise_child child = { "orphan", wait_for_term, &events };
	pid_t pid = begin(&child, 1);
	int status;
	char line[8];

	assert_int_equal(next().event, SUPERVISE_STARTED);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_null(fgets(line, sizeof(line), lines)); /* the end of the pipe: nobody has it open */
	fclose(lines);
}

static void pauses_grow_and_shrink(void **state)
{
	int64_t pause = 0;

	for (int i = 0; i < 20; i++) {
		int64_t longer = supervise_next_pause(pause, 10);

		assert_true(longer > pause || longer == SUPERVISE_PAUSE_MAX_MS);
		pause = longer;
	}
	assert_int_equal(pause, SUPERVISE_PAUSE_MAX_MS);
	assert_int_equal(supervise_next_pause(pause, SUPERVISE_STEADY_MS), SUPERVISE_PAUSE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_dies_leaves_the_other_alone),
		cmocka_unit_test(one_that_ends_is_started_again),
		cmocka_unit_test(one_with_nothing_to_do_rests_until_reload),
		cmocka_unit_test(a_child_dies_with_its_supervisor),
		cmocka_unit_test(pauses_grow_and_shrink),
	};

	alarm(600); /* only against hanging */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
