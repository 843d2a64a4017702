#include "gui/grid-find.h"

#include "gui/find-text.h"
#include "gui/i18n.h"

struct _GridFind {
	GtkBox parent;
	EventGrid *grid; /* beside us */
	GtkWidget *entry, *message;
	char *expression;
	struct reader_range range;
	GCancellable *call;
	char *where; /* what was looked for beyond the selected row only; NULL: everywhere */
};
G_DEFINE_FINAL_TYPE(GridFind, grid_find, GTK_TYPE_BOX)

static void say(GridFind *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->message), words);
}

static GCancellable *renew(GridFind *self)
{
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
	return self->call = g_cancellable_new();
}

static void failed(GridFind *self, const GError *error)
{
	if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->call)
		say(self, error->message);
}

/* How many rows come before the one that was found tells where it is. */
static void on_count(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GridFind) self = data;
	g_autoptr(GError) error = NULL;
	EventModel *model;
	struct reader_count count;
	guint64 row;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error)) {
		failed(self, error);
		return;
	}
	model = self->call ? event_grid_get_model(self->grid) : NULL;
	row = model ? event_model_row_after(model, count.total) : EVENT_GRID_NO_ROW;
	reader_count_free(&count);
	if (row == EVENT_GRID_NO_ROW)
		return;
	event_grid_select(self->grid, row);
	say(self, "");
}

static void on_any(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GridFind) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_page page;

	if (!source_page_finish(SPOOR_SOURCE(object), result, &page, &error)) {
		failed(self, error);
		return;
	}
	if (self->call)
		say(self, page.n ? _("No more found") : _("Not found"));
	reader_page_free(&page);
}

static void on_page(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GridFind) self = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *before = NULL, *both = NULL;
	struct reader_place anywhere = { READER_OLDEST_FIRST, 0, 0 };
	struct reader_page page;

	if (!source_page_finish(SPOOR_SOURCE(object), result, &page, &error)) {
		failed(self, error);
		return;
	}
	if (page.n)
		before = g_strdup_printf("event.id < %" G_GINT64_FORMAT, (gint64)page.rows[0].id);
	reader_page_free(&page);
	if (!self->call)
		return;
	both = before ? event_column_join(self->expression, before) : NULL;
	if (both)
		source_count_async(SPOOR_SOURCE(object), &(struct source_query){ both, self->range }, 0, self->call, on_count,
		                   g_object_ref(self));
	else if (self->where)
		source_page_async(SPOOR_SOURCE(object), &(struct source_query){ self->where, self->range }, anywhere, 1, self->call,
		                  on_any, g_object_ref(self));
	else
		say(self, _("Not found"));
}

static void find(GridFind *self, gboolean back)
{
	EventModel *model = event_grid_get_model(self->grid);
	g_autofree char *where = find_text_expression(gtk_entry_get_text(GTK_ENTRY(self->entry)), self->expression, NULL);
	guint64 i = event_grid_get_selected(self->grid);
	const struct reader_row *row = model && i != EVENT_GRID_NO_ROW ? event_model_get_row(model, i) : NULL;
	struct reader_place at = { READER_OLDEST_FIRST, 0, 0 };

	if (!where || !model)
		return;
	if ((event_model_get_order(model) == READER_NEWEST_FIRST) != back)
		at.order = READER_NEWEST_FIRST;
	g_clear_pointer(&self->where, g_free);
	if (row) {
		g_autofree char *beyond = g_strdup_printf("event.id %s %" G_GINT64_FORMAT,
		                                          at.order == READER_NEWEST_FIRST ? "<" : ">", (gint64)row->id);
		char *both = event_column_join(where, beyond);

		self->where = where;
		where = both;
	}
	if (!where)
		return;
	say(self, _("Searching…"));
	source_page_async(event_model_get_source(model), &(struct source_query){ where, self->range }, at, 1, renew(self),
	                  on_page, g_object_ref(self));
}

static void on_next(GridFind *self)
{
	find(self, FALSE);
}

static void on_previous(GridFind *self)
{
	find(self, TRUE);
}

static void stop(GridFind *self)
{
	grid_find_stop(self);
	say(self, "");
}

static void close_bar(GridFind *self)
{
	stop(self);
	gtk_widget_hide(GTK_WIDGET(self));
	gtk_widget_grab_focus(GTK_WIDGET(self->grid));
}

static gboolean on_key(GridFind *self, GdkEventKey *event)
{
	gboolean enter = event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter;

	if (event->keyval == GDK_KEY_Escape)
		close_bar(self);
	else if (enter && event->state & GDK_SHIFT_MASK)
		find(self, TRUE);
	else
		return FALSE;
	return TRUE;
}

void grid_find_set_query(GridFind *self, const struct source_query *q)
{
	char *copy = g_strdup(q->expression);

	stop(self);
	g_free(self->expression);
	self->expression = copy;
	self->range = q->range;
}

void grid_find_open(GridFind *self)
{
	gtk_widget_show(GTK_WIDGET(self));
	gtk_widget_grab_focus(self->entry);
}

void grid_find_stop(GridFind *self)
{
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
}

static void grid_find_dispose(GObject *object)
{
	grid_find_stop(GRID_FIND(object));
	G_OBJECT_CLASS(grid_find_parent_class)->dispose(object);
}

static void grid_find_finalize(GObject *object)
{
	g_free(GRID_FIND(object)->expression);
	g_free(GRID_FIND(object)->where);
	G_OBJECT_CLASS(grid_find_parent_class)->finalize(object);
}

static void grid_find_class_init(GridFindClass *class)
{
	G_OBJECT_CLASS(class)->dispose = grid_find_dispose;
	G_OBJECT_CLASS(class)->finalize = grid_find_finalize;
}

static void add_button(GridFind *self, const char *icon, const char *tip, void (*fn)(GridFind *))
{
	GtkWidget *b = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);

	gtk_button_set_relief(GTK_BUTTON(b), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(b, tip);
	atk_object_set_name(gtk_widget_get_accessible(b), tip);
	g_signal_connect_swapped(b, "clicked", G_CALLBACK(fn), self);
	gtk_box_pack_start(GTK_BOX(self), b, FALSE, FALSE, 0);
}

static void grid_find_init(GridFind *self)
{
	self->range = READER_ALL_TIME;
	self->entry = gtk_entry_new();
	gtk_entry_set_width_chars(GTK_ENTRY(self->entry), 32);
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->entry), _("Find in these events"));
	atk_object_set_name(gtk_widget_get_accessible(self->entry), _("Find in these events"));
	self->message = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(self->message), PANGO_ELLIPSIZE_END);
	g_object_set(self, "margin", 6, "spacing", 6, NULL);
	gtk_box_pack_start(GTK_BOX(self), self->entry, FALSE, FALSE, 0);
	add_button(self, "go-down-symbolic", _("Next (Enter)"), on_next);
	add_button(self, "go-up-symbolic", _("Previous (Shift+Enter)"), on_previous);
	gtk_box_pack_start(GTK_BOX(self), self->message, FALSE, FALSE, 0);
	g_signal_connect_swapped(self->entry, "activate", G_CALLBACK(on_next), self);
	g_signal_connect(self, "key-press-event", G_CALLBACK(on_key), NULL);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
	gtk_widget_hide(GTK_WIDGET(self));
}

GtkWidget *grid_find_new(EventGrid *grid)
{
	GridFind *self = g_object_new(GRID_FIND_TYPE, NULL);

	self->grid = grid;
	return GTK_WIDGET(self);
}
