#include "tests/unit/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "recorder/query/reader.h"
#include "tests/unit/query/story.h"

static int setup(void **state)
{
	*state = story_new(7);
	return 0;
}

static int teardown(void **state)
{
	story_free(*state);
	return 0;
}

/* Every matching row, by event index. Pages in that order, `n` rows each. */
static size_t read_all(struct reader *r, const struct expr *where, struct reader_range range, enum reader_order order,
                       size_t n, size_t *indexes)
{
	struct reader_place at = { .order = order };
	size_t total = 0;
	bool more = true;

	while (more) {
		struct reader_page page;

		assert_int_equal(r->ops->page(r, NULL, where, range, at, n, &page), 0);
		assert_true(page.n <= n && (page.n == n || !page.more));
		for (size_t i = 0; i < page.n; i++) {
			assert_true(total < STORY_EVENTS);
			indexes[total++] = page.rows[i].serial - 1;
		}
		if (page.n)
			at = (struct reader_place){ order, page.rows[page.n - 1].id, 1 };
		more = page.more;
		reader_page_free(&page);
	}
	return total;
}

static void assert_agrees(struct reader *r, const struct story *s, const struct expr *e, struct reader_range range,
                          const char *text)
{
	static size_t indexes[STORY_EVENTS];
	static bool got[STORY_EVENTS];
	size_t n = read_all(r, e, range, READER_OLDEST_FIRST, 700, indexes);

	memset(got, 0, sizeof(got));
	for (size_t i = 0; i < n; i++) {
		assert_false(got[indexes[i]]);
		got[indexes[i]] = true;
		assert_true(i == 0 || s->events[indexes[i - 1]].id < s->events[indexes[i]].id);
	}
	for (size_t i = 0; i < STORY_EVENTS; i++) {
		int64_t time = s->events[i].e.time_ms;
		bool expected = time >= range.from_ms && time < range.to_ms && story_matches(s, e, i);

		if (got[i] != expected)
			fail_msg("event %zu (action %d, image %lld): the database says %d, expected %d: %s", i,
			         (int)s->events[i].e.action, (long long)s->events[i].e.image, got[i], expected, text);
	}
}

static void assert_counts_agree(struct reader *r, const struct story *s, const struct expr *e, struct reader_range range)
{
	static size_t indexes[STORY_EVENTS];
	uint64_t by_category[EVENT_CATEGORY_COUNT] = { 0 }, sum = 0, events = 0;
	size_t n = read_all(r, e, range, READER_NEWEST_FIRST, 333, indexes);
	struct reader_count quick, anchored;
	struct reader_distribution d;

	for (size_t i = 0; i < n; i++) {
		by_category[event_action_category((int)s->events[indexes[i]].e.action)]++;
		events += (uint64_t)s->events[indexes[i]].count;
	}
	assert_int_equal(r->ops->count(r, NULL, e, range, 0, &quick), 0);
	assert_int_equal(r->ops->count(r, NULL, e, range, 50, &anchored), 0);
	assert_int_equal(r->ops->distribution(r, NULL, e, range, &d), 0);
	assert_int_equal(quick.total, n);
	assert_int_equal(anchored.total, n);
	assert_memory_equal(quick.by_category, by_category, sizeof(by_category));
	assert_memory_equal(anchored.by_category, by_category, sizeof(by_category));
	assert_int_equal(anchored.n_anchors, (n + 49) / 50);
	for (size_t i = 0; i < anchored.n_anchors; i++)
		assert_int_equal(anchored.anchors[i], s->events[indexes[n - 1 - i * 50]].id);
	for (size_t i = 0; i < d.n; i++) {
		sum += d.shares[i].count;
		assert_true(i == 0 || d.shares[i - 1].count >= d.shares[i].count);
	}
	assert_int_equal(sum, events);
	assert_int_equal(quick.events, events);
	assert_int_equal(anchored.events, events);
	reader_count_free(&quick);
	reader_count_free(&anchored);
	reader_distribution_free(&d);
}

static struct reader_range some_range(struct random_expr *random)
{
	struct reader_range range = READER_ALL_TIME;

	if (random_below(random, 2) == 0)
		range.from_ms = STORY_FROM + (int64_t)random_below(random, 40 * 60000);
	if (random_below(random, 2) == 0)
		range.to_ms = STORY_FROM + (int64_t)random_below(random, 46 * 60000);
	return range;
}

