/* The app's words come from the folder that is meant, in the language that is asked for. */
#include "tests/unit/test.h"

#include <locale.h>

#include "gui/i18n.h"

static void translated(void **state)
{
	assert_string_equal(_("Open the process"), "Prozess öffnen");
}

static void what_is_not_known_stays(void **state)
{
	assert_string_equal(_("no such sentence in the app"), "no such sentence in the app");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(translated),
		cmocka_unit_test(what_is_not_known_stays),
	};

	g_setenv("LANGUAGE", "de", TRUE); /* TEXTDOMAINDIR: from meson */
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	i18n_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
