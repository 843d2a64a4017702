#include "gui/accels.h"

static const struct accel all[] = {
	{ "app.open", { "<Primary>o", NULL } },
	{ "app.preferences", { "<Primary>comma", NULL } },
	{ "app.help", { "F1", NULL } },
	{ "app.quit", { "<Primary>q", NULL } },
	{ "app.new-window", { "<Primary>n", NULL } },
	{ "win.turn-tab(1)", { "<Primary>Page_Down", "<Primary>Tab", NULL } },
	{ "win.turn-tab(-1)", { "<Primary>Page_Up", "<Primary><Shift>ISO_Left_Tab", NULL } },
	{ "win.shift-tab(1)", { "<Primary><Shift>Page_Down", NULL } },
	{ "win.shift-tab(-1)", { "<Primary><Shift>Page_Up", NULL } },
	{ "win.close-tab", { "<Primary>w", NULL } },
	{ "win.sidebar", { "F9", NULL } },
	{ "win.menu", { "F10", NULL } },
	{ "win.full-screen", { "F11", NULL } },
	{ "win.back", { "<Alt>Left", NULL } },
	{ "win.forward", { "<Alt>Right", NULL } },
	{ "win.focus-filter", { "<Primary>slash", NULL } },
	{ "explorer.build", { "<Primary>b", NULL } },
	{ "explorer.undo", { "<Primary>z", NULL } },
	{ "explorer.redo", { "<Primary><Shift>z", NULL } },
	{ "win.distribution", { "<Primary>d", NULL } },
	{ "win.timeline", { "<Primary>t", NULL } },
	{ "win.print", { "<Primary>p", NULL } },
	{ "win.save-picture", { "<Primary><Shift>s", NULL } },
	{ "export.shown", { "<Primary><Shift>e", NULL } },
	{ "explorer.range", { "<Primary>r", NULL } },
	{ "explorer.goto", { "<Primary>g", NULL } },
	{ "grid.find", { "<Primary>f", NULL } },
	{ "grid.group", { "<Primary><Shift>g", NULL } },
	{ "notes.mark", { "<Primary>m", NULL } },
	{ "notes.edit", { "<Primary>e", NULL } },
	{ "notes.next", { "<Primary><Shift>n", NULL } },
	{ "notes.previous", { "<Primary><Shift>b", NULL } },
	{ "history.undo", { "<Primary>z", NULL } },
	{ "history.redo", { "<Primary><Shift>z", NULL } },
	{ "win.show-help-overlay", { "<Primary>question", NULL } },
};

const struct accel *accels_all(gsize *ret_n)
{
	*ret_n = G_N_ELEMENTS(all);
	return all;
}

void accels_set(GtkApplication *app)
{
	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		gtk_application_set_accels_for_action(app, all[i].action, all[i].keys);
}
