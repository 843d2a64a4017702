#include "tests/unit/test.h"

#include <errno.h>

#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

enum { EVENTS = 4000, IMAGES = 3, PATHS = 4, WINDOW = 1000 };

static uint64_t seed = 1;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

/* What is told, and the rows that the obvious way makes of it. */
struct row {
	int64_t first, last, count;
	int image, path, action, result;
};
struct model {
	struct row rows[EVENTS];
	size_t n;
};

static const enum event_action actions[] = {
	ACTION_FILE_WRITE, ACTION_FILE_DELETE, ACTION_NETWORK_CONNECT_FAILED, ACTION_PROCESS_EXIT, ACTION_SECURITY_LOGIN,
};

/* The newest row alike takes it; one too old ends there. */
static void tell(struct model *m, struct row e, bool may)
{
	struct row *found = NULL;

	for (size_t i = 0; i < m->n; i++) {
		struct row *r = &m->rows[i];

		if (r->image == e.image && r->path == e.path && r->action == e.action && r->result == e.result)
			found = r;
	}
	if (may && found && e.first >= found->first && e.first - found->first <= WINDOW) {
		found->count++;
		found->last = e.last > found->last ? e.last : found->last;
		return;
	}
	m->rows[m->n++] = e;
}

static void write_some(struct store *s, struct batch *b)
{
	assert_int_equal(store_write(s, b), 0);
	batch_reset(b);
	if (below(3) == 0)
		assert_int_equal(store_commit(s), 0);
}

static void add_random(struct batch *b, struct model *m, int64_t *now)
{
	static const char *const paths[PATHS] = { "/tmp/a", "/tmp/b", "10.0.0.1", "/etc/c" };
	struct row e = { .count = 1, .image = 1 + (int)below(IMAGES), .path = (int)below(PATHS), .result = (int)below(2),
		.action = (int)actions[below(ARRAY_LEN(actions))] };
	struct event *event;

	*now += below(20);
	e.first = e.last = *now - below(30); /* records come out of order */
	event = add_event(b, e.first, (enum event_action)e.action, e.image, span_of(paths[e.path]));
	event->result = e.result;
	tell(m, e, event_action_category(e.action) == EVENT_FILE || event_action_category(e.action) == EVENT_NETWORK);
}

static void check(const char *path, const struct model *m)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), m->n);
	assert_int_equal(ask_db(db, "SELECT sum(coalesce(count, 1)) FROM event"), EVENTS);
	assert_int_equal(ask_db(db, "SELECT sum(count) FROM rollup"), EVENTS);
	assert_int_equal(ask_db(db, "SELECT sum(coalesce(rows, count)) FROM rollup"), m->n);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM (SELECT (id >> 14) / 60000 AS m, action AS a, "
	                        "sum(coalesce(count, 1)) AS c, count(*) AS r FROM event GROUP BY 1, 2) e LEFT JOIN rollup o "
	                        "ON o.minute = m AND o.action = a WHERE c IS NOT o.count OR r <> coalesce(o.rows, o.count)"), 0);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM event WHERE id >> 14 = ? AND image = ? AND action = ? "
	                                    "AND coalesce(result, 0) = ? AND coalesce(count, 1) = ? AND coalesce(span_ms, 0) = ?",
	                                    -1, &s, NULL), SQLITE_OK);
	for (size_t i = 0; i < m->n; i++) {
		const struct row *r = &m->rows[i];
		const int64_t values[] = { r->first, r->image, r->action, r->result, r->count, r->last - r->first };

		for (int k = 0; k < 6; k++)
			sqlite3_bind_int64(s, k + 1, values[k]);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		assert_true(sqlite3_column_int(s, 0) >= 1);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void run(struct place *p, unsigned flags)
{
	struct store *s = open_store(p->path, flags);
	struct model *m = calloc(1, sizeof(*m));
	struct batch *b = batch_new();
	int64_t now = T0;

	assert_int_equal(store_collate(s, WINDOW), 0);
	add_boot(b, 1);
	for (int64_t i = 1; i <= IMAGES; i++) {
		add_process(b, i, 100 + i, T0 - 100, 0);
		add_image(b, i, i, T0 - 100, "/bin/sh", "sh");
	}
	for (int i = 0; i < EVENTS; i++) {
		add_random(b, m, &now);
		if (below(50) == 0)
			write_some(s, b);
	}
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_events(s), EVENTS);
	assert_int_equal(store_close(s), 0);
	assert_true(m->n < EVENTS * 3 / 4);
	check(p->path, m);
	batch_free(b);
	free(m);
}

static void test_live_as_the_model(void **state)
{
	run(*state, STORE_CREATE);
}

static void test_import_as_the_model(void **state)
{
	run(*state, STORE_CREATE | STORE_IMPORT);
}

static void burst(struct store *s, int64_t from, int n)
{
	struct batch *b = batch_new();

	for (int i = 0; i < n; i++)
		add_event(b, from + i, ACTION_FILE_WRITE, 1, SPAN("/tmp/log"));
	assert_int_equal(store_write(s, b), 0);
	batch_free(b);
}

