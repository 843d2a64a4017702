#include "gui/column-chooser.h"

#include <string.h>

#include "gui/i18n.h"

enum { HEIGHT = 320, WIDTH = 280 };

static EventGrid *grid_of(GtkWidget *box)
{
	return g_object_get_data(G_OBJECT(box), "grid");
}

static void on_toggled(GtkToggleButton *check, gpointer box)
{
	EventGrid *grid = grid_of(box);
	const struct field *f = g_object_get_data(G_OBJECT(check), "field");
	guint column = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(check), "column"));
	gboolean on = gtk_toggle_button_get_active(check);

	if (!f)
		event_grid_show_column(grid, column, on);
	else if (on != event_grid_has_field(grid, f) && !event_grid_show_field(grid, f, on)) {
		gtk_widget_error_bell(GTK_WIDGET(check));
		gtk_toggle_button_set_active(check, FALSE);
	}
	g_signal_emit_by_name(grid, "columns-changed");
}

static void on_reset(GtkWidget *button, gpointer box)
{
	GtkWidget *popover = gtk_widget_get_ancestor(button, GTK_TYPE_POPOVER);

	event_grid_reset_columns(grid_of(box));
	g_signal_emit_by_name(grid_of(box), "columns-changed");
	if (popover)
		gtk_popover_popdown(GTK_POPOVER(popover)); /* it is filled anew when it opens */
}

static void add(GtkWidget *list, GtkWidget *box, const char *name, const char *about, const struct field *f, guint column)
{
	GtkWidget *check = gtk_check_button_new_with_label(name);
	EventGrid *grid = grid_of(box);

	gtk_widget_set_tooltip_text(check, about);
	g_object_set_data(G_OBJECT(check), "field", (gpointer)f);
	g_object_set_data(G_OBJECT(check), "column", GUINT_TO_POINTER(column));
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(check), f ? event_grid_has_field(grid, f)
	                                                         : event_grid_is_shown(grid, column));
	g_signal_connect(check, "toggled", G_CALLBACK(on_toggled), box);
	gtk_container_add(GTK_CONTAINER(list), check);
}

static void on_search(GtkEditable *entry, GtkWidget *list)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(list));
	const char *part = gtk_entry_get_text(GTK_ENTRY(entry));

	for (GList *l = rows; l; l = l->next)
		gtk_widget_set_visible(l->data, strcasestr(gtk_button_get_label(l->data), part) != NULL);
}

static GtkWidget *foot(GtkWidget *box)
{
	GtkWidget *all = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *reset = gtk_button_new_with_mnemonic(_("_Reset columns"));
	GtkWidget *hint = gtk_label_new(_("Drag a header to move its column, or press Ctrl+Shift+Left or Right."));
	GtkWidget *wrap = gtk_check_button_new_with_mnemonic(_("_Wrap long values: three lines a row"));

	gtk_actionable_set_action_name(GTK_ACTIONABLE(wrap), "grid.wrap-rows");
	gtk_label_set_line_wrap(GTK_LABEL(hint), TRUE);
	gtk_label_set_xalign(GTK_LABEL(hint), 0);
	gtk_label_set_max_width_chars(GTK_LABEL(hint), 1); /* as wide as the list */
	gtk_style_context_add_class(gtk_widget_get_style_context(hint), "dim-label");
	g_signal_connect(reset, "clicked", G_CALLBACK(on_reset), box);
	gtk_box_pack_start(GTK_BOX(all), wrap, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(all), hint, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(all), reset, FALSE, FALSE, 0);
	return all;
}

GtkWidget *column_chooser_new(EventGrid *grid)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *search = gtk_search_entry_new();
	const struct field *f;

	g_object_set_data(G_OBJECT(box), "grid", grid);
	gtk_entry_set_placeholder_text(GTK_ENTRY(search), _("Find a field"));
	atk_object_set_name(gtk_widget_get_accessible(search), _("Find a field"));
	for (guint c = EVENT_COLUMN_TIME + 1; c < EVENT_COLUMN_COUNT; c++)
		add(list, box, event_column_info(c)->title, NULL, NULL, c);
	for (size_t i = 0; (f = field_at(i)); i++)
		add(list, box, f->name, _(f->about), f, 0);
	gtk_container_add(GTK_CONTAINER(scrolled), list);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_widget_set_size_request(scrolled, WIDTH, HEIGHT);
	gtk_box_pack_start(GTK_BOX(box), search, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), scrolled, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), foot(box), FALSE, FALSE, 0);
	g_object_set(box, "margin", 8, NULL);
	g_signal_connect(search, "search-changed", G_CALLBACK(on_search), list);
	gtk_widget_show_all(box);
	return box;
}
