/* Recordings made to do harm, opened as the desktop opens files from elsewhere: each is refused in one line, or every call
 * ends with an answer or an error of its own, within bounds, in this process and through a confined child alike. */
#include "tests/unit/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/session/confine.h"
#include "agent/session/serve.h"
#include "tests/unit/session/hostile.h"

enum { ANSWER_BYTES = 200 << 20 }; /* of any answer */

struct pair {
	const char *name;
	struct reader *here, *child;
	unsigned answers;
};

static const char *const expressions[] = {
	"process.name contains \"ur\"", "file.path == \"/usr/bin/curl\"", "process.command_line matches \"a+b\"",
	"not process.command_line startswith \"curl\"", "destination.ip cidr \"10.0.0.0/8\"", "event.category == file",
	"process.parent.name == \"bash\"", "@timestamp >= \"2020-09-13T12:26:50Z\" and process.pid > 100",
	"user.name exists or error.code == 2", "process.command_line endswith \"aab\"",
};
static const int64_t processes[] = { 1, 2, 3, 5, 0, -1, -2, INT64_MIN, INT64_MAX };

static size_t size_of(const struct messages_call *c, const union messages_answer *a)
{
	switch (c->type) {
	case MESSAGES_INFO: return a->info.arena.total;
	case MESSAGES_PAGE: return a->page.arena.total;
	case MESSAGES_PROCESS: return a->process.arena.total;
	case MESSAGES_TIMELINE: return a->timeline.arena.total;
	case MESSAGES_TREE: return a->tree.arena.total;
	case MESSAGES_LANES: return a->lanes.arena.total;
	case MESSAGES_STORY: return a->story.tree.arena.total;
	case MESSAGES_VALUES: return a->values.arena.total;
	case MESSAGES_CELLS: return a->cells.arena.total;
	case MESSAGES_SPACE: return a->space.arena.total;
	case MESSAGES_INVENTORY: return a->inventory.arena.total;
	default: return 0;
	}
}

static void check_gaps(const struct pair *p, const struct reader_info *i)
{
	for (size_t k = 0; k < i->n_gaps; k++)
		if (i->gaps[k].from_ms > i->gaps[k].to_ms || (k && i->gaps[k].from_ms < i->gaps[k - 1].from_ms))
			fail_msg("%s: gap %zu is not where it belongs", p->name, k);
}

static void ask(struct pair *p, struct messages_call c)
{
	union messages_answer here, child;
	int a = serve_run(p->here, NULL, &c, &here), b;
	char why[300];

	snprintf(why, sizeof(why), "%s", a < 0 ? reader_error_text(p->here, a) : "");
	b = serve_run(p->child, NULL, &c, &child);
	if (b == -EPIPE || b == -EPROTO || b == -ETIMEDOUT)
		fail_msg("%s: call %d: %s", p->name, c.type, reader_error_text(p->child, b));
	if (a != b && b != -EMSGSIZE)
		fail_msg("%s: call %d: %d (%s) here, %d (%s) in the child", p->name, c.type, a, why, b,
		         b < 0 ? reader_error_text(p->child, b) : "");
	if (a < 0 && strstr(why, "expression"))
		fail_msg("%s: call %d: the recording is at fault, not the expression: %s", p->name, c.type, why);
	if (a == 0 && size_of(&c, &here) > ANSWER_BYTES)
		fail_msg("%s: call %d: an answer of %zu bytes", p->name, c.type, size_of(&c, &here));
	if (a == 0 && c.type == MESSAGES_INFO)
		check_gaps(p, &here.info);
	p->answers += b == 0;
	if (a == 0)
		messages_answer_free(c.type, &here);
	if (b == 0)
		messages_answer_free(c.type, &child);
}

static void ask_whole(struct pair *p)
{
	ask(p, (struct messages_call){ .type = MESSAGES_SPACE, .n = READER_MAX_COSTS });
	ask(p, (struct messages_call){ .type = MESSAGES_INVENTORY });
}

