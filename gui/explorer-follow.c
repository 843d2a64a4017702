/* Follow: the newest events of a live source as they come; held while the user looks at something else than the newest. */
#include "gui/explorer-private.h"

#include "gui/histogram.h"
#include "gui/i18n.h"

enum { GENTLE_MS = 5000, ROW_HEIGHT = 24 };

static gboolean is_on(Explorer *self)
{
	return self->follow && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->follow));
}

static GtkAdjustment *scroll(Explorer *self)
{
	return grid_pane_get_vadjustment(GRID_PANE(self->pane));
}

/* Within a row of the newest end. */
static gboolean is_at_newest(Explorer *self)
{
	GtkAdjustment *v = scroll(self);
	double value = gtk_adjustment_get_value(v), last = gtk_adjustment_get_upper(v) - gtk_adjustment_get_page_size(v);

	return event_model_get_order(self->model) == READER_NEWEST_FIRST ? value < ROW_HEIGHT
	                                                                 : value > last - ROW_HEIGHT;
}

static void go_to_newest(Explorer *self)
{
	GtkAdjustment *v = scroll(self);

	gtk_adjustment_set_value(v, event_model_get_order(self->model) == READER_NEWEST_FIRST ? gtk_adjustment_get_lower(v)
	                                                                                      : gtk_adjustment_get_upper(v));
}

static void show_waiting(Explorer *self)
{
	guint64 n = event_model_get_waiting(self->model);
	g_autofree char *number = event_number(n), *text = NULL;

	text = g_strdup_printf(n < EVENT_MODEL_MOST_NEW ? ngettext("%s new event", "%s new events", (gulong)n) :
	                                                  _("%s or more new events"), number);
	gtk_button_set_label(GTK_BUTTON(self->waiting), text);
	gtk_widget_set_visible(self->waiting, n > 0);
}

static void update_hold(Explorer *self)
{
	gboolean selected = event_grid_get_selected(EVENT_GRID(self->grid)) != EVENT_GRID_NO_ROW;

	if (self->model)
		event_model_hold(self->model, is_on(self) && (selected || !is_at_newest(self)));
}

/* Also the rows are other ones by now: the end is elsewhere. */
static void on_followed(Explorer *self)
{
	if (event_model_get_order(self->model) == READER_OLDEST_FIRST && is_on(self) && !event_model_get_waiting(self->model))
		go_to_newest(self);
	show_waiting(self);
}

static void on_waiting(Explorer *self)
{
	event_grid_select(EVENT_GRID(self->grid), EVENT_GRID_NO_ROW);
	go_to_newest(self);
	event_model_hold(self->model, FALSE);
	go_to_newest(self);
	explorer_focus_grid(self);
}

static void on_toggled(Explorer *self)
{
	event_model_follow(self->model, is_on(self));
	if (is_on(self))
		on_waiting(self);
}

/* ---- what follows at a gentler pace ---- */

static void on_refreshed(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(Explorer) self = data;
	gboolean ok = source_refresh_finish(SPOOR_SOURCE(source), result, NULL);
	const struct reader_info *info;

	if (!ok || !self->source)
		return;
	info = source_get_info(self->source);
	if (info->events)
		self->bounds = (struct reader_range){ info->recorded_ms, info->last_ms + 1 };
	histogram_set_subject(SPOOR_HISTOGRAM(self->histogram), self->bounds, info->gaps, info->n_gaps);
	explorer_ask_counts(self);
}

static gboolean on_gentle(gpointer data)
{
	Explorer *self = data;

	if (is_on(self) && !source_get_lost(self->source) && gtk_widget_get_mapped(GTK_WIDGET(self)))
		source_refresh_async(self->source, NULL, on_refreshed, g_object_ref(self));
	return G_SOURCE_CONTINUE;
}

/* What could not be answered meanwhile is asked again. */
static void on_found(Explorer *self)
{
	if (event_model_get_error(self->model))
		explorer_ask_again(self);
	else
		explorer_ask_counts(self);
}

/* ---- building ---- */

void explorer_follow_stop(Explorer *self)
{
	g_clear_handle_id(&self->gentle, g_source_remove);
}

void explorer_follow_add(Explorer *self)
{
	if (!source_grows(self->source))
		return;
	self->follow = gtk_toggle_button_new_with_mnemonic(_("Follo_w"));
	gtk_widget_set_tooltip_text(self->follow, _("Show the newest events as they come"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->follow), "chip");
	self->waiting = gtk_button_new();
	gtk_widget_set_no_show_all(self->waiting, TRUE);
	gtk_widget_set_tooltip_text(self->waiting, _("Show them, and go on following"));
	gtk_style_context_add_class(gtk_widget_get_style_context(self->waiting), "chip");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->waiting), "suggested-action");
	gtk_box_pack_start(GTK_BOX(self->tools), self->waiting, FALSE, FALSE, 4);
	gtk_box_pack_start(GTK_BOX(self->tools), self->follow, FALSE, FALSE, 4);
	gtk_box_reorder_child(GTK_BOX(self->tools), self->follow, 0);
	gtk_box_reorder_child(GTK_BOX(self->tools), self->waiting, 0);
	gtk_widget_show(self->follow);
	g_signal_connect_swapped(self->follow, "toggled", G_CALLBACK(on_toggled), self);
	g_signal_connect_swapped(self->waiting, "clicked", G_CALLBACK(on_waiting), self);
	g_signal_connect_swapped(self->model, "followed", G_CALLBACK(on_followed), self);
	g_signal_connect_swapped(self->grid, "selection-changed", G_CALLBACK(update_hold), self);
	g_signal_connect_object(scroll(self), "value-changed", G_CALLBACK(update_hold), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->source, "found", G_CALLBACK(on_found), self, G_CONNECT_SWAPPED);
	self->gentle = g_timeout_add(GENTLE_MS, on_gentle, self);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->follow), TRUE);
}
