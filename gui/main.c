/* spoor: the desktop app; also the confined reader that it starts, and the commands that need no display. */
#include "agent/session/confine.h"
#include "gui/application.h"
#include "gui/cmd.h"
#include "gui/i18n.h"
#include "gui/notes.h"
#include "gui/stall-watch.h"

int main(int argc, char **argv)
{
	g_autoptr(GtkApplication) app = NULL;
	int status;

	confine_child_main(argc, argv);
	if (cmd_dispatch(argc, argv, &status))
		return status;
	i18n_init();
	g_set_application_name(_("Spoor"));
	g_set_prgname("org.spoor.Investigator"); /* window class: how the desktop finds the icon */
	stall_watch_start();
	app = spoor_application_new();
	status = g_application_run(G_APPLICATION(app), argc, argv);
	notes_finish();
	return status;
}
