/* Whether everything is there: recordings with each kind of loss, and what expressions ask for. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/pipeline.h"
#include "recorder/query/complete.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1600000000000)
#define END (T0 + 3600000)
enum { FILES = 1u << EVENT_FILE, NETWORK = 1u << EVENT_NETWORK };

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* A recording of an hour. `sql`: what else is in it, NULL nothing. */
static void make(const struct place *p, bool live, const char *sql)
{
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();

	add_boot(b, 1);
	if (!live)
		b->items[b->n - 1].boot.boot_id = SPAN_NONE;
	add_process(b, 1, 100, T0, 0);
	add_image(b, 1, 1, T0, "/usr/bin/x", "x");
	add_event(b, T0, ACTION_PROCESS_CREATE, 1, SPAN("/usr/bin/x"));
	add_event(b, END, ACTION_FILE_WRITE, 1, SPAN("/tmp/x"));
	assert_int_equal(store_write(s, b), 0);
	if (live)
		assert_int_equal(store_meta_set(s, PIPELINE_META_UNTIL, "1600003600000"), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	run_sql(p->path, "UPDATE meta SET value = 1600000000000 WHERE key = 'created_ms'");
	if (sql)
		run_sql(p->path, sql);
}

static struct reader *open_reader(const struct place *p)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	struct reader *r;

	if (vault_open(p->path, 0, NULL, NULL, NULL, &db, &error) < 0)
		fail_msg("%s", error);
	r = reader_open_db(db);
	assert_non_null(r);
	return r;
}

static struct reader_completeness look(const struct place *p, struct reader_range range, unsigned kinds)
{
	AUTO_READER *r = open_reader(p);
	struct reader_completeness c;

	assert_int_equal(r->ops->completeness(r, NULL, range, kinds, &c), 0);
	return c;
}

static void assert_says(const struct place *p, struct reader_range range, unsigned kinds, enum reader_verdict verdict,
                        const char *words)
{
	struct reader_completeness c = look(p, range, kinds);
	AUTO_BUF line = BUF_INIT;

	complete_words(&c, &line);
	if (c.verdict != verdict || strcmp(line.p, words) != 0)
		fail_msg("%d: %s", c.verdict, line.p);
	reader_completeness_free(&c);
}

static void nothing_lost(void **state)
{
	struct place *p = *state;

	make(p, true, "INSERT INTO gap(from_ms, to_ms, cause) VALUES(1600000100000, 1600000200000, 11)");
	assert_says(p, READER_ALL_TIME, 0, READER_FULLY, "fully recorded: nothing lost between 2020-09-13 12:28:20.000+00:00 "
	            "and 2020-09-13 12:30:00.000+00:00 (the machine was suspended)");
	assert_says(p, (struct reader_range){ T0, T0 + 100000 }, 0, READER_FULLY, "fully recorded");
	assert_says(p, READER_ALL_TIME, 1u << EVENT_REGISTRY, READER_NOT,
	            "not recorded: nothing on this system tells of this kind");
}

static void outside(void **state)
{
	struct place *p = *state;

	make(p, true, NULL);
	assert_says(p, (struct reader_range){ T0 - 1000, END }, 0, READER_PARTLY,
	            "not fully recorded: recording began 2020-09-13 12:26:40.000+00:00");
	assert_says(p, (struct reader_range){ T0 - 9000, T0 - 1000 }, 0, READER_NOT,
	            "not recorded: recording began 2020-09-13 12:26:40.000+00:00");
	assert_says(p, (struct reader_range){ END + 9000, INT64_MAX }, 0, READER_NOT,
	            "not recorded: recording ended 2020-09-13 13:26:40.000+00:00");
}

static struct reader_info times_of(const struct place *p)
{
	AUTO_READER *r = open_reader(p);
	struct reader_info i, times;

	assert_int_equal(r->ops->info(r, NULL, &i), 0);
	times = (struct reader_info){ .first_ms = i.first_ms, .recorded_ms = i.recorded_ms, .last_ms = i.last_ms };
	reader_info_free(&i);
	return times;
}

