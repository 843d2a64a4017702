#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/clock.h"
#include "agent/wire/wire.h"
#include "recorder/store/vault.h"
#include "tests/unit/session/fake.h"

static const struct message_limits limits = { WIRE_ANSWER_BYTES, WIRE_ANSWER_VALUES };

static struct messages_call calls[] = {
	{ .type = MESSAGES_INFO, .id = 1 },
	{ .type = MESSAGES_COUNT, .id = 2, .range = { INT64_MIN, INT64_MAX }, .step = 7 },
	{ .type = MESSAGES_COUNT, .id = UINT64_MAX, .range = { 0, 1 } },
	{ .type = MESSAGES_PAGE, .id = 3, .range = { -5, 9 }, .at = { READER_NEWEST_FIRST, INT64_MAX, 3 }, .n = 40 },
	{ .type = MESSAGES_PAGE, .id = 3, .range = { -5, 9 }, .at = { READER_OLDEST_FIRST, 0, UINT64_MAX }, .n = 0 },
	{ .type = MESSAGES_HISTOGRAM, .id = 4, .range = { 1, 2 }, .n = 50 },
	{ .type = MESSAGES_PROCESS, .id = 5, .process = (INT64_C(1) << 60) + 1 },
	{ .type = MESSAGES_TIMELINE, .id = 6, .process = 8, .range = { 1, 2 }, .n = 20, .max_children = 5 },
	{ .type = MESSAGES_TIMELINE, .id = 6, .process = 8, .range = { 1, 2 }, .n = 1, .max_children = 0 },
	{ .type = MESSAGES_TREE, .id = 7, .process = 9, .limits = { 2, 1, 3, 4 } },
	{ .type = MESSAGES_DISTRIBUTION, .id = 8, .range = { 1, 2 } },
	{ .type = MESSAGES_LANES, .id = 9, .range = { 1, 2 }, .by = READER_BY_USER, .n = 12, .max_children = 4 },
	{ .type = MESSAGES_LANES, .id = 9, .range = { 1, 2 }, .by = READER_BY_PROCESS, .n = 0, .max_children = 7 },
	{ .type = MESSAGES_STORY, .id = 10, .process = 9, .max_children = 6 },
	{ .type = MESSAGES_COMPLETENESS, .id = 11, .range = { -5, 7 }, .kinds = 1u << EVENT_FILE },
	{ .type = MESSAGES_SPACE, .id = 13, .n = 7 },
	{ .type = MESSAGES_INVENTORY, .id = 14 },
	{ .type = MESSAGES_CELLS, .id = 15 },
	{ .type = MESSAGES_VALUES, .id = 12, .range = { -5, 7 }, .wish = { .order = READER_RARE_FIRST, .max = 5, .quick = true } },
};
enum { N_CALLS = sizeof(calls) / sizeof(*calls) };

static void parse(struct buf *text, struct message *ret)
{
	assert_false(text->failed);
	assert_int_equal(message_parse(buf_span(text), &limits, ret), 0);
}

static void calls_come_back(void **state)
{
	struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < N_CALLS; i++) {
		AUTO_BUF text = BUF_INIT;
		struct messages_call c;
		struct expr_error e;
		struct message m;

		messages_put_call(&text, &calls[i]);
		parse(&text, &m);
		assert_int_equal(messages_get_call(&m, &arena, &c, &e), 0);
		assert_memory_equal(&c, &calls[i], sizeof(c));
		message_free(&m);
	}
	arena_free(&arena);
}

static void expressions_travel_as_their_text(void **state)
{
	static const char source[] = "process.name == \"q\\\"\\x01\xc3\xa4\" and not (process.pid in (1, 2) or file.path exists)";
	struct arena arena = ARENA_INIT;
	AUTO_BUF text = BUF_INIT;
	AUTO_EXPR *where = NULL, *back = NULL;
	struct messages_call call = calls[1], c;
	struct expr_error e;
	struct message m;

	assert_int_equal(expr_parse(span_of(source), &where, &e), 0);
	call.where = where;
	messages_put_call(&text, &call);
	parse(&text, &m);
	assert_int_equal(messages_get_call(&m, &arena, &c, &e), 0);
	back = (struct expr *)c.where;
	assert_true(expr_equal(where, back));
	message_free(&m);
	arena_free(&arena);
}

