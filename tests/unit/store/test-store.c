/* What is written is what plain SQLite reads. */
#include "tests/unit/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/store.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

static void assert_sound(const char *path)
{
	assert_string_equal(ask(path, "PRAGMA integrity_check"), "ok");
}

static void write_all(struct store *s, struct batch *b)
{
	assert_int_equal(store_write(s, b), 0);
	batch_reset(b);
}

static void fill(struct batch *b)
{
	static const int32_t lengths[] = { 3, 3, -1, 0 };
	struct image_start *im;
	struct event *e;

	add_boot(b, 1);
	add_process(b, 1, 100, T0, 0);
	add_image(b, 1, 1, T0, "/usr/bin/bash", "bash -l");
	add_event(b, T0, ACTION_PROCESS_CREATE, 1, SPAN("/usr/bin/bash"));
	add_process(b, 2, 101, T0 + 5, 1);
	im = add_image(b, 2, 2, T0 + 5, "/opt/a b", "a b c d");
	im->arg_lengths = lengths;
	im->argc = 4;
	im->comm = SPAN("other");
	e = add_event(b, T0 + 9, ACTION_FILE_RENAME, 2, SPAN("/tmp/\xff\xfe old"));
	e->object2 = SPAN("/new");
	e->flags = EVENT_FLAG_COMPAT;
	e = add_event(b, T0 + 20, ACTION_NETWORK_CONNECT_FAILED, 2, SPAN("10.0.0.1"));
	e->port = 443;
	e->result = 111;
	batch_add(b, ITEM_END)->end = (struct process_end){ 2, T0 + 30, 3, 0 };
	batch_add(b, ITEM_GAP)->gap = (struct gap){ T0, T0 + 1, GAP_KERNEL_LOST, 17 };
	batch_add(b, ITEM_UNPARSED)->unparsed = (struct unparsed){ T0, SPAN("type=X\0y"), "no serial" };
}

static void check_filled(const char *path)
{
	assert_sound(path);
	assert_string_equal(ask(path, "SELECT group_concat(time || action || ' ' || pid || coalesce(executable, ''), '|') "
	                              "FROM (SELECT * FROM v_event ORDER BY id)"),
	                    "2026-11-25 01:47:24.000100 100/usr/bin/bash|2026-11-25 01:47:24.009203 101/opt/a b|"
	                    "2026-11-25 01:47:24.020302 101/opt/a b");
	assert_string_equal(ask(path, "SELECT hex(object) || object2 FROM v_event WHERE action = 203"),
	                    "2F746D702FFFFE206F6C64/new");
	assert_string_equal(ask(path, "SELECT object || port || result FROM v_event WHERE action = 302"), "10.0.0.1443111");
	assert_string_equal(ask(path, "SELECT pid || ' ' || exit_code || ' ' || parent_pid || ' ' || cwd || user || host "
	                              "FROM v_process WHERE id = 2"), "101 3 100 /rootroothost-a");
	assert_string_equal(ask(path, "SELECT hex(arg_lengths) FROM image WHERE id = 2"), "04040001");
	assert_string_equal(ask(path, "SELECT value FROM text WHERE id = (SELECT comm FROM image WHERE id = 2)"), "other");
	assert_string_equal(ask(path, "SELECT from_ms || ' ' || cause || ' ' || count FROM gap"), "1795571244000 1 17");
	assert_string_equal(ask(path, "SELECT hex(line) FROM unparsed"), "747970653D580079");
	assert_string_equal(ask(path, "SELECT sum(count) FROM rollup"), "3");
	assert_string_equal(ask(path, "SELECT value FROM meta WHERE key = 'unparsed'"), "5");
	assert_string_equal(ask(path, "SELECT name || count || used FROM record_count"), "SYSCALL128");
	assert_string_equal(ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL"), "2");
}

static void write_filled(const char *path, unsigned flags)
{
	struct store *s = open_store(path, flags);
	struct batch *b = batch_new();

	fill(b);
	write_all(s, b);
	assert_int_equal(store_count_unparsed(s, 2), 0);
	assert_int_equal(store_count_unparsed(s, 3), 0);
	assert_int_equal(store_count_records(s, 1300, "SYSCALL", 5, 4), 0);
	assert_int_equal(store_count_records(s, 1300, "SYSCALL", 7, 4), 0);
	assert_int_equal(store_events(s), 3);
	assert_int_equal(store_ids(s).image, 2);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void test_live_rows(void **state)
{
	struct place *p = *state;

	write_filled(p->path, STORE_CREATE);
	check_filled(p->path);
}

static void test_bulk_rows(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	struct batch *b = batch_new();

	fill(b);
	write_all(s, b);
	assert_int_equal(access(p->path, F_OK), -1);
	store_discard(s);
	assert_string_equal(ask(":memory:", "SELECT 1"), "1");
	batch_free(b);
	assert_int_equal(rmdir(p->dir), 0); /* nothing is left in it */
	assert_int_equal(mkdir(p->dir, 0700), 0);
	write_filled(p->path, STORE_CREATE | STORE_IMPORT);
	check_filled(p->path);
}

/* More milliseconds than are remembered, with writes to the table falling inside one: no two rows get one id. */
static void test_flush_within_a_millisecond(void **state)
{
	enum { MILLISECONDS = 80000, EACH = 3 };
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	struct batch *b = batch_new();
	char want[32];

	for (int i = 0; i < MILLISECONDS * EACH; i++) {
		add_event(b, T0 + i / EACH, ACTION_FILE_WRITE, 0, SPAN("/tmp/x"));
		if (b->n == 1000)
			write_all(s, b);
	}
	write_all(s, b);
	assert_int_equal(store_close(s), 0);
	snprintf(want, sizeof(want), "%d|%d", MILLISECONDS * EACH, MILLISECONDS);
	assert_string_equal(ask(p->path, "SELECT count(*) || '|' || count(DISTINCT id >> 14) FROM event"), want);
	batch_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_live_rows),
		PLACED(test_bulk_rows),
		PLACED(test_flush_within_a_millisecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
