#include "tests/unit/test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "agent/base/fdm.h"

struct seen {
	int reads, ticks, signals, timer, pipe[2];
};

static int on_readable(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct seen *s = data;
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
	s->reads++;
	fdm_remove(fdm, fd); /* itself, from its own callback */
	return 0;
}

static int on_tick(struct fdm *fdm, void *data)
{
	struct seen *s = data;

	if (++s->ticks == 2) {
		fdm_timer_remove(fdm, s->timer);
		kill(getpid(), SIGUSR1);
	}
	return 0;
}

static int on_signal(struct fdm *fdm, int signo, void *data)
{
	((struct seen *)data)->signals++;
	fdm_quit(fdm);
	return 0;
}

static void descriptors_timers_and_signals_arrive(void **state)
{
	struct fdm *fdm = fdm_new();
	struct seen s = { 0 };

	assert_int_equal(pipe(s.pipe), 0);
	assert_int_equal(write(s.pipe[1], "xx", 2), 2);
	assert_int_equal(fdm_add(fdm, s.pipe[0], EPOLLIN, on_readable, &s), 0);
	s.timer = fdm_timer_add(fdm, 1, on_tick, &s);
	assert_true(s.timer >= 0);
	assert_int_equal(fdm_signal_add(fdm, SIGUSR1, on_signal, &s), 0);
	assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(s.reads, 1);
	assert_int_equal(s.ticks, 2);
	assert_int_equal(s.signals, 1);
	assert_int_equal(fdm_modify(fdm, s.pipe[0], EPOLLIN), -ENOENT);
	fdm_free(fdm);
	close(s.pipe[0]);
	close(s.pipe[1]);
}

static int on_new(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	((struct seen *)data)->signals++;
	fdm_quit(fdm);
	return 0;
}

/* The descriptor is closed and another thing gets its number, while an event of the old one may still be told. */
static int on_old(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct seen *s = data;

	s->reads++;
	fdm_remove(fdm, fd);
	assert_int_equal(fdm_modify(fdm, fd, EPOLLIN), -ENOENT);
	assert_int_equal(dup2(s->pipe[1], fd), fd);
	assert_int_equal(fdm_add(fdm, fd, EPOLLOUT, on_new, s), 0);
	return 0;
}

static void a_number_comes_again(void **state)
{
	struct fdm *fdm = fdm_new();
	struct seen s = { 0 };

	assert_int_equal(pipe(s.pipe), 0);
	assert_int_equal(write(s.pipe[1], "x", 1), 1);
	assert_int_equal(dup2(s.pipe[0], 200), 200);
	assert_int_equal(fdm_add(fdm, 200, EPOLLIN, on_old, &s), 0);
	assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(s.reads, 1);
	assert_int_equal(s.signals, 1);
	assert_int_equal(fdm_add(fdm, -1, EPOLLIN, on_old, &s), -EBADF);
	assert_int_equal(fdm_modify(fdm, 100000, EPOLLIN), -ENOENT);
	fdm_free(fdm);
	close(200);
	close(s.pipe[0]);
	close(s.pipe[1]);
}

static int fail_tick(struct fdm *fdm, void *data)
{
	return -EIO;
}

static int count_tick(struct fdm *fdm, void *data)
{
	++*(unsigned *)data;
	return 0;
}

static void another_loop_runs_it(void **state)
{
	struct fdm *fdm = fdm_new();
	struct pollfd p = { .fd = fdm_descriptor(fdm), .events = POLLIN };
	unsigned ticks = 0;

	assert_int_equal(fdm_step(fdm), 0); /* nothing to do: does not wait */
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_true(fdm_timer_add(fdm, 1, count_tick, &ticks) >= 0);
	assert_int_equal(poll(&p, 1, -1), 1);
	assert_int_equal(fdm_step(fdm), 0);
	assert_int_equal(ticks, 1);
	assert_true(fdm_timer_add(fdm, 1, fail_tick, NULL) >= 0);
	assert_int_equal(poll(&p, 1, -1), 1);
	while (fdm_step(fdm) == 0)
		;
	fdm_free(fdm);
}

static void a_failing_callback_ends_the_loop(void **state)
{
	struct fdm *fdm = fdm_new();

	assert_true(fdm_timer_add(fdm, 1, fail_tick, NULL) >= 0);
	assert_int_equal(fdm_run(fdm), -EIO);
	fdm_free(fdm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_timers_and_signals_arrive),
		cmocka_unit_test(a_number_comes_again),
		cmocka_unit_test(another_loop_runs_it),
		cmocka_unit_test(a_failing_callback_ends_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