/* What wtmp told lies before what was recorded. */
static void recorded_from(void **state)
{
	struct place *p = *state;
	struct reader_info i;

	make(p, true, NULL);
	i = times_of(p);
	assert_true(i.first_ms == T0 && i.recorded_ms == T0 && i.last_ms == END);
	run_sql(p->path, "INSERT INTO event(id, action, flags) VALUES((1599990000000 << 14), 400, 8)");
	i = times_of(p);
	assert_true(i.first_ms == INT64_C(1599990000000) && i.recorded_ms == T0 && i.last_ms == END);
	run_sql(p->path, "DELETE FROM event WHERE coalesce(flags, 0) = 0");
	i = times_of(p);
	assert_true(i.first_ms == INT64_C(1599990000000) && i.recorded_ms == i.first_ms && i.last_ms == i.first_ms);
}

/* Logons of before are known: the gap after them is not one of the recording. */
static void logons_of_before(void **state)
{
	struct place *p = *state;

	make(p, true, "INSERT INTO gap(from_ms, to_ms, cause) VALUES(1599990000000, 1600000000002, 4)");
	assert_says(p, READER_ALL_TIME, 0, READER_FULLY, "fully recorded");
	assert_says(p, (struct reader_range){ T0 - 5000, T0 - 1000 }, 0, READER_NOT, "not recorded: nothing recorded between "
	            "2020-09-13 09:40:00.000+00:00 and 2020-09-13 12:26:40.002+00:00 (recorder not running); recording began "
	            "2020-09-13 12:26:40.002+00:00");
}

static void losses(void **state)
{
	struct place *p = *state;

	make(p, true, "INSERT INTO gap(from_ms, to_ms, cause, count) VALUES(1600000100000, 1600000101000, 1, 212), "
	     "(1600000500000, 1600000900000, 4, NULL)");
	assert_says(p, (struct reader_range){ T0, T0 + 200000 }, 0, READER_PARTLY, "not fully recorded: 212 events lost between "
	            "2020-09-13 12:28:20.000+00:00 and 2020-09-13 12:28:21.000+00:00 (kernel backlog overflow)");
	assert_says(p, (struct reader_range){ T0 + 600000, T0 + 700000 }, 0, READER_NOT, "not recorded: nothing recorded between "
	            "2020-09-13 12:35:00.000+00:00 and 2020-09-13 12:41:40.000+00:00 (recorder not running)");
	assert_says(p, (struct reader_range){ T0 + 1000000, END }, 0, READER_FULLY, "fully recorded");
	/* The first time after a gap, and the last before it, are not in it. */
	assert_says(p, (struct reader_range){ T0 + 900000, END }, 0, READER_FULLY, "fully recorded");
	assert_says(p, (struct reader_range){ T0 + 101000, T0 + 500000 }, 0, READER_FULLY, "fully recorded");
}

static void choices(void **state)
{
	struct place *p = *state;

	make(p, true, "INSERT INTO coverage(from_ms, off, filtered) VALUES(1600000000000, 8, 4), (1600001000000, 0, 0)");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, NETWORK, READER_NOT, "not recorded: network between "
	            "2020-09-13 12:26:40.000+00:00 and 2020-09-13 12:43:20.000+00:00 (some kinds of events were switched off)");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, FILES, READER_AS_CHOSEN, "nothing is known to be missing of "
	            "what was chosen to be recorded: file between 2020-09-13 12:26:40.000+00:00 and 2020-09-13 12:43:20.000+00:00 "
	            "(a filter leaves some out)");
	assert_says(p, (struct reader_range){ T0 + 1000000, END }, NETWORK | FILES, READER_FULLY, "fully recorded");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, 1u << EVENT_SECURITY, READER_FULLY, "fully recorded");
}

static struct reader_info gaps_of(const struct place *p)
{
	AUTO_READER *r = open_reader(p);
	struct reader_info i;

	assert_int_equal(r->ops->info(r, NULL, &i), 0);
	return i;
}

