/* What takes the space: told apart exactly, and estimated near to what the file is smaller by when the same is recorded
 * without it. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"
#include "tests/unit/query/told-place.h"

#define T INT64_C(1763600000000)
enum { MAKE = 1, SERVER, IMAGES = SERVER };

static void people(struct batch *b)
{
	static const char *const programs[] = { NULL, "/usr/bin/make", "/srv/app/bin/server" };

	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN("b"), T };
	for (int64_t i = 1; i <= IMAGES; i++) {
		batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = i, .boot = 1, .pid = 100 + i, .start_ms = T,
			.start_known = true, .origin = PROCESS_EXEC };
		batch_add(b, ITEM_IMAGE)->image = (struct image_start){ .id = i, .process = i, .start_ms = T,
			.origin = PROCESS_EXEC, .executable = span_of(programs[i]), .command_line = span_of(programs[i]),
			.who = { -1, i == MAKE ? 1000 : 33, 0, i == MAKE ? 1000 : 33, 0, -1,
			         i == MAKE ? SPAN("build") : SPAN_NONE, SPAN_NONE, SPAN_NONE, SPAN_NONE } };
	}
}

static void event(struct batch *b, int64_t at, int64_t who, enum event_action action, struct span object,
                  struct span object2, int port)
{
	static uint64_t serial = 1000;

	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + at, .serial = serial++, .image = who,
		.action = action, .object = arena_copy(&b->arena, object), .object2 = arena_copy(&b->arena, object2),
		.port = port };
}

/* ---- a small one, every number known ---- */

static void tell_few(struct batch *b)
{
	people(b);
	for (int i = 0; i < 6; i++)
		event(b, i, MAKE, ACTION_FILE_WRITE, SPAN("/var/cache/build/a/x.o"), SPAN_NONE, 0);
	event(b, 10, MAKE, ACTION_FILE_CREATE, SPAN("/var/cache/build/b/y.o"), SPAN_NONE, 0);
	event(b, 11, MAKE, ACTION_FILE_RENAME, SPAN("/var/cache/build/b/y.o"), SPAN("/var/cache/build/c/z.o"), 0);
	event(b, 12, SERVER, ACTION_FILE_WRITE, SPAN("/srv/log"), SPAN_NONE, 0);
	event(b, 13, SERVER, ACTION_FILE_WRITE, SPAN("relative"), SPAN_NONE, 0);
	for (int i = 0; i < 4; i++)
		event(b, 20 + i, SERVER, ACTION_NETWORK_CONNECT, SPAN("203.0.113.9"), SPAN_NONE, 443);
	event(b, 30, SERVER, ACTION_PROCESS_EXIT, SPAN_NONE, SPAN_NONE, 0);
	event(b, 86400000, 0, ACTION_DRIVER_LOAD, SPAN("dummy"), SPAN_NONE, 0);
}

static const struct reader_cost *cost(const struct reader_space *s, int by, const char *name, int64_t key)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->costs[i].by == by && (name ? span_eq(s->costs[i].name, span_of(name)) : s->costs[i].key == key))
			return &s->costs[i];
	return NULL;
}

static uint64_t rows(const struct reader_space *s, int by, const char *name, int64_t key)
{
	const struct reader_cost *c = cost(s, by, name, key);

	return c ? c->rows : 0;
}

static void costs_are_told_apart(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_space s;

	assert_int_equal(r->ops->space(r, NULL, 50, &s), 0);
	assert_int_equal(rows(&s, READER_COST_ACTION, NULL, ACTION_FILE_WRITE), 8);
	assert_int_equal(rows(&s, READER_COST_ACTION, NULL, ACTION_DRIVER_LOAD), 1);
	assert_null(cost(&s, READER_COST_ACTION, NULL, ACTION_PROCESS_EXIT)); /* cannot be left out */
	assert_int_equal(rows(&s, READER_COST_DIRECTORY, "/var/cache/build/", 0), 8); /* the rename once */
	assert_int_equal(rows(&s, READER_COST_DIRECTORY, "/var/cache/build/a/", 0), 6);
	assert_int_equal(rows(&s, READER_COST_DIRECTORY, "/var/cache/build/b/", 0), 2);
	assert_int_equal(rows(&s, READER_COST_DIRECTORY, "/var/cache/build/c/", 0), 1);
	assert_null(cost(&s, READER_COST_DIRECTORY, "/var/cache/", 0)); /* all of it is in one below */
	assert_int_equal(rows(&s, READER_COST_DIRECTORY, "/srv/", 0), 1);
	assert_int_equal(rows(&s, READER_COST_EXECUTABLE, "/usr/bin/make", 0), 8);
	assert_int_equal(rows(&s, READER_COST_EXECUTABLE, "/srv/app/bin/server", 0), 6);
	assert_int_equal(rows(&s, READER_COST_USER, "build", 0), 8);
	assert_int_equal(rows(&s, READER_COST_USER, NULL, 33), 6);
	assert_int_equal(rows(&s, READER_COST_ADDRESS, "203.0.113.9", 0), 4);
	assert_int_equal(rows(&s, READER_COST_PORT, NULL, 443), 4);
	assert_int_equal(s.recorded_ms, 86400000);
	for (size_t i = 1; i < s.n; i++)
		assert_true(s.costs[i - 1].by < s.costs[i].by || s.costs[i - 1].bytes >= s.costs[i].bytes);
	assert_true(s.bytes > 0 && s.event_bytes <= s.bytes);
	reader_space_free(&s);
	assert_int_equal(r->ops->space(r, NULL, 1, &s), 0);
	assert_int_equal(s.n, READER_COSTS);
	reader_space_free(&s);
	assert_int_equal(r->ops->space(r, NULL, READER_MAX_COSTS + 1, &s), -EINVAL);
}