static void ask_events(struct pair *p, const struct expr *where)
{
	static const struct reader_range ranges[] = {
		{ INT64_MIN, INT64_MAX }, { INT64_MIN + 1, INT64_MAX - 1 }, { 1600000000000, 1600000060000 }, { 5, -5 },
	};

	static const int64_t ids[] = { INT64_MIN, -1, 0, 1, INT64_MAX, INT64_C(1600000000000) << 14,
		INT64_C(1600000001000) << 14, (INT64_C(1600000001000) << 14) + 2, INT64_C(1600000002000) << 14 };
	static const struct span rules[] = { SPAN("event.category == file"), SPAN("process.name contains \"ur\"") };
	const struct field *fields[READER_MAX_CELL_FIELDS];

	for (size_t i = 0; i < (where ? 1 : ARRAY_LEN(ranges)); i++) {
		struct messages_call c = { .where = where, .range = ranges[i] };

		c.type = MESSAGES_PAGE;
		c.n = i ? 100 : 5000;
		c.at = (struct reader_place){ i % 2 ? READER_OLDEST_FIRST : READER_NEWEST_FIRST, 0, i };
		ask(p, c);
		c.type = MESSAGES_HISTOGRAM;
		c.n = i ? 100 : READER_MAX_BINS;
		ask(p, c);
		c.type = MESSAGES_DISTRIBUTION;
		ask(p, c);
		c.type = MESSAGES_COMPLETENESS;
		c.kinds = i ? 1u << EVENT_FILE : 0;
		ask(p, c);
		c.type = MESSAGES_LANES;
		c.n = i ? 64 : 0;
		c.max_children = 9;
		c.by = (enum reader_group)(1 + i % (READER_GROUPS - 1));
		ask(p, c);
		c.type = MESSAGES_VALUES;
		for (size_t k = i; field_at(k); k += where ? 40 : 4) {
			c.wish = (struct reader_values_wish){ field_at(k), k % 8 < 4 ? READER_RARE_FIRST : READER_COMMON_FIRST, 50,
				k % 3 ? SPAN_NONE : SPAN("a"), k % 5 == 0, k % 7 == 0 };
			ask(p, c);
		}
		c.type = MESSAGES_CELLS;
		c.cells = (struct reader_cells_wish){ ids, ARRAY_LEN(ids), fields, 0, rules, ARRAY_LEN(rules) };
		while (c.cells.n_fields < READER_MAX_CELL_FIELDS) {
			fields[c.cells.n_fields] = field_at((c.cells.n_fields + i * READER_MAX_CELL_FIELDS) % 80);
			c.cells.n_fields += fields[c.cells.n_fields] ? 1 : READER_MAX_CELL_FIELDS;
		}
		if (c.cells.n_fields == READER_MAX_CELL_FIELDS)
			ask(p, c);
		c.type = MESSAGES_COUNT;
		c.step = i;
		ask(p, c);
	}
}

static void ask_process(struct pair *p, int64_t process)
{
	struct messages_call c = { .process = process, .range = READER_ALL_TIME, .n = READER_MAX_BINS, .max_children = 10000,
		.limits = { 64, 8, 10000, 10000 } };

	c.type = MESSAGES_PROCESS;
	ask(p, c);
	c.type = MESSAGES_TREE;
	ask(p, c);
	c.type = MESSAGES_TIMELINE;
	ask(p, c);
	c.type = MESSAGES_STORY;
	ask(p, c);
	c.type = MESSAGES_TIMELINE;
	c.range = (struct reader_range){ INT64_MIN + 1, INT64_MAX - 1 };
	ask(p, c);
}

static void ask_all(struct pair *p)
{
	ask(p, (struct messages_call){ .type = MESSAGES_INFO });
	ask_whole(p);
	ask_events(p, NULL);
	for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
		AUTO_EXPR *where = NULL;
		struct expr_error e;

		if (expr_parse(span_of(expressions[i]), &where, &e) < 0)
			fail_msg("%s: %s", expressions[i], e.message);
		ask_events(p, where);
	}
	for (size_t i = 0; i < ARRAY_LEN(processes); i++)
		ask_process(p, processes[i]);
}

/* The reader in this process that the child's is compared with. */
static struct reader *open_here(const char *path)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	struct reader *r;

	if (vault_open(path, 0, NULL, NULL, NULL, &db, &error) < 0)
		fail_msg("%s", error);
	r = reader_open_db(db);
	assert_non_null(r);
	return r;
}

