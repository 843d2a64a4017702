/* The file that a session is kept in: whole or not at all, and never trusted. */
#include "tests/unit/test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "gui/session-store.h"

static char *folder;

static char *place(const char *name)
{
	return g_build_filename(folder, "state", "spoor", name, NULL);
}

static GVariant *parse(const char *text)
{
	GVariant *v = g_variant_parse(G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

	assert_non_null(v);
	return v;
}

static void kept_and_read(void **state)
{
	g_autofree char *path = place("session");
	g_autoptr(GVariant) back = NULL, windows = NULL;
	struct stat st;

	assert_null(session_store_load(path));
	assert_true(session_store_save(path, parse("{'clean': <true>, 'windows': <[{'width': <800>}]>}"), NULL));
	assert_true(session_store_save(path, parse("{'clean': <false>, 'windows': <[{'width': <900>}]>}"), NULL));
	back = session_store_load(path);
	assert_non_null(back);
	assert_false(session_store_clean(back));
	windows = session_store_windows(back);
	assert_int_equal(g_variant_n_children(windows), 1);
	assert_int_equal(g_stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void nothing_is_left_beside_it(void **state)
{
	g_autofree char *path = place("session"), *parent = g_path_get_dirname(path);
	g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);

	assert_string_equal(g_dir_read_name(dir), "session");
	assert_null(g_dir_read_name(dir));
}

static void a_failure_says_so_and_keeps_the_old(void **state)
{
	g_autofree char *path = place("folder"), *below = g_build_filename(path, "x", NULL);
	g_autoptr(GError) error = NULL;

	assert_int_equal(g_mkdir_with_parents(below, 0700), 0); /* a rename cannot replace it */
	assert_false(session_store_save(path, parse("{'clean': <true>}"), &error));
	assert_non_null(strstr(error->message, path));
	assert_true(g_file_test(below, G_FILE_TEST_IS_DIR));
	g_rmdir(below);
	g_rmdir(path);
}

static void damaged_is_none(void **state)
{
	static const char *const bad[] = { "", "{", "'text'", "[1, 2]", "{'clean': true", "@a{sv} {} {}", "{'windows': <" };
	g_autofree char *path = place("bad"), *deep = g_strnfill(100000, '[');
	g_autofree char *large = g_strdup_printf("{'a': <'%0*d'>}", 2000000, 1);

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		assert_true(g_file_set_contents(path, bad[i], -1, NULL));
		assert_null(session_store_load(path));
	}
	assert_true(g_file_set_contents(path, deep, -1, NULL));
	assert_null(session_store_load(path));
	assert_true(g_file_set_contents(path, large, -1, NULL));
	assert_null(session_store_load(path));
	assert_true(g_file_set_contents(path, "{'clean'\0: <true>}", 18, NULL));
	assert_null(session_store_load(path));
	g_unlink(path);
}

static void of_other_types_counts_as_absent(void **state)
{
	g_autoptr(GVariant) session = parse("{'clean': <'yes'>, 'windows': <3>, 'fresh': <{'a': 1}>}");
	g_autoptr(GHashTable) suspects = session_store_suspects(session);

	assert_false(session_store_clean(session));
	assert_null(session_store_windows(session));
	assert_int_equal(g_hash_table_size(suspects), 0);
}

static void suspects_are_what_was_new_at_a_crash(void **state)
{
	g_autoptr(GVariant) crash = parse("{'clean': <false>, 'fresh': <['/a', '/b']>}");
	g_autoptr(GVariant) clean = parse("{'clean': <true>, 'fresh': <['/a', '/b']>}");
	g_autoptr(GVariant) bytes = parse("{'clean': <false>, 'fresh': <[b'/caf\\351']>}");
	g_autoptr(GHashTable) some = session_store_suspects(crash), none = session_store_suspects(clean);
	g_autoptr(GHashTable) not_utf8 = session_store_suspects(bytes);

	assert_true(g_hash_table_contains(not_utf8, "/caf\xe9"));
	assert_int_equal(g_hash_table_size(some), 2);
	assert_true(g_hash_table_contains(some, "/b"));
	assert_int_equal(g_hash_table_size(none), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_and_read),
		cmocka_unit_test(nothing_is_left_beside_it),
		cmocka_unit_test(a_failure_says_so_and_keeps_the_old),
		cmocka_unit_test(damaged_is_none),
		cmocka_unit_test(of_other_types_counts_as_absent),
		cmocka_unit_test(suspects_are_what_was_new_at_a_crash),
	};
	g_autofree char *path = NULL, *parent = NULL, *state = NULL;
	int r;

	folder = g_dir_make_tmp("spoor-session-XXXXXX", NULL);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	path = place("session");
	parent = g_path_get_dirname(path);
	state = g_path_get_dirname(parent);
	g_unlink(path);
	g_rmdir(parent);
	g_rmdir(state);
	g_rmdir(folder);
	g_free(folder);
	return r;
}