static void less_is_kept_for_longer(void **state)
{
	const int64_t day = 86400000;
	struct reader_space s = { .bytes = 1000, .recorded_ms = 10 * day };

	assert_int_equal(reader_space_more_ms(&s, 0, 0), 0);
	assert_int_equal(reader_space_more_ms(&s, 500, 1000), 10 * day);  /* half of it: twice as long */
	assert_int_equal(reader_space_more_ms(&s, 500, 3000), 30 * day);  /* in three times the space */
	assert_int_equal(reader_space_more_ms(&s, 750, 10), 30 * day);    /* less than the file is no limit */
	assert_true(reader_space_more_ms(&s, 5000, 1000) == 990 * day);   /* something always stays */
	s.recorded_ms = INT64_MAX;
	assert_true(reader_space_more_ms(&s, 999, INT64_MAX) > 0);
	s.recorded_ms = 0;
	assert_int_equal(reader_space_more_ms(&s, 500, 1000), 0);
}

/* ---- the estimate against recording without it ---- */

enum without { NOTHING, DIRECTORY, PROGRAM, PORT };
static enum without without;

static void file(struct batch *b, int i, const char *folder, int64_t who)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "%s/%d/object-%d.txt", folder, i % 40, i % 9000);

	event(b, i * 50, who, i % 3 ? ACTION_FILE_WRITE : ACTION_FILE_CREATE, (struct span){ path, (size_t)n }, SPAN_NONE, 0);
}

static void tell_many(struct batch *b)
{
	people(b);
	for (int i = 0; i < 30000; i++) {
		if (i % 2 && without != DIRECTORY && without != PROGRAM)
			file(b, i, "/var/cache/build", MAKE);
		if (i % 5 == 0)
			file(b, i, "/srv/data", SERVER);
		if (i % 3 == 0 && without != PORT)
			event(b, i * 50, SERVER, ACTION_NETWORK_CONNECT, SPAN("203.0.113.9"), SPAN("192.0.2.1"), 53);
	}
}

static uint64_t size_without(enum without w, struct reader_space *ret)
{
	struct told_place *p;
	struct stat st;
	void *state;

	without = w;
	assert_int_equal(told_place_begin(tell_many, &state), 0);
	p = state;
	assert_int_equal(stat(p->path, &st), 0);
	if (ret)
		assert_int_equal(p->reader->ops->space(p->reader, NULL, 20, ret), 0);
	told_place_end(&state);
	return (uint64_t)st.st_size;
}

static void check_near(uint64_t estimate, uint64_t real)
{
	if (estimate < real * 7 / 10 || estimate > real * 13 / 10)
		fail_msg("estimated %llu bytes, it was %llu", (unsigned long long)estimate, (unsigned long long)real);
	print_message("estimated %llu bytes, it was %llu\n", (unsigned long long)estimate, (unsigned long long)real);
}

static void the_estimate_is_near_what_is_saved(void **state)
{
	struct reader_space s;
	uint64_t all = size_without(NOTHING, &s);

	assert_int_equal(s.bytes, all);
	check_near(cost(&s, READER_COST_DIRECTORY, "/var/cache/build/", 0)->bytes, all - size_without(DIRECTORY, NULL));
	check_near(cost(&s, READER_COST_EXECUTABLE, "/usr/bin/make", 0)->bytes, all - size_without(PROGRAM, NULL));
	check_near(cost(&s, READER_COST_PORT, NULL, 53)->bytes, all - size_without(PORT, NULL));
	reader_space_free(&s);
}

static int setup(void **state)
{
	return told_place_begin(tell_few, state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(costs_are_told_apart, setup, told_place_end),
		cmocka_unit_test(less_is_kept_for_longer),
		cmocka_unit_test(the_estimate_is_near_what_is_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
