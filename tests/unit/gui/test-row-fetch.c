/* Rows of a selection, from memory or from the reader, in the order shown. */
#include "tests/unit/test.h"

#include "gui/row-fetch.h"
#include "tests/unit/gui/fake-reader.h"

static struct fake_reader_stats stats;

static int open_fake(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	*ret = fake_reader_new(1000000, &stats);
	return 0;
}

static void on_open(GObject *source, GAsyncResult *result, gpointer done)
{
	assert_true(source_open_finish(SPOOR_SOURCE(source), result, NULL));
	*(gboolean *)done = TRUE;
}

static EventModel *model_new(void)
{
	g_autoptr(Source) s = source_new_with("/fake.db", NULL, open_fake);
	gboolean done = FALSE;
	EventModel *m;

	source_open_async(s, NULL, on_open, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
	m = event_model_new(s);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	while (!event_model_get_count(m))
		g_main_context_iteration(NULL, TRUE);
	return m;
}

struct answer {
	GString *ids;
	gsize n;
	char *error;
	gboolean done, freed;
};

/* Row i of the fake, from the oldest, has id 1000 + 7 i. */
static void on_rows(const struct row_fetched *f, const char *error, gpointer data)
{
	struct answer *a = data;

	a->done = TRUE;
	a->error = g_strdup(error);
	a->n = f ? f->n : 0;
	for (gsize i = 0; i < a->n && i < 8; i++)
		g_string_append_printf(a->ids, "%s%d", i ? " " : "", (int)((f->rows[i]->id - 1000) / 7));
	for (gsize i = 0; i < a->n && f->n_fields; i++) {
		g_autofree char *cell = g_strdup_printf("%d/user.id", (int)f->rows[i]->id);

		assert_true(span_eq(row_fetched_cell(f, i, 0), span_of(cell)));
	}
}

static void on_free(gpointer data)
{
	((struct answer *)data)->freed = TRUE;
}

static void fetch(EventModel *m, const struct row_set *which, gboolean cells, struct answer *a)
{
	const struct field *const fields[] = { field_find(SPAN("user.id")) };

	*a = (struct answer){ .ids = g_string_new(NULL) };
	row_fetch(m, which, fields, cells, NULL, on_rows, a, on_free);
	while (!a->freed)
		g_main_context_iteration(NULL, TRUE);
	assert_true(a->done);
}

static void forget(struct answer *a)
{
	g_string_free(a->ids, TRUE);
	g_free(a->error);
}

static void test_far_away_in_the_order_shown(void **state)
{
	g_autoptr(EventModel) m = model_new();
	AUTO_ROW_SET *which = row_set_new();
	struct answer a;

	row_set_add(which, 0, 2);
	row_set_add(which, 500199, 500202);
	row_set_add(which, 999999, 1000000);
	fetch(m, which, FALSE, &a);
	assert_null(a.error);
	assert_string_equal(a.ids->str, "999999 999998 499800 499799 499798 0");
	forget(&a);
	event_model_set_order(m, READER_OLDEST_FIRST);
	fetch(m, which, TRUE, &a);
	assert_string_equal(a.ids->str, "0 1 500199 500200 500201 999999");
	forget(&a);
}

static void test_more_than_one_page(void **state)
{
	g_autoptr(EventModel) m = model_new();
	AUTO_ROW_SET *which = row_set_new();
	struct answer a;

	row_set_add(which, 700, 3300);
	fetch(m, which, TRUE, &a);
	assert_int_equal(a.n, 2600);
	assert_true(g_str_has_prefix(a.ids->str, "999299 999298 "));
	forget(&a);
}

static void test_in_memory_at_once(void **state)
{
	g_autoptr(EventModel) m = model_new();
	AUTO_ROW_SET *which = row_set_new();
	struct answer a = { .ids = g_string_new(NULL) };
	guint pages = stats.pages;

	row_set_add(which, 3, 5);
	row_fetch(m, which, NULL, 0, NULL, on_rows, &a, on_free);
	assert_true(a.done && a.freed);
	assert_string_equal(a.ids->str, "999996 999995");
	assert_int_equal(stats.pages, pages);
	forget(&a);
}

static void test_another_question_meanwhile(void **state)
{
	g_autoptr(EventModel) m = model_new();
	AUTO_ROW_SET *which = row_set_new();
	struct answer a = { .ids = g_string_new(NULL) };

	row_set_add(which, 0, 2600);
	row_fetch(m, which, NULL, 0, NULL, on_rows, &a, on_free);
	event_model_set_query(m, "process.pid == 1", READER_ALL_TIME);
	while (!a.freed)
		g_main_context_iteration(NULL, TRUE);
	assert_non_null(a.error);
	forget(&a);
}

static void test_cancelled_tells_nothing(void **state)
{
	g_autoptr(EventModel) m = model_new();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	AUTO_ROW_SET *which = row_set_new();
	struct answer a = { .ids = g_string_new(NULL) };

	row_set_add(which, 0, 2600);
	row_fetch(m, which, NULL, 0, cancellable, on_rows, &a, on_free);
	g_cancellable_cancel(cancellable);
	while (!a.freed)
		g_main_context_iteration(NULL, TRUE);
	assert_false(a.done);
	forget(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_far_away_in_the_order_shown), cmocka_unit_test(test_more_than_one_page),
		cmocka_unit_test(test_in_memory_at_once),           cmocka_unit_test(test_another_question_meanwhile),
		cmocka_unit_test(test_cancelled_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
