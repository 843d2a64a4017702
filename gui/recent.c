#include "gui/recent.h"

#include <handy.h>

enum { MAX_RECENT = 8 };

void recent_add(const char *path)
{
	g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);

	if (uri)
		gtk_recent_manager_add_item(gtk_recent_manager_get_default(), uri);
}

static GList *recent_items(void)
{
	GList *all = gtk_recent_manager_get_items(gtk_recent_manager_get_default()), *mine = NULL;

	for (GList *l = all; l; l = l->next) {
		GtkRecentInfo *info = l->data;

		if (gtk_recent_info_has_application(info, g_get_application_name()) && gtk_recent_info_is_local(info) &&
		    gtk_recent_info_exists(info) && g_list_length(mine) < MAX_RECENT)
			mine = g_list_append(mine, gtk_recent_info_ref(info));
	}
	g_list_free_full(all, (GDestroyNotify)gtk_recent_info_unref);
	return mine;
}

/* gtk_recent_info_get_uri_display() has none for a name that is not UTF-8. */
static char *path_of(GtkRecentInfo *info)
{
	g_autofree char *path = g_filename_from_uri(gtk_recent_info_get_uri(info), NULL, NULL);

	return path ? g_filename_display_name(path) : g_strdup(gtk_recent_info_get_uri(info));
}

static GtkWidget *recent_row(GtkRecentInfo *info)
{
	GtkWidget *row = hdy_action_row_new();
	g_autofree char *path = path_of(info);
	g_autofree char *folder = g_path_get_dirname(path);

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), gtk_recent_info_get_display_name(info));
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), folder);
	hdy_action_row_set_title_lines(HDY_ACTION_ROW(row), 1);
	hdy_action_row_set_subtitle_lines(HDY_ACTION_ROW(row), 1);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
	gtk_widget_set_tooltip_text(row, path);
	g_object_set_data_full(G_OBJECT(row), "uri", g_strdup(gtk_recent_info_get_uri(info)), g_free);
	atk_object_set_name(gtk_widget_get_accessible(row), gtk_recent_info_get_display_name(info));
	gtk_widget_show_all(row);
	return row;
}

static void destroy_child(GtkWidget *child, gpointer unused)
{
	gtk_widget_destroy(child);
}

void recent_show(GtkContainer *list, GtkWidget *place, GtkMenuButton *button)
{
	GList *items = recent_items();
	g_autoptr(GMenu) menu = g_menu_new();

	gtk_container_foreach(list, destroy_child, NULL);
	for (GList *l = items; l; l = l->next) {
		g_autoptr(GMenuItem) item = g_menu_item_new(gtk_recent_info_get_display_name(l->data), NULL);

		gtk_container_add(list, recent_row(l->data));
		g_menu_item_set_action_and_target(item, "win.open-recent", "s", gtk_recent_info_get_uri(l->data));
		g_menu_append_item(menu, item);
	}
	gtk_widget_set_visible(place, items != NULL);
	gtk_menu_button_set_menu_model(button, items ? G_MENU_MODEL(menu) : NULL);
	g_list_free_full(items, (GDestroyNotify)gtk_recent_info_unref);
}
