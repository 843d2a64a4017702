#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "gui/event-column.h"
#include "recorder/query/expr.h"

static const struct reader_row connect_row = {
	.time_ms = 1763628901204, .pid = 4711, .process = 3, .action = ACTION_NETWORK_CONNECT_FAILED,
	.category = EVENT_NETWORK, .result = ECONNREFUSED, .port = 80, .euid = 33, .count = 1,
	.executable = SPAN("/usr/bin/curl"), .command_line = SPAN("curl -s http://x/"), .user = SPAN("www-data"),
	.object = SPAN("2001:db8::9"),
};

static void check(const struct reader_row *row, enum event_column column, const char *text)
{
	g_autofree char *t = event_column_text(row, column);

	assert_string_equal(t, text);
}

static void check_filter(const struct reader_row *row, enum event_column column, const char *field, const char *value)
{
	g_autofree char *in = event_column_filter(row, column, FALSE), *out = event_column_filter(row, column, TRUE);
	struct expr_error fault;
	struct expr *e = NULL;

	assert_non_null(in);
	assert_int_equal(expr_parse(span_of(in), &e, &fault), 0);
	assert_string_equal(e->field->name, field);
	assert_int_equal(e->op, EXPR_EQ);
	assert_true(span_eq(e->values[0].text, span_of(value)));
	expr_free(e);
	assert_int_equal(expr_parse(span_of(out), &e, &fault), 0);
	assert_int_equal(e->op, EXPR_NE);
	expr_free(e);
}

static void test_texts(void **state)
{
	struct reader_row r = connect_row;

	check(&r, EVENT_COLUMN_TIME, "2025-11-20 08:55:01.204");
	check(&r, EVENT_COLUMN_PROCESS, "curl");
	check(&r, EVENT_COLUMN_PID, "4711");
	check(&r, EVENT_COLUMN_WHAT, "[2001:db8::9]:80 (Connection refused)");
	check(&r, EVENT_COLUMN_USER, "www-data");
	r.user = SPAN_NONE;
	check(&r, EVENT_COLUMN_USER, "33");
	r.euid = -1;
	check(&r, EVENT_COLUMN_USER, "");
	r.action = ACTION_NETWORK_CONNECT_ATTEMPT;
	r.result = EINPROGRESS;
	check(&r, EVENT_COLUMN_WHAT, "[2001:db8::9]:80");
}

static void test_more_texts(void **state)
{
	struct reader_row r = { .action = ACTION_FILE_RENAME, .category = EVENT_FILE, .object = SPAN("/a"),
		                .object2 = SPAN("/b"), .count = 37, .span_ms = 12345 };

	check(&r, EVENT_COLUMN_WHAT, "/a → /b  ×37 in 12.3 s");
	r = (struct reader_row){ .action = ACTION_PROCESS_EXIT, .category = EVENT_PROCESS, .result = 2, .count = 1 };
	check(&r, EVENT_COLUMN_WHAT, "exit code 2");
	r.port = 9;
	check(&r, EVENT_COLUMN_WHAT, "signal 9 (Killed)");
	r = (struct reader_row){ .action = 9999 };
	check(&r, EVENT_COLUMN_EVENT, "Action 9999");
	check(&r, EVENT_COLUMN_PROCESS, "");
}

static void test_hostile_bytes_are_made_visible(void **state)
{
	struct reader_row r = { .action = ACTION_FILE_CREATE, .category = EVENT_FILE, .count = 1,
		                .object = SPAN("/tmp/a\nb\xff\xe2\x80\xae" "cod.exe<b>") };
	g_autofree char *t = event_column_text(&r, EVENT_COLUMN_WHAT);

	assert_true(g_utf8_validate(t, -1, NULL));
	assert_null(strchr(t, '\n'));
	assert_null(strstr(t, "\xe2\x80\xae"));
}

static void test_filters(void **state)
{
	struct reader_row r = connect_row;

	check_filter(&r, EVENT_COLUMN_EVENT, "event.action", event_action_name(r.action));
	check_filter(&r, EVENT_COLUMN_PROCESS, "process.executable", "/usr/bin/curl");
	check_filter(&r, EVENT_COLUMN_PID, "process.pid", "4711");
	check_filter(&r, EVENT_COLUMN_WHAT, "destination.ip", "2001:db8::9");
	check_filter(&r, EVENT_COLUMN_USER, "user.name", "www-data");
	assert_null(event_column_filter(&r, EVENT_COLUMN_TIME, FALSE));
	r.executable = SPAN_NONE;
	assert_null(event_column_filter(&r, EVENT_COLUMN_PROCESS, FALSE));
}

static void test_filter_quotes_what_it_must(void **state)
{
	struct reader_row r = { .action = ACTION_FILE_CREATE, .category = EVENT_FILE, .count = 1,
		                .object = SPAN("/tmp/say \"or\" and \\ \x01\xff") };
	g_autofree char *in = event_column_filter(&r, EVENT_COLUMN_WHAT, FALSE);
	struct expr_error fault;
	struct expr *e = NULL;

	assert_non_null(in);
	assert_int_equal(expr_parse(span_of(in), &e, &fault), 0);
	assert_true(span_eq(e->values[0].text, r.object));
	expr_free(e);
}

static void test_join(void **state)
{
	g_autofree char *both = event_column_join("process.pid == 1 or process.pid == 2", "user.id == 0");
	g_autofree char *one = event_column_join("", "user.id == 0"), *none = event_column_join(NULL, NULL);
	struct expr_error fault;
	struct expr *e = NULL;

	assert_int_equal(expr_parse(span_of(both), &e, &fault), 0);
	assert_int_equal(e->op, EXPR_AND);
	assert_int_equal(e->kids[0]->op, EXPR_OR);
	expr_free(e);
	assert_string_equal(one, "user.id == 0");
	assert_string_equal(none, "");
	assert_null(event_column_join("process.pid ==", "user.id == 0"));
}

static void test_numbers(void **state)
{
	g_autofree char *a = event_number(0), *b = event_number(999), *c = event_number(5012334);

	assert_string_equal(a, "0");
	assert_string_equal(b, "999");
	assert_string_equal(c, "5,012,334");
}

static void test_span(void **state)
{
	struct reader_row row = { .time_ms = 1763629200000, .count = 1 };
	g_autofree char *many = NULL, *slow = NULL, *at_once = NULL;

	assert_null(event_column_span(&row));
	row.count = 30000;
	at_once = event_column_span(&row);
	assert_string_equal(at_once, "30,000 events at 2025-11-20 09:00:00.000 UTC");
	row.span_ms = 12000;
	many = event_column_span(&row);
	assert_string_equal(many, "30,000 events, 2500 a second\nFirst 2025-11-20 09:00:00.000 UTC\n"
	                    "Last 2025-11-20 09:00:12.000 UTC");
	row.count = 3;
	slow = event_column_span(&row);
	assert_string_equal(slow, "3 events, 0.25 a second\nFirst 2025-11-20 09:00:00.000 UTC\n"
	                    "Last 2025-11-20 09:00:12.000 UTC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_more_texts),
		cmocka_unit_test(test_hostile_bytes_are_made_visible),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_filter_quotes_what_it_must),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
