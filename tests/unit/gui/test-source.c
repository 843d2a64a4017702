#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gui/source.h"
#include "tests/unit/gui/fake-reader.h"

static struct fake_reader_stats stats;
static atomic_int opened;

static int open_fake(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	struct timespec pause = { 0, 1000000 };

	progress(0.5, data);
	if (strstr(path, "slow"))
		while (!atomic_load(&cancel->requested))
			nanosleep(&pause, NULL);
	if (atomic_load(&cancel->requested))
		return -ECANCELED;
	if (strstr(path, "bad")) {
		*ret_error = strdup("/bad.db: cannot open: it is not a recording");
		return -EBADMSG;
	}
	if (opened++ && strstr(path, "once"))
		return -EMFILE;
	*ret = fake_reader_new(opened > 1 && strstr(path, "swapped") ? 500 : 1000, &stats);
	return 0;
}

/* Keeps the answer of one call for the test to look at. */
static void keep(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

static void wait_for(GAsyncResult **result)
{
	while (!*result)
		g_main_context_iteration(NULL, TRUE);
}

static gboolean open_now(Source *s, GCancellable *c, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	source_open_async(s, c, keep, &result);
	wait_for(&result);
	return source_open_finish(s, result, error);
}

static void on_progress(Source *s, double fraction, gpointer data)
{
	*(double *)data = fraction;
}

static void test_opens_and_tells(void **state)
{
	g_autoptr(Source) s = source_new_with("/data/web-03_2026_11_20T09.14.02.113Z.db", NULL, open_fake);
	g_autoptr(GError) error = NULL;
	double fraction = 0;

	g_signal_connect(s, "progress", G_CALLBACK(on_progress), &fraction);
	assert_null(source_get_info(s));
	assert_true(open_now(s, NULL, &error));
	assert_string_equal(source_get_name(s), "web-03_2026_11_20T09.14.02.113Z");
	assert_int_equal(source_get_info(s)->events, 1000);
	assert_true(fraction > 0.4);
}

static void test_error_is_the_openers_line(void **state)
{
	g_autoptr(Source) s = source_new_with("/bad.db", NULL, open_fake);
	g_autoptr(GError) error = NULL;

	assert_false(open_now(s, NULL, &error));
	assert_string_equal(error->message, "/bad.db: cannot open: it is not a recording");
	assert_null(source_get_info(s));
}

static gboolean cancel_late(gpointer c)
{
	g_cancellable_cancel(c);
	return G_SOURCE_REMOVE;
}

static void test_opening_is_cancelled(void **state)
{
	g_autoptr(Source) s = source_new_with("/slow.db", NULL, open_fake);
	g_autoptr(GCancellable) c = g_cancellable_new();
	g_autoptr(GError) error = NULL;

	g_timeout_add(20, cancel_late, c);
	assert_false(open_now(s, c, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void test_calls_before_opening_fail(void **state)
{
	g_autoptr(Source) s = source_new_with("/bad.db", NULL, open_fake);
	g_autoptr(GError) error = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;

	source_count_async(s, &q, 0, NULL, keep, &result);
	wait_for(&result);
	assert_false(source_count_finish(s, result, &count, &error));
}

static void test_wrong_expression(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake);
	g_autoptr(GError) error = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	struct source_query q = { "process.pid ==", READER_ALL_TIME };
	struct reader_count count;

	assert_true(open_now(s, NULL, &error));
	source_count_async(s, &q, 0, NULL, keep, &result);
	wait_for(&result);
	assert_false(source_count_finish(s, result, &count, &error));
	assert_non_null(error);
}

static void count_lost(Source *s, gpointer data)
{
	(*(int *)data)++;
}

static void test_who_answers_is_gone(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake);
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;
	int told = 0;

	g_signal_connect(s, "lost", G_CALLBACK(count_lost), &told);
	assert_true(open_now(s, NULL, NULL));
	assert_null(source_get_lost(s));
	atomic_store(&stats.lost, 1);
	for (int i = 0; i < 3; i++) {
		g_autoptr(GAsyncResult) result = NULL;

		source_count_async(s, &q, 0, NULL, keep, &result);
		wait_for(&result);
		assert_false(source_count_finish(s, result, &count, NULL));
	}
	while (!told)
		g_main_context_iteration(NULL, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	atomic_store(&stats.lost, 0);
	assert_int_equal(told, 1);
	assert_non_null(source_get_lost(s));
}

static void test_an_error_is_no_loss(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake);
	g_autoptr(GAsyncResult) result = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;

	assert_true(open_now(s, NULL, NULL));
	atomic_store(&stats.fail, 1);
	source_count_async(s, &q, 0, NULL, keep, &result);
	wait_for(&result);
	atomic_store(&stats.fail, 0);
	assert_false(source_count_finish(s, result, &count, NULL));
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_null(source_get_lost(s));
}

/* A count that lasts is run beside: what a person waits for has a reader of its own. */
static void test_page_does_not_wait_for_counts(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake);
	g_autoptr(GAsyncResult) first = NULL, second = NULL, page = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;
	struct reader_page rows;

	assert_true(open_now(s, NULL, NULL));
	atomic_store(&stats.hold_counts, 1);
	source_count_async(s, &q, 0, NULL, keep, &first);
	source_count_async(s, &q, 0, NULL, keep, &second);
	source_page_async(s, &q, (struct reader_place){ READER_OLDEST_FIRST, 0, 0 }, 10, NULL, keep, &page);
	wait_for(&page);
	assert_null(first);
	atomic_store(&stats.hold_counts, 0);
	assert_true(source_page_finish(s, page, &rows, NULL));
	assert_int_equal(rows.n, 10);
	reader_page_free(&rows);
	wait_for(&second);
	assert_non_null(first);
	assert_true(source_count_finish(s, first, &count, NULL));
	reader_count_free(&count);
	assert_true(source_count_finish(s, second, &count, NULL));
	reader_count_free(&count);
}

static guint64 count_all(Source *s)
{
	g_autoptr(GAsyncResult) result = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;
	guint64 total;

	source_count_async(s, &q, 0, NULL, keep, &result);
	wait_for(&result);
	assert_true(source_count_finish(s, result, &count, NULL));
	total = count.total;
	reader_count_free(&count);
	return total;
}

/* The second opening fails, or finds another recording in that place: the first one answers all. */
static void test_the_first_answers_where_no_second_can(void **state)
{
	static const char *const paths[] = { "/once.db", "/swapped.db" };

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(Source) s = source_new_with(paths[i], NULL, open_fake);

		opened = 0;
		assert_true(open_now(s, NULL, NULL));
		assert_int_equal(count_all(s), 1000);
		assert_int_equal(count_all(s), 1000);
		assert_int_equal(opened, 2);
	}
}

