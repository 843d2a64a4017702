#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gui/event-model.h"
#include "tests/unit/gui/fake-reader.h"

static struct fake_reader_stats stats;
static uint64_t n_rows;

static int open_fake(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	*ret = fake_reader_new(n_rows, &stats);
	return 0;
}

static void on_open(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;

	assert_true(source_open_finish(SPOOR_SOURCE(source), result, &error));
	*(gboolean *)data = TRUE;
}

static Source *open_source(uint64_t rows)
{
	Source *s = source_new_with("/fake.db", NULL, open_fake);
	gboolean done = FALSE;

	memset(&stats, 0, sizeof(stats));
	n_rows = rows;
	source_open_async(s, NULL, on_open, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
	return s;
}

static void settle(EventModel *m)
{
	while (!event_model_is_complete(m))
		g_main_context_iteration(NULL, TRUE);
}

static const struct reader_row *row(EventModel *m, guint64 i)
{
	const struct reader_row *r;

	event_model_want(m, i, 30);
	while (!(r = event_model_get_row(m, i)))
		g_main_context_iteration(NULL, TRUE);
	return r;
}

static gint64 time_of(guint64 i)
{
	return FAKE_READER_START + 250 * (gint64)i;
}

static void test_any_row_of_five_million_either_way(void **state)
{
	static const guint64 places[] = { 0, 1, 199, 200, 201, 4999, 5000, 2500000, 4999800, 4999999 };
	g_autoptr(Source) s = open_source(5000000);
	g_autoptr(EventModel) m = event_model_new(s);

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	assert_int_equal(event_model_get_n_rows(m), 5000000);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		assert_int_equal(row(m, places[i])->time_ms, time_of(4999999 - places[i]));
	event_model_set_order(m, READER_OLDEST_FIRST);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		assert_int_equal(row(m, places[i])->time_ms, time_of(places[i]));
	assert_null(event_model_get_row(m, 5000000));
}

static void test_first_rows_come_before_the_count(void **state)
{
	g_autoptr(Source) s = open_source(1000000);
	g_autoptr(EventModel) m = event_model_new(s);

	atomic_store(&stats.hold_counts, 1);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	while (!event_model_get_n_rows(m))
		g_main_context_iteration(NULL, TRUE);
	assert_null(event_model_get_count(m));
	assert_int_equal(event_model_get_n_rows(m), EVENT_MODEL_PAGE);
	assert_int_equal(event_model_get_row(m, 0)->time_ms, time_of(999999));
	atomic_store(&stats.hold_counts, 0);
	settle(m);
	assert_int_equal(event_model_get_count(m)->total, 1000000);
}

static void test_scrolls_on_while_counting(void **state)
{
	g_autoptr(Source) s = open_source(1000000);
	g_autoptr(EventModel) m = event_model_new(s);
	guint64 n;

	event_model_set_query(m, NULL, READER_ALL_TIME);
	while (!(n = event_model_get_n_rows(m)))
		g_main_context_iteration(NULL, TRUE);
	if (!event_model_get_count(m)) {
		event_model_want(m, n - 20, 40);
		while (event_model_get_n_rows(m) == n)
			g_main_context_iteration(NULL, TRUE);
	}
	settle(m);
	for (guint64 i = 0; i < 450; i += 50)
		assert_int_equal(row(m, i)->time_ms, time_of(999999 - i));
}

static void test_newer_question_wins(void **state)
{
	g_autoptr(Source) s = open_source(1000000);
	g_autoptr(EventModel) m = event_model_new(s);

	atomic_store(&stats.hold_counts, 1);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	while (!atomic_load(&stats.counts))
		g_main_context_iteration(NULL, FALSE);
	event_model_set_query(m, "process.pid == 1", READER_ALL_TIME);
	atomic_store(&stats.hold_counts, 0);
	settle(m);
	assert_int_equal(event_model_get_n_rows(m), 100000);
	assert_int_equal(atomic_load(&stats.cancelled), 1);
	assert_int_equal(row(m, 99999)->time_ms, time_of(0));
}

static void test_memory_is_bounded(void **state)
{
	g_autoptr(Source) s = open_source(5000000);
	g_autoptr(EventModel) m = event_model_new(s);
	guint here = 0;

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	for (guint64 i = 0; i < 300; i++)
		row(m, 5000 + i * 10000);
	for (guint64 i = 0; i < 5000000; i += EVENT_MODEL_PAGE)
		here += event_model_get_row(m, i) != NULL;
	assert_true(here <= EVENT_MODEL_CACHE + EVENT_MODEL_HEAD);
}

static void test_wishes_elsewhere_are_dropped(void **state)
{
	g_autoptr(Source) s = open_source(5000000);
	g_autoptr(EventModel) m = event_model_new(s);
	guint before;

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	before = atomic_load(&stats.pages);
	/* A scroll bar dragged across the whole list, without the main loop between. */
	for (guint64 i = 0; i < 2000; i++)
		event_model_want(m, i * 2500, 40);
	row(m, 4000000);
	assert_true(atomic_load(&stats.pages) - before < 1000);
}

static void test_empty_and_range(void **state)
{
	g_autoptr(Source) s = open_source(1000);
	g_autoptr(EventModel) m = event_model_new(s);

	event_model_set_query(m, NULL, (struct reader_range){ time_of(2000), time_of(3000) });
	settle(m);
	assert_int_equal(event_model_get_n_rows(m), 0);
	assert_null(event_model_get_row(m, 0));
	event_model_want(m, 0, 10);
	event_model_set_query(m, NULL, (struct reader_range){ time_of(10), time_of(20) });
	settle(m);
	assert_int_equal(event_model_get_n_rows(m), 10);
	assert_int_equal(row(m, 0)->time_ms, time_of(19));
}

static void on_failed(EventModel *m, const char *message, gpointer data)
{
	assert_true(*message != '\0');
	*(gboolean *)data = TRUE;
}

static void test_failure_is_told_once_and_survived(void **state)
{
	g_autoptr(Source) s = open_source(1000);
	g_autoptr(EventModel) m = event_model_new(s);
	gboolean failed = FALSE;

	g_signal_connect(m, "failed", G_CALLBACK(on_failed), &failed);
	atomic_store(&stats.fail, 1);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	assert_true(failed);
	assert_non_null(event_model_get_error(m));
	assert_int_equal(event_model_get_n_rows(m), 0);
	atomic_store(&stats.fail, 0);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	assert_null(event_model_get_error(m));
	settle(m);
	assert_int_equal(event_model_get_n_rows(m), 1000);
}

static void test_find(void **state)
{
	g_autoptr(Source) s = open_source(5000);
	g_autoptr(EventModel) m = event_model_new(s);
	gint64 id;

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	id = row(m, 1234)->id;
	assert_int_equal(event_model_find(m, id), 1234);
	event_model_set_order(m, READER_OLDEST_FIRST);
	assert_int_equal(event_model_find(m, id), 4999 - 1234);
	assert_true(event_model_find(m, -5) == G_MAXUINT64);
}

static void test_row_after(void **state)
{
	g_autoptr(Source) s = open_source(5000);
	g_autoptr(EventModel) m = event_model_new(s);

	assert_true(event_model_row_after(m, 0) == G_MAXUINT64);
	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	assert_int_equal(event_model_row_after(m, 1234), 4999 - 1234);
	assert_int_equal(event_model_row_after(m, 5000), 0);
	event_model_set_order(m, READER_OLDEST_FIRST);
	assert_int_equal(event_model_row_after(m, 1234), 1234);
	assert_int_equal(event_model_row_after(m, 5000), 4999);
}

/* ---- following ---- */

static void until_rows(EventModel *m, guint64 n)
{
	while (event_model_get_n_rows(m) != n)
		g_main_context_iteration(NULL, TRUE);
}

static void test_new_rows_join_at_the_newest_end(void **state)
{
	g_autoptr(Source) s = open_source(450);
	g_autoptr(EventModel) m = event_model_new(s);
	gint64 id;

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	assert_int_equal(row(m, 0)->time_ms, time_of(449));
	event_model_follow(m, TRUE);
	stats.grown = 3;
	until_rows(m, 453);
	assert_int_equal(event_model_get_row(m, 0)->time_ms, time_of(452)); /* there at once, not a placeholder */
	assert_int_equal(row(m, 3)->time_ms, time_of(449));
	assert_int_equal(row(m, 452)->time_ms, time_of(0));
	assert_int_equal(event_model_get_count(m)->total, 453);
	assert_int_equal(event_model_get_count(m)->events, 453);
	stats.grown = 1000; /* more than an answer has */
	until_rows(m, 1450);
	id = event_model_get_row(m, 700)->id;
	assert_int_equal(event_model_find(m, id), 700);
	assert_int_equal(event_model_find(m, row(m, 1001)->id), 1001);
	event_model_set_order(m, READER_OLDEST_FIRST);
	assert_int_equal(event_model_get_row(m, 1449)->time_ms, time_of(1449));
	assert_int_equal(row(m, 449)->time_ms, time_of(449));
	assert_int_equal(event_model_find(m, id), 749);
	event_model_follow(m, FALSE);
}

static void test_held_rows_wait(void **state)
{
	g_autoptr(Source) s = open_source(0);
	g_autoptr(EventModel) m = event_model_new(s);

	event_model_set_query(m, NULL, READER_ALL_TIME);
	settle(m);
	event_model_follow(m, TRUE);
	event_model_hold(m, TRUE);
	stats.grown = 7;
	while (event_model_get_waiting(m) < 7)
		g_main_context_iteration(NULL, TRUE);
	assert_int_equal(event_model_get_n_rows(m), 0);
	assert_null(event_model_get_row(m, 0));
	event_model_hold(m, FALSE);
	assert_int_equal(event_model_get_n_rows(m), 7);
	assert_int_equal(event_model_get_waiting(m), 0);
	assert_int_equal(event_model_get_row(m, 0)->time_ms, time_of(6));
	event_model_hold(m, TRUE);
	stats.grown = 9;
	while (event_model_get_waiting(m) < 2)
		g_main_context_iteration(NULL, TRUE);
	event_model_set_query(m, NULL, READER_ALL_TIME); /* they come with the answer */
	assert_int_equal(event_model_get_waiting(m), 0);
	until_rows(m, 9);
	event_model_follow(m, FALSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_row_of_five_million_either_way),
		cmocka_unit_test(test_first_rows_come_before_the_count),
		cmocka_unit_test(test_scrolls_on_while_counting),
		cmocka_unit_test(test_newer_question_wins),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_wishes_elsewhere_are_dropped),
		cmocka_unit_test(test_empty_and_range),
		cmocka_unit_test(test_failure_is_told_once_and_survived),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_row_after),
		cmocka_unit_test(test_new_rows_join_at_the_newest_end),
		cmocka_unit_test(test_held_rows_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
