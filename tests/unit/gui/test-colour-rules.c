/* The rules by which rows have colours: their order, what is kept, what is refused, and that text stays readable. */
#include "tests/unit/test.h"

#include "gui/colour-rules.h"

static guint changes;

static void count(void)
{
	changes++;
}

static const char *name(ColourRules *rules, guint i)
{
	return colour_rules_get(rules, i).name;
}

static gboolean insert(ColourRules *rules, guint at, const char *called, const char *expression, gboolean on)
{
	return colour_rules_insert(rules, at, &(struct colour_rule){ called, expression, HUE_GREEN, on });
}

static void test_defaults_are_sound(void **state)
{
	g_autoptr(ColourRules) rules = colour_rules_new();
	struct span asked[COLOUR_RULES_MOST];
	guint numbers[COLOUR_RULES_MOST];

	assert_int_equal(colour_rules_count(rules), 6);
	for (guint i = 0; i < colour_rules_count(rules); i++) {
		g_autofree char *fault = colour_rules_fault(colour_rules_get(rules, i).expression);

		assert_null(fault);
	}
	assert_int_equal(colour_rules_asked(rules, asked, numbers), 6);
	assert_false(colour_rules_can_undo(rules));
}

static void test_changes_and_undo(void **state)
{
	g_autoptr(ColourRules) rules = colour_rules_new();
	guint n = colour_rules_count(rules);
	struct span asked[COLOUR_RULES_MOST];
	guint numbers[COLOUR_RULES_MOST];
	struct colour_rule r;
	g_autofree char *first = g_strdup(name(rules, 0));

	changes = 0;
	g_signal_connect(rules, "changed", G_CALLBACK(count), NULL);
	assert_true(insert(rules, 0, " web\nshell ", "process.parent.name == nginx", TRUE));
	assert_string_equal(name(rules, 0), "web shell");
	assert_true(insert(rules, 99, "last", "user.id == 0", FALSE));
	assert_string_equal(name(rules, n + 1), "last");
	assert_int_equal(colour_rules_asked(rules, asked, numbers), n + 1); /* the last one is off */
	assert_true(span_eq(asked[0], SPAN("process.parent.name == nginx")));
	r = colour_rules_get(rules, n + 1);
	r.on = TRUE;
	assert_true(colour_rules_replace(rules, n + 1, &r));
	colour_rules_move(rules, n + 1, 0);
	assert_string_equal(name(rules, 0), "last");
	assert_string_equal(name(rules, 1), "web shell");
	assert_int_equal(colour_rules_asked(rules, asked, numbers), n + 2);
	assert_int_equal(numbers[0], 0);
	colour_rules_remove(rules, 1);
	assert_string_equal(name(rules, 1), first);
	assert_int_equal(changes, 5);
	colour_rules_move(rules, 0, 99); /* there is no such place */
	colour_rules_remove(rules, 99);
	assert_int_equal(changes, 5);

	assert_true(colour_rules_undo(rules));
	assert_string_equal(name(rules, 1), "web shell");
	assert_true(colour_rules_undo(rules));
	assert_string_equal(name(rules, 0), "web shell");
	colour_rules_reset(rules);
	assert_int_equal(colour_rules_count(rules), n);
	assert_true(colour_rules_undo(rules));
	assert_int_equal(colour_rules_count(rules), n + 2);
	while (colour_rules_undo(rules))
		;
	assert_int_equal(colour_rules_count(rules), n);
	assert_string_equal(name(rules, 0), first);
}

