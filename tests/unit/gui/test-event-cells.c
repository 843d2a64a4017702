#include "tests/unit/test.h"

#include <errno.h>

#include "gui/event-cells.h"
#include "tests/unit/gui/fake-reader.h"

static struct fake_reader_stats stats;

static int open_fake(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	*ret = fake_reader_new(1000, &stats);
	return *ret ? 0 : -1;
}

static void set(gpointer done)
{
	*(gboolean *)done = TRUE;
}

static void on_open(GObject *source, GAsyncResult *result, gpointer done)
{
	assert_true(source_open_finish(SPOOR_SOURCE(source), result, NULL));
	set(done);
}

static void wait_until(const gboolean *done)
{
	while (!*done)
		g_main_context_iteration(NULL, TRUE);
}

static void cells_arrive_once_and_stay(void **state)
{
	g_autoptr(Source) source = source_new_with("x.db", NULL, open_fake);
	const struct field *const fields[] = { field_find(SPAN("user.id")), field_find(SPAN("file.path")) };
	const gint64 ids[] = { 5, 7 };
	g_autoptr(EventCells) cells = NULL;
	gboolean done = FALSE;
	guint before;

	source_open_async(source, NULL, on_open, &done);
	wait_until(&done);
	cells = event_cells_new(source);
	g_signal_connect_swapped(cells, "arrived", G_CALLBACK(set), &done);
	event_cells_set_fields(cells, fields, 2);
	assert_null(event_cells_get(cells, 5, 0).p);
	done = FALSE;
	before = stats.cells;
	event_cells_want(cells, ids, 2);
	event_cells_want(cells, ids, 2); /* on their way: not asked again */
	wait_until(&done);
	assert_true(span_eq(event_cells_get(cells, 5, 0), SPAN("5/user.id")));
	assert_true(span_eq(event_cells_get(cells, 7, 1), SPAN("7/file.path")));
	assert_null(event_cells_get(cells, 6, 1).p);
	assert_null(event_cells_get(cells, 7, 2).p);
	event_cells_want(cells, ids, 2); /* there */
	assert_int_equal(stats.cells, before + 1);
	event_cells_set_fields(cells, fields, 1);
	assert_null(event_cells_get(cells, 7, 0).p);
}

/* Rules beside fields; one call at a time, which is not given up for what it brings. */
static void rules_are_asked_beside_fields(void **state)
{
	g_autoptr(Source) source = source_new_with("x.db", NULL, open_fake);
	const struct field *const fields[] = { field_find(SPAN("user.id")) };
	const struct span rules[] = { SPAN("user.id == 0"), SPAN("user.id == 1") };
	const gint64 ids[] = { 6, 9 }, more[] = { 9, 10 }, other[] = { 20 };
	g_autoptr(EventCells) cells = NULL;
	gboolean done = FALSE;
	guint before;

	source_open_async(source, NULL, on_open, &done);
	wait_until(&done);
	cells = event_cells_new(source);
	g_signal_connect_swapped(cells, "arrived", G_CALLBACK(set), &done);
	assert_false(event_cells_is_needed(cells));
	event_cells_set_rules(cells, rules, 2);
	assert_true(event_cells_is_needed(cells));
	before = stats.cells;
	done = FALSE;
	event_cells_want(cells, ids, 2);
	wait_until(&done);
	assert_int_equal(stats.cells, before + 2); /* each rule was prepared by itself */
	assert_false(event_cells_has(cells, 6));
	before = stats.cells;
	done = FALSE;
	event_cells_want(cells, ids, 2);
	event_cells_want(cells, more, 2); /* 9 is on its way */
	wait_until(&done);
	assert_int_equal(stats.cells, before + 1);
	assert_int_equal(event_cells_fulfilled(cells, 6), 3); /* by 2 and by 3 */
	assert_int_equal(event_cells_fulfilled(cells, 9), 2);
	assert_false(event_cells_has(cells, 10));
	assert_int_equal(event_cells_fulfilled(cells, 10), 0);
	event_cells_want(cells, more, 2);
	done = FALSE;
	event_cells_want(cells, other, 1); /* instead */
	wait_until(&done);
	assert_true(event_cells_has(cells, 20));
	assert_false(event_cells_has(cells, 10));
	event_cells_set_fields(cells, fields, 1);
	assert_false(event_cells_has(cells, 20));
	done = FALSE;
	event_cells_want(cells, other, 1);
	wait_until(&done);
	assert_true(span_eq(event_cells_get(cells, 20, 0), SPAN("20/user.id")));
	assert_int_equal(event_cells_fulfilled(cells, 20), 1);
}