static void cells_are_asked_for_by_id_and_name(void **state)
{
	static const int64_t ids[] = { 5, INT64_MIN, INT64_MAX };
	const struct field *const fields[] = { field_find(SPAN("file.path")), field_find(SPAN("user.id")) };
	const struct span rules[] = { SPAN("file.path == \"\xff\""), SPAN("") };
	const struct messages_call call = { .type = MESSAGES_CELLS, .id = 1, .cells = { ids, 3, fields, 2, rules, 2 } };
	struct arena arena = ARENA_INIT;
	AUTO_BUF text = BUF_INIT;
	struct messages_call c;
	struct expr_error e;
	struct message m;

	messages_put_call(&text, &call);
	parse(&text, &m);
	assert_int_equal(messages_get_call(&m, &arena, &c, &e), 0);
	assert_true(c.cells.n_ids == 3 && c.cells.n_fields == 2 && c.cells.n_rules == 2);
	assert_memory_equal(c.cells.ids, ids, sizeof(ids));
	assert_true(c.cells.fields[0] == fields[0] && c.cells.fields[1] == fields[1]);
	assert_true(span_eq(c.cells.rules[0], rules[0]) && span_eq(c.cells.rules[1], rules[1]));
	message_free(&m);
	arena_free(&arena);
}

static int get_call(const char *text)
{
	struct arena arena = ARENA_INIT;
	struct messages_call c;
	struct expr_error e = { 0 };
	struct message m;
	int r;

	assert_int_equal(message_parse(span_of(text), &limits, &m), 0);
	r = messages_get_call(&m, &arena, &c, &e);
	if (r == -EINVAL)
		assert_true(e.message[0]);
	message_free(&m);
	arena_free(&arena);
	return r;
}

static void calls_out_of_bounds_are_refused(void **state)
{
#define HEAD "{\"v\":1,\"id\":1,\"type\":\"reader."
	assert_int_equal(get_call(HEAD "histogram\",\"where\":null,\"from\":0,\"to\":1,\"bins\":8193}"), -EPROTO);
	assert_int_equal(get_call(HEAD "histogram\",\"where\":null,\"from\":0,\"to\":1,\"bins\":0}"), -EPROTO);
	assert_int_equal(get_call(HEAD "page\",\"where\":null,\"from\":0,\"to\":1,\"newest\":true,\"at\":0,\"skip\":0,"
	                          "\"n\":5001}"), -EPROTO);
	assert_int_equal(get_call(HEAD "tree\",\"process\":1,\"limits\":[1,2,3]}"), -EPROTO);
	assert_int_equal(get_call(HEAD "tree\",\"process\":1,\"limits\":[1,2,3,4,5]}"), -EPROTO);
	assert_int_equal(get_call(HEAD "lanes\",\"where\":null,\"from\":0,\"to\":1,\"bins\":1000,\"by\":1,\"lanes\":2000}"),
	                 -EPROTO);
	assert_int_equal(get_call(HEAD "lanes\",\"where\":null,\"from\":0,\"to\":1,\"bins\":10,\"by\":5,\"lanes\":20}"),
	                 -EPROTO);
#define VALUES HEAD "values\",\"where\":null,\"from\":0,\"to\":1,\"rare\":false,\"prefix\":false,\"quick\":false,"
	assert_int_equal(get_call(VALUES "\"part\":null,\"max\":1000,\"field\":\"user.name\"}"), 0);
	assert_int_equal(get_call(VALUES "\"part\":null,\"max\":1001,\"field\":\"user.name\"}"), -EPROTO);
	assert_int_equal(get_call(VALUES "\"part\":null,\"max\":9,\"field\":\"user.nam\"}"), -EPROTO);
	assert_int_equal(get_call(VALUES "\"part\":null,\"max\":9,\"field\":null}"), -EPROTO);
	assert_int_equal(get_call(HEAD "space\",\"costs\":201}"), -EPROTO);
	assert_int_equal(get_call(HEAD "cells\",\"ids\":[1],\"fields\":[\"user.id\"],\"rules\":[]}"), 0);
	assert_int_equal(get_call(HEAD "cells\",\"ids\":[1],\"fields\":[\"user.idd\"],\"rules\":[]}"), -EPROTO);
	assert_int_equal(get_call(HEAD "cells\",\"ids\":[1],\"fields\":[],\"rules\":[null]}"), -EPROTO);
	assert_int_equal(get_call(HEAD "cells\",\"ids\":[\"x\"],\"fields\":[],\"rules\":[]}"), -EPROTO);
	assert_int_equal(get_call(HEAD "drop\"}"), -EPROTO);
	assert_int_equal(get_call(HEAD "distribution\",\"where\":\"process.nam == 1\",\"from\":0,\"to\":1}"), -EINVAL);
	assert_int_equal(get_call(HEAD "distribution\",\"where\":7,\"from\":0,\"to\":1}"), -EPROTO);
	assert_int_equal(get_call("{\"v\":1,\"id\":1,\"type\":\"session.open\",\"path\":{\"x\":\"2f00\"},\"check\":true,"
	                          "\"live\":false}"), -EPROTO);
	assert_int_equal(get_call("{\"v\":1,\"id\":1,\"type\":\"session.open\",\"path\":{\"x\":\"2fff\"},\"check\":true,"
	                          "\"live\":false}"), 0);
}