static void test_refused(void **state)
{
	g_autoptr(ColourRules) rules = colour_rules_new();
	g_autofree char *fault = colour_rules_fault("äöü == 1 and"), *empty = colour_rules_fault(" "), *long_fault = NULL;
	g_autofree char *late = colour_rules_fault("process.name == \"ä\" and nofield == 1");
	g_autofree char *long_one = g_strnfill(COLOUR_RULES_EXPRESSION_MOST + 1, ' ');

	long_fault = colour_rules_fault(long_one);
	assert_true(g_str_has_prefix(fault, "Column 1: "));
	assert_true(g_str_has_prefix(late, "Column 25: ")); /* of characters, not bytes */
	assert_non_null(empty);
	assert_non_null(long_fault);
	assert_false(insert(rules, 0, "wrong", "user.id ==", TRUE));
	assert_false(insert(rules, 0, "everything", "", TRUE));
	assert_false(insert(rules, 0, " \n", "user.id == 0", TRUE));
	assert_false(colour_rules_can_undo(rules));
	while (colour_rules_count(rules) < COLOUR_RULES_MOST)
		assert_true(insert(rules, 0, "more", "user.id == 0", TRUE));
	assert_false(insert(rules, 0, "one too many", "user.id == 0", TRUE));
}

static void test_free_hue(void **state)
{
	g_autoptr(ColourRules) rules = colour_rules_new();

	assert_int_equal(colour_rules_free_hue(rules), HUE_GREEN);
	assert_true(insert(rules, 0, "one", "user.id == 0", TRUE));
	assert_int_equal(colour_rules_free_hue(rules), HUE_GREY);
}

static void test_kept_in_settings(void **state)
{
	g_autoptr(GSettings) settings = g_settings_new("org.spoor.Investigator");
	g_autoptr(GSettings) other = g_settings_new("org.spoor.Investigator");
	ColourRules *rules = colour_rules_of(settings), *again = colour_rules_of(other);
	struct span asked[COLOUR_RULES_MOST];
	guint numbers[COLOUR_RULES_MOST];

	assert_ptr_equal(colour_rules_of(settings), rules);
	while (colour_rules_count(rules))
		colour_rules_remove(rules, 0);
	assert_true(insert(rules, 0, "mine", "user.id == 0", FALSE));
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_int_equal(colour_rules_count(again), 1);
	assert_string_equal(name(again, 0), "mine");
	assert_false(colour_rules_get(again, 0).on);
	assert_int_equal(colour_rules_get(again, 0).hue, HUE_GREEN);
	/* Of another version, or by hand: what is not understood stays there, and is not asked. */
	g_settings_set_value(settings, "colour-rules",
	                     g_variant_new_parsed("[('new', 'no.such.field == 1', 'ultraviolet', true)]"));
	assert_int_equal(colour_rules_count(rules), 1);
	assert_int_equal(colour_rules_get(rules, 0).hue, HUE_GREY);
	assert_int_equal(colour_rules_asked(rules, asked, numbers), 0);
	colour_rules_reset(rules);
	assert_int_equal(colour_rules_count(rules), 6);
	assert_null(g_settings_get_user_value(settings, "colour-rules"));
}

/* On the desktop's light, dark and high-contrast backgrounds. */
static void test_text_stays_readable(void **state)
{
	static const struct {
		struct theme_colour back, front;
		bool dark;
	} on[] = {
		{ { 1, 1, 1 }, { 0.18, 0.20, 0.21 }, false }, { { 0.18, 0.18, 0.18 }, { 1, 1, 1 }, true },
		{ { 1, 1, 1 }, { 0, 0, 0 }, false }, { { 0, 0, 0 }, { 1, 1, 1 }, true },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(on); i++)
		for (enum colour_hue h = HUE_RED; h < N_HUES; h++) {
			struct theme_colour c = colour_rules_colour(h, on[i].dark);
			struct theme_colour back = theme_mix(on[i].back, c, COLOUR_RULES_TINT);

			assert_true(theme_contrast(back, on[i].front) >= 7);
			assert_true(theme_contrast(c, on[i].back) >= 3);
			assert_true(theme_contrast(back, on[i].back) >= 1.1); /* and is seen */
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_sound), cmocka_unit_test(test_changes_and_undo),
		cmocka_unit_test(test_refused),            cmocka_unit_test(test_free_hue),
		cmocka_unit_test(test_kept_in_settings),   cmocka_unit_test(test_text_stays_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
