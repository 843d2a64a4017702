/* Which rows of an EventGrid are selected: one, or any number of ranges; one of them leads. */
#include "gui/event-grid-private.h"

static guint64 n_rows(EventGrid *self)
{
	return self->model ? event_model_get_n_rows(self->model) : 0;
}

static void told(EventGrid *self)
{
	event_grid_accessible_select(GTK_WIDGET(self));
	gtk_widget_queue_draw(GTK_WIDGET(self));
	g_signal_emit_by_name(self, "selection-changed");
}

void event_grid_choose(EventGrid *self, guint64 row)
{
	if (self->selected == row && row_set_count(self->chosen) == (row != EVENT_GRID_NO_ROW))
		return;
	row_set_clear(self->chosen);
	if (row != EVENT_GRID_NO_ROW)
		row_set_add(self->chosen, row, row + 1);
	self->selected = self->anchor = row;
	told(self);
}

void event_grid_choose_to(EventGrid *self, guint64 row)
{
	if (self->anchor == EVENT_GRID_NO_ROW) {
		event_grid_choose(self, row);
		return;
	}
	row_set_clear(self->chosen);
	row_set_add(self->chosen, MIN(self->anchor, row), MAX(self->anchor, row) + 1);
	self->selected = row;
	told(self);
}

/* One remains: something is always selected. */
void event_grid_choose_too(EventGrid *self, guint64 row)
{
	gboolean done;

	if (!row_set_has(self->chosen, row))
		done = row_set_add(self->chosen, row, row + 1);
	else
		done = row_set_count(self->chosen) > 1 && row_set_remove(self->chosen, row, row + 1);
	if (!done) {
		gtk_widget_error_bell(GTK_WIDGET(self));
		return;
	}
	self->selected = row_set_nearest(self->chosen, row);
	self->anchor = row;
	told(self);
}

void event_grid_select_all(EventGrid *self)
{
	guint64 n = n_rows(self);

	if (!n)
		return;
	row_set_clear(self->chosen);
	row_set_add(self->chosen, 0, n);
	if (self->selected == EVENT_GRID_NO_ROW)
		self->selected = 0;
	self->anchor = self->selected;
	told(self);
}

void event_grid_lead(EventGrid *self, guint64 row)
{
	if (!row_set_has(self->chosen, row)) {
		event_grid_choose(self, row);
	} else if (self->selected != row) {
		self->selected = row;
		told(self);
	}
}

/* Of another question other rows would be meant: only the one that leads stays. */
void event_grid_check_selection(EventGrid *self)
{
	guint was = self->question;
	guint64 n = n_rows(self), lead = self->selected;

	self->question = self->model ? event_model_get_generation(self->model) : 0;
	if (lead != EVENT_GRID_NO_ROW && lead >= n)
		event_grid_choose(self, EVENT_GRID_NO_ROW);
	else if (was != self->question && row_set_count(self->chosen) > 1)
		event_grid_choose(self, lead);
	else
		row_set_remove(self->chosen, n, G_MAXUINT64);
}

void event_grid_select(EventGrid *self, guint64 row)
{
	if (row != EVENT_GRID_NO_ROW && row >= n_rows(self))
		return;
	if (row != EVENT_GRID_NO_ROW)
		event_grid_scroll_to(self, row);
	event_grid_choose(self, row);
}

guint64 event_grid_get_selected(EventGrid *self)
{
	return self->selected;
}

const struct row_set *event_grid_get_chosen(EventGrid *self)
{
	if (self->model && event_model_get_generation(self->model) != self->question)
		event_grid_check_selection(self);
	return self->chosen;
}

/* ---- keys ---- */

gboolean event_grid_selection_key(EventGrid *self, const GdkEventKey *event)
{
	GdkModifierType mods = event->state & gtk_accelerator_get_default_mod_mask();

	if (mods == GDK_CONTROL_MASK && (event->keyval == GDK_KEY_a || event->keyval == GDK_KEY_A)) {
		event_grid_select_all(self);
		return TRUE;
	}
	if (mods || event->keyval != GDK_KEY_Escape || row_set_count(self->chosen) < 2)
		return FALSE;
	event_grid_choose(self, self->selected);
	return TRUE;
}

/* ---- pointer ---- */

/* Of several one may be dragged out, or become the only one: which of both tells what follows. */
static gboolean hold(EventGrid *self, guint64 row, const GdkEventButton *event)
{
	if (event->button != GDK_BUTTON_PRIMARY || event->type != GDK_BUTTON_PRESS ||
	    row_set_count(self->chosen) < 2 || !row_set_has(self->chosen, row))
		return FALSE;
	self->held = row;
	return TRUE;
}

void event_grid_selection_press(EventGrid *self, guint64 row, const GdkEventButton *event)
{
	GdkModifierType mods = event->state & gtk_accelerator_get_default_mod_mask();

	self->held = EVENT_GRID_NO_ROW;
	if (gdk_event_triggers_context_menu((const GdkEvent *)event))
		event_grid_lead(self, row);
	else if (event->button == GDK_BUTTON_PRIMARY && mods == GDK_SHIFT_MASK)
		event_grid_choose_to(self, row);
	else if (event->button == GDK_BUTTON_PRIMARY && mods == GDK_CONTROL_MASK && event->type == GDK_BUTTON_PRESS)
		event_grid_choose_too(self, row);
	else if (!hold(self, row, event) && !(mods & GDK_CONTROL_MASK))
		event_grid_choose(self, row);
}

void event_grid_selection_release(EventGrid *self)
{
	if (self->held != EVENT_GRID_NO_ROW)
		event_grid_choose(self, self->held);
	self->held = EVENT_GRID_NO_ROW;
}