/* What a machine cannot tell: no process connector, no sock_diag; later its self-test fails, and auditd runs. */
static void lacks(void **state)
{
	struct place *p = *state;
	struct reader_info i;

	make(p, true, "INSERT INTO coverage(from_ms, off, filtered) VALUES(1600000000000, 0, 3 << 16), "
	     "(1600001000000, 4, 1 << 18), (1600002000000, 0, 1 << 19)");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, 1u << EVENT_PROCESS, READER_PARTLY, "not fully recorded: "
	            "process ends by signal not recorded (no process connector) between 2020-09-13 12:26:40.000+00:00 and "
	            "2020-09-13 12:43:20.000+00:00");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, NETWORK, READER_PARTLY, "not fully recorded: ends of "
	            "connections not recorded (no sock_diag) between 2020-09-13 12:26:40.000+00:00 and "
	            "2020-09-13 12:43:20.000+00:00");
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, FILES, READER_FULLY, "fully recorded");
	assert_says(p, (struct reader_range){ T0 + 1000000, T0 + 1001000 }, NETWORK, READER_PARTLY, "not fully recorded: "
	            "system calls not recorded (the self-test failed) between 2020-09-13 12:43:20.000+00:00 and "
	            "2020-09-13 13:00:00.000+00:00");
	/* They were switched off: that nothing would have come anyway is no matter. */
	assert_says(p, (struct reader_range){ T0 + 1000000, T0 + 1001000 }, FILES, READER_NOT, "not recorded: file between "
	            "2020-09-13 12:43:20.000+00:00 and 2020-09-13 13:00:00.000+00:00 (some kinds of events were switched off)");
	assert_says(p, (struct reader_range){ T0 + 2000000, END }, FILES, READER_AS_CHOSEN, "nothing is known to be missing of "
	            "what was chosen to be recorded: losses not counted (beside another audit daemon) between "
	            "2020-09-13 13:00:00.000+00:00 and 2020-09-13 13:26:40.001+00:00");
	i = gaps_of(p);
	assert_int_equal(i.n_gaps, 5);
	for (size_t k = 0, drawn = 0; k < i.n_gaps; k++) {
		drawn += gap_cause_is_drawn(i.gaps[k].cause);
		assert_int_equal(drawn, k < 2 ? 0 : k < 4 ? k - 1 : 2);
	}
	reader_info_free(&i);
}

/* A log, and then a recording into the same database: nobody recorded between them. */
static void a_log_and_then_a_recording(void **state)
{
	struct place *p = *state;
	struct reader_info i;

	make(p, true, "UPDATE boot SET boot_id = NULL; INSERT INTO meta(key, value) VALUES('recorded_from_ms', 1600003000000); "
	     "INSERT INTO boot(id, host, boot_id) VALUES(9001, 1, 'x'); "
	     "INSERT INTO process(id, boot, pid, start_ms, origin) SELECT 9002, min(id), 7, 0, 1 FROM boot; "
	     "INSERT INTO process(id, boot, pid, start_ms, origin) VALUES(9003, 9001, 7, 0, 1); "
	     "INSERT INTO image(id, origin) VALUES(9002, 1), (9003, 1); "
	     "INSERT INTO event(id, action, image) VALUES(1600000001000 << 14, 300, 9002), "
	     "(1600002999996 << 14, 300, 9003)"); /* recorded, and dated by a clock that ticks every 4 ms */
	assert_says(p, (struct reader_range){ T0, T0 + 1000 }, 0, READER_AS_CHOSEN, "nothing is known to be missing of what was "
	            "chosen to be recorded: from a log: what it held depended on that host's audit rules");
	assert_says(p, (struct reader_range){ T0 + 2000, T0 + 2999999 }, 0, READER_NOT, "not recorded: nothing recorded "
	            "between 2020-09-13 12:26:41.001+00:00 and 2020-09-13 13:16:40.000+00:00 (recorder not running)");
	assert_says(p, (struct reader_range){ T0 + 3000000, END }, 0, READER_FULLY, "fully recorded");
	i = gaps_of(p);
	assert_int_equal(i.n_gaps, 1);
	assert_true(i.gaps[0].from_ms == T0 + 1001 && i.gaps[0].to_ms == T0 + 3000000 && i.gaps[0].cause == GAP_NOT_RUNNING);
	reader_info_free(&i);
}

static void a_log_says_what_its_host_logged(void **state)
{
	struct place *p = *state;

	make(p, false, "INSERT INTO gap(from_ms, to_ms, cause, count) VALUES(1600000100000, 1600000101000, 9, 3)");
	assert_says(p, (struct reader_range){ T0 + 500000, END }, 0, READER_AS_CHOSEN, "nothing is known to be missing of what was "
	            "chosen to be recorded: from a log: what it held depended on that host's audit rules");
	assert_says(p, READER_ALL_TIME, 0, READER_PARTLY, "not fully recorded: 3 events lost between "
	            "2020-09-13 12:28:20.000+00:00 and 2020-09-13 12:28:21.000+00:00 (records missing from the log)");
	run_sql(p->path, "INSERT OR REPLACE INTO meta(key, value) VALUES('unparsed', 2); DELETE FROM gap");
	assert_says(p, READER_ALL_TIME, 0, READER_PARTLY, "not fully recorded: 2 records that could not be understood");
}

