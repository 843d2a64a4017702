/* The range of time that the explorer looks at: the button with the quick ranges, the brush of the histogram. */
#include "gui/explorer-private.h"
#include "gui/histogram.h"
#include "gui/i18n.h"
#include "gui/range-button.h"
#include "gui/search-panel.h"
#include "gui/time-range.h"

static void choose(Explorer *self, gint64 from, gint64 to)
{
	self->state.range = from < to ? (struct reader_range){ from, to } : READER_ALL_TIME;
	histogram_set_range(SPOOR_HISTOGRAM(self->histogram), self->state.range);
	explorer_moved(self);
}

static void on_cleared(Explorer *self)
{
	choose(self, 0, 0);
}

static void on_selection(Explorer *self)
{
	guint64 i = event_grid_get_selected(EVENT_GRID(self->grid));
	const struct reader_row *row = i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, i);

	range_button_set_selected(RANGE_BUTTON(self->range), row ? row->time_ms : G_MININT64);
}

/* Marks in the histogram where the rows in sight are. */
static void show_seen(Explorer *self)
{
	const struct reader_row *first, *last;
	struct reader_range seen = { 1, 0 };
	guint64 at;
	guint n;

	event_grid_get_visible(EVENT_GRID(self->grid), &at, &n);
	first = n && self->model ? event_model_get_row(self->model, at) : NULL;
	last = first ? event_model_get_row(self->model, at + n - 1) : NULL;
	if (last)
		seen = (struct reader_range){ MIN(first->time_ms, last->time_ms), MAX(first->time_ms, last->time_ms) };
	histogram_set_seen(SPOOR_HISTOGRAM(self->histogram), seen);
}

static void on_zone(Explorer *self)
{
	explorer_range_show(self);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void explorer_range_show(Explorer *self)
{
	range_button_set_range(RANGE_BUTTON(self->range), self->state.range);
	gtk_widget_set_visible(self->range_clear, !time_range_is_all(self->state.range));
}

void explorer_range_open(Explorer *self)
{
	gtk_button_clicked(GTK_BUTTON(self->range));
}

void explorer_range_add(Explorer *self)
{
	self->range_clear = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);
	gtk_button_set_relief(GTK_BUTTON(self->range_clear), GTK_RELIEF_NONE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->range_clear), "chip");
	gtk_widget_set_valign(self->range_clear, GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(self->range_clear, _("Show the whole recording again"));
	g_signal_connect_swapped(self->range_clear, "clicked", G_CALLBACK(on_cleared), self);
	self->range = range_button_new();
	search_panel_pack_end(SEARCH_PANEL(self->search), self->range_clear);
	search_panel_pack_end(SEARCH_PANEL(self->search), self->range);
	g_signal_connect_swapped(self->range, "range-chosen", G_CALLBACK(choose), self);
	g_signal_connect_swapped(self->histogram, "range-chosen", G_CALLBACK(choose), self);
	g_signal_connect_swapped(self->grid, "selection-changed", G_CALLBACK(on_selection), self);
}

void explorer_range_begin(Explorer *self)
{
	GtkAdjustment *v = grid_pane_get_vadjustment(GRID_PANE(self->pane));

	range_button_set_bounds(RANGE_BUTTON(self->range), self->bounds);
	g_signal_connect_object(v, "value-changed", G_CALLBACK(show_seen), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	g_signal_connect_object(v, "changed", G_CALLBACK(show_seen), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	g_signal_connect_object(self->model, "changed", G_CALLBACK(show_seen), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	g_signal_connect_object(self->model, "rows-arrived", G_CALLBACK(show_seen), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	g_signal_connect_object(self->settings, "changed::local-time", G_CALLBACK(on_zone), self, G_CONNECT_SWAPPED);
}
