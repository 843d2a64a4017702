#include "gui/i18n.h"

#include <locale.h>

static char *find_folder(void)
{
	const char *wanted = g_getenv("TEXTDOMAINDIR");
	g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = exe ? g_path_get_dirname(exe) : g_strdup(".");
	g_autofree char *built = g_build_filename(folder, "..", "assets", "po", NULL);

	if (wanted && *wanted)
		return g_strdup(wanted);
	return g_file_test(built, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&built) : g_strdup(SPOOR_LOCALEDIR);
}

void i18n_init(void)
{
	g_autofree char *folder = find_folder();

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, folder);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
}
