/* A timeline and a tree as files and on paper. Needs a display. */
#include "tests/unit/test.h"

#include <glib/gstdio.h>

#include "gui/view-export.h"
#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/timeline-view.h"
#include "timeline/view/tree-view.h"

static char *folder;

static void settle(void)
{
	for (int i = 0; i < 40; i++) {
		while (gtk_events_pending())
			gtk_main_iteration();
		g_usleep(4000);
	}
}

static GtkWidget *show(GtkWidget *view)
{
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	gtk_window_set_default_size(GTK_WINDOW(window), 800, 400);
	gtk_box_pack_start(GTK_BOX(box), gtk_label_new("above it"), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), view, TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(window), box);
	gtk_widget_show_all(window);
	settle();
	return window;
}

static void check_file(const char *path, const char *magic, gsize least)
{
	g_autofree char *bytes = NULL;
	gsize n = 0;

	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	assert_true(n > least);
	assert_memory_equal(bytes, magic, strlen(magic));
	assert_int_equal(g_unlink(path), 0);
}

static void write_all(GtkWidget *view)
{
	static const char *const files[][2] = { { "a.png", "\x89PNG" }, { "b.SVG", "<?xml" }, { "c.pdf", "%PDF-" } };

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(folder, files[i][0], NULL);

		assert_null(view_export_write(view, "curl 4711 · web-03", path));
		check_file(path, files[i][1], 2000);
	}
}

static void a_timeline_is_written_and_printed(void **state)
{
	struct synthetic *s = synthetic_story();
	struct reader_timeline t = synthetic_timeline(s, s->range, 1000);
	GtkWidget *view = timeline_view_new(), *window;
	g_autofree char *path = g_build_filename(folder, "paper.pdf", NULL), *bad = NULL, *where = NULL;
	struct reader_range before;

	timeline_view_set_subject(TIMELINE_VIEW(view), &s->process, s->range, s->gaps, s->n_gaps);
	timeline_view_set_data(TIMELINE_VIEW(view), &t);
	window = show(view);
	before = timeline_view_get_range(TIMELINE_VIEW(view));
	write_all(view);
	assert_null(view_export_print(view, "curl 4711 · web-03", path));
	check_file(path, "%PDF-", 2000);
	assert_true(before.from_ms == timeline_view_get_range(TIMELINE_VIEW(view)).from_ms);
	bad = view_export_write(view, "x", "/tmp/x.gif");
	assert_non_null(strstr(bad, ".png, .svg or .pdf"));
	where = view_export_write(view, "x", "/nonexistent/x.png");
	assert_non_null(strstr(where, "/nonexistent/x.png: cannot save: "));
	gtk_widget_destroy(window);
	synthetic_timeline_free(&t);
	synthetic_free(s);
}

static void a_tree_is_found_and_written(void **state)
{
	struct reader_tree t = synthetic_tree(8, false);
	GtkWidget *view = tree_view_new(), *window;

	tree_view_set_tree(TREE_VIEW(view), &t);
	window = show(view);
	assert_ptr_equal(view_export_find(window, NULL), view);
	assert_ptr_equal(view_export_find(window, view), view);
	assert_ptr_equal(view_export_find(window, window), view);
	assert_null(view_export_find(NULL, view));
	write_all(view);
	gtk_widget_hide(view);
	assert_null(view_export_find(window, NULL));
	gtk_widget_destroy(window);
	synthetic_tree_free(&t);
}

static void names_are_names(void **state)
{
	g_autofree char *plain = view_export_file_name("curl 4711 · web-03"), *evil = view_export_file_name("../../etc/x\n");
	g_autofree char *none = view_export_file_name(""), *path = view_export_file_name("a/b");

	assert_string_equal(plain, "curl 4711 · web-03.png");
	assert_string_equal(evil, "picture..-..-etc-x-.png");
	assert_string_equal(none, "picture.png");
	assert_string_equal(path, "a-b.png");
}

/* What fontconfig, GTK and their drivers keep to the end of the program is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libgtk-3\nleak:libgdk-3\nleak:libpango\nleak:librsvg\nleak:libgio\nleak:libX11\n";
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timeline_is_written_and_printed),
		cmocka_unit_test(a_tree_is_found_and_written),
		cmocka_unit_test(names_are_names),
	};
	int failed;

	g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
	g_setenv("GTK_THEME", "Adwaita", TRUE);
	if (!gtk_init_check(&argc, &argv)) {
		printf("no display: skipped\n");
		return 77;
	}
	folder = g_dir_make_tmp("spoor-export-XXXXXX", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_rmdir(folder);
	g_free(folder);
	return failed;
}
