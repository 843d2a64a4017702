/* The values of a field, against every event asked one by one. */
#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "recorder/query/field-def.h"
#include "recorder/query/reader.h"
#include "tests/unit/query/story.h"

static struct expr *condition(const struct field *f, enum expr_op op, struct span value)
{
	struct expr *e = expr_condition(f, op, value);

	if (!e)
		fail_msg("%s: \"%.*s\" is no value", f->name, (int)value.n, value.p);
	e->cased = f->type == FIELD_TEXT && op == EXPR_EQ;
	return e;
}

struct naive {
	const struct story *s;
	const struct expr *where;
	struct reader_range range;
};

static bool counts(const struct naive *n, size_t i)
{
	int64_t time = n->s->events[i].e.time_ms;

	return time >= n->range.from_ms && time < n->range.to_ms && (!n->where || story_matches(n->s, n->where, i));
}

static void assert_value(const struct naive *n, const struct field *f, const struct reader_value *v, bool *covered)
{
	AUTO_EXPR *is = condition(f, EXPR_EQ, v->text);
	uint64_t rows = 0, events = 0;

	for (size_t i = 0; i < STORY_EVENTS; i++) {
		if (!counts(n, i) || !story_matches(n->s, is, i))
			continue;
		rows++;
		events += (uint64_t)n->s->events[i].count;
		covered[i] = true;
	}
	if (rows != v->rows || events != v->events)
		fail_msg("%s == \"%.*s\": %llu rows and %llu events, not %llu and %llu", f->name, (int)v->text.n, v->text.p,
		         (unsigned long long)rows, (unsigned long long)events, (unsigned long long)v->rows,
		         (unsigned long long)v->events);
}

/* Every value's count is right, none is there twice, and no event with a value is left over. */
static void assert_agrees(struct reader *r, const struct naive *n, const struct field *f, struct span part, bool prefix)
{
	static bool covered[STORY_EVENTS];
	const struct reader_values_wish wish = { f, READER_COMMON_FIRST, READER_MAX_VALUES, part, prefix, false };
	AUTO_EXPR *has = condition(f, !part.n ? EXPR_EXISTS : prefix ? EXPR_STARTSWITH : EXPR_CONTAINS, part);
	struct reader_values v;
	uint64_t rows = 0, events = 0, without = 0;

	memset(covered, 0, sizeof(covered));
	assert_int_equal(r->ops->values(r, NULL, n->where, n->range, &wish, &v), 0);
	assert_false(v.more);
	for (size_t i = 0; i < v.n; i++) {
		assert_true(i == 0 || v.values[i - 1].events >= v.values[i].events);
		for (size_t k = 0; k < i; k++)
			assert_false(span_eq(v.values[i].text, v.values[k].text));
		assert_value(n, f, &v.values[i], covered);
	}
	for (size_t i = 0; i < STORY_EVENTS; i++) {
		bool with = story_matches(n->s, has, i);

		if (!counts(n, i))
			continue;
		if (with && !covered[i] && v.n == v.distinct && f->type != FIELD_ENUM) /* actions that no word stands for */
			fail_msg("%s of event %zu is not told", f->name, i);
		rows += part.n == 0 || with;
		events += part.n == 0 || with ? (uint64_t)n->s->events[i].count : 0;
		without += part.n == 0 && !with ? (uint64_t)n->s->events[i].count : 0;
	}
	assert_int_equal(v.rows, rows);
	assert_int_equal(v.events, events);
	assert_int_equal(v.without, without);
	reader_values_free(&v);
}

static void values_are_those_of_the_events(void **state)
{
	struct story *s = story_new(11);
	AUTO_READER *r = story_open_reader(s);

	for (size_t i = 0; field_at(i); i++) {
		AUTO_EXPR *where = random_tree(&s->random, 2);
		struct naive all = { s, NULL, READER_ALL_TIME }, some = { s, where, { STORY_FROM + 600000, STORY_TO - 600000 } };

		assert_agrees(r, &all, field_at(i), SPAN_NONE, false);
		assert_agrees(r, &some, field_at(i), SPAN_NONE, false);
		if (field_at(i)->type != FIELD_TEXT)
			continue;
		assert_agrees(r, &all, field_at(i), SPAN("A"), false);
		assert_agrees(r, &some, field_at(i), SPAN("/"), true);
	}
	story_free(s);
}

