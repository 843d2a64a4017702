/* Recent and saved filters: what is kept, in which order, and what is refused. */
#include "tests/unit/test.h"

#include <glib.h>
#include <glib/gstdio.h>

#include "gui/filters.h"

static char *folder, *path;

static const char *at(GArray *list, guint i)
{
	assert_true(i < list->len);
	return g_array_index(list, struct filters_item, i).expression;
}

/* Written on a thread. */
static GArray *recent_begins_with(const char *expression)
{
	for (;;) {
		GArray *list = filters_recent();

		if (list->len && g_str_equal(at(list, 0), expression))
			return list;
		g_array_unref(list);
		g_usleep(2000);
	}
}

static void test_recent(void **state)
{
	g_autoptr(GArray) none = filters_recent(), list = NULL, more = NULL;
	g_autofree char *long_one = g_strnfill(FILTERS_LENGTH_MOST + 1, 'x');

	assert_int_equal(none->len, 0);
	filters_remember("process.name == \"a;b\\\\c\"");
	filters_remember("");
	filters_remember(long_one);
	filters_remember("user.id == 0");
	filters_remember("process.pid == 1");
	filters_remember("user.id == 0");
	filters_remember("file.path exists");
	list = recent_begins_with("file.path exists");
	assert_int_equal(list->len, 4);
	assert_string_equal(at(list, 1), "user.id == 0");
	assert_string_equal(at(list, 2), "process.pid == 1");
	assert_string_equal(at(list, 3), "process.name == \"a;b\\\\c\"");
	for (int i = 0; i < FILTERS_RECENT_MOST + 5; i++) {
		g_autofree char *text = g_strdup_printf("process.pid == %d", i);

		filters_remember(text);
	}
	more = recent_begins_with("process.pid == 34");
	assert_int_equal(more->len, FILTERS_RECENT_MOST);
}

static void test_saved(void **state)
{
	g_autofree char *error = NULL, *same = NULL, *long_name = g_strnfill(FILTERS_NAME_MOST + 1, 'n');
	g_autoptr(GArray) list = NULL, left = NULL, latest = NULL;

	assert_true(filters_save("  web shells ", "process.parent.name == \"nginx\"", &error));
	assert_true(filters_save("A [name]=\nof two lines", "user.id == 0", &error));
	assert_true(filters_save("web shells", "process.parent.name == \"apache2\"", &error));
	list = filters_saved();
	assert_int_equal(list->len, 2);
	assert_string_equal(g_array_index(list, struct filters_item, 1).name, "web shells");
	assert_string_equal(at(list, 1), "process.parent.name == \"apache2\"");
	assert_false(filters_save(" ", "user.id == 0", &same));
	g_clear_pointer(&same, g_free);
	assert_false(filters_save(long_name, "user.id == 0", &same));
	g_clear_pointer(&same, g_free);
	assert_false(filters_save("empty", "", &same));
	g_clear_pointer(&same, g_free);
	assert_false(filters_rename("web shells", "A [name]=\nof two lines", &same));
	assert_non_null(strstr(same, "that name"));
	assert_true(filters_rename("web shells", "shells", &error));
	assert_true(filters_delete("shells", &error));
	assert_true(filters_delete("shells", &error));
	left = filters_saved();
	assert_int_equal(left->len, 1);
	latest = filters_recent();
	assert_string_equal(at(latest, 0), "process.parent.name == \"apache2\"");
}

static void test_damaged(void **state)
{
	g_autofree char *error = NULL;
	g_autoptr(GArray) list = NULL;

	assert_true(g_file_set_contents(path, "\xff\xfe[[[ not a key file", -1, NULL));
	list = filters_saved();
	assert_int_equal(list->len, 0);
	assert_true(filters_save("again", "user.id == 0", &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recent), cmocka_unit_test(test_saved), cmocka_unit_test(test_damaged),
	};
	g_autofree char *inner = NULL;
	int failed;

	folder = g_dir_make_tmp("test-filters-XXXXXX", NULL);
	g_setenv("XDG_CONFIG_HOME", folder, TRUE);
	inner = g_build_filename(folder, "spoor", NULL);
	path = g_build_filename(inner, "filters", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_unlink(path);
	g_rmdir(inner);
	g_rmdir(folder);
	g_free(folder);
	g_free(path);
	return failed;
}
