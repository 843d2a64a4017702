/* The columns of a grid: their order, in settings and in exports. Needs a display, shows nothing. */
#include "tests/unit/test.h"

#include "gui/event-grid.h"

static EventGrid *grid_new(void)
{
	return EVENT_GRID(g_object_ref_sink(event_grid_new()));
}

static const struct field *field(const char *name)
{
	return field_find(span_of(name));
}

static void assert_order(EventGrid *grid, const char *fields)
{
	g_autofree char *now = event_grid_get_fields(grid);

	assert_string_equal(now, fields);
}

static void order_is_kept(void **state)
{
	g_autoptr(EventGrid) grid = grid_new(), other = grid_new();
	g_autofree char *first = event_grid_get_widths(grid), *kept = NULL, *again = NULL;

	assert_order(grid, "@timestamp,event.action,process.executable,process.pid,message,user.name,user.id");
	event_grid_move_column(grid, EVENT_COLUMN_USER, 0);
	event_grid_move_column(grid, EVENT_COLUMN_TIME, 99);
	event_grid_show_column(grid, EVENT_COLUMN_PID, FALSE);
	assert_order(grid, "user.name,user.id,event.action,process.executable,message,@timestamp");
	kept = event_grid_get_widths(grid);
	event_grid_set_widths(other, kept);
	again = event_grid_get_widths(other);
	assert_string_equal(again, kept);
	event_grid_reset_columns(grid);
	g_clear_pointer(&again, g_free);
	again = event_grid_get_widths(grid);
	assert_string_equal(again, first);
}

static void fields_have_places_too(void **state)
{
	g_autoptr(EventGrid) grid = grid_new();
	g_autofree char *kept = NULL;

	assert_true(event_grid_show_field(grid, field("process.hash.md5"), TRUE));
	assert_true(event_grid_show_field(grid, field("process.hash.sha256"), TRUE));
	assert_true(event_grid_show_field(grid, field("host.name"), TRUE));
	assert_false(event_grid_show_field(grid, field("host.name"), TRUE));
	event_grid_move_column(grid, EVENT_COLUMN_EXTRA + 1, 0);
	assert_ptr_equal(event_grid_extra(grid, event_grid_nth_column(grid, 0)), field("process.hash.sha256"));
	/* Those behind the one that goes are numbered anew, and stay where they are. */
	event_grid_show_field(grid, field("process.hash.md5"), FALSE);
	assert_ptr_equal(event_grid_extra(grid, event_grid_nth_column(grid, 0)), field("process.hash.sha256"));
	assert_ptr_equal(event_grid_extra(grid, EVENT_COLUMN_EXTRA), field("process.hash.sha256"));
	assert_ptr_equal(event_grid_extra(grid, event_grid_nth_column(grid, event_grid_n_columns(grid) - 1)),
	                 field("host.name"));
	kept = event_grid_get_widths(grid);
	assert_true(g_str_has_prefix(kept, "process.hash.sha256=160,time="));
}

/* By hand, of another version, or from before columns could be moved. */
static void what_is_kept_may_be_anything(void **state)
{
	g_autoptr(EventGrid) grid = grid_new();

	event_grid_set_widths(grid, "user=1,user=90,,no.such=5,-pid=70,=,what,host.name=200,host.name=300,time=999999");
	assert_order(grid, "user.name,user.id,@timestamp,event.action,process.executable,message");
	assert_ptr_equal(event_grid_extra(grid, event_grid_nth_column(grid, 2)), field("host.name"));
	event_grid_set_widths(grid, "time=196,event=148,process=136,pid=76,what=240,user=104");
	assert_order(grid, "@timestamp,event.action,process.executable,process.pid,message,user.name,user.id");
}

static void a_pane_has_its_own_default(void **state)
{
	g_autoptr(EventGrid) grid = grid_new();

	event_grid_set_default(grid, "what=240,-pid=76");
	assert_order(grid, "message,@timestamp,event.action,process.executable,user.name,user.id");
	event_grid_set_widths(grid, "time=100,pid=80");
	assert_order(grid, "@timestamp,process.pid,message,event.action,process.executable,user.name,user.id");
	event_grid_reset_columns(grid);
	assert_order(grid, "message,@timestamp,event.action,process.executable,user.name,user.id");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(fields_have_places_too),
		cmocka_unit_test(what_is_kept_may_be_anything),
		cmocka_unit_test(a_pane_has_its_own_default),
	};

	if (!gtk_init_check(&argc, &argv))
		return 77; /* no display: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
