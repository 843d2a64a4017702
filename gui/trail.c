#include "gui/trail.h"

#include <string.h>

enum { MAX_MARKS = 200 };

struct trail {
	GArray *marks;
	int at; /* -1 when there are none */
};

static void clear_mark(gpointer m)
{
	explorer_state_clear(&((struct trail_mark *)m)->state);
}

struct trail *trail_new(void)
{
	struct trail *t = g_new0(struct trail, 1);

	t->marks = g_array_new(FALSE, FALSE, sizeof(struct trail_mark));
	g_array_set_clear_func(t->marks, clear_mark);
	t->at = -1;
	return t;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	g_array_unref(t->marks);
	g_free(t);
}

static struct trail_mark *mark(struct trail *t, int i)
{
	return &g_array_index(t->marks, struct trail_mark, i);
}

static gboolean same(const struct trail_mark *a, const struct trail_mark *b)
{
	return a->page == b->page && g_strcmp0(a->area, b->area) == 0 && a->state.category == b->state.category &&
	       g_strcmp0(a->state.expression, b->state.expression) == 0 &&
	       a->state.range.from_ms == b->state.range.from_ms && a->state.range.to_ms == b->state.range.to_ms;
}

void trail_add(struct trail *t, const struct trail_mark *m)
{
	struct trail_mark copy = *m;

	if (t->at >= 0 && same(mark(t, t->at), m))
		return;
	g_array_set_size(t->marks, (guint)(t->at + 1));
	if (t->marks->len == MAX_MARKS)
		g_array_remove_index(t->marks, 0);
	copy.state.expression = g_strdup(m->state.expression);
	g_array_append_val(t->marks, copy);
	t->at = (int)t->marks->len - 1;
}

gboolean trail_can_go(struct trail *t, int by)
{
	return t->at + by >= 0 && t->at + by < (int)t->marks->len;
}

const struct trail_mark *trail_go(struct trail *t, int by)
{
	if (!trail_can_go(t, by))
		return NULL;
	t->at += by;
	return mark(t, t->at);
}

void trail_forget(struct trail *t, GtkWidget *page)
{
	for (int i = (int)t->marks->len - 1; i >= 0; i--) {
		gboolean twice = i > 0 && i < (int)t->marks->len && same(mark(t, i), mark(t, i - 1));

		if (mark(t, i)->page != page && !twice)
			continue;
		g_array_remove_index(t->marks, (guint)i);
		if (i <= t->at)
			t->at--;
	}
	if (t->at < 0 && t->marks->len)
		t->at = 0;
}
