/* Texts as deltas of others: nothing is lost, SQL reads them too, and nonsense is refused. */
#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/store/delta.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

static unsigned next(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

/* Arguments of a few programs, often those of the line before. */
static void make_line(unsigned *state, struct buf *line)
{
	static const char *const words[] = { "gcc", "-O2", "-Wall", "-I../../include", "-MD", "-o", "/tmp/ccAbCdEf.s",
		"-DHAVE_CONFIG_H", "src/main.c", "--gdwarf-5", "-fstack-protector-strong", "'-DNAME=\"a b\"'" };

	buf_clear(line);
	for (unsigned i = 0, n = 3 + next(state) % 60; i < n; i++) {
		buf_add_z(line, i ? " " : "");
		if (next(state) % 6)
			buf_add_z(line, words[(i + next(state) % 3) % ARRAY_LEN(words)]);
		else
			buf_printf(line, "file-%u.o", next(state) % 1000);
	}
}

static void test_there_and_back(void **state)
{
	AUTO_FREE struct delta_work *work = delta_work_new();
	AUTO_BUF base = BUF_INIT, text = BUF_INIT, delta = BUF_INIT, back = BUF_INIT;
	unsigned random = 7, shorter = 0;

	assert_non_null(work);
	for (int i = 0; i < 20000; i++) {
		make_line(&random, &base);
		make_line(&random, &text);
		if (!delta_may(buf_span(&base)) || !delta_may(buf_span(&text)))
			continue;
		buf_clear(&delta);
		if (!delta_make(work, buf_span(&base), buf_span(&text), text.n, &delta))
			continue;
		shorter++;
		assert_true(delta.n < text.n);
		buf_clear(&back);
		assert_int_equal(delta_undo(buf_span(&base), buf_span(&delta), &back), 0);
		assert_true(span_eq(buf_span(&back), buf_span(&text)));
	}
	assert_in_range(shorter, 10000, 20000);
}

static void test_limits(void **state)
{
	AUTO_FREE struct delta_work *work = delta_work_new();
	static char long_one[DELTA_MAX + 1], other[DELTA_MAX];
	AUTO_BUF delta = BUF_INIT, back = BUF_INIT;
	unsigned random = 3;

	assert_false(delta_may(SPAN("too short")));
	assert_false(delta_may(SPAN("not ASCII: \xc3\xa4, and long enough")));
	assert_false(delta_may(SPAN("a NUL in the middle: \0, no")));
	for (size_t i = 0; i < sizeof(long_one); i++)
		long_one[i] = (char)(1 + next(&random) % 127);
	assert_false(delta_may((struct span){ long_one, DELTA_MAX + 1 }));
	assert_true(delta_may((struct span){ long_one, DELTA_MAX }));
	/* The largest numbers there are: its end from the base's beginning. */
	memcpy(other, long_one + DELTA_MAX / 2, DELTA_MAX / 2);
	memcpy(other + DELTA_MAX / 2, long_one, DELTA_MAX / 2);
	assert_true(delta_make(work, (struct span){ long_one, DELTA_MAX }, (struct span){ other, DELTA_MAX }, 100, &delta));
	assert_int_equal(delta_undo((struct span){ long_one, DELTA_MAX }, buf_span(&delta), &back), 0);
	assert_true(span_eq(buf_span(&back), (struct span){ other, DELTA_MAX }));
	/* Nothing in common: no delta, and nothing left behind. */
	assert_false(delta_make(work, SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), SPAN("bcdefghijklmnopqrstuvwxyz0123456789"), 30,
	                        &back));
	assert_int_equal(back.n, DELTA_MAX);
}