static void rare_ones_come_first_and_as_many_as_asked_for(void **state)
{
	struct story *s = story_new(12);
	AUTO_READER *r = story_open_reader(s);
	struct reader_values_wish wish = { field_find(SPAN("file.path")), READER_RARE_FIRST, READER_MAX_VALUES, SPAN_NONE, false,
		false };
	struct reader_values all, few;

	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &all), 0);
	wish.max = 3;
	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &few), 0);
	assert_true(all.n > 3 && few.n == 3 && few.distinct == all.n);
	for (size_t i = 0; i < all.n; i++) {
		assert_true(i == 0 || all.values[i - 1].events <= all.values[i].events);
		assert_true(i >= 3 || span_eq(few.values[i].text, all.values[i].text));
	}
	reader_values_free(&all);
	reader_values_free(&few);
	wish.max = 0;
	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &few), 0);
	assert_true(few.n == 0 && few.distinct > 3);
	reader_values_free(&few);
	story_free(s);
}

static void numbers_words_and_times_are_found_as_written(void **state)
{
	static const struct { const char *field; const char *part; bool prefix; } some[] = {
		{ "destination.port", "4", true }, { "event.action", "file", false }, { "event.outcome", "FAIL", true },
		{ "process.start", "2020", true }, { "error.code", "EN", true }, { "event.partial", "t", true },
	};
	struct story *s = story_new(13);
	AUTO_READER *r = story_open_reader(s);
	size_t found = 0;

	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		struct reader_values_wish wish = { field_find(span_of(some[i].field)), READER_COMMON_FIRST, 100,
			span_of(some[i].part), some[i].prefix, false };
		struct reader_values v;

		assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), 0);
		for (size_t k = 0; k < v.n; k++) {
			const char *at = strcasestr(v.values[k].text.p, some[i].part);

			assert_true(some[i].prefix ? at == v.values[k].text.p : at != NULL);
		}
		found += v.n > 0;
		reader_values_free(&v);
	}
	assert_true(found >= 3);
	story_free(s);
}

/* What completion offers occurs, and what is rare is found by what it contains. */
static void quick_ones_occur(void **state)
{
	struct story *s = story_new(14);
	AUTO_READER *r = story_open_reader(s);
	const struct naive all = { s, NULL, READER_ALL_TIME };

	for (size_t i = 0; field_at(i); i++) {
		const struct field *f = field_at(i);
		struct reader_values_wish wish = { f, READER_COMMON_FIRST, 40, SPAN_NONE, false, true };
		struct reader_values v, again;

		assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), 0);
		assert_true(v.more);
		for (size_t k = 0; k < v.n && f->level == FIELD_OF_EVENT; k++) {
			static bool covered[STORY_EVENTS];

			assert_value(&all, f, &v.values[k], covered);
			assert_true(v.values[k].rows > 0);
		}
		if (v.n && v.values[0].text.n && f->type == FIELD_TEXT) {
			wish.part = v.values[v.n - 1].text;
			assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &again), 0);
			assert_true(again.n >= 1);
			reader_values_free(&again);
		}
		reader_values_free(&v);
	}
	story_free(s);
}

/* ---- cells ---- */

/* What a cell says can be asked for, and finds the event; an empty one does not exist. */
static void assert_cell(const struct story *s, const struct field *f, struct span text, size_t i)
{
	const char *arrow = text.p ? strstr(text.p, " → ") : NULL;
	struct span first = arrow ? (struct span){ text.p, (size_t)(arrow - text.p) } : text;
	AUTO_EXPR *e = condition(f, text.p ? EXPR_EQ : EXPR_EXISTS, first);

	if (story_matches(s, e, i) != (text.p != NULL))
		fail_msg("%s of event %zu is not \"%.*s\"", f->name, i, (int)text.n, text.p ? text.p : "(absent)");
}

