/* Each page and area has its topic; the search finds words wherever they are. */
#include "tests/unit/test.h"

#include "gui/help.h"

static void pages_have_topics(void **state)
{
	static const char *const ids[] = { "home", "explorer", "process", "timeline", "story", "distribution", "snapshots" };

	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		assert_string_equal(help_nth(help_find(ids[i])).id, ids[i]);
}

static void areas_share_one(void **state)
{
	assert_string_equal(help_nth(help_find("iocs")).id, "areas");
	assert_string_equal(help_nth(help_find(NULL)).id, "areas");
}

static void each_says_something(void **state)
{
	for (guint i = 0; i < help_count(); i++) {
		assert_true(strlen(help_nth(i).title) > 3);
		assert_true(strlen(help_nth(i).text) > 60);
	}
}

static void search(void **state)
{
	guint timeline = help_find("timeline"), tree = help_find("tree");

	assert_true(help_matches(timeline, ""));
	assert_true(help_matches(timeline, "BOOKMARK  hatched"));
	assert_false(help_matches(tree, "bookmark"));
	assert_false(help_matches(tree, "nonesuch"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_have_topics),
		cmocka_unit_test(areas_share_one),
		cmocka_unit_test(each_says_something),
		cmocka_unit_test(search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
