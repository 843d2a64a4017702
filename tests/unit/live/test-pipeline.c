#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sqlite3.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/pipeline.h"

static char dir[] = "/tmp/test-pipeline-XXXXXX";
static char path[64];

struct fixture {
	struct pipeline *pipeline;
	struct recording *recording;
	struct store *store;
	int notify;
};

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/x.db", dir);
	return 0;
}

static int teardown(void **state)
{
	return rmdir(dir);
}

static int sink(struct batch *b, void *data)
{
	struct fixture *f = data;

	return pipeline_put(f->pipeline, b);
}

static void start_with(struct fixture *f, struct pipeline_config pc)
{
	struct recording_config rc = { .host = SPAN("host"), .batch_items = 50, .sink = sink, .data = f };
	char *error = NULL;

	f->notify = eventfd(0, EFD_NONBLOCK);
	assert_true(f->notify >= 0);
	assert_int_equal(store_open(path, STORE_CREATE, &f->store, &error), 0);
	pc.store = f->store;
	pc.notify_fd = f->notify;
	assert_int_equal(recording_new(&rc, &f->recording), 0);
	assert_int_equal(pipeline_new(&pc, &f->pipeline), 0);
	pipeline_set_recording(f->pipeline, f->recording);
}

static void start(struct fixture *f, bool live)
{
	start_with(f, (struct pipeline_config){ .live = live });
}

static void end(struct fixture *f)
{
	recording_free(f->recording);
	pipeline_free(f->pipeline);
	store_close(f->store);
	close(f->notify);
	unlink(path);
}

/* One exec of a program of its own name. The first error. */
static int add_exec(struct fixture *f, unsigned i)
{
	char line[512];
	int r, n;

	n = snprintf(line, sizeof(line), "type=SYSCALL msg=audit(1700000000.%03u:%u): arch=c000003e syscall=59 "
	             "success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 ppid=1 pid=%u auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 "
	             "egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm=\"x\" exe=\"/usr/bin/program-%u\" key=(null)",
	             i % 1000, i, 2 + i, i);
	r = recording_line(f->recording, (struct span){ line, (size_t)n });
	if (r < 0)
		return r;
	n = snprintf(line, sizeof(line), "type=EOE msg=audit(1700000000.%03u:%u): ", i % 1000, i);
	return recording_line(f->recording, (struct span){ line, (size_t)n });
}

static void check_complete(bool live)
{
	struct fixture f;

	start(&f, live);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(add_exec(&f, i), 0);
	assert_int_equal(recording_finish(f.recording), 0);
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	assert_int_equal(pipeline_error(f.pipeline), 0);
	assert_true(store_events(f.store) >= 5000);
	assert_int_equal(store_ids(f.store).process, 5000);
	end(&f);
}

static void test_live(void **state) { check_complete(true); }
static void test_import(void **state) { check_complete(false); }

static int64_t noted(const struct fixture *f, const char *key)
{
	char *value = store_meta_get(f->store, key);
	int64_t ms = value ? strtoll(value, NULL, 10) : 0;

	free(value);
	return ms;
}

/* What had been put by then is known, not what may still wait to be. */
static void test_live_notes_the_time(void **state)
{
	struct fixture f;

	start_with(&f, (struct pipeline_config){ .live = true, .began_ms = 1700000000000 });
	assert_int_equal(add_exec(&f, 1), 0);
	assert_int_equal(recording_finish(f.recording), 0);
	pipeline_reached(f.pipeline, 1700000000005);
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	assert_int_equal(noted(&f, PIPELINE_META_FROM), 1700000000000);
	assert_int_equal(noted(&f, PIPELINE_META_UNTIL), 1700000000005);
	end(&f);
	start(&f, true);
	assert_int_equal(add_exec(&f, 1), 0);
	assert_int_equal(recording_finish(f.recording), 0);
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	assert_int_equal(noted(&f, PIPELINE_META_UNTIL), 0);
	end(&f);
}

