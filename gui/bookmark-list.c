#include "gui/bookmark-list.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/time-range.h"

enum { NAME_CHARS = 24, ROWS_HEIGHT = 320 };

struct list {
	Notes *notes;
	TimelineView *view;
	GtkWidget *button, *popover, *rows, *empty, *count;
};

static gint64 time_of(GtkWidget *row)
{
	return *(const gint64 *)g_object_get_data(G_OBJECT(row), "time");
}

static void on_chosen(struct list *l, GtkWidget *row)
{
	if (!timeline_view_go_to_bookmark(l->view, time_of(row))) {
		gtk_widget_error_bell(row);
		return;
	}
	gtk_popover_popdown(GTK_POPOVER(l->popover));
	gtk_widget_grab_focus(GTK_WIDGET(l->view));
}

static void rename_row(struct list *l, GtkWidget *row)
{
	gint64 ms = time_of(row);

	gtk_popover_popdown(GTK_POPOVER(l->popover));
	timeline_view_rename_bookmark(l->view, ms);
}

static void remove_row(struct list *l, GtkWidget *row)
{
	timeline_view_remove_bookmark(l->view, time_of(row));
}

static void on_rename(GtkWidget *button, struct list *l)
{
	rename_row(l, gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW));
}

static void on_remove(GtkWidget *button, struct list *l)
{
	remove_row(l, gtk_widget_get_ancestor(button, GTK_TYPE_LIST_BOX_ROW));
}

static gboolean on_key(struct list *l, GdkEventKey *e)
{
	GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(gtk_widget_get_toplevel(l->rows)));
	GtkWidget *row = focus ? gtk_widget_get_ancestor(focus, GTK_TYPE_LIST_BOX_ROW) : NULL;

	if (!row)
		return GDK_EVENT_PROPAGATE;
	if (e->keyval == GDK_KEY_F2)
		rename_row(l, row);
	else if (e->keyval == GDK_KEY_Delete || e->keyval == GDK_KEY_KP_Delete)
		remove_row(l, row);
	else
		return GDK_EVENT_PROPAGATE;
	return GDK_EVENT_STOP;
}

/* ---- rows ---- */

static GtkWidget *tool(struct list *l, const char *icon, const char *name, const char *of, GCallback clicked)
{
	GtkWidget *button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);
	g_autofree char *whole = g_strdup_printf("%s: %s", name, of);

	gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(button, name);
	atk_object_set_name(gtk_widget_get_accessible(button), whole);
	g_signal_connect(button, "clicked", clicked, l);
	return button;
}

static GtkWidget *label(const char *text, const char *class)
{
	GtkWidget *l = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(l), 0);
	if (class)
		gtk_style_context_add_class(gtk_widget_get_style_context(l), class);
	return l;
}

static GtkWidget *row_of(struct list *l, const struct casefile_bookmark *b)
{
	GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *name, *when;
	gboolean within = timeline_view_has_time(l->view, b->time_ms);
	g_autofree char *text = event_text(b->name), *time = event_time(b->time_ms), *author = event_text(b->author);
	g_autofree char *zone = time_range_zone(b->time_ms), *about = g_strdup_printf("%s, %s %s", text, time, zone);
	g_autofree char *by = g_strdup_printf(within ? _("by %s") : _("by %s · not within this timeline"), author);
	gint64 *ms = g_new(gint64, 1);

	*ms = b->time_ms;
	g_object_set_data_full(G_OBJECT(row), "time", ms, g_free);
	name = label(text, within ? NULL : "dim-label");
	when = label(time, "detail-value");
	gtk_label_set_width_chars(GTK_LABEL(name), NAME_CHARS);
	gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
	gtk_box_pack_start(GTK_BOX(box), when, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), name, TRUE, TRUE, 0);
	if (within)
		gtk_box_pack_start(GTK_BOX(box), tool(l, "document-edit-symbolic", _("Rename (F2)"), text,
		                                      G_CALLBACK(on_rename)), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), tool(l, "edit-delete-symbolic", _("Remove (Delete)"), text, G_CALLBACK(on_remove)),
	                   FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(row), box);
	gtk_widget_set_tooltip_text(row, by);
	atk_object_set_name(gtk_widget_get_accessible(row), about);
	atk_object_set_description(gtk_widget_get_accessible(row), by);
	gtk_widget_show_all(row);
	return row;
}