/* Random expressions over random recordings: the compiled ones and the obvious ones agree. */
static void test_agrees(void **state)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct story *s = story_new(seed);
		AUTO_READER *r = story_open_reader(s);

		for (int i = 0; i < 700; i++) {
			AUTO_EXPR *e = random_tree(&s->random, i % 4);
			AUTO_BUF text = BUF_INIT;
			struct reader_range range = some_range(&s->random);

			assert_non_null(e);
			expr_print(e, &text);
			assert_agrees(r, s, e, range, text.p ? text.p : "");
			if (i % 5 == 0)
				assert_counts_agree(r, s, e, range);
		}
		story_free(s);
	}
}

/* Every field with every operator, alone. */
static void test_each_field(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	const struct field *f;

	for (size_t i = 0; (f = field_at(i)); i++)
		for (int k = 0; k < 25; k++) {
			AUTO_EXPR *e = random_condition(&s->random, f);
			AUTO_BUF text = BUF_INIT;

			expr_print(e, &text);
			assert_agrees(r, s, e, READER_ALL_TIME, text.p);
		}
}

static void test_everything(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);

	assert_counts_agree(r, s, NULL, READER_ALL_TIME);
	assert_counts_agree(r, s, NULL, (struct reader_range){ STORY_FROM + 61000, STORY_FROM + 1100000 });
	assert_counts_agree(r, s, NULL, (struct reader_range){ STORY_FROM + 61000, STORY_FROM + 61000 });
	assert_counts_agree(r, s, NULL, (struct reader_range){ STORY_TO, STORY_FROM });
}

/* From any anchor, both ways, with any skip: the same rows as a full scan has there. */
static void test_places(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	static size_t all[STORY_EVENTS];
	size_t n = read_all(r, NULL, READER_ALL_TIME, READER_OLDEST_FIRST, 5000, all);

	assert_int_equal(n, STORY_EVENTS);
	for (int i = 0; i < 200; i++) {
		size_t at = random_below(&s->random, n), skip = random_below(&s->random, 100);
		bool back = i & 1;
		struct reader_place place = { back ? READER_NEWEST_FIRST : READER_OLDEST_FIRST, s->events[all[at]].id, skip };
		struct reader_page page;
		size_t left = back ? at + 1 : n - at, expected = left > skip ? left - skip : 0;

		assert_int_equal(r->ops->page(r, NULL, NULL, READER_ALL_TIME, place, 20, &page), 0);
		assert_int_equal(page.n, expected < 20 ? expected : 20);
		assert_int_equal(page.more, expected > 20);
		for (size_t k = 0; k < page.n; k++)
			assert_int_equal(page.rows[k].serial - 1, all[back ? at - skip - k : at + skip + k]);
		reader_page_free(&page);
	}
}

static void test_rows(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	struct reader_page page;

	assert_int_equal(r->ops->page(r, NULL, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 5000, &page), 0);
	for (size_t i = 0; i < page.n; i++) {
		const struct reader_row *row = &page.rows[i];
		const struct event *e = &s->events[row->serial - 1].e;
		const struct image_start *im = e->image ? &s->images[e->image - 1] : NULL;
		bool starts = e->action == ACTION_PROCESS_CREATE || e->action == ACTION_PROCESS_SEEN;
		struct span object = starts && !e->object.p && im ? im->executable : e->object;

		assert_int_equal(row->time_ms, e->time_ms);
		assert_int_equal(row->action, e->action);
		assert_int_equal(row->image, e->image);
		assert_int_equal(row->result, e->result);
		assert_int_equal(row->port, e->port);
		assert_int_equal(row->port2, e->port2);
		assert_true(span_eq(row->object, object) && !row->object.p == !object.p);
		assert_true(span_eq(row->object2, e->object2) && !row->object2.p == !e->object2.p);
		assert_int_equal(row->process, im ? im->process : 0);
		assert_int_equal(row->pid, im ? s->processes[im->process - 1].pid : 0);
		assert_int_equal(row->euid, im ? im->who.euid : -1);
		if (im) {
			assert_true(span_eq(row->executable, im->executable));
			assert_true(span_eq(row->command_line, im->command_line));
			assert_true(span_eq(row->user, im->who.user));
		}
	}
	reader_page_free(&page);
}

/* How many of the row's events are in [from, to): five 7.5 ms apart (story.c), or one; in bins of minutes at once. */
static uint64_t events_within(const struct story_event *e, int64_t from, int64_t to, bool minutes)
{
	uint64_t n = 0;

	for (int64_t k = 0; k < e->count; k++) {
		int64_t at = minutes ? e->e.time_ms * 2 : e->e.time_ms * 2 + k * 15;

		n += at >= from * 2 && at < to * 2;
	}
	return n;
}

