#include "gui/window-private.h"

static guint last_number; /* of all windows: a tab keeps its number when it moves to another */

static struct trail *trail_of(Page *page)
{
	return g_object_get_data(G_OBJECT(page), "trail");
}

static struct explorer_state state_of(Page *page)
{
	return SPOOR_IS_EXPLORER(page) ? explorer_get_state(SPOOR_EXPLORER(page)) : (struct explorer_state){ 0 };
}

void window_trail_begin(Page *page, Page *from)
{
	struct explorer_state state = state_of(page);

	g_object_set_data_full(G_OBJECT(page), "trail",
	                       trail_new(++last_number, from ? window_trail_number(from) : 0, &state),
	                       (GDestroyNotify)trail_free);
	explorer_state_clear(&state);
}

guint window_trail_number(Page *page)
{
	struct trail *t = trail_of(page);

	return t ? trail_number(t) : 0;
}

Page *window_trail_origin(SpoorWindow *self, Page *page)
{
	return window_pages_numbered(self, trail_here(trail_of(page))->from);
}

void window_trail_add(SpoorWindow *self, Page *page, Page *from)
{
	struct explorer_state state;

	if (self->retracing)
		return;
	state = state_of(page);
	trail_add(trail_of(page), from ? window_trail_number(from) : 0, &state);
	explorer_state_clear(&state);
	window_update(self);
}

/* The tab that a step leads to (maybe the same), NULL when there is none. */
static Page *leads_to(SpoorWindow *self, Page *page, int by)
{
	struct trail *t = trail_of(page);
	const struct trail_mark *next = trail_look(t, by);
	guint number = by < 0 ? trail_here(t)->from : trail_get_ahead(t);
	Page *other = window_pages_numbered(self, number);

	if (other && (by < 0 || !next || next->from == number))
		return other;
	return next ? page : NULL;
}

gboolean window_trail_can_go(SpoorWindow *self, int by)
{
	Page *page = window_pages_current(self);

	if (page && !trail_of(page)) /* just being made */
		return FALSE;
	if (!page)
		return by < 0 && window_pages_count(self) > 0;
	return leads_to(self, page, by) != NULL;
}

/* One step in the tab's own trail, where there is one. */
static void step(Page *page, int by)
{
	const struct trail_mark *m = trail_go(trail_of(page), by);

	if (m && SPOOR_IS_EXPLORER(page))
		explorer_set_state(SPOOR_EXPLORER(page), &m->state);
}

static void go(SpoorWindow *self, Page *page, Page *to, int by)
{
	const struct trail_mark *next;

	if (by < 0 || to == page)
		step(page, by);
	if (to == page)
		return;
	if (by < 0) {
		trail_set_ahead(trail_of(to), window_trail_number(page));
	} else {
		next = trail_look(trail_of(to), 1);
		if (next && next->from == window_trail_number(page))
			step(to, 1);
	}
	window_pages_show(self, to);
}

void window_trail_go(SpoorWindow *self, int by)
{
	Page *page = window_pages_current(self), *to;

	if (!window_trail_can_go(self, by))
		return;
	self->retracing = TRUE;
	if (!page) { /* from an area to the tabs beside it */
		window_pages_show(self, window_pages_nth(self, gtk_notebook_get_current_page(GTK_NOTEBOOK(self->tabs))));
	} else {
		to = leads_to(self, page, by);
		go(self, page, to, by);
	}
	self->retracing = FALSE;
	window_update(self);
}
