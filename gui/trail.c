#include "gui/trail.h"

enum { MAX_MARKS = 200 };

struct trail {
	GArray *marks; /* never empty */
	guint number, at, ahead;
};

static void clear_mark(gpointer m)
{
	explorer_state_clear(&((struct trail_mark *)m)->state);
}

static struct trail_mark *mark(struct trail *t, guint i)
{
	return &g_array_index(t->marks, struct trail_mark, i);
}

static void append(struct trail *t, guint from, const struct explorer_state *state)
{
	struct trail_mark m = { from, state ? *state : (struct explorer_state){ 0 } };

	m.state.expression = g_strdup(m.state.expression);
	g_array_append_val(t->marks, m);
	t->at = t->marks->len - 1;
}

struct trail *trail_new(guint number, guint from, const struct explorer_state *state)
{
	struct trail *t = g_new0(struct trail, 1);

	t->number = number;
	t->marks = g_array_new(FALSE, FALSE, sizeof(struct trail_mark));
	g_array_set_clear_func(t->marks, clear_mark);
	append(t, from, state);
	return t;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	g_array_unref(t->marks);
	g_free(t);
}

guint trail_number(const struct trail *t)
{
	return t->number;
}

static gboolean same(const struct explorer_state *a, const struct explorer_state *b)
{
	return a->category == b->category && g_strcmp0(a->expression, b->expression) == 0 &&
	       a->range.from_ms == b->range.from_ms && a->range.to_ms == b->range.to_ms &&
	       g_str_equal(a->view, b->view);
}

void trail_add(struct trail *t, guint from, const struct explorer_state *state)
{
	if (same(&mark(t, t->at)->state, state))
		return;
	g_array_set_size(t->marks, t->at + 1);
	if (t->marks->len == MAX_MARKS)
		g_array_remove_index(t->marks, 0);
	append(t, from, state);
	t->ahead = 0;
}

const struct trail_mark *trail_here(struct trail *t)
{
	return mark(t, t->at);
}

const struct trail_mark *trail_look(struct trail *t, int by)
{
	gint64 there = (gint64)t->at + by;

	return there >= 0 && there < t->marks->len ? mark(t, (guint)there) : NULL;
}

const struct trail_mark *trail_go(struct trail *t, int by)
{
	const struct trail_mark *m = trail_look(t, by);

	if (m)
		t->at = (guint)((gint64)t->at + by);
	return m;
}

void trail_set_ahead(struct trail *t, guint tab)
{
	t->ahead = tab;
}

guint trail_get_ahead(const struct trail *t)
{
	return t->ahead;
}
