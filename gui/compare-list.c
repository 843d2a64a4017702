#include "gui/compare-list.h"

#include "gui/compare-text.h"
#include "gui/event-column.h"
#include "gui/i18n.h"

enum { AT_ONCE = 250 }; /* rows added in one turn of the main loop */
enum { COLUMN_CHANGE, COLUMN_NAME, COLUMN_DETAIL, COLUMN_BY, COLUMN_TIME, COLUMN_ITEM, COLUMNS };

struct _CompareList {
	GtkTreeView parent;
	GtkListStore *store;
	const struct compare *compare;
	size_t at, end; /* items still to be added */
	guint filling;
};
G_DEFINE_FINAL_TYPE(CompareList, compare_list, GTK_TYPE_TREE_VIEW)

enum { SIGNAL_ITEM_ACTIVATED, SIGNAL_ITEM_MENU, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- rows ---- */

static void add_row(CompareList *self, size_t i)
{
	const struct compare_item *item = &self->compare->items[i];
	g_autofree char *name = compare_text_name(item), *detail = compare_text_detail(item), *by = compare_text_by(item);
	g_autofree char *time = event_time(compare_text_time(item));

	gtk_list_store_insert_with_values(self->store, NULL, -1, COLUMN_CHANGE, compare_text_change(item->change), COLUMN_NAME,
	                                  name, COLUMN_DETAIL, detail, COLUMN_BY, by, COLUMN_TIME, time, COLUMN_ITEM, (guint)i,
	                                  -1);
}

static gboolean fill(gpointer data)
{
	CompareList *self = data;

	for (int i = 0; i < AT_ONCE && self->at < self->end; i++)
		add_row(self, self->at++);
	if (self->at < self->end)
		return G_SOURCE_CONTINUE;
	self->filling = 0;
	return G_SOURCE_REMOVE;
}

static void stop(CompareList *self)
{
	if (self->filling)
		g_source_remove(self->filling);
	self->filling = 0;
	self->compare = NULL;
}

void compare_list_show(CompareList *self, const struct compare *c, int area)
{
	stop(self);
	gtk_list_store_clear(self->store);
	if (!c)
		return;
	self->compare = c;
	for (self->at = 0; self->at < c->n && c->items[self->at].thing->area < area;)
		self->at++;
	for (self->end = self->at; self->end < c->n && c->items[self->end].thing->area == area;)
		self->end++;
	if (fill(self) == G_SOURCE_CONTINUE)
		self->filling = g_idle_add(fill, self);
}

/* ---- choosing ---- */

static gboolean item_of(CompareList *self, GtkTreePath *path, guint *ret)
{
	GtkTreeIter iter;

	if (!path || !gtk_tree_model_get_iter(GTK_TREE_MODEL(self->store), &iter, path))
		return FALSE;
	gtk_tree_model_get(GTK_TREE_MODEL(self->store), &iter, COLUMN_ITEM, ret, -1);
	return TRUE;
}

static void list_row_activated(GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column)
{
	guint item;

	if (item_of(COMPARE_LIST(view), path, &item))
		g_signal_emit(view, signals[SIGNAL_ITEM_ACTIVATED], 0, item);
}

static gboolean popup(CompareList *self, GtkTreePath *path, GdkEvent *event)
{
	GtkWidget *menu;
	GdkRectangle place;
	guint item;

	if (!item_of(self, path, &item))
		return GDK_EVENT_PROPAGATE;
	menu = gtk_menu_new();
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	g_signal_emit(self, signals[SIGNAL_ITEM_MENU], 0, item, menu);
	gtk_widget_show_all(menu);
	gtk_tree_view_get_cell_area(GTK_TREE_VIEW(self), path, gtk_tree_view_get_column(GTK_TREE_VIEW(self), 1), &place);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_rect(GTK_MENU(menu), gtk_tree_view_get_bin_window(GTK_TREE_VIEW(self)), &place,
		                       GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, NULL);
	return GDK_EVENT_STOP;
}

static gboolean list_popup_menu(GtkWidget *widget)
{
	g_autoptr(GtkTreePath) path = NULL;

	gtk_tree_view_get_cursor(GTK_TREE_VIEW(widget), &path, NULL);
	return popup(COMPARE_LIST(widget), path, NULL);
}

static gboolean list_button_press(GtkWidget *widget, GdkEventButton *e)
{
	g_autoptr(GtkTreePath) path = NULL;

	if (!gdk_event_triggers_context_menu((GdkEvent *)e) || e->window != gtk_tree_view_get_bin_window(GTK_TREE_VIEW(widget)))
		return GTK_WIDGET_CLASS(compare_list_parent_class)->button_press_event(widget, e);
	gtk_widget_grab_focus(widget);
	if (gtk_tree_view_get_path_at_pos(GTK_TREE_VIEW(widget), (int)e->x, (int)e->y, &path, NULL, NULL, NULL))
		gtk_tree_view_set_cursor(GTK_TREE_VIEW(widget), path, NULL, FALSE);
	return popup(COMPARE_LIST(widget), path, (GdkEvent *)e);
}

/* ---- the type ---- */

static void list_dispose(GObject *object)
{
	stop(COMPARE_LIST(object));
	g_clear_object(&COMPARE_LIST(object)->store);
	G_OBJECT_CLASS(compare_list_parent_class)->dispose(object);
}

static void compare_list_class_init(CompareListClass *class)
{
	GType type = G_OBJECT_CLASS_TYPE(class);

	G_OBJECT_CLASS(class)->dispose = list_dispose;
	GTK_WIDGET_CLASS(class)->popup_menu = list_popup_menu;
	GTK_WIDGET_CLASS(class)->button_press_event = list_button_press;
	GTK_TREE_VIEW_CLASS(class)->row_activated = list_row_activated;
	signals[SIGNAL_ITEM_ACTIVATED] = g_signal_new("item-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                              G_TYPE_NONE, 1, G_TYPE_UINT);
	signals[SIGNAL_ITEM_MENU] = g_signal_new("item-menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
	                                         G_TYPE_UINT, GTK_TYPE_MENU);
}

static void add_column(CompareList *self, const char *title, int number, int width, gboolean mono)
{
	GtkCellRenderer *cell = gtk_cell_renderer_text_new();
	GtkTreeViewColumn *column = gtk_tree_view_column_new_with_attributes(title, cell, "text", number, NULL);

	g_object_set(cell, "ellipsize", number == COLUMN_DETAIL ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE, NULL);
	if (mono)
		g_object_set(cell, "family", "monospace", NULL);
	gtk_tree_view_column_set_sizing(column, GTK_TREE_VIEW_COLUMN_FIXED);
	gtk_tree_view_column_set_fixed_width(column, width);
	gtk_tree_view_column_set_resizable(column, TRUE);
	gtk_tree_view_column_set_expand(column, number == COLUMN_NAME);
	gtk_tree_view_append_column(GTK_TREE_VIEW(self), column);
}

static void compare_list_init(CompareList *self)
{
	self->store = gtk_list_store_new(COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
	                                 G_TYPE_UINT);
	add_column(self, _("Change"), COLUMN_CHANGE, 80, FALSE);
	add_column(self, _("What"), COLUMN_NAME, 240, TRUE);
	add_column(self, _("Detail"), COLUMN_DETAIL, 200, TRUE);
	add_column(self, _("By"), COLUMN_BY, 130, TRUE);
	add_column(self, _("First, or last seen"), COLUMN_TIME, 200, TRUE);
	gtk_tree_view_set_fixed_height_mode(GTK_TREE_VIEW(self), TRUE);
	gtk_tree_view_set_search_column(GTK_TREE_VIEW(self), COLUMN_NAME);
	gtk_tree_view_set_model(GTK_TREE_VIEW(self), GTK_TREE_MODEL(self->store));
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), _("Differences"));
}

GtkWidget *compare_list_new(void)
{
	return g_object_new(COMPARE_TYPE_LIST, NULL);
}
