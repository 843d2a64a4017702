#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "recorder/query/field.h"
#include "recorder/query/row-format.h"

static const struct reader_row exec_row = {
	.id = (INT64_C(1700000000123) << 14) | 5, .time_ms = 1700000000123, .process = 7, .image = 8, .pid = 4711,
	.action = ACTION_PROCESS_CREATE, .category = EVENT_PROCESS, .uid = 1000, .euid = 0, .auid = -1, .session = -1,
	.serial = 12, .count = 1, .executable = { "/bin/=x", 7 }, .command_line = { "=x \"q\"\n\xff", 8 },
	.user = { "@root", 5 }, .object = { "/bin/=x", 7 },
};
static const struct reader_row accept_row = {
	.id = 1 << 14, .time_ms = 1, .action = ACTION_NETWORK_ACCEPT, .category = EVENT_NETWORK, .uid = -1, .euid = -1,
	.auid = -1, .session = -1, .count = 3, .port = 50000, .port2 = 22, .object = { "2001:db8::7", 11 },
	.object2 = { "/run/x", 6 },
};

static const char *format(const char *name, const struct reader_row *row, const struct span *args, size_t n, struct buf *b)
{
	const struct row_format_columns all = row_format_all();
	const struct row_format_line line = { .row = row, .args = args, .n_args = n };

	buf_clear(b);
	row_format_find(name)->row(b, &all, &line);
	assert_false(b->failed);
	return b->p;
}

static void test_json(void **state)
{
	const struct span args[] = { SPAN("=x"), SPAN_NONE, SPAN("\xff") };
	AUTO_BUF b = BUF_INIT;

	assert_string_equal(format("json", &exec_row, args, 3, &b),
		"{\"@timestamp\":\"2023-11-14T22:13:20.123Z\",\"event.id\":\"27852800002015237\",\"event.category\":\"process\","
		"\"event.action\":\"ProcessCreate\",\"event.outcome\":\"success\",\"event.serial\":12,\"process.entity_id\":7,"
		"\"process.pid\":4711,\"process.executable\":\"/bin/=x\","
		"\"process.command_line\":\"=x \\\"q\\\"\\\\n\\\\xff\",\"process.command_line_hex\":\"3d78202271220aff\","
		"\"user.id\":0,\"user.name\":\"@root\",\"process.real_user.id\":1000,\"process.args\":[\"=x\",null,\"\\\\xff\"],"
		"\"process.args_hex\":[\"3d78\",null,\"ff\"]}\n");
	assert_string_equal(format("json", &accept_row, NULL, 0, &b),
		"{\"@timestamp\":\"1970-01-01T00:00:00.001Z\",\"event.id\":\"16384\",\"event.category\":\"network\","
		"\"event.action\":\"Accept\",\"event.outcome\":\"success\",\"event.count\":3,\"network.direction\":\"ingress\","
		"\"source.ip\":\"2001:db8::7\",\"source.port\":50000,"
		"\"destination.address\":\"/run/x\",\"destination.port\":22}\n");
}

static const char *described(const struct reader_row *row, struct buf *out)
{
	buf_clear(out);
	row_describe(out, row);
	return out->p;
}

static void test_disconnect(void **state)
{
	struct reader_row row = accept_row;
	AUTO_BUF b = BUF_INIT;

	row.action = ACTION_NETWORK_DISCONNECT;
	row.count = 1;
	row.result = 12345;
	row.flags = EVENT_FLAG_TCP | EVENT_FLAG_ACCEPTED;
	row.object2 = SPAN("2001:db8::1");
	assert_string_equal(format("json", &row, NULL, 0, &b),
		"{\"@timestamp\":\"1970-01-01T00:00:00.001Z\",\"event.id\":\"16384\",\"event.category\":\"network\","
		"\"event.action\":\"Disconnect\",\"event.outcome\":\"success\",\"network.direction\":\"ingress\","
		"\"source.ip\":\"2001:db8::7\",\"source.port\":50000,\"destination.ip\":\"2001:db8::1\","
		"\"destination.port\":22,\"network.transport\":\"tcp\",\"event.duration\":12345000000}\n");
	assert_string_equal(described(&row, &b), "[2001:db8::7]:50000 → [2001:db8::1]:22 after 12.3 s");
	row.flags = EVENT_FLAG_TCP; /* nobody's: image 0 */
	row.result = EVENT_DURATION_UNKNOWN;
	row.object2 = SPAN_NONE;
	row.port2 = 0;
	assert_null(strstr(format("json", &row, NULL, 0, &b), "direction"));
	assert_null(strstr(format("json", &row, NULL, 0, &b), "duration"));
	assert_string_equal(described(&row, &b), "[2001:db8::7]:50000");
	row.result = 7500000;
	assert_string_equal(described(&row, &b), "[2001:db8::7]:50000 after 2 h 5 min");
	row.result = INT32_MAX;
	assert_string_equal(described(&row, &b), "[2001:db8::7]:50000 after more than 596 h 31 min");
}

