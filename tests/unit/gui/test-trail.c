/* Back and Forward within one tab, and what they know of the tabs beside it. */
#include "tests/unit/test.h"

#include "gui/trail.h"

static struct explorer_state asked(const char *expression)
{
	return (struct explorer_state){ .expression = (char *)expression, .range = READER_ALL_TIME };
}

static void add(struct trail *t, guint from, const char *expression)
{
	struct explorer_state s = asked(expression);

	trail_add(t, from, &s);
}

static struct trail *begin(void)
{
	struct explorer_state s = asked("");

	return trail_new(7, 3, &s);
}

static void begins_with_what_it_shows(void **state)
{
	struct trail *t = begin();

	assert_int_equal(trail_number(t), 7);
	assert_int_equal(trail_here(t)->from, 3);
	assert_null(trail_go(t, -1));
	assert_null(trail_go(t, 1));
	trail_free(t);
}

static void goes_back_and_forward(void **state)
{
	struct trail *t = begin();

	add(t, 0, "a");
	add(t, 9, "b");
	assert_int_equal(trail_here(t)->from, 9);
	assert_string_equal(trail_go(t, -1)->state.expression, "a");
	assert_string_equal(trail_go(t, -1)->state.expression, "");
	assert_null(trail_look(t, -1));
	assert_string_equal(trail_go(t, 1)->state.expression, "a");
	assert_int_equal(trail_look(t, 1)->from, 9);
	trail_free(t);
}

static void what_is_new_forgets_what_was_ahead(void **state)
{
	struct trail *t = begin();

	add(t, 0, "a");
	trail_go(t, -1);
	trail_set_ahead(t, 5);
	assert_int_equal(trail_get_ahead(t), 5);
	add(t, 0, "c");
	assert_int_equal(trail_get_ahead(t), 0);
	assert_null(trail_look(t, 1));
	assert_string_equal(trail_go(t, -1)->state.expression, "");
	trail_free(t);
}

static void the_same_twice_counts_once(void **state)
{
	struct trail *t = begin();

	add(t, 0, "a");
	add(t, 4, "a");
	trail_go(t, -1);
	assert_null(trail_look(t, -1));
	trail_free(t);
}

static void is_not_endless(void **state)
{
	struct trail *t = begin();
	char text[16];
	int n = 0;

	for (int i = 0; i < 1000; i++) {
		g_snprintf(text, sizeof(text), "%d", i);
		add(t, 0, text);
	}
	while (trail_go(t, -1))
		n++;
	assert_in_range(n, 50, 250);
	trail_free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_with_what_it_shows),
		cmocka_unit_test(goes_back_and_forward),
		cmocka_unit_test(what_is_new_forgets_what_was_ahead),
		cmocka_unit_test(the_same_twice_counts_once),
		cmocka_unit_test(is_not_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
