#include "tests/unit/test.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/distribution.h"

static void rows_free(struct bar_row *rows, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_free(rows[i].label);
		g_free(rows[i].amount);
		g_free(rows[i].share);
		g_free(rows[i].about);
	}
	g_free(rows);
}

static struct reader_share shares[] = {
	{ ACTION_FILE_WRITE, 600 }, { ACTION_PROCESS_CREATE, 250 }, { ACTION_FILE_CREATE, 149 }, { 999, 1 },
};

static void check_labels(gboolean by_name, const char *const *labels, guint n_labels)
{
	struct reader_distribution d = { shares, ARRAY_LEN(shares) };
	guint n;
	struct bar_row *rows = distribution_rows(&d, by_name, &n);

	assert_int_equal(n, n_labels);
	for (guint i = 0; i < n; i++)
		assert_string_equal(rows[i].label, labels[i]);
	rows_free(rows, n);
}

static void kinds_have_their_actions_below(void **state)
{
	static const char *const by_count[] = { "File", "Write", "CreateNewFile", "Process", "ProcessCreate", "Other", "Unknown" };
	static const char *const by_name[] = { "File", "CreateNewFile", "Write", "Other", "Unknown", "Process", "ProcessCreate" };

	check_labels(FALSE, by_count, ARRAY_LEN(by_count));
	check_labels(TRUE, by_name, ARRAY_LEN(by_name));
}

static void rows_tell_exact_numbers(void **state)
{
	struct reader_distribution d = { shares, ARRAY_LEN(shares) };
	guint n;
	struct bar_row *rows = distribution_rows(&d, FALSE, &n);

	assert_string_equal(rows[0].amount, "749");
	assert_string_equal(rows[0].share, "75 %");
	assert_true(rows[0].heading && rows[0].part == 1 && rows[0].category == EVENT_FILE && !rows[1].heading);
	assert_string_equal(rows[1].about, "Write: 600 events, 60 % of all");
	assert_string_equal(rows[6].about, "Unknown: 1 event, 0.1 % of all");
	rows_free(rows, n);
	rows = distribution_rows(&(struct reader_distribution){ NULL, 0 }, FALSE, &n);
	assert_int_equal(n, 0);
	rows_free(rows, n);
}

static void rows_can_be_asked_for(void **state)
{
	g_autofree char *kind = distribution_expression(DISTRIBUTION_KIND + EVENT_FILE), *unknown = distribution_expression(999);
	g_autofree char *action = distribution_expression(ACTION_FILE_WRITE), *none = distribution_expression(DISTRIBUTION_KIND);

	assert_string_equal(kind, "event.category == file");
	assert_string_equal(action, "event.action == Write");
	assert_null(unknown);
	assert_null(none);
}

static void costs_tell_what_is_gained(void **state)
{
	struct reader_cost costs[] = {
		{ READER_COST_ACTION, ACTION_FILE_WRITE, SPAN_NONE, 5, 5, 500000000 },
		{ READER_COST_DIRECTORY, 0, SPAN("/var/\xff/"), 4, 9, 250000000 },
		{ READER_COST_PORT, 53, SPAN_NONE, 1, 1, 1 },
		{ READER_COST_USER, 33, SPAN_NONE, 1, 1, 1 },
	};
	struct reader_space s = { .bytes = 1000000000, .event_bytes = 600000000, .recorded_ms = INT64_C(864000000),
		                  .costs = costs, .n = ARRAY_LEN(costs) };
	static const char *const labels[READER_COSTS] = { [READER_COST_ACTION] = "Write", [READER_COST_DIRECTORY] = "/var/\\xff/",
		[READER_COST_PORT] = "Port 53", [READER_COST_USER] = "User 33" };
	g_autofree char *about = distribution_summary(&s, 2000, 2000000000);
	guint n;

	for (int by = 0; by < READER_COSTS; by++) {
		struct bar_row *rows = distribution_costs(&s, (enum reader_cost_by)by, 0, &n);

		assert_int_equal(n, labels[by] != NULL);
		if (n)
			assert_string_equal(rows[0].label, labels[by]);
		if (by == READER_COST_ACTION) /* half of it: ten days more */
			assert_string_equal(rows[0].share, "+10 d");
		if (by == READER_COST_DIRECTORY)
			assert_non_null(strstr(rows[0].about, "9 events"));
		if (by == READER_COST_PORT)
			assert_string_equal(rows[0].share, "–");
		rows_free(rows, n);
	}
	assert_non_null(strstr(about, "2.0\u00a0GB would reach back 20 d"));
	assert_non_null(strstr(about, "40 % of it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_their_actions_below),
		cmocka_unit_test(rows_tell_exact_numbers),
		cmocka_unit_test(rows_can_be_asked_for),
		cmocka_unit_test(costs_tell_what_is_gained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