static void answers_come_back(void **state)
{
	for (unsigned seed = 0; seed < 200; seed++)
		for (size_t i = 0; i < N_CALLS; i++) {
			AUTO_BUF text = BUF_INIT;
			union messages_answer a, b;
			struct message m;

			fake_answer(seed, &calls[i], &a);
			messages_put_answer(&text, calls[i].id, calls[i].type, &a);
			parse(&text, &m);
			assert_int_equal(messages_get_answer(&m, &calls[i], &b), 0);
			fake_assert_equal(calls[i].type, &a, &b);
			message_free(&m);
			messages_answer_free(calls[i].type, &a);
			messages_answer_free(calls[i].type, &b);
		}
}

/* An answer that would be right to `given`, taken for one to `asked`. */
static int get_answer(const struct messages_call *given, const struct messages_call *asked,
                      void (*spoil)(union messages_answer *))
{
	AUTO_BUF text = BUF_INIT;
	union messages_answer a, b;
	struct message m;
	int r;

	fake_answer(3, given, &a);
	if (spoil)
		spoil(&a);
	messages_put_answer(&text, 1, given->type, &a);
	parse(&text, &m);
	r = messages_get_answer(&m, asked, &b);
	if (r == 0)
		messages_answer_free(asked->type, &b);
	messages_answer_free(given->type, &a);
	message_free(&m);
	return r;
}

static void spoil_category(union messages_answer *a) { a->page.rows[0].category = EVENT_CATEGORY_COUNT; }
static void spoil_bin_width(union messages_answer *a) { a->histogram.bin_ms = 0; }
static void spoil_bin_end(union messages_answer *a) { a->histogram.bin_ms = INT64_MAX / 2; }
static void spoil_mark_child(union messages_answer *a) { a->timeline.child_marks[0].child = 5; }
static void spoil_mark_bin(union messages_answer *a) { a->timeline.child_marks[0].bin = 20; }
static void spoil_peers(union messages_answer *a) { a->tree.n_peers = 4; }
static void spoil_centre(union messages_answer *a) { a->tree.nodes[0].process = 1; }
static void spoil_nodes(union messages_answer *a) { a->tree.n = 5; }
static void spoil_anchors(union messages_answer *a) { a->count.n_anchors--; }
static void spoil_step(union messages_answer *a) { a->count.step = 6; }
static void spoil_info(union messages_answer *a) { a->info.last_ms = 0; }
static void spoil_lane_width(union messages_answer *a) { a->lanes.bin_ms = 0; }
static void spoil_story(union messages_answer *a) { a->story.tree.n = 0; }
static void spoil_verdict(union messages_answer *a) { a->completeness.verdict = (enum reader_verdict)9; }
static void spoil_distinct(union messages_answer *a) { a->values.distinct = a->values.n - 1; }
static void spoil_value(union messages_answer *a) { a->values.values[0].text = SPAN_NONE; }
static void spoil_cost_order(union messages_answer *a) { a->space.costs[0].by = READER_COST_USER; }
static void spoil_cost(union messages_answer *a) { a->space.bytes = a->space.costs[0].bytes - 1; }
static void spoil_area(union messages_answer *a) { a->inventory.things[0].area = READER_AREAS; }
static void spoil_process(union messages_answer *a) { a->process.id = 1; }

