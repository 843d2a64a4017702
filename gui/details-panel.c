#include "gui/details-panel.h"

#include "gui/details.h"
#include "gui/i18n.h"
#include "gui/value-menu.h"

struct link {
	void (*open)(gpointer data, gint64 process);
	gpointer data;
};

/* ---- copying ---- */

static const char *kept(GtkWidget *label, const char *what)
{
	return g_object_get_data(G_OBJECT(label), what);
}

static void copy(GtkWidget *label, const char *text)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(label, GDK_SELECTION_CLIPBOARD), text, -1);
}

static void copy_value(GtkWidget *label)
{
	copy(label, kept(label, "value"));
}

static void copy_means(GtkWidget *label)
{
	copy(label, kept(label, "means"));
}

static void copy_line(GtkWidget *label)
{
	g_autofree char *line = g_strdup_printf("%s: %s", kept(label, "name"), kept(label, "value"));

	copy(label, line);
}

static void copy_all(GtkWidget *label)
{
	g_autoptr(GList) labels = gtk_container_get_children(GTK_CONTAINER(gtk_widget_get_parent(label)));
	g_autoptr(GString) all = g_string_new(NULL);

	for (GList *l = g_list_last(labels); l; l = l->prev) /* the last one added comes first */
		if (kept(l->data, "value"))
			g_string_append_printf(all, "%s: %s\n", kept(l->data, "name"), kept(l->data, "value"));
	copy(label, all->str);
}

static void add_item(GtkWidget *menu, const char *words, GCallback fn, GtkWidget *label)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(words);

	g_signal_connect_object(item, "activate", fn, label, G_CONNECT_SWAPPED);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

static gboolean popup(GtkWidget *label, const GdkEvent *event)
{
	GtkWidget *menu = gtk_menu_new();

	const char *means = kept(label, "means");
	g_autofree char *opposite = means ? value_menu_opposite(means) : NULL;

	gtk_menu_attach_to_widget(GTK_MENU(menu), label, NULL);
	if (means) {
		value_menu_add_filters(menu, kept(label, "value"), means, opposite);
		value_menu_add_views(menu, means);
		value_menu_add_separator(menu);
	}
	add_item(menu, _("_Copy value"), G_CALLBACK(copy_value), label);
	add_item(menu, _("Copy _name and value"), G_CALLBACK(copy_line), label);
	if (means)
		add_item(menu, _("Copy as e_xpression"), G_CALLBACK(copy_means), label);
	add_item(menu, _("Copy _all details"), G_CALLBACK(copy_all), label);
	g_signal_connect_after(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(GTK_MENU(menu), label, GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, NULL);
	return TRUE;
}

static gboolean on_button(GtkWidget *label, GdkEventButton *e)
{
	return e->button == GDK_BUTTON_SECONDARY && e->type == GDK_BUTTON_PRESS && popup(label, (const GdkEvent *)e);
}

static gboolean on_popup_menu(GtkWidget *label)
{
	return popup(label, NULL);
}

static gboolean on_key(GtkWidget *label, GdkEventKey *e)
{
	gboolean control = (e->state & gtk_accelerator_get_default_mod_mask()) == GDK_CONTROL_MASK;

	if (!control || gdk_keyval_to_lower(e->keyval) != GDK_KEY_c ||
	    gtk_label_get_selection_bounds(GTK_LABEL(label), NULL, NULL))
		return GDK_EVENT_PROPAGATE;
	copy_value(label);
	return GDK_EVENT_STOP;
}

/* ---- labels ---- */

static gboolean on_link(struct link *link, const char *uri)
{
	link->open(link->data, g_ascii_strtoll(uri, NULL, 10));
	return TRUE;
}

static void free_link(gpointer link, GClosure *unused)
{
	g_free(link);
}

static void set_text(GtkWidget *label, const struct details_line *line, const struct link *link)
{
	g_autofree char *markup = NULL;

	if (!line->process && !line->story) {
		gtk_label_set_text(GTK_LABEL(label), line->value);
		gtk_label_set_selectable(GTK_LABEL(label), TRUE);
		return;
	}
	markup = g_markup_printf_escaped("<a href=\"%" G_GINT64_FORMAT "\">%s</a>", line->process, line->value);
	gtk_label_set_markup(GTK_LABEL(label), markup);
	g_signal_connect_data(label, "activate-link", G_CALLBACK(on_link), g_memdup2(link, sizeof(*link)), free_link,
	                      G_CONNECT_SWAPPED);
}

static GtkWidget *value_label(const struct details_line *line, const struct link *link)
{
	GtkWidget *label = gtk_label_new(NULL);

	set_text(label, line, link);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_hexpand(label, TRUE);
	gtk_label_set_ellipsize(GTK_LABEL(label), line->unknown ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
	gtk_widget_set_tooltip_text(label, line->value);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), line->unknown ? "detail-unknown" : "detail-value");
	atk_object_set_name(gtk_widget_get_accessible(label), line->value);
	atk_object_set_description(gtk_widget_get_accessible(label), line->name);
	g_object_set_data(G_OBJECT(label), "name", (gpointer)line->name);
	g_object_set_data_full(G_OBJECT(label), "value", g_strdup(line->value), g_free);
	g_object_set_data_full(G_OBJECT(label), "means", g_strdup(line->means), g_free);
	g_signal_connect(label, "button-press-event", G_CALLBACK(on_button), NULL);
	g_signal_connect(label, "popup-menu", G_CALLBACK(on_popup_menu), NULL);
	g_signal_connect(label, "key-press-event", G_CALLBACK(on_key), NULL);
	return label;
}

static void remove_child(GtkWidget *child, gpointer unused)
{
	gtk_widget_destroy(child);
}

/* Wide values have a row to themselves, the others stand two in a row. */
void details_panel_fill(GtkGrid *grid, GArray *lines, void (*open)(gpointer data, gint64 process), gpointer data)
{
	const struct link link = { open, data };
	int row = 0, column = 0;

	gtk_container_foreach(GTK_CONTAINER(grid), remove_child, NULL);
	for (guint i = 0; i < lines->len; i++) {
		const struct details_line *line = &g_array_index(lines, struct details_line, i);
		GtkWidget *name = gtk_label_new(line->name), *value = value_label(line, &link);

		gtk_label_set_xalign(GTK_LABEL(name), 0);
		gtk_style_context_add_class(gtk_widget_get_style_context(name), "detail-name");
		if (line->wide && column) {
			row++;
			column = 0;
		}
		gtk_grid_attach(grid, name, column, row, 1, 1);
		gtk_grid_attach(grid, value, column + 1, row, line->wide ? 3 : 1, 1);
		column = line->wide || column ? 0 : 2;
		row += column == 0;
	}
	gtk_widget_show_all(GTK_WIDGET(grid));
}
