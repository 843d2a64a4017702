#include "tests/unit/test.h"

#include "server/tap.h"

/* What is told of a message that comes in pieces of n bytes. */
static const char *tell(struct tap *t, struct span message, size_t n)
{
	static struct buf told;

	buf_clear(&told);
	for (size_t at = 0; at < message.n || at == 0; at += n) {
		size_t most = message.n - at < n ? message.n - at : n;
		bool last = at + n >= message.n;

		if (tap_take(t, (struct span){ message.p + at, most }, last, &told)) {
			assert_true(last);
			return told.p;
		}
	}
	buf_free(&told);
	return NULL;
}

#define COUNT(where) "{\"v\":1,\"id\":1,\"type\":\"reader.count\",\"where\":" where ",\"from\":0,\"to\":9,\"step\":0}"

static void an_expression_is_told_once(void **state)
{
	struct tap t = { 0 };

	assert_string_equal(tell(&t, SPAN(COUNT("\"process.pid == 1\"")), 7), "process.pid == 1");
	assert_null(tell(&t, SPAN(COUNT("\"process.pid == 1\"")), 1000));
	assert_null(tell(&t, SPAN(COUNT("null")), 1000));
	assert_null(tell(&t, SPAN("{\"v\":1,\"id\":2,\"type\":\"reader.info\"}"), 1));
	assert_null(tell(&t, SPAN(COUNT("\"process.pid == 1\"")), 3));
	assert_string_equal(tell(&t, SPAN(COUNT("\"process.pid == 2\"")), 1), "process.pid == 2");
	tap_free(&t);
}

static void what_is_no_message_is_told_as_it_is(void **state)
{
	struct tap t = { 0 };

	assert_string_equal(tell(&t, SPAN("junk"), 2), "junk");
	assert_null(tell(&t, SPAN(""), 2));
	tap_free(&t);
}

static void much_is_cut(void **state)
{
	struct tap t = { 0 };
	AUTO_BUF message = BUF_INIT;
	const char *told;

	buf_add_z(&message, "{\"v\":1,\"id\":1,\"type\":\"reader.count\",\"where\":\"");
	for (size_t i = 0; i < TAP_TEXT; i++)
		buf_add_z(&message, "xyz");
	buf_add_z(&message, "\"}");
	told = tell(&t, buf_span(&message), 1000);
	assert_int_equal(strlen(told), TAP_TEXT + strlen("…"));
	assert_memory_equal(told, "xyz", 3);
	while (message.n < TAP_MAX) /* longer than is read along */
		buf_add_z(&message, "                                ");
	told = tell(&t, buf_span(&message), 16384);
	assert_memory_equal(told, "{\"v\":1", 6);
	assert_int_equal(t.message.n, 0);
	tap_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_is_told_once),
		cmocka_unit_test(what_is_no_message_is_told_as_it_is),
		cmocka_unit_test(much_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
