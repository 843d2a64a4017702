#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "gui/stall-watch.h"

enum { LIMIT_MS = 40 };

static int spoken[2];

static gboolean keep_the_loop(gpointer ms)
{
	g_usleep(GPOINTER_TO_UINT(ms) * 1000);
	return G_SOURCE_REMOVE;
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

/* What was said on standard error while the loop was kept for so long. */
static char *run(guint ms)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	static char text[65536];
	ssize_t n;

	g_timeout_add(10, keep_the_loop, GUINT_TO_POINTER(ms)); /* once the loop has waited */
	g_timeout_add(ms + 50, quit, loop);
	g_main_loop_run(loop);
	n = read(spoken[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	return text;
}

static void test_a_stall_is_told_with_its_stack(void **state)
{
	char *text = run(LIMIT_MS * 5);

	assert_non_null(strstr(text, "stall: still busy here:\n"));
	assert_non_null(strstr(text, "ms of them on the processor\n"));
	assert_non_null(strstr(text, "libc")); /* where it slept */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_stall_is_told_with_its_stack) };
	int old = dup(STDERR_FILENO), r;

	if (pipe2(spoken, O_NONBLOCK) < 0 || dup2(spoken[1], STDERR_FILENO) < 0)
		return 1;
	g_setenv("SPOOR_STALL_MS", "40", TRUE);
	stall_watch_start();
	r = cmocka_run_group_tests_name("stall-watch", tests, NULL, NULL);
	dup2(old, STDERR_FILENO);
	return r;
}
