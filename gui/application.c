#include "gui/application.h"

#include <glib-unix.h>

#include "gui/session.h"
#include "gui/time-range.h"
#include "gui/window.h"

#define APP_ID "org.spoor.Investigator"

struct _SpoorApplication {
	GtkApplication parent;
	GSettings *settings;
};
G_DEFINE_FINAL_TYPE(SpoorApplication, spoor_application, GTK_TYPE_APPLICATION)

/* The installed schema, or the one in the build directory that this program stands in. */
static GSettings *find_settings(void)
{
	GSettingsSchemaSource *installed = g_settings_schema_source_get_default();
	g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = exe ? g_path_get_dirname(exe) : g_strdup(".");
	g_autofree char *assets = g_build_filename(folder, "..", "assets", NULL);
	g_autoptr(GSettingsSchemaSource) built = g_settings_schema_source_new_from_directory(assets, installed, TRUE, NULL);
	GSettingsSchemaSource *source = built ? built : installed;
	g_autoptr(GSettingsSchema) schema = source ? g_settings_schema_source_lookup(source, APP_ID, TRUE) : NULL;

	return schema ? g_settings_new_full(schema, NULL, NULL) : NULL;
}

static void load_style(void)
{
	g_autoptr(GtkCssProvider) css = gtk_css_provider_new();

	gtk_css_provider_load_from_resource(css, "/org/spoor/Investigator/spoor.css");
	gtk_style_context_add_provider_for_screen(gdk_screen_get_default(), GTK_STYLE_PROVIDER(css),
	                                          GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	gtk_icon_theme_add_resource_path(gtk_icon_theme_get_default(), "/org/spoor/Investigator/icons");
}

static SpoorWindow *window_of(SpoorApplication *self)
{
	GtkWindow *active = gtk_application_get_active_window(GTK_APPLICATION(self));

	if (!SPOOR_IS_WINDOW(active))
		active = GTK_WINDOW(spoor_window_new(GTK_APPLICATION(self), self->settings));
	gtk_window_present(active);
	return SPOOR_WINDOW(active);
}

/* ---- actions ---- */

static void action_open(GSimpleAction *a, GVariant *unused, gpointer app)
{
	spoor_window_choose_files(window_of(app));
}

static void action_new_window(GSimpleAction *a, GVariant *unused, gpointer app)
{
	gtk_window_present(GTK_WINDOW(spoor_window_new(app, SPOOR_APPLICATION(app)->settings)));
}

static void action_quit(GSimpleAction *a, GVariant *unused, gpointer app)
{
	GList *windows;

	session_end();
	while ((windows = gtk_application_get_windows(app)))
		gtk_widget_destroy(windows->data);
	g_application_quit(app);
}

/* The end of the desktop's session, too: an end by itself. */
static gboolean on_terminate(gpointer app)
{
	action_quit(NULL, NULL, app);
	return G_SOURCE_REMOVE;
}

static void action_about(GSimpleAction *a, GVariant *unused, gpointer app)
{
	gtk_show_about_dialog(gtk_application_get_active_window(app), "program-name", "Spoor", "version", SPOOR_VERSION,
	                      "comments", "Reads the track that a Linux endpoint leaves.", "logo-icon-name", APP_ID,
	                      "license-type", GTK_LICENSE_MIT_X11, NULL);
}

static const GActionEntry actions[] = {
	{ "open", action_open, NULL, NULL, NULL, { 0 } },
	{ "new-window", action_new_window, NULL, NULL, NULL, { 0 } },
	{ "quit", action_quit, NULL, NULL, NULL, { 0 } },
	{ "about", action_about, NULL, NULL, NULL, { 0 } },
};

static void set_accels(GtkApplication *app)
{
	static const struct {
		const char *action, *keys[3];
	} accels[] = {
		{ "app.open", { "<Primary>o", NULL } },          { "app.quit", { "<Primary>q", NULL } },
		{ "app.new-window", { "<Primary>n", NULL } },
		{ "win.turn-tab(1)", { "<Primary>Page_Down", "<Primary>Tab", NULL } },
		{ "win.turn-tab(-1)", { "<Primary>Page_Up", "<Primary><Shift>ISO_Left_Tab", NULL } },
		{ "win.shift-tab(1)", { "<Primary><Shift>Page_Down", NULL } },
		{ "win.shift-tab(-1)", { "<Primary><Shift>Page_Up", NULL } },
		{ "win.close-tab", { "<Primary>w", NULL } },     { "win.sidebar", { "F9", NULL } },
		{ "win.menu", { "F10", NULL } },                 { "win.full-screen", { "F11", NULL } },
		{ "win.back", { "<Alt>Left", NULL } },           { "win.forward", { "<Alt>Right", NULL } },
		{ "win.focus-filter", { "<Primary>slash", NULL } }, { "explorer.build", { "<Primary>b", NULL } },
		{ "explorer.undo", { "<Primary>z", NULL } },     { "explorer.redo", { "<Primary><Shift>z", NULL } },
		{ "win.distribution", { "<Primary>d", NULL } },
		{ "win.timeline", { "<Primary>t", NULL } },      { "win.print", { "<Primary>p", NULL } },
		{ "win.save-picture", { "<Primary><Shift>s", NULL } },
		{ "export.shown", { "<Primary>e", NULL } },
		{ "explorer.range", { "<Primary>r", NULL } },    { "explorer.goto", { "<Primary>g", NULL } },
		{ "notes.mark", { "<Primary>m", NULL } },        { "notes.edit", { "<Primary>e", NULL } },
		{ "notes.next", { "<Primary><Shift>n", NULL } }, { "notes.previous", { "<Primary><Shift>b", NULL } },
		{ "history.undo", { "<Primary>z", NULL } },      { "history.redo", { "<Primary><Shift>z", NULL } },
		{ "win.show-help-overlay", { "<Primary>question", "F1", NULL } },
	};

	for (guint i = 0; i < G_N_ELEMENTS(accels); i++)
		gtk_application_set_accels_for_action(app, accels[i].action, accels[i].keys);
}

/* ---- the application ---- */

static void on_local_time(GSettings *settings)
{
	time_range_use_local(g_settings_get_boolean(settings, "local-time"));
}

static void spoor_application_startup(GApplication *app)
{
	SpoorApplication *self = SPOOR_APPLICATION(app);
	g_autoptr(GAction) dark = NULL, local = NULL;

	G_APPLICATION_CLASS(spoor_application_parent_class)->startup(app);
	hdy_init();
	load_style();
	g_action_map_add_action_entries(G_ACTION_MAP(app), actions, G_N_ELEMENTS(actions), app);
	set_accels(GTK_APPLICATION(app));
	session_begin(GTK_APPLICATION(app), self->settings);
	g_unix_signal_add(SIGTERM, on_terminate, app);
	g_unix_signal_add(SIGHUP, on_terminate, app);
	dark = g_settings_create_action(self->settings, "dark");
	g_action_map_add_action(G_ACTION_MAP(app), dark);
	local = g_settings_create_action(self->settings, "local-time");
	g_action_map_add_action(G_ACTION_MAP(app), local);
	g_signal_connect(self->settings, "changed::local-time", G_CALLBACK(on_local_time), NULL);
	on_local_time(self->settings);
	if (g_settings_get_boolean(self->settings, "dark"))
		g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", TRUE, NULL);
	g_settings_bind(self->settings, "dark", gtk_settings_get_default(), "gtk-application-prefer-dark-theme",
	                G_SETTINGS_BIND_GET | G_SETTINGS_BIND_GET_NO_CHANGES);
}

static void spoor_application_activate(GApplication *app)
{
	if (!SPOOR_IS_WINDOW(gtk_application_get_active_window(GTK_APPLICATION(app))) && session_restore())
		return;
	window_of(SPOOR_APPLICATION(app));
}

static void spoor_application_open(GApplication *app, GFile **files, gint n_files, const gchar *hint)
{
	SpoorWindow *window = window_of(SPOOR_APPLICATION(app));

	session_offer(GTK_WINDOW(window));
	spoor_window_open(window, files, n_files);
}

static gint spoor_application_options(GApplication *app, GVariantDict *options)
{
	if (g_variant_dict_contains(options, "version")) {
		g_print("spoor %s\n", SPOOR_VERSION);
		return 0;
	}
	if (!SPOOR_APPLICATION(app)->settings)
		SPOOR_APPLICATION(app)->settings = find_settings();
	if (!SPOOR_APPLICATION(app)->settings) {
		g_printerr("spoor: settings: the schema " APP_ID " is not installed\n");
		return 1;
	}
	return -1;
}

static void spoor_application_finalize(GObject *object)
{
	g_clear_object(&SPOOR_APPLICATION(object)->settings);
	G_OBJECT_CLASS(spoor_application_parent_class)->finalize(object);
}

static void spoor_application_class_init(SpoorApplicationClass *class)
{
	G_OBJECT_CLASS(class)->finalize = spoor_application_finalize;
	G_APPLICATION_CLASS(class)->startup = spoor_application_startup;
	G_APPLICATION_CLASS(class)->activate = spoor_application_activate;
	G_APPLICATION_CLASS(class)->open = spoor_application_open;
	G_APPLICATION_CLASS(class)->handle_local_options = spoor_application_options;
}

static void spoor_application_init(SpoorApplication *self)
{
	GApplication *app = G_APPLICATION(self);

	g_application_add_main_option(app, "version", 0, 0, G_OPTION_ARG_NONE, "Print the version", NULL);
	g_application_set_option_context_parameter_string(app, "[FILE…]");
	g_application_set_option_context_summary(app, "Opens snapshots (.db) and audit logs of Linux endpoints.\n"
	                                              "Without a display: spoor query --help, spoor render --help.");
}

GtkApplication *spoor_application_new(void)
{
	return g_object_new(SPOOR_APPLICATION_TYPE, "application-id", APP_ID, "flags", G_APPLICATION_HANDLES_OPEN, NULL);
}
