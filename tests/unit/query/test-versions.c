/* Recordings of earlier versions are read as they are, and say the same once the recorder has taken them over. */
#include "tests/unit/test.h"

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/place.h"

enum { VERSIONS = 2 };

static struct reader *open_reader(const char *path, unsigned flags)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;

	if (vault_open(path, flags, NULL, NULL, NULL, &db, &error) < 0)
		fail_msg("%s", error);
	return reader_open_db(db);
}

static void describe_rows(struct reader *r, const char *where, struct buf *out)
{
	struct expr_error fault;
	AUTO_EXPR *e = NULL;
	struct reader_page p;

	assert_int_equal(expr_parse(span_of(where), &e, &fault), 0);
	assert_int_equal(r->ops->page(r, NULL, e, READER_ALL_TIME, (struct reader_place){ 0 }, 100, &p), 0);
	buf_printf(out, "%s: %zu\n", where, p.n);
	for (size_t i = 0; i < p.n; i++) {
		const struct reader_row *row = &p.rows[i];

		buf_printf(out, "%lld %d %llu %lld %d ", (long long)row->id, row->action, (unsigned long long)row->serial,
		           (long long)row->process, row->result);
		buf_add_span(out, row->object);
		buf_printf(out, " | %.*s | %.*s | %.*s\n", SPAN_FMT(row->executable), SPAN_FMT(row->command_line),
		           SPAN_FMT(row->user));
	}
	reader_page_free(&p);
}

static void describe_process(struct reader *r, int64_t id, struct buf *out)
{
	struct reader_process p;
	struct reader_tree t;

	assert_int_equal(r->ops->process(r, NULL, id, &p), 0);
	buf_printf(out, "%lld %lld %lld %d, %llu children\n", (long long)p.pid, (long long)p.start_ms, (long long)p.end_ms,
	           p.exit_code, (unsigned long long)p.children);
	for (size_t i = 0; i < p.n_images; i++)
		buf_printf(out, " %lld %lld-%lld %.*s, %zu arguments\n", (long long)p.images[i].id, (long long)p.images[i].start_ms,
		           (long long)p.images[i].end_ms, SPAN_FMT(p.images[i].command_line), p.images[i].n_args);
	reader_process_free(&p);
	assert_int_equal(r->ops->tree(r, NULL, id, (struct reader_tree_limits){ 3, 3, 10, 10 }, &t), 0);
	buf_printf(out, " tree of %zu, %.*s\n", t.n, SPAN_FMT(t.nodes[0].command_line));
	reader_tree_free(&t);
}

static void describe(const char *path, unsigned flags, int64_t want_version, struct buf *out)
{
	AUTO_READER *r = open_reader(path, flags);
	struct reader_info info;

	assert_int_equal(r->ops->info(r, NULL, &info), 0);
	assert_int_equal(info.schema_version, want_version);
	for (uint64_t id = 1; id <= info.processes; id++)
		describe_process(r, (int64_t)id, out);
	reader_info_free(&info);
	describe_rows(r, "", out);
	describe_rows(r, "event.serial == 2", out);
	describe_rows(r, "event.serial > 2 or process.command_line contains \"SECOND\"", out);
	describe_rows(r, "process.end exists and process.exit_code == 3", out);
	describe_rows(r, "process.command_line startswith \"/usr/lib/gcc\"", out);
	assert_false(out->failed);
}

static void test_same_answers(void **state)
{
	struct place *p = *state;

	for (int version = 1; version <= VERSIONS; version++) {
		AUTO_BUF before = BUF_INIT, after = BUF_INIT, live = BUF_INIT;

		load_fixture(p->path, version);
		describe(p->path, VAULT_CHECK, version, &before);
		describe(p->path, VAULT_LIVE, version, &live);
		assert_string_equal(live.p, before.p);
		assert_int_equal(store_close(open_store(p->path, 0)), 0);
		describe(p->path, VAULT_CHECK, VERSIONS, &after);
		assert_string_equal(after.p, before.p);
		assert_non_null(strstr(after.p, "event.serial == 2: 1\n"));
		assert_non_null(strstr(after.p, "process.exit_code == 3: 3\n"));
		unlink(p->path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { PLACED(test_same_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