/* After a rollback the row that was counted in is as it was, and what is told again is counted once. */
static void test_rolled_back(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	sqlite3 *db = NULL;

	assert_int_equal(store_collate(s, STORE_COLLATE_MS), 0);
	burst(s, T0, 10);
	assert_int_equal(store_commit(s), 0);
	burst(s, T0 + 10, 5);
	assert_int_equal(store_limit_pages(s, 1), 0);
	store_discard(s);
	s = open_store(p->path, 0);
	assert_int_equal(store_collate(s, STORE_COLLATE_MS), 0);
	burst(s, T0 + 10, 5);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(ask_db(db, "SELECT sum(coalesce(count, 1)) FROM event"), 15);
	assert_int_equal(ask_db(db, "SELECT sum(count) FROM rollup"), 15);
	assert_int_equal(ask_db(db, "SELECT span_ms FROM event ORDER BY id LIMIT 1"), 9);
	sqlite3_close(db);
}

static void test_bounds(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);

	assert_int_equal(store_collate(s, -1), -EINVAL);
	assert_int_equal(store_collate(s, STORE_COLLATE_MAX_MS + 1), -EINVAL);
	assert_int_equal(store_collate(s, STORE_COLLATE_MAX_MS), 0);
	assert_int_equal(store_collate(s, 0), 0);
	burst(s, T0, 3);
	assert_int_equal(store_close(s), 0);
	assert_string_equal(ask(p->path, "SELECT count(*) || ' ' || count(count) FROM event"), "3 0");
}

/* ---- programs looked for along PATH ---- */

static void miss(struct batch *b, int64_t ms, int64_t image, const char *path, int error)
{
	add_event(b, ms, ACTION_PROCESS_EXEC_FAILED, image, span_of(path))->result = error;
}

#define ALL "SELECT group_concat(line, ';') FROM (SELECT image || ' ' || v.object || ' ' || coalesce(v.object2, '-') " \
            "|| ' ' || v.count || ' ' || coalesce(span_ms, 0) AS line FROM v_event v JOIN event e ON e.id = v.id " \
            "WHERE v.action = 103 ORDER BY v.id)"

static void search(struct store *s)
{
	struct batch *b = batch_new();

	add_boot(b, 1);
	for (int64_t i = 1; i <= 2; i++) {
		add_process(b, i, 100 + i, T0, 0);
		add_image(b, i, i, T0, "/usr/bin/make", "make");
	}
	/* Two at once. */
	miss(b, T0, 1, "/usr/local/bin/as", ENOENT);
	miss(b, T0 + 1, 2, "/usr/local/bin/ld", ENOENT);
	miss(b, T0 + 2, 1, "/opt/bin/as", ENOENT);
	add_event(b, T0 + 3, ACTION_FILE_WRITE, 1, SPAN("/tmp/x"));
	miss(b, T0 + 4, 2, "/opt/bin/ld", ENOENT);
	miss(b, T0 + 5, 1, "/sbin/as", ENOENT);
	/* Another name, another reason, alone: rows of their own. */
	miss(b, T0 + 6, 1, "/usr/bin/gas", ENOENT);
	miss(b, T0 + 7, 1, "/bin/gas", EACCES);
	miss(b, T0 + 8, 2, "ld", ENOENT);
	miss(b, T0 + 9, 2, "/opt/bin/ld", ENOENT);
	miss(b, T0 + 9 + WINDOW, 2, "/sbin/ld", ENOENT);
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	batch_reset(b);
	miss(b, T0 + 10 + WINDOW, 1, "/opt/bin/gas", ENOENT);
	assert_int_equal(store_write(s, b), 0);
	batch_free(b);
}

static void test_searches(void **state)
{
	struct place *p = *state;

	for (unsigned import = 0; import < 2; import++) {
		struct store *s = open_store(p->path, STORE_CREATE | (import ? STORE_IMPORT : 0));

		assert_int_equal(store_collate(s, WINDOW), 0);
		search(s);
		assert_int_equal(store_events(s), 12);
		assert_int_equal(store_close(s), 0);
		assert_string_equal(ask(p->path, ALL),
		                    "1 /usr/local/bin/as /sbin/as 3 5;2 /usr/local/bin/ld /opt/bin/ld 4 8;1 /usr/bin/gas - 1 0;"
		                    "1 /bin/gas - 1 0;2 /sbin/ld - 1 0;1 /opt/bin/gas - 1 0");
		assert_string_equal(ask(p->path, "SELECT sum(count) || ' ' || sum(coalesce(rows, count)) FROM rollup "
		                                 "WHERE action = 103"), "11 6");
		/* It is found by where it was looked for last. */
		assert_string_equal(ask(p->path, "SELECT count(*) FROM event e, text_birth b WHERE object2 NOT NULL AND "
		                                 "e.id >> 26 = b.bucket"), "2");
		unlink(p->path);
	}
}

static void test_searches_are_rows_without_collation(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);

	search(s);
	assert_int_equal(store_close(s), 0);
	assert_string_equal(ask(p->path, "SELECT count(*) || ' ' || count(object2) FROM event WHERE action = 103"), "11 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_searches),
		PLACED(test_searches_are_rows_without_collation),
		PLACED(test_live_as_the_model),
		PLACED(test_import_as_the_model),
		PLACED(test_rolled_back),
		PLACED(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
