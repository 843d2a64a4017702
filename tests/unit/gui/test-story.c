#include "tests/unit/test.h"

#include "gui/story-page.h"

static void says_who_from_where(void **state)
{
	struct reader_story s = { .session = 7, .auid = 1000, .logon_ms = INT64_C(1763628901204), .user = SPAN("alice"),
		                  .source = SPAN("203.0.113.9"), .terminal = SPAN("pts/0"), .type = SPAN("network"),
		                  .tree.n = 12 };
	g_autofree char *title = story_page_title(&s), *summary = story_page_summary(&s);

	assert_string_equal(title, "alice from 203.0.113.9");
	assert_string_equal(summary, "network · terminal pts/0 · 2025-11-20 08:55:01.204 UTC · session 7 · 12 processes");
}

static void says_what_it_does_not_know(void **state)
{
	struct reader_story s = { .session = 7, .auid = 1000, .tree.n = 1, .left_out = 0 };
	g_autofree char *title = story_page_title(&s), *summary = story_page_summary(&s), *nobody = NULL, *more = NULL;

	assert_string_equal(title, "user 1000");
	assert_string_equal(summary, "the logon itself was not recorded · session 7 · 1 process");
	s.auid = -1;
	s.tree.n = 10000;
	s.left_out = 2345;
	nobody = story_page_title(&s);
	more = story_page_summary(&s);
	assert_string_equal(nobody, "an unknown user");
	assert_non_null(strstr(more, "12,345 processes, 2,345 of them not shown"));
	s.user = SPAN("1000");
	s.source = SPAN("evil\xe2\x80\xaehost");
	g_free(nobody);
	nobody = story_page_title(&s);
	assert_non_null(strstr(nobody, "user 1000 from evil"));
	assert_null(strstr(nobody, "\xe2\x80\xae"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_from_where),
		cmocka_unit_test(says_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