static void test_nonsense(void **state)
{
	static const char *const deltas[] = {
		"\x01", "\x01\x01", "\x01\x20\x01" /* more than the base has */, "\x02\x01\x01" /* before its beginning */,
		"\x7f\x01\x01" /* behind its end */, "\x01\x01\x05" "abc" /* fewer new ones than it says */,
		"\xff\x01\x01", "\xc2", "\x01\x0b\x01\x04\x0b\x01\x7f",
	};
	AUTO_FREE struct delta_work *work = delta_work_new();
	AUTO_BUF out = BUF_INIT, many = BUF_INIT;
	unsigned random = 11;
	char bytes[40];

	for (size_t i = 0; i < ARRAY_LEN(deltas); i++)
		assert_int_equal(delta_undo(SPAN("0123456789"), span_of(deltas[i]), &out), -EBADMSG);
	/* One that copies again and again ends at the limit. */
	for (int i = 0; i < 1000; i++)
		buf_add_z(&many, i ? "\x14\x0b\x01" : "\x01\x0b\x01");
	buf_clear(&out);
	assert_int_equal(delta_undo(SPAN("0123456789"), buf_span(&many), &out), -EBADMSG);
	for (int i = 0; i < 100000; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (char)(next(&random) % (i % 2 ? 16 : 256));
		buf_clear(&out);
		delta_undo(SPAN("some base or other"), (struct span){ bytes, next(&random) % sizeof(bytes) }, &out);
		assert_true(out.n <= DELTA_MAX);
	}
	assert_non_null(work);
}

/* ---- in a database ---- */

enum { LINES = 400 };

static void add_lines(struct store *s, struct buf *lines, unsigned *random)
{
	struct batch *b = batch_new();

	add_boot(b, 1);
	for (int64_t i = 0; i < LINES; i++) {
		if (lines[i].n == 0)
			make_line(random, &lines[i]);
		add_process(b, i + 1, 100 + i, 1700000000000 + i * 700, 0);
		add_image(b, i + 1, i + 1, 1700000000000 + i * 700, "/usr/bin/gcc", NULL)->command_line = buf_span(&lines[i]);
	}
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void test_stored(void **state)
{
	struct place *p = *state;
	AUTO_FREE struct buf *lines = calloc(LINES, sizeof(*lines));
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	unsigned random = 5;
	int n = 0;

	add_lines(open_store(p->path, STORE_CREATE), lines, &random);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	/* Not all of them, of none that is a delta itself; and plain SQL reads them as they were. */
	assert_in_range(ask_db(db, "SELECT count(*) FROM text WHERE kind = 3 AND dir NOT NULL"), LINES / 4, LINES - 1);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM text t JOIN text d ON d.id = t.dir "
	                            "WHERE t.kind = 3 AND d.dir NOT NULL"), 0);
	assert_true(ask_db(db, "SELECT sum(length(value)) FROM text WHERE kind = 3") <
	            ask_db(db, "SELECT sum(length(value)) * 9 / 10 FROM v_text WHERE kind = 3"));
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT id, command_line FROM v_process", -1, &q, NULL), SQLITE_OK);
	for (; sqlite3_step(q) == SQLITE_ROW; n++) {
		const struct buf *line = &lines[sqlite3_column_int(q, 0) - 1];

		assert_string_equal((const char *)sqlite3_column_text(q, 1), line->p);
	}
	sqlite3_finalize(q);
	assert_int_equal(n, LINES);
	n = (int)ask_db(db, "SELECT count(*) FROM text");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	for (int i = 0; i < LINES; i++)
		buf_free(&lines[i]);
}

static void test_met_again(void **state)
{
	struct place *p = *state;
	AUTO_FREE struct buf *lines = calloc(LINES, sizeof(*lines));
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	char texts[32];
	unsigned random = 5;

	add_lines(s, lines, &random);
	snprintf(texts, sizeof(texts), "%s", ask(p->path, "SELECT count(*) FROM text"));
	s = open_store(p->path, 0); /* remembers no text: each is looked up by its hash and compared */
	for (int64_t i = 0; i < LINES; i++) {
		add_process(b, LINES + i + 1, 100 + i, 1700001000000 + i, 0);
		add_image(b, LINES + i + 1, LINES + i + 1, 1700001000000 + i, "/usr/bin/gcc", NULL)->command_line =
			buf_span(&lines[i]);
	}
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_close(s), 0);
	assert_string_equal(ask(p->path, "SELECT count(*) FROM text"), texts);
	batch_free(b);
	for (int i = 0; i < LINES; i++)
		buf_free(&lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_nonsense),
		PLACED(test_stored),
		PLACED(test_met_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
