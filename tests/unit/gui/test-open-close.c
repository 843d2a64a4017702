/* Opening and closing a recording again and again leaves nothing behind: no memory, no descriptor, no thread, no child.
 *
 *   SPOOR_OPENINGS=500   that many instead of a few */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <gtk/gtk.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/session/confine.h"
#include "gui/application.h"
#include "gui/window-private.h"
#include "tests/unit/query/story.h"

enum { FEW = 12, WARM_UP = 8, SETTLE_MS = 20000 };
enum { BYTES_AN_OPENING = 2048, BYTES_OF_CACHES = 256 << 10 }; /* a page that stays takes more than that */

static struct story *story;
static GtkApplication *app;
static int n_openings = FEW, passed;

/* ---- what is in use ---- */

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* sanitizer/allocator_interface.h, which gcc does not bring */
#endif

static size_t memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	return __sanitizer_get_current_allocated_bytes();
#else
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#endif
}

static int entries(const char *folder)
{
	DIR *dir = opendir(folder);
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static gboolean wake(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

/* The main loop runs until it is so; false after a time that is never needed. */
static gboolean run_until(gboolean (*so)(gpointer data), gpointer data)
{
	gint64 end = g_get_monotonic_time() + SETTLE_MS * 1000;
	guint timer = g_timeout_add(5, wake, NULL);
	gboolean yes;

	while (!(yes = so(data)) && g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	return yes;
}

/* ---- one opening ---- */

static SpoorWindow *window(void)
{
	return SPOOR_WINDOW(gtk_application_get_active_window(app));
}

static gboolean has_page(gpointer unused)
{
	return window_pages_count(window()) > 0;
}

static gboolean has_no_page(gpointer unused)
{
	return window_pages_count(window()) == 0;
}

static gboolean is_over(gpointer end)
{
	return g_get_monotonic_time() >= *(gint64 *)end;
}

static void let_run(int ms)
{
	gint64 end = g_get_monotonic_time() + ms * 1000;

	run_until(is_over, &end);
}

struct base {
	int descriptors, threads;
};

static gboolean is_settled(gpointer data)
{
	const struct base *b = data;

	return entries("/proc/self/fd") <= b->descriptors && entries("/proc/self/task") <= b->threads;
}

static void open_and_close(const struct base *base)
{
	g_autoptr(GFile) file = g_file_new_for_path(story->path);

	spoor_window_open(window(), &file, 1);
	assert_true(run_until(has_page, NULL));
	let_run(60); /* rows, counts, drawing */
	g_action_group_activate_action(G_ACTION_GROUP(window()), "close-tab", NULL);
	assert_true(run_until(has_no_page, NULL));
	let_run(20);
	if (base)
		assert_true(run_until(is_settled, (gpointer)base));
}

static void test_nothing_is_left(void **state)
{
	struct base base;
	size_t before, after;

	for (int i = 0; i < WARM_UP; i++)
		open_and_close(NULL);
	let_run(1500); /* threads of pools go by themselves */
	base = (struct base){ entries("/proc/self/fd"), entries("/proc/self/task") + 2 }; /* a pool's may come and go */
	before = memory();
	for (int i = 0; i < n_openings; i++)
		open_and_close(&base);
	let_run(1500);
	after = memory();
	print_message("%d openings: %zu bytes in use before, %zu after: %.0f an opening\n", n_openings, before, after,
	              ((double)after - (double)before) / n_openings);
	assert_true(after <= before + BYTES_OF_CACHES + (size_t)BYTES_AN_OPENING * (size_t)n_openings);
}

/* ---- in the app ---- */

static gboolean run_all(gpointer unused)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_is_left) };

	passed = cmocka_run_group_tests_name("open-close", tests, NULL, NULL) == 0;
	g_application_quit(G_APPLICATION(app));
	return G_SOURCE_REMOVE;
}

static void on_activate(GApplication *a, gpointer unused)
{
	g_idle_add(run_all, NULL);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

int main(int argc, char **argv)
{
	g_autofree char *home = g_dir_make_tmp("spoor-open-close-XXXXXX", NULL);
	const char *many = g_getenv("SPOOR_OPENINGS");

	confine_child_main(argc, argv);
	if (many)
		n_openings = CLAMP((int)g_ascii_strtoll(many, NULL, 10), 1, 100000);
	g_setenv("HOME", home, TRUE);
	g_setenv("XDG_DATA_HOME", home, TRUE);
	g_setenv("XDG_STATE_HOME", home, TRUE);
	g_setenv("XDG_CACHE_HOME", home, TRUE);
	g_setenv("XDG_CONFIG_HOME", home, TRUE);
	g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
	g_setenv("NO_AT_BRIDGE", "1", TRUE);
	story = story_new(7);
	app = spoor_application_new();
	g_application_set_flags(G_APPLICATION(app), G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
	g_signal_connect_after(app, "activate", G_CALLBACK(on_activate), NULL);
	g_application_run(G_APPLICATION(app), 1, argv);
	g_object_unref(app);
	story_free(story);
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return !passed;
}
