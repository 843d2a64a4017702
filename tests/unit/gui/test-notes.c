/* Notes of a source: where they are kept, what changes, what is taken back, what another writer does. */
#include "tests/unit/test.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "agent/base/cleanup.h"
#include "gui/notes-view.h"
#include "tests/unit/gui/fake-reader.h"

static struct fake_reader_stats stats;

static int open_fake(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data,
                     struct reader **ret, char **ret_error)
{
	*ret = fake_reader_new(1000, &stats);
	return 0;
}

static void keep(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

static Source *open_source(const char *path)
{
	Source *s = source_new_with(path, NULL, open_fake);
	g_autoptr(GAsyncResult) result = NULL;

	source_open_async(s, NULL, keep, &result);
	while (!result)
		g_main_context_iteration(NULL, TRUE);
	assert_true(source_open_finish(s, result, NULL));
	return s;
}

struct answer {
	gboolean there;
	int error;
	gint64 event;
};

static void on_done(int error, gint64 event, const char *line, gpointer data)
{
	*(struct answer *)data = (struct answer){ TRUE, error, event };
}

static struct answer change(Notes *notes, gint64 event, struct casefile_state before, struct casefile_state after)
{
	struct casefile_change one = { event, 3, 1500, before, after };
	struct answer a = { 0 };

	notes_change(notes, &one, 1, on_done, &a);
	while (!a.there)
		g_main_context_iteration(NULL, TRUE);
	return a;
}

static struct casefile_state says(gboolean marked, const char *tags, const char *comment)
{
	return (struct casefile_state){ marked, span_of(tags), span_of(comment) };
}

static const struct casefile_state nothing = { 0 };

static int make_folder(void **state)
{
	*state = g_dir_make_tmp("test-notes-XXXXXX", NULL);
	return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
	const char *names[] = { "a.db", "a.db.case", "spoor/cases", "spoor", "." };
	GDir *cases;
	g_autofree char *inner = g_build_filename(*state, "spoor", "cases", NULL);

	cases = g_dir_open(inner, 0, NULL);
	for (const char *name; cases && (name = g_dir_read_name(cases));) {
		g_autofree char *path = g_build_filename(inner, name, NULL);

		g_unlink(path);
	}
	g_clear_pointer(&cases, g_dir_close);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(*state, names[i], NULL);

		g_remove(path);
	}
	g_free(*state);
	return 0;
}

/* Of "a recording". */
static gboolean has_sha256(const char *file)
{
	AUTO_CASEFILE *c = NULL;
	AUTO_FREE char *error = NULL;
	AUTO_FREE char *sha256 = NULL;

	assert_int_equal(casefile_open(file, false, &c, &error), 0);
	assert_int_equal(casefile_get_sha256(c, 1, &sha256), 0);
	if (sha256)
		assert_string_equal(sha256, "973d5cd4d1c9a99d1e00481a952b1f3664919095bb4f153c489091d1123c9cde");
	return sha256 != NULL;
}

static void test_kept(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL), *file = g_strconcat(path, ".case", NULL);
	g_autoptr(Source) one = open_source(path);
	Notes *notes = notes_of(one);
	g_autofree char *place = NULL, *expression = NULL, *none = NULL;

	assert_ptr_equal(notes_of(one), notes);
	notes_finish();
	assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
	assert_true(g_file_set_contents(path, "a recording", -1, NULL));
	none = notes_view_expression(notes, "marked");
	assert_string_equal(none, "event.id == 0");
	assert_int_equal(change(notes, 1007, nothing, says(TRUE, "c2", "")).error, 0);
	assert_int_equal(change(notes, 1014, nothing, says(TRUE, "", "hello")).error, 0);
	assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
	place = notes_place(notes);
	assert_non_null(strstr(place, "beside"));
	expression = notes_view_expression(notes, "marked");
	assert_string_equal(expression, "event.id in (1007, 1014)");
	assert_int_equal(notes_view_count(notes, "tag:c2"), 1);
	assert_int_equal(notes_view_count(notes, "noted"), 2);
	while (!has_sha256(file))
		g_main_context_iteration(NULL, TRUE);
	g_clear_object(&one);
	one = open_source(path);
	notes = notes_of(one);
	assert_null(notes_get(notes, 1014));
	notes_finish();
	assert_true(span_eq(notes_get(notes, 1014)->state.comment, SPAN("hello")));
}

/* Without its source nothing waits for its SHA-256. */
static void test_closed(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL), *file = g_strconcat(path, ".case", NULL);
	g_autoptr(Source) source = open_source(path);
	Notes *notes = notes_of(source);

	assert_true(g_file_set_contents(path, "a recording", -1, NULL));
	g_object_add_weak_pointer(G_OBJECT(notes), (gpointer *)&notes);
	assert_int_equal(change(notes, 1007, nothing, says(TRUE, "", "")).error, 0);
	g_clear_object(&source);
	while (notes)
		g_main_context_iteration(NULL, TRUE);
	assert_false(has_sha256(file));
}

static void test_taken_back(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL);
	g_autoptr(Source) source = open_source(path);
	Notes *notes = notes_of(source);

	assert_false(notes_undo(notes));
	assert_int_equal(notes_undo_time(notes), 0);
	change(notes, 7, nothing, says(FALSE, "a\nb", "one"));
	change(notes, 7, says(FALSE, "a\nb", "one"), says(TRUE, "b", "two"));
	assert_true(notes_undo_time(notes) > 0 && notes_undo(notes));
	notes_finish();
	assert_true(span_eq(notes_get(notes, 7)->state.comment, SPAN("one")));
	assert_true(span_eq(notes_get(notes, 7)->state.tags, SPAN("a\nb")));
	assert_true(notes_redo(notes));
	notes_finish();
	assert_true(span_eq(notes_get(notes, 7)->state.comment, SPAN("two")) && notes_get(notes, 7)->state.marked);
	assert_false(notes_redo(notes));
	assert_true(notes_undo(notes) && notes_undo(notes));
	notes_finish();
	assert_null(notes_get(notes, 7));
	/* Something new ends what could be redone. */
	change(notes, 8, nothing, says(TRUE, "", ""));
	assert_false(notes_redo(notes));
}