static void remove_child(GtkWidget *row, gpointer unused)
{
	gtk_widget_destroy(row);
}

/* Who stood on a row that is gone stands on what took its place. */
static void fill(struct list *l)
{
	gsize n;
	const struct casefile_bookmark *all = notes_bookmarks(l->notes, &n);
	GtkWidget *focus = gtk_container_get_focus_child(GTK_CONTAINER(l->rows));
	int at = focus ? gtk_list_box_row_get_index(GTK_LIST_BOX_ROW(focus)) : -1;
	g_autofree char *number = event_number(n);
	GtkListBoxRow *again;

	gtk_container_foreach(GTK_CONTAINER(l->rows), remove_child, NULL);
	for (gsize i = 0; i < n && gtk_widget_get_visible(l->popover); i++)
		gtk_container_add(GTK_CONTAINER(l->rows), row_of(l, &all[i]));
	gtk_widget_set_visible(l->empty, !n);
	gtk_label_set_text(GTK_LABEL(l->count), n ? number : "");
	again = at >= 0 ? gtk_list_box_get_row_at_index(GTK_LIST_BOX(l->rows), MIN(at, (int)n - 1)) : NULL;
	if (again)
		gtk_widget_grab_focus(GTK_WIDGET(again));
}

static void on_shown(struct list *l)
{
	GtkListBoxRow *first;

	fill(l);
	first = gtk_list_box_get_row_at_index(GTK_LIST_BOX(l->rows), 0);
	if (first)
		gtk_widget_grab_focus(GTK_WIDGET(first));
}

/* ---- the button ---- */

static void on_destroy(struct list *l)
{
	g_signal_handlers_disconnect_by_data(l->notes, l);
	g_object_unref(l->notes);
	g_free(l);
}

static void build_popover(struct list *l)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *scrolled = gtk_scrolled_window_new(NULL, NULL);

	l->rows = gtk_list_box_new();
	l->empty = label(_("No bookmarks yet. M makes one in the timeline."), "dim-label");
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(l->rows), GTK_SELECTION_NONE);
	atk_object_set_name(gtk_widget_get_accessible(l->rows), _("Bookmarks"));
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
	gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), ROWS_HEIGHT);
	gtk_container_add(GTK_CONTAINER(scrolled), l->rows);
	gtk_box_pack_start(GTK_BOX(box), scrolled, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), l->empty, FALSE, FALSE, 0);
	g_object_set(box, "margin", 8, NULL);
	gtk_widget_show_all(box);
	l->popover = gtk_popover_new(l->button);
	gtk_container_add(GTK_CONTAINER(l->popover), box);
	gtk_menu_button_set_popover(GTK_MENU_BUTTON(l->button), l->popover);
}

GtkWidget *bookmark_list_new(Notes *notes, TimelineView *view)
{
	struct list *l = g_new0(struct list, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2);

	l->notes = g_object_ref(notes);
	l->view = view;
	l->button = gtk_menu_button_new();
	l->count = gtk_label_new("");
	gtk_container_add(GTK_CONTAINER(box), l->count);
	gtk_container_add(GTK_CONTAINER(box), gtk_image_new_from_icon_name("pan-down-symbolic", GTK_ICON_SIZE_BUTTON));
	gtk_container_add(GTK_CONTAINER(l->button), box);
	gtk_button_set_relief(GTK_BUTTON(l->button), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(l->button, _("All bookmarks"));
	atk_object_set_name(gtk_widget_get_accessible(l->button), _("All bookmarks"));
	build_popover(l);
	g_signal_connect_swapped(l->rows, "row-activated", G_CALLBACK(on_chosen), l);
	g_signal_connect_swapped(l->rows, "key-press-event", G_CALLBACK(on_key), l);
	g_signal_connect_swapped(l->popover, "show", G_CALLBACK(on_shown), l);
	g_signal_connect_swapped(l->button, "destroy", G_CALLBACK(on_destroy), l);
	g_signal_connect_swapped(notes, "changed", G_CALLBACK(fill), l);
	fill(l);
	gtk_widget_show_all(l->button);
	return l->button;
}
