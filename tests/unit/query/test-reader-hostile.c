/* A recording that somebody has tampered with: whatever its tables hold, every call ends with an answer or an error. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"
#include "tests/unit/query/story.h"

static unsigned answers, errors;

static void note(int r)
{
	assert_true(r <= 0);
	if (r == 0)
		answers++;
	else
		errors++;
}

static void ask_processes(struct reader *r, struct random_expr *random)
{
	struct reader_tree_limits limits = { 8, 3, 50, 50 };
	struct reader_process p;
	struct reader_timeline t;
	struct reader_tree tree;

	for (int i = 0; i < 4; i++) {
		int64_t id = (int64_t)random_below(random, STORY_PROCESSES + 2);
		int e = r->ops->process(r, NULL, id, &p);

		note(e);
		if (e == 0)
			reader_process_free(&p);
		e = r->ops->timeline(r, NULL, id, READER_ALL_TIME, 100, 50, &t);
		note(e);
		if (e == 0)
			reader_timeline_free(&t);
		e = r->ops->tree(r, NULL, id, limits, &tree);
		note(e);
		if (e == 0)
			reader_tree_free(&tree);
	}
}

static void ask_events(struct reader *r, const struct expr *where)
{
	struct reader_page page;
	struct reader_count c;
	struct reader_histogram h;
	struct reader_distribution d;
	int e = r->ops->page(r, NULL, where, READER_ALL_TIME, (struct reader_place){ READER_NEWEST_FIRST, 0, 3 }, 500, &page);

	note(e);
	if (e == 0)
		reader_page_free(&page);
	e = r->ops->count(r, NULL, where, READER_ALL_TIME, 10, &c);
	note(e);
	if (e == 0)
		reader_count_free(&c);
	e = r->ops->histogram(r, NULL, where, READER_ALL_TIME, 50, &h);
	note(e);
	if (e == 0)
		reader_histogram_free(&h);
	e = r->ops->distribution(r, NULL, where, READER_ALL_TIME, &d);
	note(e);
	if (e == 0)
		reader_distribution_free(&d);
}

static void ask_all(const char *path, struct random_expr *random)
{
	struct sqlite3 *db = NULL;
	struct reader_info info;
	AUTO_READER *r = NULL;
	char *error = NULL;
	int e = vault_open(path, 0, NULL, NULL, NULL, &db, &error);

	free(error);
	if (e < 0) {
		errors++;
		return;
	}
	r = reader_open_db(db);
	assert_non_null(r);
	e = r->ops->info(r, NULL, &info);
	note(e);
	if (e == 0)
		reader_info_free(&info);
	ask_events(r, NULL);
	for (int i = 0; i < 6; i++) {
		AUTO_EXPR *where = random_tree(random, 2);

		ask_events(r, where);
	}
	ask_processes(r, random);
}

/* Columns of every table; where a NOT NULL refuses the value the row stays. */
static const char *const columns[] = {
	"event.action", "event.image", "event.object", "event.object2", "event.result", "event.port", "event.flags",
	"event.count", "event.span_ms", "image.process", "image.start_ms", "image.executable", "image.comm",
	"image.command_line", "image.arg_lengths", "image.cwd", "image.credential", "image.hash", "process.boot", "process.pid",
	"process.start_ms", "process.origin", "process.parent_image", "process.end_ms", "process.exit_code", "text.kind",
	"text.dir", "text.value", "credential.euid", "credential.user", "credential.cgroup", "image.script", "process.ns_pid",
	"rollup.count", "gap.from_ms", "gap.to_ms", "gap.count",
	"text_birth.bucket", "text_hash.texts", "boot.host", "detail.value", "file_hash.md5", "event.id", "image.id", "text.id",
	"process.id", "posting.bucket", "rollup.minute",
};
static const char *const contents[] = {
	"9223372036854775807", "-9223372036854775808", "-1", "0", "NULL", "'text'", "x'00ff80808080808080808080'", "1e300",
	"1099511627776", "zeroblob(70000)", "1", "4611686018427387904",
};

static void tamper(const char *path, struct random_expr *random)
{
	sqlite3 *db = NULL;
	char sql[300];

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 6; i++) {
		const char *column = columns[random_below(random, sizeof(columns) / sizeof(*columns))];
		const char *content = contents[random_below(random, sizeof(contents) / sizeof(*contents))];
		int table = (int)(strchr(column, '.') - column);

		/* Some rows, or for a key one. */
		snprintf(sql, sizeof(sql), "UPDATE OR IGNORE %.*s SET %s = %s WHERE abs(random()) %% %d = 0", table, column,
		         column + table + 1, content, random_below(random, 2) ? 2 : 40);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_tampered_rows(void **state)
{
	answers = errors = 0;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct story *s = story_new(100 + seed);

		tamper(s->path, &s->random);
		ask_all(s->path, &s->random);
		story_free(s);
	}
	assert_true(answers > 300 && errors > 0);
}

/* Bytes changed anywhere behind the first page. */
static void test_flipped_bytes(void **state)
{
	answers = errors = 0;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct story *s = story_new(1000 + seed);
		int fd = open(s->path, O_RDWR);
		struct stat st;

		assert_true(fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 8192);
		for (int i = 0; i < 15; i++) { /* more would mostly hit the schema, and then it does not open */
			unsigned char byte = (unsigned char)random_next(&s->random);
			off_t at = 4096 + (off_t)random_below(&s->random, (uint64_t)st.st_size - 4096);

			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
		ask_all(s->path, &s->random);
		story_free(s);
	}
	assert_true(answers > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tampered_rows), cmocka_unit_test(test_flipped_bytes) };

	return cmocka_run_group_tests_name("reader-hostile", tests, NULL, NULL);
}