static void try(const struct hostile *h, const char *path)
{
	AUTO_FREE char *error = NULL;
	AUTO_READER *child = NULL;
	AUTO_READER *here = NULL;
	struct pair p = { .name = h->name };
	int r = confine_open(path, VAULT_CHECK, NULL, NULL, NULL, &child, &error);

	if (!h->refusal && r < 0)
		fail_msg("%s: did not open: %s", h->name, error);
	if (h->refusal && (r == 0 || strchr(error, '\n') || !strstr(error, h->refusal)))
		fail_msg("%s: %s", h->name, r == 0 ? "opened" : error);
	if (h->refusal)
		return;
	here = open_here(path);
	p.here = here;
	p.child = child;
	ask_all(&p);
	if (p.answers == 0)
		fail_msg("%s: no call had an answer", h->name);
}

static void test_hostile_recordings(void **state)
{
	const char *only = getenv("HOSTILE_ONLY");

	for (size_t i = 0; i < hostile_n; i++) {
		char path[] = "/tmp/spoor-hostile-XXXXXX";
		int fd;

		if (only && !strstr(hostile_all[i].name, only))
			continue;
		fd = mkstemp(path);
		assert_true(fd >= 0);
		close(fd);
		fprintf(stderr, "%s\n", hostile_all[i].name);
		hostile_make(&hostile_all[i], path);
		try(&hostile_all[i], path);
		unlink(path);
	}
}

/* Refused in one line, or every call has an answer or an error. */
static void expect_bearable(const char *name, const char *path)
{
	AUTO_FREE char *error = NULL;
	AUTO_READER *child = NULL;
	AUTO_READER *here = NULL;
	struct pair p = { .name = name };

	fprintf(stderr, "%s\n", name);
	if (confine_open(path, VAULT_CHECK, NULL, NULL, NULL, &child, &error) < 0) {
		assert_null(strchr(error, '\n'));
		assert_non_null(strstr(error, "cannot open"));
		return;
	}
	p.here = here = open_here(path);
	p.child = child;
	ask_all(&p);
	assert_true(p.answers > 0);
}

/* A log is whole by itself: SQLite takes its pages for those of any file that it lies beside. */
static void put_log_of_another(const char *path)
{
	AUTO_FREE char *other = NULL, *log = NULL, *to = NULL;
	char bytes[4096];
	sqlite3 *db = NULL;
	size_t n;

	assert_true(asprintf(&other, "%s-other", path) > 0 && asprintf(&log, "%s-wal", other) > 0 &&
	            asprintf(&to, "%s-wal", path) > 0);
	hostile_make(&hostile_all[0], other);
	assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; DELETE FROM text; "
	                              "INSERT INTO gap SELECT value + 9, 1, 2, 1, 1 "
	                              "FROM (WITH n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 5000) "
	                              "SELECT value FROM n); UPDATE event SET object = 4", NULL, NULL, NULL), SQLITE_OK);
	{
		AUTO_FCLOSE FILE *from = fopen(log, "rb");
		AUTO_FCLOSE FILE *out = fopen(to, "wb");

		assert_true(from && out);
		while ((n = fread(bytes, 1, sizeof(bytes), from)) > 0)
			assert_int_equal(fwrite(bytes, 1, n, out), n);
	}
	sqlite3_close(db);
	unlink(other);
}

static void test_a_log_of_another_recording(void **state)
{
	char path[] = "/tmp/spoor-hostile-XXXXXX", log[sizeof(path) + 4];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	hostile_make(&hostile_all[0], path);
	put_log_of_another(path);
	expect_bearable("a log of another recording", path);
	snprintf(log, sizeof(log), "%s-wal", path);
	assert_int_equal(access(log, F_OK), 0); /* as it was: what is looked at is a copy */
	unlink(log);
	unlink(path);
}

static void test_a_sparse_terabyte(void **state)
{
	char path[] = "/tmp/spoor-hostile-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	hostile_make(&hostile_all[0], path);
	if (truncate(path, INT64_C(1) << 40) == 0) /* a file system may be too small for it */
		expect_bearable("a sparse terabyte", path);
	unlink(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_recordings),
		cmocka_unit_test(test_a_log_of_another_recording),
		cmocka_unit_test(test_a_sparse_terabyte),
	};

	confine_child_main(argc, argv);
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
