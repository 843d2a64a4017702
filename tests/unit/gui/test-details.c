#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gui/details.h"
#include "gui/value-menu.h"

static const struct details_line *find(GArray *lines, const char *name)
{
	for (guint i = 0; i < lines->len; i++) {
		const struct details_line *l = &g_array_index(lines, struct details_line, i);

		if (strcmp(l->name, name) == 0)
			return l;
	}
	return NULL;
}

static void test_everything_known(void **state)
{
	struct reader_image images[] = {
		{ .executable = SPAN("/usr/bin/bash"), .auid = -1, .session = -1 },
		{ .executable = SPAN("/usr/bin/curl"), .command_line = SPAN("curl -s x"), .cwd = SPAN("/tmp"),
		  .user = SPAN("www-data"), .euid = 33, .uid = 33, .audit_user = SPAN("alice"), .auid = 1000, .session = 7,
		  .cgroup = SPAN("/docker/4f0c8e1f3a5b/x.service"), .tty = SPAN("pts0"),
		  .md5 = SPAN("d41d8cd98f00b204e9800998ecf8427e"), .sha256 = SPAN("e3b0c442") },
	};
	struct reader_process p = { .pid = 4711, .ns_pid = 17, .start_ms = 1763628901204, .end_ms = 1763628903204,
		                    .start_known = true, .origin = PROCESS_EXEC, .parent = 9, .parent_pid = 1,
		                    .parent_executable = SPAN("/bin/sh"), .parent_command_line = SPAN("sh -c x"),
		                    .host = SPAN("web-03"), .images = images, .n_images = 2, .children = 1234,
		                    .by_category = { [EVENT_FILE] = 960, [EVENT_NETWORK] = 18 } };
	g_autoptr(GArray) lines = details_of(&p, "alice from 203.0.113.9", NULL);
	g_autofree char *name = details_name(&p), *summary = details_summary(&p);

	for (guint i = 0; i < lines->len; i++)
		assert_false(g_array_index(lines, struct details_line, i).unknown);
	assert_string_equal(find(lines, "Path")->value, "/usr/bin/curl");
	assert_string_equal(find(lines, "Programs run")->value, "bash → curl");
	assert_string_equal(find(lines, "User")->value, "www-data (33)");
	assert_string_equal(find(lines, "Exit")->value, "0");
	assert_string_equal(find(lines, "PID")->value, "4711, in its own namespace 17");
	assert_string_equal(find(lines, "Container")->value, "4f0c8e1f3a5b");
	assert_string_equal(find(lines, "Unit")->value, "x.service");
	assert_string_equal(find(lines, "Control group")->value, "/docker/4f0c8e1f3a5b/x.service");
	assert_int_equal(find(lines, "Parent")->process, 9);
	assert_string_equal(find(lines, "Logon")->value, "alice from 203.0.113.9");
	assert_string_equal(find(lines, "Events")->value, "File 960 · Network 18");
	assert_string_equal(find(lines, "Children")->value, "1,234");
	assert_string_equal(name, "curl");
	assert_non_null(strstr(summary, "PID 4711"));
	assert_non_null(strstr(summary, "exited with 0"));
}

static void test_a_user_without_a_name_says_why(void **state)
{
	struct reader_image image = { .uid = 33, .euid = 33, .auid = -1, .session = -1 };
	struct reader_process p = { .images = &image, .n_images = 1 };
	g_autoptr(GArray) lines = details_of(&p, NULL, NULL);

	assert_string_equal(find(lines, "User")->value, "33 (its name was not known there)");
	assert_string_equal(find(lines, "User")->means, "user.id == 33");
}

static void test_what_is_unknown_says_why(void **state)
{
	struct reader_image image = { .uid = -1, .euid = -1, .auid = -1, .session = -1, .hash_reason = 2 };
	struct reader_process p = { .pid = 4711, .start_ms = 1763628901204, .origin = PROCESS_SEEN, .exit_code = -1,
		                    .images = &image, .n_images = 1 };
	static const char *const names[] = { "Path", "Command line", "Directory", "Parent", "Started", "Ended", "Exit",
		                             "User", "Logged in as", "Session", "Terminal", "Host", "Hashes", "Logon", "Container",
		                             "Events", "Children" };
	g_autoptr(GArray) lines = details_of(&p, NULL, "because");
	g_autofree char *name = details_name(&p);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct details_line *l = find(lines, names[i]);

		assert_non_null(l);
		assert_true(l->unknown);
		assert_true(strlen(l->value) > 3);
	}
	assert_null(find(lines, "Path")->means);
	assert_string_equal(find(lines, "PID")->means, "process.pid == 4711");
	assert_non_null(strstr(find(lines, "Started")->value, "2025-11-20 08:55:01.204"));
	assert_non_null(strstr(find(lines, "Hashes")->value, "gone"));
	assert_string_equal(name, "PID 4711");
}

static void test_no_image_at_all(void **state)
{
	struct reader_process p = { .pid = 5, .origin = PROCESS_SEEN, .exit_code = -1, .signal = 9, .end_ms = 3000,
		                    .start_ms = 1000 };
	g_autoptr(GArray) lines = details_of(&p, NULL, "because");
	g_autofree char *summary = details_summary(&p);

	assert_true(find(lines, "Path")->unknown);
	assert_string_equal(find(lines, "Exit")->value, "signal 9 (Killed)");
	assert_non_null(strstr(summary, "signal 9"));
}

/* What a value means, and its opposite; bytes as they were recorded, not as they are shown. */
static void test_meanings(void **state)
{
	struct reader_image image = { .executable = SPAN("/tmp/a\nb"), .sha256 = SPAN("00ff"), .euid = 33, .auid = -1,
		                      .session = -1 };
	struct reader_process p = { .pid = 5, .parent = 7, .parent_pid = 4, .origin = PROCESS_EXEC, .exit_code = -1,
		                    .images = &image, .n_images = 1 };
	g_autoptr(GArray) lines = details_of(&p, NULL, "because");
	g_autofree char *opposite = value_menu_opposite("user.id == 33"), *none = value_menu_opposite("user.id ==");

	assert_string_equal(find(lines, "Path")->means, "process.executable == \"/tmp/a\\nb\"");
	assert_string_equal(find(lines, "SHA-256")->means, "process.hash.sha256 == \"00ff\"");
	assert_string_equal(find(lines, "User")->means, "user.id == 33");
	assert_string_equal(find(lines, "Parent")->means, "process.entity_id == 7");
	assert_null(find(lines, "Session")->means);
	assert_false(find(lines, "Session")->story);
	assert_string_equal(opposite, "not user.id == 33");
	assert_null(none);
}

static void test_a_logon_in_words(void **state)
{
	struct reader_story s = { .auid = 1000, .logon_ms = 1763628901204, .user = SPAN("alice"), .type = SPAN("network"),
		                  .source = SPAN("203.0.113.9") };
	g_autofree char *all = details_logon(&s), *some = NULL, *none = NULL;

	assert_string_equal(all, "alice (1000) from 203.0.113.9 · network · 2025-11-20 08:55:01.204 UTC");
	s.source = s.type = s.user = SPAN_NONE;
	some = details_logon(&s);
	assert_string_equal(some, "1000 · 2025-11-20 08:55:01.204 UTC");
	s.logon_ms = 0;
	none = details_logon(&s);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_known), cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_a_user_without_a_name_says_why), cmocka_unit_test(test_what_is_unknown_says_why),
		cmocka_unit_test(test_a_logon_in_words),
		cmocka_unit_test(test_no_image_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