static void assert_histogram(struct reader *r, const struct story *s, const struct expr *e, struct reader_range range,
                             size_t n_bins)
{
	struct reader_histogram h;

	assert_int_equal(r->ops->histogram(r, NULL, e, range, n_bins, &h), 0);
	assert_true(h.n_bins > 0 && h.n_bins <= n_bins);
	for (size_t b = 0; b < h.n_bins; b++) {
		int64_t from = h.from_ms + (int64_t)b * h.bin_ms, to = from + h.bin_ms;
		uint64_t here = 0, expected = 0;

		for (size_t k = 0; k < EVENT_CATEGORY_COUNT; k++)
			here += h.counts[b * EVENT_CATEGORY_COUNT + k];
		for (size_t i = 0; i < STORY_EVENTS; i++) {
			int64_t time = s->events[i].e.time_ms;

			if (time >= range.from_ms && time < range.to_ms && (!e || story_matches(s, e, i)))
				expected += events_within(&s->events[i], from, to, h.bin_ms % 60000 == 0);
		}
		assert_int_equal(here, expected);
	}
	reader_histogram_free(&h);
}

static void test_histogram(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	struct expr_error error;
	AUTO_EXPR *file = NULL, *curl = NULL;
	struct reader_histogram h;

	assert_int_equal(expr_parse(SPAN("event.category == file"), &file, &error), 0);
	assert_int_equal(expr_parse(SPAN("process.name contains cur"), &curl, &error), 0);
	for (int i = 0; i < 60; i++) {
		const struct expr *e = i % 3 == 0 ? NULL : i % 3 == 1 ? file : curl;
		struct reader_range range = some_range(&s->random);

		if (range.from_ms >= range.to_ms || range.to_ms <= STORY_FROM + 1000)
			continue;
		assert_histogram(r, s, e, range, 1 + random_below(&s->random, i % 2 ? 20 : 2000));
	}
	assert_int_equal(r->ops->histogram(r, NULL, NULL, READER_ALL_TIME, 0, &h), -EINVAL);
	assert_int_equal(r->ops->histogram(r, NULL, NULL, READER_ALL_TIME, READER_MAX_BINS + 1, &h), -EINVAL);
	assert_int_equal(r->ops->histogram(r, NULL, NULL, (struct reader_range){ 5, 5 }, 1, &h), -EINVAL);
}

/* Kinds that were switched off are a gap until they were switched on again, or to the end. */
static void test_left_out(void **state)
{
	struct story *s = *state;
	sqlite3 *db = NULL;
	struct reader_info i;
	struct reader *r;

	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO coverage(from_ms, off, filtered) VALUES(1590000001000, 4, 0), "
	                              "(1590000002000, 0, 8), (1590000003000, 4, 0)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	r = story_open_reader(s);
	assert_int_equal(r->ops->info(r, NULL, &i), 0);
	assert_int_equal(i.n_gaps, 3);
	for (size_t k = 0, found = 0; k < i.n_gaps; k++) {
		if (i.gaps[k].cause != GAP_LEFT_OUT)
			continue;
		assert_int_equal(i.gaps[k].from_ms, found ? 1590000003000 : 1590000001000);
		assert_true(found ? i.gaps[k].to_ms >= i.last_ms - 60000 : i.gaps[k].to_ms == 1590000002000);
		assert_int_equal(i.gaps[k].count, -1);
		found++;
	}
	reader_info_free(&i);
	reader_close(r);
}

static void test_info(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	struct reader_info i;
	uint64_t events = 0, rows = 0;

	assert_int_equal(r->ops->info(r, NULL, &i), 0);
	for (size_t k = 0; k < STORY_EVENTS; k++)
		events += (uint64_t)s->events[k].count;
	for (size_t k = 0; k < EVENT_CATEGORY_COUNT; k++)
		rows += i.by_category[k];
	assert_int_equal(i.events, events);
	assert_int_equal(rows, STORY_EVENTS);
	assert_int_equal(i.processes, STORY_PROCESSES);
	assert_true(i.recording > 0);
	assert_int_equal(i.n_gaps, 1);
	assert_int_equal(i.gaps[0].count, 7);
	assert_true(span_eq(i.host, SPAN("host-1")));
	assert_true(i.first_ms >= STORY_FROM && i.first_ms < i.last_ms && i.last_ms < STORY_TO + 60000);
	reader_info_free(&i);
}

static void test_limits(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	struct reader_page page;
	struct reader_process p;
	struct reader_tree t;

	assert_int_equal(r->ops->page(r, NULL, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 5001, &page), -EINVAL);
	assert_int_equal(r->ops->page(r, NULL, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 0, &page), -EINVAL);
	assert_int_equal(r->ops->process(r, NULL, 99999, &p), -ENOENT);
	assert_string_equal(reader_error_text(r, -ENOENT), "there is no such process in this recording");
	assert_int_equal(r->ops->tree(r, NULL, 0, (struct reader_tree_limits){ 1, 1, 1, 1 }, &t), -ENOENT);
	assert_int_equal(r->ops->tree(r, NULL, 1, (struct reader_tree_limits){ 65, 1, 1, 1 }, &t), -EINVAL);
}

