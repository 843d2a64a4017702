#include "tests/unit/test.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_arrive_once_and_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