static void answers_that_do_not_fit_the_call_are_refused(void **state)
{
	static const struct { size_t call; void (*spoil)(union messages_answer *); } wrong[] = {
		{ 3, spoil_category }, { 5, spoil_bin_width }, { 5, spoil_bin_end }, { 7, spoil_mark_child },
		{ 7, spoil_mark_bin }, { 9, spoil_peers }, { 9, spoil_centre }, { 9, spoil_nodes }, { 1, spoil_anchors },
		{ 1, spoil_step }, { 0, spoil_info }, { 6, spoil_process }, { 11, spoil_lane_width }, { 13, spoil_story },
		{ 14, spoil_verdict }, { 18, spoil_distinct }, { 18, spoil_value },
		{ 15, spoil_cost_order }, { 15, spoil_cost }, { 16, spoil_area },
	};
	struct messages_call more = calls[3];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(get_answer(&calls[wrong[i].call], &calls[wrong[i].call], NULL), 0);
		assert_int_equal(get_answer(&calls[wrong[i].call], &calls[wrong[i].call], wrong[i].spoil), -EPROTO);
	}
	more.n++;
	assert_int_equal(get_answer(&more, &calls[3], NULL), -EPROTO);
	assert_int_equal(get_answer(&calls[5], &calls[7], NULL), -EPROTO);
}

static void times_are_brought_into_the_writable_years(void **state)
{
	struct messages_call one = calls[3];
	AUTO_BUF text = BUF_INIT;
	union messages_answer a, b;
	struct message m;

	one.n = 2;
	fake_answer(1, &one, &a);
	a.page.rows[0].time_ms = INT64_MAX;
	a.page.rows[1].time_ms = INT64_MIN;
	messages_put_answer(&text, 1, MESSAGES_PAGE, &a);
	parse(&text, &m);
	assert_int_equal(messages_get_answer(&m, &one, &b), 0);
	assert_true(b.page.rows[0].time_ms == CLOCK_MAX);
	assert_true(b.page.rows[1].time_ms == CLOCK_MIN);
	message_free(&m);
	reader_page_free(&a.page);
	reader_page_free(&b.page);
}

static int get_error(const char *json, char *text, size_t size)
{
	struct message m;
	int r;

	assert_int_equal(message_parse(span_of(json), &limits, &m), 0);
	r = messages_get_error(&m, text, size);
	message_free(&m);
	return r;
}

static void errors_are_names_and_their_text_is_made_visible(void **state)
{
	AUTO_BUF out = BUF_INIT, odd = BUF_INIT;
	char text[16];

	messages_put_error(&out, 9, -ECANCELED, "a\nb");
	assert_int_equal(get_error(out.p, text, sizeof(text)), -ECANCELED);
	assert_string_equal(text, "a\\nb");
	messages_put_error(&odd, 9, -EXFULL, NULL);
	assert_int_equal(get_error(odd.p, text, sizeof(text)), -EIO);
	assert_string_equal(text, "");
	assert_int_equal(get_error("{\"v\":1,\"id\":1,\"type\":\"error\",\"error\":\"EWHAT\",\"text\":\"12345678901234\xc3\xa4\"}",
	                           text, sizeof(text)), -EIO);
	assert_string_equal(text, "12345678901234");
	assert_int_equal(get_error("{\"v\":1,\"id\":1,\"type\":\"error\"}", text, sizeof(text)), -EPROTO);
	assert_int_equal(get_error("{\"v\":1,\"id\":1,\"type\":\"opened\"}", text, sizeof(text)), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_come_back),
		cmocka_unit_test(expressions_travel_as_their_text),
		cmocka_unit_test(cells_are_asked_for_by_id_and_name),
		cmocka_unit_test(calls_out_of_bounds_are_refused),
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(answers_that_do_not_fit_the_call_are_refused),
		cmocka_unit_test(times_are_brought_into_the_writable_years),
		cmocka_unit_test(errors_are_names_and_their_text_is_made_visible),
	};

	calls[N_CALLS - 1].wish.field = field_find(SPAN("process.name"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
