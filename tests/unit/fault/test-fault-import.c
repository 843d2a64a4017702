/* A whole import, with its threads, while memory, disk and files fail at each call in turn: the database is there whole, or
 * it is not there, and nothing else is. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>

#include "recorder/import.h"
#include "tests/unit/fault/sweep.h"
#include "tests/unit/store/place.h"

struct scene {
	struct place place;
	char **logs;
	size_t n_logs;
	char *error;
	int64_t events, images; /* of an undisturbed import */
};

static void before(void *data)
{
	struct scene *s = data;

	snprintf(s->place.dir, sizeof(s->place.dir), "%s/test-fault-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(s->place.dir));
	snprintf(s->place.path, sizeof(s->place.path), "%s/monitor.db", s->place.dir);
	s->error = NULL;
}

static int work(void *data)
{
	struct scene *s = data;
	struct import_config c = { .db = s->place.path, .logs = (const char *const *)s->logs, .n_logs = s->n_logs };
	struct import_result result;

	return import_run(&c, &result, &s->error);
}

static void after(void *data, int result)
{
	struct scene *s = data;
	bool there = access(s->place.path, F_OK) == 0;

	assert_int_equal(count_files(s->place.dir), there);
	if (result == 0)
		assert_true(there);
	if (there) {
		int64_t events = strtoll(ask(s->place.path, "SELECT sum(count) FROM v_event"), NULL, 10);
		int64_t images = strtoll(ask(s->place.path, "SELECT count(*) FROM v_process"), NULL, 10);

		assert_string_equal(ask(s->place.path, "PRAGMA integrity_check"), "ok");
		if (!s->events) {
			s->events = events;
			s->images = images;
		}
		assert_int_equal(events, s->events);
		assert_int_equal(images, s->images);
		assert_int_equal(unlink(s->place.path), 0);
	}
	free(STEAL(s->error));
	assert_int_equal(rmdir(s->place.dir), 0);
}

static struct scene scene;

static void test_import(void **state)
{
	static const struct sweep sweep = { before, work, after };

	/* A sanitizer does not stand that a new thread gets no memory. */
	for (int kind = FAULT_SANITIZED ? FAULT_FULL : FAULT_MEMORY; kind < FAULT_KINDS; kind++)
		sweep_run(&sweep, (enum fault_kind)kind, &scene);
	assert_true(scene.events > 100);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_import, sweep_tell) };

	scene.logs = argv + 1;
	scene.n_logs = (size_t)argc - 1;
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