/* Thousands of conditions are one statement, and too many an error. */
static void test_many_conditions(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	AUTO_BUF text = BUF_INIT;
	AUTO_EXPR *e = NULL;
	struct expr_error error;
	struct reader_count c;

	for (int i = 0; i < 4000; i++)
		buf_printf(&text, "%sprocess.pid == %d or event.serial == %d", i ? " or " : "", 1000 + i, i + 1);
	assert_int_equal(expr_parse(buf_span(&text), &e, &error), 0);
	assert_int_equal(r->ops->count(r, NULL, e, READER_ALL_TIME, 0, &c), 0);
	assert_int_equal(c.total, STORY_EVENTS);
	reader_count_free(&c);
}

/* A list of indicators is one pass over the texts, and no statement too large. */
static void test_many_indicators(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	AUTO_BUF text = BUF_INIT;
	AUTO_EXPR *e = NULL;
	struct expr_error error;

	buf_add_z(&text, "file.name == x.sh or process.hash.md5 == " STORY_MD5);
	for (int i = 0; i < 9000; i++)
		buf_printf(&text, " or file.name == \"none-%d\" or source.ip == 203.0.%d.%d", i, i / 250, i % 250);
	buf_add_z(&text, " or file.name == \".HIDDEN\" or source.ip == 192.0.2.9 or file.name == cased \"Curl\"");
	assert_int_equal(expr_parse(buf_span(&text), &e, &error), 0);
	assert_agrees(r, s, e, READER_ALL_TIME, "many indicators");
}

static void test_pattern_limit(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	AUTO_EXPR *e = NULL;
	struct expr_error error;
	struct reader_count c;

	assert_int_equal(expr_parse(SPAN("process.executable matches '^/var/lib/((-?[a-z]+)*)*[0-9]$'"), &e, &error), 0);
	assert_int_equal(r->ops->count(r, NULL, e, READER_ALL_TIME, 0, &c), -ERANGE);
	assert_non_null(strstr(reader_error_text(r, -ERANGE), "too many steps"));
}

static void test_cancel(void **state)
{
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);
	struct cancel cancel = { true };
	AUTO_EXPR *e = NULL;
	struct expr_error error;
	struct reader_count c;

	/* Costs more steps than lie between two looks at the cancel. */
	assert_int_equal(expr_parse(SPAN("event.reason contains a or event.reason contains b or event.serial == 7"), &e,
	                            &error), 0);
	assert_int_equal(r->ops->count(r, &cancel, e, READER_ALL_TIME, 0, &c), -ECANCELED);
	atomic_store(&cancel.requested, false);
	assert_int_equal(r->ops->count(r, &cancel, e, READER_ALL_TIME, 0, &c), 0);
	assert_true(c.total > 0);
	reader_count_free(&c);
}

/* A plan is kept for the pages of one search, and answers for its own text only. */
static void test_plans_are_kept_apart(void **state)
{
	static const char *const texts[] = { "event.serial < 10", "event.serial < 20", "@timestamp < now", "@timestamp < -1s",
		"", "event.serial < 10 or event.serial == 30" };
	static const uint64_t totals[] = { 9, 19, STORY_EVENTS, STORY_EVENTS, STORY_EVENTS, 10 };
	struct story *s = *state;
	AUTO_READER *r = story_open_reader(s);

	for (size_t i = 0; i < 36; i++) {
		AUTO_EXPR *e = NULL;
		struct expr_error error;
		struct reader_count c;

		assert_int_equal(expr_parse(span_of(texts[i * 5 % 6]), &e, &error), 0);
		assert_int_equal(r->ops->count(r, NULL, e, READER_ALL_TIME, 0, &c), 0);
		assert_int_equal(c.total, totals[i * 5 % 6]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_field), cmocka_unit_test(test_agrees), cmocka_unit_test(test_everything),
		cmocka_unit_test(test_places), cmocka_unit_test(test_rows), cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_info), cmocka_unit_test(test_limits), cmocka_unit_test(test_many_conditions),
		cmocka_unit_test(test_many_indicators),
		cmocka_unit_test(test_pattern_limit), cmocka_unit_test(test_cancel), cmocka_unit_test(test_plans_are_kept_apart),
		cmocka_unit_test(test_left_out), /* changes the recording: last */
	};

	return cmocka_run_group_tests_name("reader-db", tests, setup, teardown);
}
