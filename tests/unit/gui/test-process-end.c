#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gui/process-end.h"

static int ended;

static void on_end(gpointer data)
{
	ended++;
	g_main_loop_quit(data);
}

static void test_is_told_and_can_still_be_waited_for(void **state)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			pause();
	ended = 0;
	if (!process_end_watch(pid, on_end, loop)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		skip(); /* the kernel cannot tell */
	}
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_int_equal(ended, 0);
	kill(pid, SIGKILL);
	g_main_loop_run(loop);
	assert_int_equal(ended, 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void test_one_that_is_not_there(void **state)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	ended = 0;
	if (!process_end_watch(pid, on_end, loop))
		skip();
	g_main_loop_run(loop);
	assert_int_equal(ended, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_told_and_can_still_be_waited_for),
		cmocka_unit_test(test_one_that_is_not_there),
	};

	return cmocka_run_group_tests_name("process-end", tests, NULL, NULL);
}
