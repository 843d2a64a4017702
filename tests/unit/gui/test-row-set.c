/* Selected rows as ranges: joined, cut, found; never more ranges than there is room for. */
#include "tests/unit/test.h"

#include <glib.h>

#include "gui/row-set.h"

static void assert_ranges(const struct row_set *s, const char *words)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < row_set_n_ranges(s); i++)
		g_string_append_printf(out, "%s%d-%d", i ? " " : "", (int)row_set_range(s, i).from, (int)row_set_range(s, i).to);
	assert_string_equal(out->str, words);
}

static void test_joins_and_cuts(void **state)
{
	AUTO_ROW_SET *s = row_set_new();

	row_set_add(s, 10, 20);
	row_set_add(s, 30, 40);
	row_set_add(s, 5, 5);
	assert_ranges(s, "10-20 30-40");
	row_set_add(s, 20, 21); /* beside */
	row_set_add(s, 9, 10);
	assert_ranges(s, "9-21 30-40");
	row_set_add(s, 50, 60);
	row_set_add(s, 15, 55);
	assert_ranges(s, "9-60");
	row_set_remove(s, 20, 30);
	assert_ranges(s, "9-20 30-60");
	row_set_remove(s, 9, 10);
	row_set_remove(s, 59, 100);
	assert_ranges(s, "10-20 30-59");
	row_set_remove(s, 15, 35);
	assert_ranges(s, "10-15 35-59");
	row_set_remove(s, 15, 35);
	row_set_remove(s, 0, 10);
	assert_ranges(s, "10-15 35-59");
	row_set_add(s, 0, 1);
	row_set_remove(s, 0, G_MAXUINT64);
	assert_ranges(s, "");
}

static void test_what_is_in_it(void **state)
{
	AUTO_ROW_SET *s = row_set_new(), *copy = NULL;

	assert_int_equal(row_set_nearest(s, 7), G_MAXUINT64);
	row_set_add(s, 10, 13);
	row_set_add(s, 20, 21);
	row_set_add(s, 5000000, 5000010);
	assert_int_equal(row_set_count(s), 14);
	assert_false(row_set_has(s, 9));
	assert_true(row_set_has(s, 10));
	assert_true(row_set_has(s, 12));
	assert_false(row_set_has(s, 13));
	assert_true(row_set_has(s, 20));
	assert_false(row_set_has(s, G_MAXUINT64));
	assert_int_equal(row_set_nth(s, 0), 10);
	assert_int_equal(row_set_nth(s, 3), 20);
	assert_int_equal(row_set_nth(s, 4), 5000000);
	assert_int_equal(row_set_nth(s, 14), G_MAXUINT64);
	assert_int_equal(row_set_nearest(s, 0), 10);
	assert_int_equal(row_set_nearest(s, 11), 11);
	assert_int_equal(row_set_nearest(s, 13), 12);
	assert_int_equal(row_set_nearest(s, 18), 20);
	assert_int_equal(row_set_nearest(s, 9000000), 5000009);
	copy = row_set_copy(s);
	row_set_clear(s);
	assert_int_equal(row_set_count(copy), 14);
}

/* Against a plain array, with many random changes. */
static void test_like_an_array(void **state)
{
	enum { N = 300 };
	g_autoptr(GRand) random = g_rand_new_with_seed(3);
	AUTO_ROW_SET *s = row_set_new();
	gboolean plain[N] = { FALSE };

	for (int k = 0; k < 5000; k++) {
		guint64 from = (guint64)g_rand_int_range(random, 0, N);
		guint64 wide = (guint64)g_rand_int_range(random, 0, 9), to = MIN(N, from + wide);
		gboolean add = g_rand_boolean(random);
		guint64 n = 0;

		assert_true(add ? row_set_add(s, from, to) : row_set_remove(s, from, to));
		for (guint64 i = from; i < to; i++)
			plain[i] = add;
		for (guint64 i = 0; i < N; i++) {
			assert_int_equal(row_set_has(s, i), plain[i]);
			n += plain[i];
		}
		assert_int_equal(row_set_count(s), n);
	}
}

static void test_there_is_an_end(void **state)
{
	AUTO_ROW_SET *s = row_set_new();

	for (guint64 i = 0; i < ROW_SET_MOST; i++)
		assert_true(row_set_add(s, i * 10, i * 10 + 5));
	assert_false(row_set_add(s, 7, 8));
	assert_true(row_set_add(s, 5, 6));      /* joins one */
	assert_false(row_set_remove(s, 12, 13)); /* would be two */
	assert_true(row_set_remove(s, 10, 12));
	assert_int_equal(row_set_n_ranges(s), ROW_SET_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joins_and_cuts),
		cmocka_unit_test(test_what_is_in_it),
		cmocka_unit_test(test_like_an_array),
		cmocka_unit_test(test_there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
