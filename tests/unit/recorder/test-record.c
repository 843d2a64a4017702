#include "tests/unit/test.h"

#include "recorder/record.h"

static void assert_span(struct span have, struct span want)
{
	if (!have.p || !span_eq(have, want))
		fail_msg("got \"%.*s\", not \"%.*s\"", SPAN_FMT(have), SPAN_FMT(want));
}

static void line_is_taken_apart(void **state)
{
	struct record r;

	assert_null(record_parse_line(SPAN("node=a.b type=CWD msg=audit(1626611363.720:348501):  cwd=\"/\" \r"), &r));
	assert_span(r.node, SPAN("a.b"));
	assert_span(r.type, SPAN("CWD"));
	assert_int_equal(r.time_ms, 1626611363720);
	assert_int_equal(r.serial, 348501);
	assert_span(r.body, SPAN("cwd=\"/\""));
	assert_null(record_parse_line(SPAN("type=EOE msg=audit(1.002:3):"), &r));
	assert_null(r.node.p);
	assert_int_equal(r.time_ms, 1002);
	assert_int_equal(r.body.n, 0);
}

static void message_has_no_type(void **state)
{
	struct record r;

	assert_null(record_parse_message(SPAN("audit(1.234:5): pid=7"), &r));
	assert_null(r.type.p);
	assert_span(r.body, SPAN("pid=7"));
	assert_non_null(record_parse_message(SPAN("type=X msg=audit(1.234:5): pid=7"), &r));
	assert_non_null(record_parse_message(SPAN(""), &r));
}

static void failure_leaves_the_result_alone(void **state)
{
	struct record r = { .serial = 99 };

	assert_non_null(record_parse_line(SPAN("type=X msg=audit(1.000:7"), &r));
	assert_non_null(record_parse_line(SPAN("type=X"), &r));
	assert_non_null(record_parse_line(SPAN("node="), &r));
	assert_int_equal(r.serial, 99);
}

static void fields_in_order(void **state)
{
	struct span rest = SPAN("a=1 word b=\"two words\" c='x=\"y\" z' d= e=5,f=6 g=\"open\035G=\"name\" ");
	static const struct {
		struct span key, value;
		char quote;
	} want[] = {
		{ { "a", 1 }, { "1", 1 }, 0 },
		{ { "b", 1 }, { "two words", 9 }, '"' },
		{ { "c", 1 }, { "x=\"y\" z", 7 }, '\'' },
		{ { "d", 1 }, { "", 0 }, 0 },
		{ { "e", 1 }, { "5,f=6", 5 }, 0 },
	};
	struct record_field f;

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_true(record_next(&rest, &f));
		assert_span(f.key, want[i].key);
		assert_span(f.value, want[i].value);
		assert_int_equal(f.quote, want[i].quote);
	}
	assert_true(record_next(&rest, &f));
	assert_span(f.value, SPAN("open\035G="));
}

static void enrichment_is_apart(void **state)
{
	struct span body = SPAN("uid=0 key=(null)\035UID=\"root\"");
	struct record_field f;

	assert_span(record_kernel_part(body), SPAN("uid=0 key=(null)"));
	assert_span(record_enrichment(body), SPAN("UID=\"root\""));
	assert_null(record_enrichment(SPAN("uid=0")).p);
	assert_true(record_find(body, SPAN("key"), &f));
	assert_span(f.value, SPAN("(null)"));
	assert_true(record_find(body, SPAN("UID"), &f));
	assert_span(f.value, SPAN("root"));
	assert_false(record_find(body, SPAN("id"), &f));
}

static struct span string_of(const char *text, struct arena *arena)
{
	struct record_field f;

	assert_true(record_find(span_of(text), SPAN("f"), &f));
	return record_string(&f, arena);
}

static void strings_are_decoded_when_unquoted(void **state)
{
	struct arena arena = ARENA_INIT;

	assert_span(string_of("f=2F746D702F61206200", &arena), SPAN("/tmp/a b\0"));
	assert_span(string_of("f=\"2F746D70\"", &arena), SPAN("2F746D70"));
	assert_span(string_of("f=pts0", &arena), SPAN("pts0"));
	assert_span(string_of("f=ABC", &arena), SPAN("ABC"));
	assert_span(string_of("f=\"\"", &arena), SPAN(""));
	assert_null(string_of("f=(null)", &arena).p);
	assert_null(string_of("f=(none)", &arena).p);
	assert_span(string_of("f=\"(none)\"", &arena), SPAN("(none)")); /* somebody's name for a file */
	assert_span(string_of("f=\"(null)\"", &arena), SPAN("(null)"));
	assert_null(string_of("f=?", &arena).p);
	assert_null(string_of("f=", &arena).p);
	arena_free(&arena);
}

static void unset_is_minus_one(void **state)
{
	assert_int_equal(record_id(SPAN("4294967295")), -1);
	assert_int_equal(record_id(SPAN("4294967294")), 4294967294);
	assert_int_equal(record_id(SPAN("0")), 0);
	assert_int_equal(record_id(SPAN("-1")), -1);
	assert_int_equal(record_id(SPAN("root")), -1);
	assert_int_equal(record_id(SPAN("99999999999999999999999")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_taken_apart),
		cmocka_unit_test(message_has_no_type),
		cmocka_unit_test(failure_leaves_the_result_alone),
		cmocka_unit_test(fields_in_order),
		cmocka_unit_test(enrichment_is_apart),
		cmocka_unit_test(strings_are_decoded_when_unquoted),
		cmocka_unit_test(unset_is_minus_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
