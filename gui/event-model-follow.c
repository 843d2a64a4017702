/* The newest rows of a live source, as they come. */
#include "gui/event-model-private.h"

static guint followed_signal;

void event_model_follow_class_init(EventModelClass *class)
{
	followed_signal = g_signal_new("followed", EVENT_MODEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void event_model_new_page_free(gpointer page)
{
	reader_page_free(page);
	g_free(page);
}

/* Pages of answers are as long as they came: few enough to be walked. */
static const struct reader_row *row_at(EventModel *self, guint64 i)
{
	for (guint k = 0; k < self->new.pages->len; k++) {
		const struct reader_page *p = self->new.pages->pdata[k];

		if (i < p->n)
			return &p->rows[i];
		i -= p->n;
	}
	return NULL;
}

const struct reader_row *event_model_new_row(EventModel *self, guint64 i)
{
	return i < self->new.shown ? row_at(self, i) : NULL;
}

guint64 event_model_find_new(EventModel *self, gint64 id)
{
	guint64 at = 0;

	for (guint k = 0; k < self->new.pages->len; k++) {
		const struct reader_page *p = self->new.pages->pdata[k];

		for (size_t i = 0; i < p->n; i++, at++)
			if (p->rows[i].id == id)
				return at < self->new.shown ? at : G_MAXUINT64;
	}
	return G_MAXUINT64;
}

/* Takes those that wait into the total. */
static void show(EventModel *self)
{
	if (self->new.held || self->new.shown == self->new.there)
		return;
	while (self->new.shown < self->new.there) {
		const struct reader_row *r = row_at(self, self->new.shown++);

		self->count.total++;
		self->count.events += r->count;
		if (r->category >= 0 && r->category < EVENT_CATEGORY_COUNT)
			self->count.by_category[r->category] += r->count;
	}
	event_model_emit_changed(self);
	if (self->new.shown >= EVENT_MODEL_MOST_NEW) {
		g_autofree char *expression = g_strdup(self->expression);

		event_model_set_query(self, expression, self->range);
	}
}

static void keep(EventModel *self, struct reader_page *page)
{
	struct reader_page *copy = g_new(struct reader_page, 1);

	*copy = *page;
	self->new.there += page->n;
	g_ptr_array_add(self->new.pages, copy);
}

static void ask(EventModel *self);

struct asked {
	EventModel *model;
	guint generation;
	GCancellable *call;
};

static void on_page(GObject *object, GAsyncResult *result, gpointer data)
{
	struct asked *a = data;
	g_autoptr(EventModel) self = a->model;
	struct reader_page page;
	gboolean ok = source_page_finish(SPOOR_SOURCE(object), result, &page, NULL);
	gboolean more = ok && page.more, current = a->generation == self->generation && self->new.follow;

	if (self->new.call == a->call)
		g_clear_object(&self->new.call);
	g_free(a);
	if (!ok)
		return; /* the next one may be answered */
	if (!current || !page.n) {
		reader_page_free(&page);
		return;
	}
	keep(self, &page);
	show(self);
	g_signal_emit(self, followed_signal, 0);
	if (more)
		ask(self);
}

/* After the last row that is there: of the counted ones only every page's first is known. */
static struct reader_place place_after(EventModel *self)
{
	struct reader_place at = { READER_OLDEST_FIRST, 0, 0 };
	guint64 counted = event_model_n_counted(self);

	if (self->new.there) {
		at.id = row_at(self, self->new.there - 1)->id;
		at.skip = 1;
	} else if (counted && self->count.n_anchors) {
		at.id = self->count.anchors[self->count.n_anchors - 1];
		at.skip = counted - (self->count.n_anchors - 1) * EVENT_MODEL_PAGE;
	}
	return at;
}

static void ask(EventModel *self)
{
	struct source_query q = { self->expression, self->range };
	struct asked *a;

	if (self->new.call || !self->counted || source_get_lost(self->source) || self->new.there >= EVENT_MODEL_MOST_NEW)
		return;
	self->new.call = g_cancellable_new();
	a = g_new(struct asked, 1);
	*a = (struct asked){ g_object_ref(self), self->generation, self->new.call };
	source_page_async(self->source, &q, place_after(self), EVENT_MODEL_PAGE, self->new.call, on_page, a);
}

static gboolean on_timer(gpointer data)
{
	ask(data);
	return G_SOURCE_CONTINUE;
}

void event_model_follow(EventModel *self, gboolean follow)
{
	if (self->new.follow == follow)
		return;
	self->new.follow = follow;
	g_clear_handle_id(&self->new.timer, g_source_remove);
	if (follow) {
		self->new.timer = g_timeout_add(EVENT_MODEL_FOLLOW_MS, on_timer, self);
		ask(self);
	} else if (self->new.call) {
		g_cancellable_cancel(self->new.call);
		g_clear_object(&self->new.call);
	}
}

gboolean event_model_is_following(EventModel *self)
{
	return self->new.follow;
}

void event_model_hold(EventModel *self, gboolean hold)
{
	if (self->new.held == hold)
		return;
	self->new.held = hold;
	show(self);
	g_signal_emit(self, followed_signal, 0);
}

guint64 event_model_get_waiting(EventModel *self)
{
	return self->new.there - self->new.shown;
}

void event_model_follow_clear(EventModel *self)
{
	if (self->new.call) {
		g_cancellable_cancel(self->new.call);
		g_clear_object(&self->new.call);
	}
	g_ptr_array_set_size(self->new.pages, 0);
	self->new.shown = self->new.there = 0;
}