static void on_failed(Notes *notes, const char *line, gpointer data)
{
	g_free(*(char **)data);
	*(char **)data = g_strdup(line);
}

/* Two of one program on one file, as two windows are. */
static void test_two_of_them(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL), *line = NULL;
	g_autoptr(Source) one = open_source(path), two = open_source(path);
	Notes *a = notes_of(one), *b = notes_of(two);
	struct answer answer;

	assert_ptr_not_equal(a, b);
	notes_finish();
	change(a, 7, nothing, says(TRUE, "", "mine"));
	while (!notes_get(b, 7))
		g_main_context_iteration(NULL, TRUE);
	assert_true(span_eq(notes_get(b, 7)->state.comment, SPAN("mine")));
	answer = change(b, 7, nothing, says(FALSE, "", "theirs"));
	assert_int_equal(answer.error, -ESTALE);
	assert_int_equal(answer.event, 7);
	assert_int_equal(change(b, 7, says(TRUE, "", "mine"), says(TRUE, "", "theirs")).error, 0);
	g_signal_connect(a, "failed", G_CALLBACK(on_failed), &line);
	assert_true(notes_undo(a));
	notes_finish();
	assert_non_null(line);
	assert_non_null(strstr(line, "somebody else"));
	assert_true(span_eq(notes_get(a, 7)->state.comment, SPAN("theirs")));
}

/* "1500 first, 1600 second" */
static char *bookmarks(Notes *notes)
{
	gsize n;
	const struct casefile_bookmark *all;
	GString *s = g_string_new(NULL);

	notes_finish();
	all = notes_bookmarks(notes, &n);
	for (gsize i = 0; i < n; i++)
		g_string_append_printf(s, "%s%" G_GINT64_FORMAT " %.*s", i ? ", " : "", (gint64)all[i].time_ms, (int)all[i].name.n,
		                       all[i].name.p);
	return g_string_free(s, FALSE);
}

static void expect_bookmarks(Notes *notes, const char *expected)
{
	g_autofree char *now = bookmarks(notes);

	assert_string_equal(now, expected);
}

/* One list of what can be taken back, for rows and bookmarks. */
static void test_bookmarks(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL), *line = NULL;
	g_autoptr(Source) one = open_source(path), two = open_source(path);
	Notes *a = notes_of(one), *b = notes_of(two);

	g_signal_connect(a, "failed", G_CALLBACK(on_failed), &line);
	notes_set_bookmark(a, 1600, 3, NULL, " second\n ");
	notes_set_bookmark(a, 1500, 3, NULL, "first");
	expect_bookmarks(a, "1500 first, 1600 second\\n");
	assert_int_equal(change(a, 7, nothing, says(TRUE, "", "")).error, 0);
	notes_set_bookmark(a, 1500, 3, "first", NULL);
	expect_bookmarks(a, "1600 second\\n");
	assert_true(notes_undo(a));
	expect_bookmarks(a, "1500 first, 1600 second\\n");
	assert_true(notes_undo(a) && notes_undo(a));
	expect_bookmarks(a, "1600 second\\n");
	assert_null(notes_get(a, 7));
	assert_true(notes_redo(a));
	expect_bookmarks(a, "1500 first, 1600 second\\n");
	notes_set_bookmark(b, 1500, 3, "first", "theirs");
	expect_bookmarks(b, "1500 theirs, 1600 second\\n");
	assert_null(line);
	notes_set_bookmark(a, 1500, 3, "first", "mine");
	expect_bookmarks(a, "1500 theirs, 1600 second\\n");
	assert_non_null(strstr(line, "somebody else"));
}

/* The file goes away under an open source: what is said then is not said into the void. */
static void test_file_removed(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.db", NULL), *file = g_strconcat(path, ".case", NULL);
	g_autoptr(Source) source = open_source(path);
	Notes *notes = notes_of(source);

	change(notes, 7, nothing, says(TRUE, "", ""));
	g_unlink(file);
	assert_int_equal(change(notes, 8, nothing, says(TRUE, "", "")).error, 0);
	assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
	assert_null(notes_get(notes, 7));
	assert_non_null(notes_get(notes, 8));
}

/* sysfs takes no files, from nobody. */
static void test_elsewhere(void **state)
{
	g_autoptr(Source) source = NULL;
	g_autofree char *place = NULL, *folder = g_build_filename(*state, "spoor", "cases", NULL);
	Notes *notes;

	g_setenv("XDG_DATA_HOME", *state, TRUE);
	source = open_source("/sys/kernel/a.db");
	notes = notes_of(source);
	assert_int_equal(change(notes, 7, nothing, says(TRUE, "", "")).error, 0);
	place = notes_place(notes);
	assert_non_null(strstr(place, "data folder"));
	assert_true(g_file_test(folder, G_FILE_TEST_IS_DIR));
	g_clear_object(&source);
	source = open_source("/sys/kernel/a.db");
	notes = notes_of(source);
	notes_finish();
	assert_non_null(notes_get(notes, 7));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_elsewhere), /* first: GLib remembers the data folder */
		IN_FOLDER(test_kept), IN_FOLDER(test_taken_back), IN_FOLDER(test_two_of_them), IN_FOLDER(test_file_removed),
		IN_FOLDER(test_closed), IN_FOLDER(test_bookmarks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