/* Very many are few in the answer, and none is forgotten; what lies between two was recorded. */
static void many_are_merged(void **state)
{
	struct place *p = *state;
	struct reader_completeness c;
	uint64_t rows = 0;
	int64_t count = 0;

	make(p, true, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO gap(from_ms, "
	     "to_ms, cause, count) SELECT 1600000000000 + i * 10, 1600000000002 + i * 10, 1 + i % 14, 1 FROM n");
	c = look(p, READER_ALL_TIME, 0);
	assert_true(c.n > 100 && c.n <= READER_MAX_REASONS);
	for (size_t i = 0; i < c.n; i++) {
		rows += c.reasons[i].rows;
		count += c.reasons[i].count;
		assert_true(i == 0 || c.reasons[i - 1].from_ms <= c.reasons[i].from_ms);
	}
	assert_int_equal(rows, 50000);
	assert_int_equal(count, 50000);
	assert_int_equal(c.verdict, READER_PARTLY);
	reader_completeness_free(&c);
}

static void an_empty_range_is_refused(void **state)
{
	struct place *p = *state;
	struct reader_completeness c;
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	AUTO_READER *r = NULL;

	make(p, true, NULL);
	assert_int_equal(vault_open(p->path, 0, NULL, NULL, NULL, &db, &error), 0);
	r = reader_open_db(db);
	assert_int_equal(r->ops->completeness(r, NULL, (struct reader_range){ 5, 5 }, 0, &c), -EINVAL);
}

static void what_expressions_ask_for(void **state)
{
	static const struct { const char *text; struct reader_range range; unsigned kinds; } cases[] = {
		{ "", { INT64_MIN, INT64_MAX }, 0 },
		{ "event.category == file", { INT64_MIN, INT64_MAX }, FILES },
		{ "event.category in (file, network) and process.pid == 1", { INT64_MIN, INT64_MAX }, FILES | NETWORK },
		{ "event.action == Connect or event.category == file", { INT64_MIN, INT64_MAX }, FILES | NETWORK },
		{ "not event.category == file", { INT64_MIN, INT64_MAX }, 0 },
		{ "event.category != file", { INT64_MIN, INT64_MAX }, 0 },
		{ "event.category == file or process.pid == 1", { INT64_MIN, INT64_MAX }, 0 },
		{ "destination.port == 80", { INT64_MIN, INT64_MAX }, NETWORK },
		{ "@timestamp >= \"2020-09-13T12:26:40Z\" and @timestamp < \"2020-09-13T12:26:41Z\"", { T0, T0 + 1000 }, 0 },
		{ "@timestamp > \"2020-09-13T12:26:40Z\"", { T0 + 1, INT64_MAX }, 0 },
		{ "@timestamp == \"2020-09-13T12:26:40Z\" or process.pid == 1", { INT64_MIN, INT64_MAX }, 0 },
		{ "@timestamp >= -1s", { T0 - 1000, INT64_MAX }, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reader_range range = READER_ALL_TIME;
		AUTO_EXPR *e = NULL;
		struct expr_error fault;
		unsigned kinds = 0;

		if (expr_parse(span_of(cases[i].text), &e, &fault) < 0)
			fail_msg("%s: %s", cases[i].text, fault.message);
		complete_extent(e, T0, &range, &kinds);
		if (range.from_ms != cases[i].range.from_ms || range.to_ms != cases[i].range.to_ms || kinds != cases[i].kinds)
			fail_msg("%s: %lld to %lld, kinds %x", cases[i].text, (long long)range.from_ms,
			         (long long)range.to_ms, kinds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(nothing_lost), PLACED(outside),
		PLACED(logons_of_before), PLACED(recorded_from), PLACED(losses), PLACED(choices),
		PLACED(lacks), PLACED(a_log_and_then_a_recording), PLACED(a_log_says_what_its_host_logged),
		PLACED(many_are_merged), PLACED(an_empty_range_is_refused), cmocka_unit_test(what_expressions_ask_for),
	};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