/* Cells that begin like a formula do not stay one, quotes are doubled, control characters are shown. */
static void test_csv(void **state)
{
	AUTO_BUF b = BUF_INIT;
	const char *line = format("csv", &exec_row, NULL, 0, &b);

	assert_non_null(strstr(line, ",\"'=x \"\"q\"\"\\n\\xff\","));
	assert_non_null(strstr(line, ",\"'@root\","));
	assert_non_null(strstr(line, ",\"/bin/=x\","));
	assert_string_equal(line + strlen(line) - 2, "\r\n");
}

/* A control that a terminal would obey is never written as it is; what JSON says stays exact. */
static void test_json_controls(void **state)
{
	struct reader_row row = exec_row;
	AUTO_BUF b = BUF_INIT;

	row.command_line = SPAN("\x1b[2J \xc2\x9b \xe2\x80\xae \xf3\xa0\x80\xa1 \x7f é");
	assert_non_null(strstr(format("json", &row, NULL, 0, &b),
	                       "\"\\u001b[2J \\u009b \\u202e \\udb40\\udc21 \\u007f é\""));
}

static void test_csv_formulas(void **state)
{
	static const char *const bad[] = { "=1", "+1", "-1", "@1", " =1", "\xef\xbc\x9d\x31", "\xef\xbc\x8b\x31" };
	struct reader_row row = exec_row;
	AUTO_BUF b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char want[32];

		row.command_line = span_of(bad[i]);
		snprintf(want, sizeof(want), ",\"'%s\",", bad[i]);
		assert_non_null(strstr(format("csv", &row, NULL, 0, &b), want));
	}
}

static void test_table(void **state)
{
	struct reader_row row = exec_row;
	AUTO_BUF b = BUF_INIT, line = BUF_INIT;

	assert_string_equal(format("table", &exec_row, NULL, 0, &b),
		"2023-11-14 22:13:20.123+00:00  ProcessCreate      4711  =x               @root     =x \"q\"\\n\\xff\n");
	assert_string_equal(format("table", &accept_row, NULL, 0, &b),
		"1970-01-01 00:00:00.001+00:00  Accept                                              "
		"[2001:db8::7]:50000 → /run/x:22  ×3\n");
	for (int i = 0; i < 1000; i++)
		buf_add_z(&line, "é");
	row.command_line = buf_span(&line);
	assert_true(strlen(format("table", &row, NULL, 0, &b)) < 800);
	assert_non_null(strstr(b.p, "é…\n"));
}

static void test_describe(void **state)
{
	struct reader_row row = { .action = ACTION_PROCESS_EXIT, .category = EVENT_PROCESS, .result = 3 };
	AUTO_BUF b = BUF_INIT;

	row_describe(&b, &row);
	assert_string_equal(b.p, "exit code 3");
	buf_clear(&b);
	row.port = 9;
	row_describe(&b, &row);
	assert_string_equal(b.p, "ended by signal 9");
	buf_clear(&b);
	row = (struct reader_row){ .action = ACTION_PROCESS_EXEC_FAILED, .category = EVENT_PROCESS, .result = 2,
		.object = SPAN("/no"), .command_line = SPAN("sh") };
	row_describe(&b, &row);
	assert_string_equal(b.p, "/no (ENOENT)");
}

/* The rows speak of fields that can be asked for. */
static void test_columns(void **state)
{
	for (int c = 0; c < ROW_COLUMNS; c++)
		assert_non_null(field_find(span_of(row_column_name((enum row_column)c))));
	assert_null(row_column_name(ROW_COLUMNS));
	assert_null(row_format_find("xml"));
}

