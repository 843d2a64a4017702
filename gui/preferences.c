#include "gui/preferences.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/i18n.h"

enum theme { THEME_SYSTEM, THEME_LIGHT, THEME_DARK };

/* ---- following them ---- */

static void on_theme(GSettings *settings)
{
	static const HdyColorScheme schemes[] = { HDY_COLOR_SCHEME_PREFER_LIGHT, HDY_COLOR_SCHEME_FORCE_LIGHT,
		                                  HDY_COLOR_SCHEME_FORCE_DARK };
	int theme = g_settings_get_enum(settings, "theme");

	hdy_style_manager_set_color_scheme(hdy_style_manager_get_default(), schemes[CLAMP(theme, 0, THEME_DARK)]);
}

static void on_animations(GSettings *settings)
{
	GtkSettings *gtk = gtk_settings_get_default();

	if (g_settings_get_boolean(settings, "animations"))
		gtk_settings_reset_property(gtk, "gtk-enable-animations"); /* as the desktop says */
	else
		g_object_set(gtk, "gtk-enable-animations", FALSE, NULL);
}

void preferences_apply(GSettings *settings)
{
	g_signal_connect(settings, "changed::theme", G_CALLBACK(on_theme), NULL);
	g_signal_connect(settings, "changed::animations", G_CALLBACK(on_animations), NULL);
	on_theme(settings);
	on_animations(settings);
}

/* ---- the window ---- */

static GtkWidget *add_group(GtkWidget *page, const char *title)
{
	GtkWidget *group = hdy_preferences_group_new();

	hdy_preferences_group_set_title(HDY_PREFERENCES_GROUP(group), title);
	gtk_container_add(GTK_CONTAINER(page), group);
	return group;
}

static GtkWidget *add_row(GtkWidget *group, const char *title, const char *subtitle, GtkWidget *control)
{
	GtkWidget *row = hdy_action_row_new();

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), title);
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), subtitle);
	gtk_widget_set_valign(control, GTK_ALIGN_CENTER);
	gtk_container_add(GTK_CONTAINER(row), control);
	hdy_action_row_set_activatable_widget(HDY_ACTION_ROW(row), control);
	gtk_container_add(GTK_CONTAINER(group), row);
	atk_object_set_name(gtk_widget_get_accessible(control), title);
	atk_object_set_description(gtk_widget_get_accessible(control), subtitle);
	return row;
}

static void add_switch(GtkWidget *group, const char *title, const char *subtitle, GSettings *settings, const char *key)
{
	GtkWidget *control = gtk_switch_new();

	add_row(group, title, subtitle, control);
	g_settings_bind(settings, key, control, "active", G_SETTINGS_BIND_DEFAULT);
}

static void add_theme(GtkWidget *group, GSettings *settings)
{
	GtkWidget *combo = gtk_combo_box_text_new();

	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), "system", _("As the desktop"));
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), "light", _("Light"));
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), "dark", _("Dark"));
	add_row(group, _("Colours"), _("High contrast always follows the desktop"), combo);
	g_settings_bind(settings, "theme", combo, "active-id", G_SETTINGS_BIND_DEFAULT);
}

void preferences_show(GtkWindow *parent, GSettings *settings)
{
	GtkWidget *window = hdy_preferences_window_new(), *page = hdy_preferences_page_new(), *group;

	hdy_preferences_window_set_search_enabled(HDY_PREFERENCES_WINDOW(window), FALSE);
	gtk_window_set_title(GTK_WINDOW(window), _("Preferences"));
	group = add_group(page, _("Events"));
	add_switch(group, _("Local time"), _("Show times in this computer's zone instead of UTC"), settings, "local-time");
	add_switch(group, _("Newest first"), _("How the explorer lists events at the start"), settings, "newest-first");
	group = add_group(page, _("Look"));
	add_theme(group, settings);
	add_switch(group, _("Animations"), _("Show by movement where something went"), settings, "animations");
	add_switch(group, _("Sidebar"), _("Show the areas beside the page"), settings, "sidebar");
	group = add_group(page, _("Start"));
	add_switch(group, _("Open again what was open"), _("After a crash it is opened again in any case"), settings,
	           "restore-session");
	gtk_container_add(GTK_CONTAINER(window), page);
	gtk_window_set_transient_for(GTK_WINDOW(window), parent);
	gtk_window_set_modal(GTK_WINDOW(window), parent != NULL);
	gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
	gtk_window_set_default_size(GTK_WINDOW(window), 560, 640);
	gtk_widget_show_all(window);
}
