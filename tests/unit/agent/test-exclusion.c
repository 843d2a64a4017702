/* The lines that a cost gives are lines of spoor-agent.conf, and leave out what its expression finds. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/config.h"
#include "recorder/query/exclusion.h"
#include "recorder/query/expr.h"

static void check(const struct reader_cost *cost, const char *line, const char *expression)
{
	AUTO_BUF text = BUF_INIT, found = BUF_INIT, file = BUF_INIT;
	AUTO_FREE char *error = NULL;
	AUTO_EXPR *where = NULL, *inner = NULL;
	struct expr_error fault;
	struct config c;

	exclusion_line(cost, &text);
	exclusion_expression(cost, &found);
	if (line)
		assert_string_equal(text.p, line);
	if (expression)
		assert_string_equal(found.p, expression);
	buf_printf(&file, "[exclude]\nnoise = no\n%s\n", text.p);
	if (config_parse("c", buf_span(&file), &c, &error) < 0)
		fail_msg("%s: %s", text.p, error);
	assert_int_equal(c.n_exclusions, 1);
	/* The expression is the exclusion, but for processes, which no exclusion leaves out. */
	assert_int_equal(expr_parse(buf_span(&found), &where, &fault), 0);
	assert_true(where->op == EXPR_AND && where->n_kids == 2);
	assert_true(expr_equal(where->kids[1], c.exclude));
	config_free(&c);
}

static void lines_are_accepted(void **state)
{
	check(&(struct reader_cost){ READER_COST_DIRECTORY, 0, SPAN("/var/cache/build/"), 0, 0, 0 },
	      "file-prefix = /var/cache/build/",
	      "not event.category == process and file.path startswith cased \"/var/cache/build/\"");
	check(&(struct reader_cost){ READER_COST_EXECUTABLE, 0, SPAN("/usr/bin/a b"), 0, 0, 0 }, "executable = /usr/bin/a b",
	      NULL);
	check(&(struct reader_cost){ READER_COST_USER, -1, SPAN("nightly"), 0, 0, 0 }, "user = nightly", NULL);
	check(&(struct reader_cost){ READER_COST_USER, 33, SPAN_NONE, 0, 0, 0 }, "user = 33", NULL);
	check(&(struct reader_cost){ READER_COST_USER, -1, SPAN("1000"), 0, 0, 0 }, "event = user.name == cased \"1000\"",
	      NULL); /* a name of digits */
	check(&(struct reader_cost){ READER_COST_ADDRESS, 0, SPAN("203.0.113.9"), 0, 0, 0 }, "address = 203.0.113.9", NULL);
	check(&(struct reader_cost){ READER_COST_ADDRESS, 0, SPAN("2001:db8::1"), 0, 0, 0 }, "address = 2001:db8::1", NULL);
	check(&(struct reader_cost){ READER_COST_ADDRESS, 0, SPAN("/run/x.sock"), 0, 0, 0 },
	      "event = source.address == cased \"/run/x.sock\" or destination.address == cased \"/run/x.sock\"", NULL);
	check(&(struct reader_cost){ READER_COST_PORT, 53, SPAN_NONE, 0, 0, 0 }, "port = 53", NULL);
}

static void every_action_has_a_line(void **state)
{
	for (size_t i = 0; event_action_at(i); i++)
		check(&(struct reader_cost){ READER_COST_ACTION, *event_action_at(i), SPAN_NONE, 0, 0, 0 }, NULL, NULL);
}

static void odd_names_are_escaped(void **state)
{
	static const struct span odd[] = {
		SPAN("/tmp/it's/"), SPAN("/tmp/a\nport = 1/"), SPAN(" /tmp/"), SPAN("/tmp/\xff\xfe/"), SPAN("/tmp/back\\slash/"),
		SPAN("/tmp/\xe2\x80\xae/"), SPAN("/tmp/\"quoted\"/"), SPAN("/tmp/ends with space "),
	};

	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		check(&(struct reader_cost){ READER_COST_DIRECTORY, 0, odd[i], 0, 0, 0 }, NULL, NULL);
		check(&(struct reader_cost){ READER_COST_EXECUTABLE, 0, odd[i], 0, 0, 0 }, NULL, NULL);
		check(&(struct reader_cost){ READER_COST_USER, -1, odd[i], 0, 0, 0 }, NULL, NULL);
	}
}

static void what_is_not_known_has_none(void **state)
{
	AUTO_BUF text = BUF_INIT;

	exclusion_line(&(struct reader_cost){ READER_COST_ACTION, 999, SPAN_NONE, 0, 0, 0 }, &text);
	exclusion_expression(&(struct reader_cost){ READER_COST_ACTION, INT64_MAX, SPAN_NONE, 0, 0, 0 }, &text);
	assert_int_equal(text.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_accepted),
		cmocka_unit_test(every_action_has_a_line),
		cmocka_unit_test(odd_names_are_escaped),
		cmocka_unit_test(what_is_not_known_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
