#include "gui/application.h"

#include <glib-unix.h>

#include "gui/accels.h"
#include "gui/help-window.h"
#include "gui/i18n.h"
#include "gui/live-start.h"
#include "gui/preferences.h"
#include "gui/servers.h"
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
	gtk_show_about_dialog(gtk_application_get_active_window(app), "program-name", _("Spoor"), "version", SPOOR_VERSION,
	                      "comments", _("Reads the track that a Linux endpoint leaves."), "logo-icon-name", APP_ID,
	                      "license-type", GTK_LICENSE_MIT_X11, NULL);
}

static void action_preferences(GSimpleAction *a, GVariant *unused, gpointer app)
{
	preferences_show(gtk_application_get_active_window(app), SPOOR_APPLICATION(app)->settings);
}

/* The topic of what is in sight. */
static void action_help(GSimpleAction *a, GVariant *unused, gpointer app)
{
	GtkWindow *window = gtk_application_get_active_window(app);

	help_window_show(app, SPOOR_IS_WINDOW(window) ? spoor_window_help(SPOOR_WINDOW(window)) : "home");
}

static void tell_start(GtkWindow *window, const char *text)
{
	spoor_window_tell(SPOOR_WINDOW(window), text);
}

static void action_live(GSimpleAction *a, GVariant *path, gpointer app)
{
	live_start(GTK_WINDOW(window_of(app)), g_variant_get_string(path, NULL), tell_start);
}

static const GActionEntry actions[] = {
	{ "live", action_live, "s", NULL, NULL, { 0 } },
	{ "preferences", action_preferences, NULL, NULL, NULL, { 0 } },
	{ "help", action_help, NULL, NULL, NULL, { 0 } },
	{ "open", action_open, NULL, NULL, NULL, { 0 } },
	{ "new-window", action_new_window, NULL, NULL, NULL, { 0 } },
	{ "quit", action_quit, NULL, NULL, NULL, { 0 } },
	{ "about", action_about, NULL, NULL, NULL, { 0 } },
};

/* ---- the application ---- */

static void on_local_time(GSettings *settings)
{
	time_range_use_local(g_settings_get_boolean(settings, "local-time"));
}

static void spoor_application_startup(GApplication *app)
{
	SpoorApplication *self = SPOOR_APPLICATION(app);
	g_autoptr(GAction) local = NULL;

	G_APPLICATION_CLASS(spoor_application_parent_class)->startup(app);
	hdy_init();
	load_style();
	g_action_map_add_action_entries(G_ACTION_MAP(app), actions, G_N_ELEMENTS(actions), app);
	accels_set(GTK_APPLICATION(app));
	servers_begin(self->settings);
	session_begin(GTK_APPLICATION(app), self->settings);
	g_unix_signal_add(SIGTERM, on_terminate, app);
	g_unix_signal_add(SIGHUP, on_terminate, app);
	local = g_settings_create_action(self->settings, "local-time");
	g_action_map_add_action(G_ACTION_MAP(app), local);
	g_signal_connect(self->settings, "changed::local-time", G_CALLBACK(on_local_time), NULL);
	on_local_time(self->settings);
	preferences_apply(self->settings);
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
	g_autoptr(GError) error = NULL;
	g_autoptr(GFile) file = NULL;
	g_autofree char *path = NULL;
	const char *live;

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
	if (g_variant_dict_lookup(options, "live", "^&ay", &live)) {
		file = g_file_new_for_commandline_arg(live);
		path = g_file_get_path(file);
		if (!path || !g_application_register(app, NULL, &error)) {
			g_printerr("spoor: %s: %s\n", live, error ? error->message : "it is not on this computer");
			return 1;
		}
		g_application_activate(app);
		g_action_group_activate_action(G_ACTION_GROUP(app), "live", g_variant_new_string(path));
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

	g_application_add_main_option(app, "version", 0, 0, G_OPTION_ARG_NONE, _("Print the version"), NULL);
	g_application_add_main_option(app, "live", 0, 0, G_OPTION_ARG_FILENAME,
	                              _("Connect to the server that FILE names, and read an endpoint of it live"), _("FILE"));
	g_application_set_option_context_parameter_string(app, "[FILE…]");
	g_application_set_option_context_summary(app, _("Opens snapshots (.db) and audit logs of Linux endpoints.\n"
	                                              "Without a display: spoor query --help, spoor render --help."));
}

GtkApplication *spoor_application_new(void)
{
	return g_object_new(SPOOR_APPLICATION_TYPE, "application-id", APP_ID, "flags", G_APPLICATION_HANDLES_OPEN, NULL);
}