static int (*answer)(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret);

static int fail_first(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret)
{
	for (size_t i = 0; i < wish->n_rules; i++)
		if (span_eq(wish->rules[i], SPAN("user.id == 7")))
			return -ERANGE;
	return answer(r, c, wish, ret);
}

static int open_failing(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                        struct reader **ret, char **ret_error)
{
	static struct reader_ops ops;

	*ret = fake_reader_new(10, &stats);
	ops = *(*ret)->ops;
	answer = ops.cells;
	ops.cells = fail_first;
	(*ret)->ops = &ops;
	return 0;
}

static void a_rule_that_fails_is_told_and_the_others_stay(void **state)
{
	g_autoptr(Source) source = source_new_with("x.db", NULL, open_failing);
	const struct span rules[] = { SPAN("user.id == 7"), SPAN("user.id == 1") };
	const gint64 id = 9;
	g_autoptr(EventCells) cells = NULL;
	gboolean done = FALSE, failed = FALSE;

	source_open_async(source, NULL, on_open, &done);
	wait_until(&done);
	cells = event_cells_new(source);
	event_cells_set_rules(cells, rules, 2);
	g_signal_connect_swapped(cells, "failed", G_CALLBACK(set), &failed);
	g_signal_connect_swapped(cells, "arrived", G_CALLBACK(set), &done);
	done = FALSE;
	event_cells_want(cells, &id, 1);
	wait_until(&done);
	assert_true(failed);
	done = FALSE;
	event_cells_want(cells, &id, 1);
	wait_until(&done);
	assert_int_equal(event_cells_fulfilled(cells, 9), 2);
}

/* Columns do not wait for them. */
static void fields_come_while_rules_are_prepared(void **state)
{
	g_autoptr(Source) source = source_new_with("x.db", NULL, open_fake);
	const struct field *const fields[] = { field_find(SPAN("user.id")) };
	const struct span rules[] = { SPAN("user.id == 0"), SPAN("user.id == 1"), SPAN("user.id == 2") };
	const gint64 id = 6;
	g_autoptr(EventCells) cells = NULL;
	gboolean done = FALSE;

	source_open_async(source, NULL, on_open, &done);
	wait_until(&done);
	cells = event_cells_new(source);
	event_cells_set_fields(cells, fields, 1);
	event_cells_set_rules(cells, rules, 3);
	g_signal_connect_swapped(cells, "arrived", G_CALLBACK(set), &done);
	done = FALSE;
	event_cells_want(cells, &id, 1);
	wait_until(&done);
	assert_true(span_eq(event_cells_get(cells, 6, 0), SPAN("6/user.id")));
	assert_int_equal(event_cells_fulfilled(cells, 6), 0);
	done = FALSE;
	wait_until(&done); /* prepared: all is asked for again */
	assert_false(event_cells_has(cells, 6));
	done = FALSE;
	event_cells_want(cells, &id, 1);
	wait_until(&done);
	assert_int_equal(event_cells_fulfilled(cells, 6), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_arrive_once_and_stay),
		cmocka_unit_test(rules_are_asked_beside_fields),
		cmocka_unit_test(a_rule_that_fails_is_told_and_the_others_stay),
		cmocka_unit_test(fields_come_while_rules_are_prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
