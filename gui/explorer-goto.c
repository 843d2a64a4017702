/* Going to a time in the list: Ctrl+G. */
#include "gui/explorer-private.h"
#include "gui/i18n.h"
#include "gui/time-range.h"

/* The first event at or after the time that was asked for, or the last before it where there is none. */
static void on_count(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Explorer) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count before;
	guint64 row;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &before, &error))
		return;
	row = self->source ? event_model_row_after(self->model, before.total) : EVENT_GRID_NO_ROW;
	if (row != EVENT_GRID_NO_ROW) {
		event_grid_select(EVENT_GRID(self->grid), row);
		gtk_widget_grab_focus(self->grid);
	}
	reader_count_free(&before);
}

static void go(Explorer *self, gint64 ms)
{
	g_autofree char *expression = explorer_expression(self);
	struct source_query q = { expression, { self->state.range.from_ms, ms } };

	g_cancellable_cancel(self->goto_call);
	g_clear_object(&self->goto_call);
	self->goto_call = g_cancellable_new();
	source_count_async(self->source, &q, 0, self->goto_call, on_count, g_object_ref(self));
}

static void set_fault(GtkWidget *entry, const char *words)
{
	GtkStyleContext *style = gtk_widget_get_style_context(entry);

	if (*words)
		gtk_style_context_add_class(style, "filter-invalid");
	else
		gtk_style_context_remove_class(style, "filter-invalid");
	gtk_label_set_text(g_object_get_data(G_OBJECT(entry), "fault"), words);
}

static void on_activate(GtkEntry *entry, Explorer *self)
{
	gint64 ms;

	if (!time_range_parse(gtk_entry_get_text(entry), self->bounds.to_ms, &ms)) {
		gtk_widget_error_bell(GTK_WIDGET(entry));
		set_fault(GTK_WIDGET(entry), _("Not a time. Right are 2026-11-20 08:55, or -1h: an hour before the end"));
		return;
	}
	gtk_popover_popdown(GTK_POPOVER(gtk_widget_get_ancestor(GTK_WIDGET(entry), GTK_TYPE_POPOVER)));
	go(self, MAX(ms, self->state.range.from_ms));
}

static void on_changed(GtkWidget *entry)
{
	set_fault(entry, "");
}

void explorer_goto_open(Explorer *self)
{
	guint64 i = event_grid_get_selected(EVENT_GRID(self->grid));
	const struct reader_row *row = i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, i);
	gint64 ms = row ? row->time_ms : self->bounds.from_ms;
	g_autofree char *zone = time_range_zone(ms), *text = time_range_format(ms);
	g_autofree char *name = g_strdup_printf(_("Go to time (%s)"), zone);
	GtkWidget *popover = gtk_popover_new(self->grid), *entry = gtk_entry_new();
	GtkWidget *box = gtk_grid_new(), *label = gtk_label_new(name), *fault = gtk_label_new(NULL);
	GdkRectangle at = { 60, 4, 1, 16 };

	gtk_container_set_border_width(GTK_CONTAINER(box), 8);
	gtk_entry_set_text(GTK_ENTRY(entry), text);
	gtk_entry_set_width_chars(GTK_ENTRY(entry), 24);
	gtk_widget_set_tooltip_text(entry, _("2026-11-20 08:55, or -1h: an hour before the end"));
	atk_object_set_name(gtk_widget_get_accessible(entry), name);
	gtk_label_set_xalign(GTK_LABEL(fault), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(fault), "filter-message");
	g_object_set_data(G_OBJECT(entry), "fault", fault);
	gtk_grid_set_column_spacing(GTK_GRID(box), 8);
	gtk_grid_attach(GTK_GRID(box), label, 0, 0, 1, 1);
	gtk_grid_attach(GTK_GRID(box), entry, 1, 0, 1, 1);
	gtk_grid_attach(GTK_GRID(box), fault, 0, 1, 2, 1);
	gtk_container_add(GTK_CONTAINER(popover), box);
	gtk_popover_set_pointing_to(GTK_POPOVER(popover), &at);
	gtk_popover_set_position(GTK_POPOVER(popover), GTK_POS_BOTTOM);
	g_signal_connect(entry, "activate", G_CALLBACK(on_activate), self);
	g_signal_connect(entry, "changed", G_CALLBACK(on_changed), NULL);
	g_signal_connect(popover, "closed", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(box);
	gtk_popover_popup(GTK_POPOVER(popover));
	gtk_widget_grab_focus(entry);
}