/* A twin is for what takes long: it answers with one reader, while counts of the other last. */
static void test_a_twin_is_one_reader(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake), twin = NULL;
	g_autoptr(GAsyncResult) counting = NULL, bins = NULL;
	struct source_query q = { NULL, READER_ALL_TIME }, hour = { NULL, { 0, 3600000 } };
	struct reader_count count;
	struct reader_histogram h;
	guint before;

	assert_true(open_now(s, NULL, NULL));
	atomic_store(&stats.hold_counts, 1);
	before = atomic_load(&stats.counts);
	source_count_async(s, &q, 0, NULL, keep, &counting);
	while (atomic_load(&stats.counts) == before)
		g_usleep(1000);
	opened = 0;
	twin = source_new_twin(s);
	assert_true(open_now(twin, NULL, NULL));
	source_histogram_async(twin, &hour, 10, NULL, keep, &bins);
	wait_for(&bins);
	assert_null(counting);
	assert_true(source_histogram_finish(twin, bins, &h, NULL));
	reader_histogram_free(&h);
	atomic_store(&stats.hold_counts, 0);
	wait_for(&counting);
	assert_true(source_count_finish(s, counting, &count, NULL));
	reader_count_free(&count);
	assert_int_equal(opened, 1);
}

static void test_running_call_is_cancelled(void **state)
{
	g_autoptr(Source) s = source_new_with("/a.db", NULL, open_fake);
	g_autoptr(GCancellable) c = g_cancellable_new();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };
	struct reader_count count;

	assert_true(open_now(s, NULL, NULL));
	atomic_store(&stats.hold_counts, 1);
	source_count_async(s, &q, 0, c, keep, &result);
	g_timeout_add(20, cancel_late, c);
	wait_for(&result);
	atomic_store(&stats.hold_counts, 0);
	assert_false(source_count_finish(s, result, &count, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_and_tells),
		cmocka_unit_test(test_error_is_the_openers_line),
		cmocka_unit_test(test_opening_is_cancelled),
		cmocka_unit_test(test_calls_before_opening_fail),
		cmocka_unit_test(test_wrong_expression),
		cmocka_unit_test(test_who_answers_is_gone),
		cmocka_unit_test(test_an_error_is_no_loss),
		cmocka_unit_test(test_page_does_not_wait_for_counts),
		cmocka_unit_test(test_the_first_answers_where_no_second_can),
		cmocka_unit_test(test_a_twin_is_one_reader),
		cmocka_unit_test(test_running_call_is_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
