/* Which rows are shown by what is said of them, and what is said of the selected one. */
#include "gui/explorer-private.h"
#include "gui/grid-notes.h"
#include "gui/note-bar.h"
#include "gui/notes-button.h"
#include "gui/notes-view.h"
#include "gui/search-panel.h"

char *explorer_notes_join(Explorer *self, const char *expression)
{
	g_free(self->view_asked);
	self->view_asked = self->notes ? notes_view_expression(self->notes, self->state.view) : NULL;
	return event_column_join(self->view_asked, expression);
}

static void on_chosen(Explorer *self, const char *view)
{
	g_strlcpy(self->state.view, view, sizeof(self->state.view));
	explorer_moved(self);
}

/* Other rows belong to the view now. */
static void on_changed(Explorer *self)
{
	g_autofree char *now = notes_view_expression(self->notes, self->state.view);

	if (g_strcmp0(now, self->view_asked) != 0)
		explorer_ask_again(self);
}

void explorer_notes_show(Explorer *self)
{
	if (self->notes_button)
		notes_button_set_view(NOTES_BUTTON(self->notes_button), self->state.view);
}

void explorer_notes_add(Explorer *self)
{
	self->notes = g_object_ref(notes_of(self->source));
	self->notes_button = notes_button_new(self->notes);
	search_panel_pack_end(SEARCH_PANEL(self->search), self->notes_button);
	grid_notes_add(GTK_WIDGET(self), EVENT_GRID(self->grid), self->notes);
	gtk_box_pack_end(GTK_BOX(self), note_bar_new(EVENT_GRID(self->grid)), FALSE, FALSE, 0);
	g_signal_connect_swapped(self->notes_button, "chosen", G_CALLBACK(on_chosen), self);
	g_signal_connect_object(self->notes, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
}

void explorer_notes_clear(Explorer *self)
{
	if (self->notes)
		g_signal_handlers_disconnect_by_data(self->notes, self);
	g_clear_object(&self->notes);
	g_clear_pointer(&self->view_asked, g_free);
	self->notes_button = NULL;
}

void explorer_notes_undo(Explorer *self)
{
	if (notes_undo_time(self->notes) > self->searched && notes_undo(self->notes))
		return;
	if (!search_panel_undo(SEARCH_PANEL(self->search)))
		notes_undo(self->notes);
	self->searched = 0;
}
