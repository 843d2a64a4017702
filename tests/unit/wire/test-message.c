#include "tests/unit/test.h"

#include <errno.h>

#include "agent/wire/message.h"

static const struct message_limits limits = { 1 << 20, 1000 };

static int parse(const char *text, struct message *ret)
{
	return message_parse(span_of(text), &limits, ret);
}

static void numbers_are_exact_over_the_whole_range(void **state)
{
	static const int64_t values[] = { 0, -1, INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1, -(INT64_C(1) << 53) - 1,
	                                  INT64_C(1) << 53, 1763629501204 };
	AUTO_BUF out = BUF_INIT;
	struct message m;
	struct message_in list, root;

	message_begin(&out, UINT64_MAX, "t");
	message_open_list(&out, "l");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		message_put_int(&out, NULL, values[i]);
	message_put_uint(&out, NULL, UINT64_MAX);
	message_close_list(&out);
	message_end(&out);
	assert_int_equal(message_parse(buf_span(&out), &limits, &m), 0);
	assert_true(m.id == UINT64_MAX);
	assert_true(message_is(&m, "t"));
	root = message_root(&m);
	list = message_list(&root, "l");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		assert_true(message_int(&list, NULL) == values[i]);
	assert_true(message_uint(&list, NULL) == UINT64_MAX);
	message_at_end(&list);
	assert_int_equal(m.error, 0);
	message_free(&m);
}

static void texts_of_any_bytes_come_back(void **state)
{
	static const struct span texts[] = {
		{ NULL, 0 }, { "", 0 }, { "plain", 5 }, { "q\"b\\n\n\t\x01\x7f", 9 }, { "h\xc3\xa4\xe2\x82\xac", 6 },
		{ "bad\xff\xfe", 5 }, { "nul\0in", 6 }, { "[{,", 3 }, { "\xf0\x9f\x90\xbe", 4 }, { "\xed\xa0\x80", 3 },
	};
	AUTO_BUF out = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct message m;
	struct message_in list, root;

	message_begin(&out, 1, "t");
	message_open_list(&out, "l");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		message_put_text(&out, NULL, texts[i]);
	message_close_list(&out);
	message_end(&out);
	assert_int_equal(message_parse(buf_span(&out), &limits, &m), 0);
	root = message_root(&m);
	list = message_list(&root, "l");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct span s = message_text(&list, NULL, &arena);

		assert_true(span_eq(s, texts[i]));
		assert_int_equal(s.p == NULL, texts[i].p == NULL);
	}
	assert_int_equal(m.error, 0);
	message_free(&m);
	arena_free(&arena);
}

static void what_is_no_message_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "1", "{}", "{\"v\":1}", "{\"v\":2,\"id\":1,\"type\":\"t\"}", "{\"v\":1,\"id\":-1,\"type\":\"t\"}",
		"{\"v\":1,\"id\":1.5,\"type\":\"t\"}", "{\"v\":1,\"id\":1,\"type\":7}", "{\"v\":1,\"id\":1,\"type\":\"t\"} x",
		"{\"v\":1,\"id\":1,\"type\":\"t\",\"a\":\"\xff\"}", "{\"v\":1,\"id\":1e300,\"type\":\"t\"}",
		"{\"v\":1,\"id\":1,\"type\":\"t\",\"a\":[[[[[[[[[1]]]]]]]]]}", "{\"v\":1,\"id\":1,\"type\":\"t\"}}",
		"[\"v\",1,\"id\",1,\"type\",\"t\"]",
	};
	struct message m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(parse(bad[i], &m), -EPROTO);
	assert_int_equal(parse(" {\"v\":1,\"id\":\"1\",\"type\":\"t\"} \n", &m), 0);
	message_free(&m);
}

static void the_number_of_values_is_capped_before_parsing(void **state)
{
	AUTO_BUF out = BUF_INIT;
	struct message m;

	message_begin(&out, 1, "t");
	message_open_list(&out, "l");
	for (int i = 0; i < 1001; i++)
		message_put_int(&out, NULL, i);
	message_close_list(&out);
	message_end(&out);
	assert_int_equal(message_parse(buf_span(&out), &limits, &m), -EPROTO);
	assert_int_equal(message_parse(buf_span(&out), &(struct message_limits){ 1 << 20, 2000 }, &m), 0);
	message_free(&m);
	assert_int_equal(message_parse(buf_span(&out), &(struct message_limits){ 100, 2000 }, &m), -EPROTO);
}

static void a_wrong_type_is_an_error_and_gives_nothing(void **state)
{
	static const char text[] = "{\"v\":1,\"id\":1,\"type\":\"t\",\"n\":\"x\",\"s\":5,\"b\":1,\"l\":{},\"h\":{\"x\":\"0\"},"
	                           "\"f\":1.5,\"big\":\"9223372036854775808\",\"small\":300}";
	struct arena arena = ARENA_INIT;

	for (int i = 0; i < 9; i++) {
		struct message m;
		struct message_in in, list;

		assert_int_equal(parse(text, &m), 0);
		in = message_root(&m);
		if (i == 0)
			assert_true(message_int(&in, "n") == 0);
		else if (i == 1)
			assert_null(message_text(&in, "s", &arena).p);
		else if (i == 2)
			assert_false(message_bool(&in, "b"));
		else if (i == 3) {
			list = message_list(&in, "l");
			assert_int_equal(message_left(&list), 0);
		} else if (i == 4)
			assert_null(message_text(&in, "h", &arena).p);
		else if (i == 5)
			assert_true(message_int(&in, "f") == 0);
		else if (i == 6)
			assert_true(message_int(&in, "big") == 0);
		else if (i == 7)
			assert_true(message_int_in(&in, "small", 0, 255) == 0);
		else
			assert_true(message_uint(&in, "missing") == 0);
		assert_int_equal(m.error, -EPROTO);
		message_free(&m);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_exact_over_the_whole_range),
		cmocka_unit_test(texts_of_any_bytes_come_back),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(the_number_of_values_is_capped_before_parsing),
		cmocka_unit_test(a_wrong_type_is_an_error_and_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