static void cells_hold_what_the_events_have(void **state)
{
	struct story *s = story_new(21);
	AUTO_READER *r = story_open_reader(s);
	int64_t ids[READER_MAX_CELL_ROWS];

	for (size_t i = 0; i < READER_MAX_CELL_ROWS; i++)
		ids[i] = s->events[i].id;
	for (size_t from = 0; field_at(from); from++) {
		const struct field *fields[] = { field_at(from), field_at(0) };
		AUTO_EXPR *rule = random_tree(&s->random, 2);
		AUTO_BUF text = BUF_INIT;
		struct reader_cells cells;
		struct span rules[2] = { SPAN("event.category == file") };
		struct reader_cells_wish wish = { ids, READER_MAX_CELL_ROWS, fields, 2, rules, 2 };

		expr_print(rule, &text);
		rules[1] = buf_span(&text);
		assert_int_equal(r->ops->cells(r, NULL, &wish, &cells), 0);
		for (size_t i = 0; i < READER_MAX_CELL_ROWS; i++) {
			bool file = event_action_category((int)s->events[i].e.action) == EVENT_FILE;

			if (fields[0]->type != FIELD_ENUM || field_word_number(fields[0], cells.texts[i * 2], &(int64_t){ 0 }) == 0)
				assert_cell(s, fields[0], cells.texts[i * 2], i);
			assert_int_equal(cells.fulfilled[i], (uint32_t)file | (uint32_t)story_matches(s, rule, i) << 1);
		}
		reader_cells_free(&cells);
	}
	story_free(s);
}

static void cells_that_cannot_be_asked_for_are_refused(void **state)
{
	struct story *s = story_new(22);
	AUTO_READER *r = story_open_reader(s);
	const struct field *field = field_at(0);
	const int64_t ids[] = { 12345, INT64_MIN };
	struct reader_cells_wish wish = { ids, 2, &field, 1, NULL, 0 };
	struct reader_cells cells;

	assert_int_equal(r->ops->cells(r, NULL, &wish, &cells), 0);
	assert_true(!cells.texts[0].p && !cells.texts[1].p && !cells.fulfilled[0]); /* there are no such events */
	reader_cells_free(&cells);
	wish.rules = &SPAN("nonsense == 1");
	wish.n_rules = 1;
	assert_int_equal(r->ops->cells(r, NULL, &wish, &cells), -EINVAL);
	wish.n_rules = 0;
	wish.n_fields = READER_MAX_CELL_FIELDS + 1;
	assert_int_equal(r->ops->cells(r, NULL, &wish, &cells), -EINVAL);
	story_free(s);
}

static void wishes_out_of_bounds_are_refused(void **state)
{
	static char long_text[READER_VALUE_BYTES + 1];
	struct story *s = story_new(15);
	AUTO_READER *r = story_open_reader(s);
	struct cancel cancelled = { true };
	struct reader_values_wish wish = { NULL, READER_COMMON_FIRST, 10, SPAN_NONE, false, false };
	struct reader_values v;

	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), -EINVAL);
	wish.field = field_at(0);
	wish.max = READER_MAX_VALUES + 1;
	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), -EINVAL);
	wish.max = 5;
	wish.part = (struct span){ long_text, sizeof(long_text) };
	assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), -EINVAL);
	wish.part = SPAN_NONE;
	wish.field = field_find(SPAN("process.command_line"));
	assert_int_equal(r->ops->values(r, &cancelled, NULL, READER_ALL_TIME, &wish, &v), -ECANCELED);
	story_free(s);
}

struct told {
	int times;
	double last;
};

static void take_fraction(double fraction, void *data)
{
	struct told *t = data;

	assert_true(fraction >= t->last && fraction < 1);
	t->last = fraction;
	t->times++;
}

/* Of what is read row by row: 1,500 events are two pieces. */
static void progress_is_told(void **state)
{
	struct story *s = story_new(11);
	const struct field *const fields[] = { field_find(SPAN("user.id")), field_find(SPAN("process.name")) };
	AUTO_READER *r = story_open_reader(s);

	for (size_t i = 0; i < 2; i++) {
		struct reader_values_wish wish = { .field = fields[i], .max = 10 };
		struct told told = { 0 };
		struct reader_values v;

		r->progress = take_fraction;
		r->progress_data = &told;
		assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), 0);
		reader_values_free(&v);
		assert_int_equal(told.times, 1);
		assert_true(told.last > 0);
		wish.quick = true;
		told = (struct told){ 0 };
		assert_int_equal(r->ops->values(r, NULL, NULL, READER_ALL_TIME, &wish, &v), 0);
		reader_values_free(&v);
		assert_int_equal(told.times, 0);
	}
	story_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_those_of_the_events),
		cmocka_unit_test(rare_ones_come_first_and_as_many_as_asked_for),
		cmocka_unit_test(numbers_words_and_times_are_found_as_written),
		cmocka_unit_test(quick_ones_occur),
		cmocka_unit_test(progress_is_told),
		cmocka_unit_test(cells_hold_what_the_events_have),
		cmocka_unit_test(cells_that_cannot_be_asked_for_are_refused),
		cmocka_unit_test(wishes_out_of_bounds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
