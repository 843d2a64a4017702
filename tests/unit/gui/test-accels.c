/* The keys window shows every key that an action has. */
#include "tests/unit/test.h"

#include "gui/accels.h"

static GHashTable *shown; /* "<primary>o" */

static void on_text(GMarkupParseContext *context, const char *text, gsize n, gpointer in_accelerator, GError **error)
{
	g_autofree char *all = g_ascii_strdown(text, (gssize)n);
	g_auto(GStrv) keys = *(gboolean *)in_accelerator ? g_strsplit(all, " ", -1) : NULL;

	for (char **k = keys; k && *k; k++)
		g_hash_table_add(shown, g_strdup(*k));
}

static void on_start(GMarkupParseContext *context, const char *element, const char **names, const char **values,
                     gpointer in_accelerator, GError **error)
{
	*(gboolean *)in_accelerator = names[0] && strcmp(values[0], "accelerator") == 0;
}

static void on_end(GMarkupParseContext *context, const char *element, gpointer in_accelerator, GError **error)
{
	*(gboolean *)in_accelerator = FALSE;
}

static int read_window(void **state)
{
	static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
	g_autofree char *text = NULL;
	gboolean in_accelerator = FALSE;
	GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &in_accelerator, NULL);
	gsize n;

	shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	assert_true(g_file_get_contents(g_getenv("KEYS_WINDOW"), &text, &n, NULL));
	assert_true(g_markup_parse_context_parse(context, text, (gssize)n, NULL));
	g_markup_parse_context_free(context);
	assert_true(g_hash_table_size(shown) > 30);
	return 0;
}

static int forget_window(void **state)
{
	g_hash_table_unref(shown);
	return 0;
}

static void each_key_is_shown(void **state)
{
	gsize n, missing = 0;
	const struct accel *all = accels_all(&n);

	for (gsize i = 0; i < n; i++)
		for (const char *const *k = all[i].keys; *k; k++) {
			g_autofree char *key = g_ascii_strdown(*k, -1);
			g_autoptr(GString) s = g_string_new(key);

			g_string_replace(s, "iso_left_tab", "tab", 0); /* what Shift+Tab is to X */
			if (!g_hash_table_contains(shown, s->str)) {
				print_message("%s (%s) is not in the keys window\n", *k, all[i].action);
				missing++;
			}
		}
	assert_int_equal(missing, 0);
}

/* Of all groups but "history", whose grid is on another page than the explorer's, any two may be in sight at once. */
static gboolean meet(const char *a, const char *b)
{
	return g_str_has_prefix(a, "history.") == g_str_has_prefix(b, "history.") ||
	       (!g_str_has_prefix(a, "explorer.") && !g_str_has_prefix(b, "explorer."));
}

static void no_key_means_two_things(void **state)
{
	gsize n, twice = 0;
	const struct accel *all = accels_all(&n);

	for (gsize i = 0; i < n; i++)
		for (gsize j = 0; j < i; j++)
			for (const char *const *k = all[i].keys; *k; k++)
				if (meet(all[i].action, all[j].action) && g_strv_contains(all[j].keys, *k)) {
					print_message("%s: %s and %s\n", *k, all[i].action, all[j].action);
					twice++;
				}
	assert_int_equal(twice, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_shown),
		cmocka_unit_test(no_key_means_two_things),
	};

	return cmocka_run_group_tests(tests, read_window, forget_window);
}