static void test_chosen_columns(void **state)
{
	const struct span args[] = { SPAN("=x") };
	const struct row_format_line line = { .row = &exec_row, .args = args, .n_args = 1 }, accepted = { .row = &accept_row };
	struct row_format_columns columns = { { 0 }, 0 };
	struct span wrong = SPAN_NONE;
	AUTO_BUF b = BUF_INIT;

	assert_int_equal(row_format_columns_parse(SPAN("process.args, message,process.pid"), &columns, &wrong), 0);
	row_format_find("json")->row(&b, &columns, &line);
	assert_string_equal(b.p, "{\"process.args\":[\"=x\"],\"message\":\"ProcessCreate: =x \\\"q\\\"\\\\n\\\\xff\","
	                         "\"process.pid\":4711}\n");
	buf_clear(&b);
	row_format_find("json")->row(&b, &columns, &accepted);
	assert_string_equal(b.p, "{\"message\":\"Accept: [2001:db8::7]:50000 → /run/x:22  ×3\"}\n");
	buf_clear(&b);
	row_format_find("csv")->head(&b, &columns);
	row_format_find("csv")->row(&b, &columns, &accepted);
	assert_string_equal(b.p, "message,process.pid\r\n\"Accept: [2001:db8::7]:50000 → /run/x:22  ×3\",\r\n");
	assert_int_equal(row_format_columns_parse(SPAN("process.pid,process.pid"), &columns, &wrong), -EINVAL);
	assert_int_equal(row_format_columns_parse(SPAN("@timestamp,proces.pid"), &columns, &wrong), -EINVAL);
	assert_true(span_eq(wrong, SPAN("proces.pid")));
	assert_int_equal(columns.n, 3); /* as it was */
}

static const char *noted(const char *name, const struct row_format_note *note, struct buf *b)
{
	const struct row_format_line line = { .row = &accept_row, .note = note };
	struct row_format_columns columns = { { ROW_COUNT }, 1 };

	row_format_add_notes(&columns);
	row_format_add_notes(&columns);
	assert_int_equal(columns.n, 4);
	buf_clear(b);
	row_format_find(name)->head(b, &columns);
	row_format_find(name)->row(b, &columns, &line);
	assert_false(b->failed);
	return b->p;
}

static void test_notes(void **state)
{
	const struct row_format_note all = { true, SPAN("=c2\nred \"x\""), SPAN("first\ncontact") }, tag = { .tags = SPAN("c2") };
	AUTO_BUF b = BUF_INIT;

	assert_string_equal(noted("json", &all, &b), "{\"event.count\":3,\"note.marked\":true,\"note.tags\":[\"=c2\",\"red "
	                    "\\\"x\\\"\"],\"note.comment\":\"first\\u000acontact\"}\n");
	assert_string_equal(noted("json", &tag, &b), "{\"event.count\":3,\"note.tags\":[\"c2\"]}\n");
	assert_string_equal(noted("json", NULL, &b), "{\"event.count\":3}\n");
	assert_string_equal(noted("csv", &all, &b), "event.count,note.marked,note.tags,note.comment\r\n"
	                    "3,1,\"'=c2, red \"\"x\"\"\",\"first\\ncontact\"\r\n");
	assert_string_equal(noted("csv", NULL, &b), "event.count,note.marked,note.tags,note.comment\r\n3,,,\r\n");
	assert_non_null(strstr(noted("timesketch", &all, &b), ",\"tag\":[\"=c2\",\"red \\\"x\\\"\"],\"event.count\":3,"
	                       "\"note.marked\":true,\"note.comment\":\"first\\u000acontact\"}"));
	assert_null(strstr(noted("timesketch", NULL, &b), "tag"));
	assert_non_null(strstr(noted("timesketch-csv", &tag, &b), "timestamp_desc,tag,event.count,note.marked,note.comment\r\n"));
	assert_non_null(strstr(b.p, "First Event Time,\"c2\",3,,\r\n"));
}

static void test_timesketch(void **state)
{
	const struct row_format_line line = { .row = &accept_row };
	struct row_format_columns columns = { { ROW_FORMAT_MESSAGE, ROW_COUNT }, 2 };
	AUTO_BUF b = BUF_INIT;

	row_format_find("timesketch")->row(&b, &columns, &line);
	assert_string_equal(b.p, "{\"message\":\"Accept: [2001:db8::7]:50000 → /run/x:22  ×3\","
	                         "\"datetime\":\"1970-01-01T00:00:00.001+00:00\",\"timestamp_desc\":\"First Event Time\","
	                         "\"event.count\":3}\n");
	buf_clear(&b);
	row_format_find("timesketch-csv")->head(&b, &columns);
	row_format_find("timesketch-csv")->row(&b, &columns, &line);
	assert_string_equal(b.p, "message,datetime,timestamp_desc,event.count\r\n"
	                         "\"Accept: [2001:db8::7]:50000 → /run/x:22  ×3\",1970-01-01T00:00:00.001+00:00,"
	                         "First Event Time,3\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json), cmocka_unit_test(test_csv), cmocka_unit_test(test_csv_formulas),
		cmocka_unit_test(test_json_controls), cmocka_unit_test(test_table),
		cmocka_unit_test(test_describe), cmocka_unit_test(test_disconnect), cmocka_unit_test(test_columns),
		cmocka_unit_test(test_chosen_columns), cmocka_unit_test(test_notes), cmocka_unit_test(test_timesketch),
	};

	return cmocka_run_group_tests_name("row-format", tests, NULL, NULL);
}