static int64_t read_number(const char *sql)
{
	struct sqlite3_stmt *q = NULL;
	struct sqlite3 *db = NULL;
	int64_t n = -1;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

/* Nothing happens, and that is said again and again, so that a recorder that is killed then leaves a short gap only. */
static void test_idle_is_noted(void **state)
{
	static const char until[] = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'recorded_until_ms'";
	struct fixture f;

	start_with(&f, (struct pipeline_config){ .live = true, .idle_ms = 10 });
	for (int64_t ms = 1700000000000; ms < 1700000000003; ms++) {
		pipeline_reached(f.pipeline, ms);
		while (read_number(until) != ms) /* the test's time limit ends what never comes */
			usleep(5000);
	}
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	end(&f);
}

/* What a recording lacks is kept with what was left out, from when it was so. */
static void test_lacks_are_kept(void **state)
{
	const struct pipeline_settings s = { .limits = { STORE_DEFAULT_BYTES, 0 }, .filtered = 1u << EVENT_FILE };
	struct fixture f;

	start_with(&f, (struct pipeline_config){ .live = true, .idle_ms = 10 });
	pipeline_set(f.pipeline, &s);
	pipeline_lack(f.pipeline, LACK_SIGNALS, 1700000000000);
	while (read_number("SELECT count(*) FROM coverage") != 1)
		usleep(5000);
	assert_int_equal(read_number("SELECT from_ms FROM coverage"), 1700000000000);
	assert_int_equal(read_number("SELECT filtered FROM coverage"), LACK_SIGNALS | 1 << EVENT_FILE);
	pipeline_lack(f.pipeline, LACK_SIGNALS, 1700000001000); /* as it was */
	pipeline_lack(f.pipeline, LACK_SIGNALS | LACK_CALLS, 1700000000500);
	while (read_number("SELECT count(*) FROM coverage") != 2)
		usleep(5000);
	assert_int_equal(read_number("SELECT from_ms FROM coverage WHERE id = 2"), 1700000000500);
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	end(&f);
}

static void test_discard(void **state)
{
	struct fixture f;

	start(&f, false);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(add_exec(&f, i), 0);
	assert_int_equal(pipeline_finish(f.pipeline, true), 0);
	end(&f);
}

/* A limit on file sizes stands for a full disk: it makes the storing thread fail, and whoever puts hears of it. */
static void with_full_disk(bool live, struct fixture *f)
{
	struct rlimit old, small;
	int r = 0;

	signal(SIGXFSZ, SIG_IGN);
	start(f, live);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 16384, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	pipeline_hurry(f->pipeline);
	for (unsigned i = 0; i < 200000 && r == 0; i++)
		r = add_exec(f, i);
	if (r == 0)
		r = recording_finish(f->recording);
	r = pipeline_finish(f->pipeline, r < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(r < 0);
	assert_int_equal(pipeline_error(f->pipeline), r);
}

static void test_failure_is_told(void **state)
{
	struct fixture f;
	struct pollfd p = { .events = POLLIN };

	with_full_disk(true, &f);
	p.fd = f.notify;
	assert_int_equal(poll(&p, 1, 0), 1);
	end(&f);
}

/* What is left out is so from when that was said, not from when it came to be written. */
static void test_coverage_begins_when_it_was_set(void **state)
{
	const struct pipeline_settings s = { .limits = { STORE_DEFAULT_BYTES, 0 }, .off = 1u << EVENT_NETWORK };
	struct fixture f;
	int64_t set;

	start(&f, true);
	pipeline_set(f.pipeline, &s);
	set = clock_now();
	usleep(20000);
	assert_int_equal(add_exec(&f, 1), 0);
	assert_int_equal(recording_finish(f.recording), 0);
	assert_int_equal(pipeline_finish(f.pipeline, false), 0);
	assert_true(read_number("SELECT from_ms FROM coverage") <= set);
	assert_int_equal(read_number("SELECT off FROM coverage"), 1 << EVENT_NETWORK);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live), cmocka_unit_test(test_import), cmocka_unit_test(test_live_notes_the_time),
		cmocka_unit_test(test_idle_is_noted), cmocka_unit_test(test_lacks_are_kept),
		cmocka_unit_test(test_coverage_begins_when_it_was_set),
		cmocka_unit_test(test_discard), cmocka_unit_test(test_failure_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
