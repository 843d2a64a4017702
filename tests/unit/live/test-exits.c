#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/exits.h"
#include "tests/unit/recorder/lines.h"

/* Ends that the kernel tells beside its records, and how one row is made of both. */

struct fixture {
	struct recording *recording;
	struct { int32_t code, signal; int64_t time_ms, image; } exits[16];
	size_t n_exits, n_ends, n_processes;
	bool runs; /* what /proc would say */
};

static int sink(struct batch *b, void *data)
{
	struct fixture *f = data;

	for (size_t i = 0; i < b->n; i++) {
		const struct item *item = &b->items[i];

		f->n_ends += item->type == ITEM_END;
		f->n_processes += item->type == ITEM_PROCESS;
		if (item->type != ITEM_EVENT || item->event.action != ACTION_PROCESS_EXIT)
			continue;
		assert_true(f->n_exits < 16);
		f->exits[f->n_exits].code = item->event.result;
		f->exits[f->n_exits].signal = item->event.port;
		f->exits[f->n_exits].image = item->event.image;
		f->exits[f->n_exits++].time_ms = item->event.time_ms;
	}
	batch_free(b);
	return 0;
}

static bool runs(int64_t pid, int64_t before_ms, void *data)
{
	return ((struct fixture *)data)->runs;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct recording_config c = { .host = SPAN("h"), .boot_id = SPAN("b"), .sink = sink, .runs = runs, .data = f };

	*state = f;
	return f ? recording_new(&c, &f->recording) : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	recording_free(f->recording);
	free(f);
	return 0;
}

static void feed(struct fixture *f, struct buf *lines)
{
	struct span rest = buf_span(lines), line;

	while (span_next(&rest, '\n', &line))
		assert_int_equal(recording_line(f->recording, line), 0);
	buf_clear(lines);
}

static int64_t at(int ms)
{
	return LINES_SECOND * INT64_C(1000) + ms;
}

static void exits_with(struct buf *lines, int ms, unsigned serial, int pid, const char *a0)
{
	line_call(lines, ms, serial, 231, pid, 1, "/bin/a", a0);
	line_add(lines, "EOE", ms, serial, "");
}

static void a_killed_process_ends_once_with_its_signal(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	line_exec(&lines, 1000, 1, 50, 1, "/bin/a");
	feed(f, &lines);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, -1, 9), 0);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, -1, 9), 0); /* its second thread */
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits, 1);
	assert_int_equal(f->n_ends, 1);
	assert_int_equal(f->exits[0].signal, 9);
	assert_int_equal(f->exits[0].code, -1);
	assert_true(f->exits[0].time_ms == at(1500));
}

static void an_end_that_a_record_tells_is_one_row(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	line_exec(&lines, 1000, 1, 50, 1, "/bin/a");
	exits_with(&lines, 1500, 2, 50, "a0=25");
	assert_int_equal(recording_exit(f->recording, at(1501), 50, 0x25, 0), 0); /* it may come first */
	feed(f, &lines);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits, 1);
	assert_int_equal(f->exits[0].code, 0x25);
	assert_true(f->exits[0].time_ms == at(1500));
}

static void the_record_may_come_after_all(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	line_exec(&lines, 1000, 1, 50, 1, "/bin/a");
	feed(f, &lines);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, 3, 0), 0);
	assert_int_equal(recording_tick(f->recording, at(1500 + EXITS_QUIET_MS)), 0);
	exits_with(&lines, 1500, 2, 50, "a0=3");
	feed(f, &lines);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits, 1);
	assert_int_equal(f->n_ends, 1);
	assert_int_equal(f->n_processes, 1);
}

static void the_next_one_with_that_pid_is_another(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	line_exec(&lines, 1000, 1, 50, 1, "/bin/a");
	feed(f, &lines);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, -1, 15), 0);
	line_exec(&lines, 1600, 2, 50, 1, "/bin/a"); /* same pid, parent and program */
	feed(f, &lines);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_processes, 2);
	assert_int_equal(f->n_exits, 1);
	assert_int_equal(f->exits[0].image, 1);
}

static void a_later_process_is_not_ended_by_it(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	line_exec(&lines, 2000, 1, 50, 1, "/bin/a");
	feed(f, &lines);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, -1, 9), 0);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits, 0);
}

static void an_end_of_the_first_thread_alone_is_none(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF lines = BUF_INIT;

	f->runs = true;
	line_exec(&lines, 1000, 1, 50, 1, "/bin/a");
	feed(f, &lines);
	assert_int_equal(recording_exit(f->recording, at(1500), 50, 0, 0), 0);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits, 0);
	assert_int_equal(f->n_ends, 0);
}

static void nobody_knows_that_pid(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(recording_exit(f->recording, at(1500), 77, -1, 9), 0);
	assert_int_equal(recording_finish(f->recording), 0);
	assert_int_equal(f->n_exits + f->n_processes, 0);
}

static void the_queue_is_bounded_and_in_order(void **state)
{
	struct exits x = { 0 };
	struct process_reaped end = { 0 };

	for (int i = 0; i < EXITS_MAX; i++) {
		end.time_ms = i;
		assert_int_equal(exits_add(&x, &end), 0);
	}
	assert_int_equal(exits_add(&x, &end), -ENOBUFS);
	assert_false(exits_take(&x, -1, &end));
	for (int i = 0; i < 100; i++) {
		assert_true(exits_take(&x, 1000, &end));
		assert_int_equal(end.time_ms, i);
		end.time_ms = 70000;
		assert_int_equal(exits_add(&x, &end), 0);
	}
	assert_true(exits_take(&x, 100, &end));
	assert_false(exits_take(&x, 100, &end));
	exits_free(&x);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_killed_process_ends_once_with_its_signal),
		TEST(an_end_that_a_record_tells_is_one_row),
		TEST(the_record_may_come_after_all),
		TEST(the_next_one_with_that_pid_is_another),
		TEST(a_later_process_is_not_ended_by_it),
		TEST(an_end_of_the_first_thread_alone_is_none),
		TEST(nobody_knows_that_pid),
		TEST(the_queue_is_bounded_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
