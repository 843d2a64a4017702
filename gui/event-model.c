#include "gui/event-model-private.h"

/* Pages are numbered oldest first, as anchors are, whatever the order shown: turning the list round costs nothing. */
struct cached_page {
	guint64 number;
	guint64 used; /* clock of the last look, for eviction */
	struct reader_page page;
};

/* A request on its way. `generation` tells answers to an older question apart. */
struct request {
	EventModel *model;
	guint generation;
	gboolean head;
	guint64 number;
	GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE(EventModel, event_model, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_ROWS_ARRIVED, SIGNAL_FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A new question shows nothing new for this long, so that quick answers do not flicker. */
enum { CHANGED_DELAY_MS = 120 };

static void fetch_head(EventModel *self);
static void fetch_wanted(EventModel *self);

/* ---- requests ---- */

static struct request *request_new(EventModel *self, gboolean head, guint64 number)
{
	struct request *r = g_new0(struct request, 1);

	r->model = g_object_ref(self);
	r->generation = self->generation;
	r->head = head;
	r->number = number;
	r->cancellable = g_cancellable_new();
	return r;
}

static void request_free(struct request *r)
{
	g_object_unref(r->cancellable);
	g_object_unref(r->model);
	g_free(r);
}

static void cached_page_free(gpointer data)
{
	struct cached_page *p = data;

	reader_page_free(&p->page);
	g_free(p);
}

static struct source_query query_of(EventModel *self)
{
	return (struct source_query){ self->expression, self->range };
}

static gboolean emit_changed_late(gpointer data)
{
	EventModel *self = data;

	self->changed_timer = 0;
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	return G_SOURCE_REMOVE;
}

void event_model_emit_changed(EventModel *self)
{
	g_clear_handle_id(&self->changed_timer, g_source_remove);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void fail(EventModel *self, const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	g_free(self->error);
	self->error = g_strdup(error->message);
	g_signal_emit(self, signals[SIGNAL_FAILED], 0, error->message);
}

/* ---- the count ---- */

static void on_count(GObject *object, GAsyncResult *result, gpointer data)
{
	struct request *r = data;
	EventModel *self = r->model;
	g_autoptr(GError) error = NULL;
	struct reader_count count;
	gboolean ok = source_count_finish(SPOOR_SOURCE(object), result, &count, &error);

	if (r->generation != self->generation) {
		if (ok)
			reader_count_free(&count);
	} else {
		self->counting = FALSE;
		if (ok) {
			self->count = count;
			self->counted = TRUE;
		} else {
			fail(self, error);
		}
		event_model_emit_changed(self);
		fetch_wanted(self);
	}
	request_free(r);
}

static void start_count(EventModel *self)
{
	struct source_query q = query_of(self);
	struct request *r = request_new(self, FALSE, 0);

	self->counting = TRUE;
	g_set_object(&self->count_cancellable, r->cancellable);
	source_count_async(self->source, &q, EVENT_MODEL_PAGE, r->cancellable, on_count, r);
}

/* ---- pages ---- */

static void evict(EventModel *self)
{
	GHashTableIter iter;
	struct cached_page *p, *oldest = NULL;

	if (g_hash_table_size(self->pages) <= EVENT_MODEL_CACHE)
		return;
	g_hash_table_iter_init(&iter, self->pages);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&p))
		if (!oldest || p->used < oldest->used)
			oldest = p;
	g_hash_table_remove(self->pages, &oldest->number);
}

static void keep_page(EventModel *self, guint64 number, struct reader_page *page)
{
	struct cached_page *p = g_new0(struct cached_page, 1);

	p->number = number;
	p->used = ++self->clock;
	p->page = *page;
	g_hash_table_replace(self->pages, &p->number, p);
	evict(self);
}

static void keep_head(EventModel *self, struct reader_page *page)
{
	self->head[self->n_head++] = *page;
	self->head_more = page->more && page->n > 0;
	event_model_emit_changed(self);
	if (!self->counted && !self->counting && self->n_head == 1)
		start_count(self);
}

/* Which rows, in the order shown, a numbered page holds. */
static void rows_of_page(EventModel *self, guint64 number, guint64 *ret_from, guint64 *ret_to)
{
	guint64 from = number * EVENT_MODEL_PAGE, to = MIN(from + EVENT_MODEL_PAGE, event_model_n_counted(self));

	*ret_from = self->order == READER_OLDEST_FIRST ? from : self->count.total - to;
	*ret_to = self->order == READER_OLDEST_FIRST ? to : self->count.total - from;
}

static void on_page(GObject *object, GAsyncResult *result, gpointer data)
{
	struct request *r = data;
	EventModel *self = r->model;
	g_autoptr(GError) error = NULL;
	struct reader_page page;
	gboolean ok = source_page_finish(SPOOR_SOURCE(object), result, &page, &error);
	gboolean stale = r->generation != self->generation;
	guint64 from, to;

	if (self->head_request == r)
		self->head_request = NULL;
	else if (g_hash_table_lookup(self->requests, &r->number) == r)
		g_hash_table_remove(self->requests, &r->number);

	if (stale && ok) {
		reader_page_free(&page);
	} else if (!stale && !ok) {
		if (r->head && !self->n_head)
			event_model_emit_changed(self);
		fail(self, error);
	} else if (!stale && r->head) {
		keep_head(self, &page);
	} else if (!stale) {
		keep_page(self, r->number, &page);
		rows_of_page(self, r->number, &from, &to);
		g_signal_emit(self, signals[SIGNAL_ROWS_ARRIVED], 0, from, to);
	}
	if (!stale && ok)
		fetch_wanted(self);
	request_free(r);
}

static guint64 head_rows(EventModel *self)
{
	guint64 n = 0;

	for (guint i = 0; i < self->n_head; i++)
		n += self->head[i].n;
	return n;
}

static void fetch_head(EventModel *self)
{
	struct reader_place at = { self->order, 0, 0 };
	struct source_query q = query_of(self);

	if (self->head_request || self->n_head == EVENT_MODEL_HEAD || (self->n_head && !self->head_more))
		return;
	if (self->n_head) {
		const struct reader_page *last = &self->head[self->n_head - 1];

		at.id = last->rows[last->n - 1].id;
		at.skip = 1;
	}
	self->head_request = request_new(self, TRUE, self->n_head);
	source_page_async(self->source, &q, at, EVENT_MODEL_PAGE, self->head_request->cancellable, on_page,
	                  self->head_request);
}

static void fetch_page(EventModel *self, guint64 number)
{
	struct source_query q = query_of(self);
	struct cached_page *have = g_hash_table_lookup(self->pages, &number);
	struct reader_place at = { READER_OLDEST_FIRST, 0, 0 };
	struct request *r;

	if (have)
		have->used = ++self->clock;
	if (have || number >= self->count.n_anchors || g_hash_table_contains(self->requests, &number))
		return;
	at.id = self->count.anchors[number];
	r = request_new(self, FALSE, number);
	g_hash_table_replace(self->requests, &r->number, r);
	source_page_async(self->source, &q, at, EVENT_MODEL_PAGE, r->cancellable, on_page, r);
}

static guint64 page_of_row(EventModel *self, guint64 row)
{
	return (self->order == READER_OLDEST_FIRST ? row : self->count.total - 1 - row) / EVENT_MODEL_PAGE;
}

/* Requests for pages that nobody looks at any more: a scroll bar dragged across millions of rows leaves many. */
static void drop_unwanted(EventModel *self, guint64 low, guint64 high)
{
	GHashTableIter iter;
	struct request *r;

	g_hash_table_iter_init(&iter, self->requests);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&r))
		if (r->number + 1 < low || r->number > high + 1) {
			g_hash_table_iter_remove(&iter);
			g_cancellable_cancel(r->cancellable);
		}
}

static void fetch_wanted(EventModel *self)
{
	guint64 first = self->want_first, last, a, b, low, high;

	if (!self->want_n)
		return;
	if (!self->counted) {
		if (self->head_more && first + self->want_n + EVENT_MODEL_PAGE / 2 > head_rows(self))
			fetch_head(self);
		return;
	}
	if (!self->count.total)
		return;
	last = MIN(first + self->want_n, self->count.total) - 1;
	first = MIN(first, last);
	a = page_of_row(self, first);
	b = page_of_row(self, last);
	low = MIN(a, b);
	high = MAX(a, b);
	drop_unwanted(self, low, high);
	for (guint64 i = low; i <= high; i++)
		fetch_page(self, i);
	fetch_page(self, high + 1);
	if (low)
		fetch_page(self, low - 1);
}

/* ---- the question ---- */

static void clear_requests(EventModel *self)
{
	GHashTableIter iter;
	struct request *r;

	g_hash_table_iter_init(&iter, self->requests);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&r)) {
		g_hash_table_iter_remove(&iter);
		g_cancellable_cancel(r->cancellable);
	}
	if (self->head_request) {
		GCancellable *c = self->head_request->cancellable;

		self->head_request = NULL;
		g_cancellable_cancel(c);
	}
}

static void clear_head(EventModel *self)
{
	for (guint i = 0; i < self->n_head; i++)
		reader_page_free(&self->head[i]);
	self->n_head = 0;
	self->head_more = FALSE;
}

static void clear(EventModel *self)
{
	self->generation++;
	clear_requests(self);
	g_cancellable_cancel(self->count_cancellable);
	g_clear_object(&self->count_cancellable);
	clear_head(self);
	g_hash_table_remove_all(self->pages);
	if (self->counted)
		reader_count_free(&self->count);
	self->count = (struct reader_count){ 0 };
	self->counted = self->counting = FALSE;
	self->want_n = 0;
	event_model_follow_clear(self);
}

const char *event_model_get_error(EventModel *self)
{
	return self->error;
}

void event_model_set_query(EventModel *self, const char *expression, struct reader_range range)
{
	g_autofree char *copy = g_strdup(expression);

	clear(self);
	g_clear_pointer(&self->error, g_free);
	g_free(self->expression);
	self->expression = g_steal_pointer(&copy);
	self->range = range;
	if (!self->changed_timer)
		self->changed_timer = g_timeout_add(CHANGED_DELAY_MS, emit_changed_late, self);
	fetch_head(self);
}

const char *event_model_get_expression(EventModel *self)
{
	return self->expression;
}

struct reader_range event_model_get_range(EventModel *self)
{
	return self->range;
}

void event_model_set_order(EventModel *self, enum reader_order order)
{
	if (self->order == order)
		return;
	self->order = order;
	if (!self->counted) {
		g_autofree char *expression = g_strdup(self->expression);

		event_model_set_query(self, expression, self->range);
		return;
	}
	clear_requests(self);
	self->generation++; /* head pages on their way are of the other end */
	clear_head(self);
	event_model_emit_changed(self);
}

enum reader_order event_model_get_order(EventModel *self)
{
	return self->order;
}

void event_model_stop(EventModel *self)
{
	clear_requests(self);
	g_cancellable_cancel(self->count_cancellable);
}

guint64 event_model_get_n_rows(EventModel *self)
{
	return self->counted ? self->count.total : head_rows(self);
}

gboolean event_model_is_complete(EventModel *self)
{
	return !self->counting && !self->head_request;
}

const struct reader_count *event_model_get_count(EventModel *self)
{
	return self->counted ? &self->count : NULL;
}

void event_model_want(EventModel *self, guint64 first, guint n)
{
	self->want_first = first;
	self->want_n = n;
	fetch_wanted(self);
}

static const struct reader_row *row_in_head(EventModel *self, guint64 i)
{
	for (guint p = 0; p < self->n_head; p++) {
		if (i < self->head[p].n)
			return &self->head[p].rows[i];
		i -= self->head[p].n;
	}
	return NULL;
}

const struct reader_row *event_model_get_row(EventModel *self, guint64 i)
{
	struct cached_page *p;
	guint64 number, at;

	if (!self->counted)
		return row_in_head(self, i);
	if (i >= self->count.total)
		return NULL;
	at = self->order == READER_OLDEST_FIRST ? i : self->count.total - 1 - i;
	if (at >= event_model_n_counted(self))
		return event_model_new_row(self, at - event_model_n_counted(self));
	number = at / EVENT_MODEL_PAGE;
	p = g_hash_table_lookup(self->pages, &number);
	if (!p)
		return row_in_head(self, self->order == READER_OLDEST_FIRST ? i : i - self->new.shown);
	at %= EVENT_MODEL_PAGE;
	return at < p->page.n ? &p->page.rows[at] : NULL;
}

gboolean event_model_get_place(EventModel *self, guint64 from, guint64 to, guint64 skip, struct reader_place *ret)
{
	guint64 at;

	if (!self->counted || from >= to || to > self->count.total || skip >= to - from)
		return FALSE;
	at = (self->order == READER_OLDEST_FIRST ? from : self->count.total - to) + skip;
	if (at / EVENT_MODEL_PAGE >= self->count.n_anchors)
		return FALSE;
	*ret = (struct reader_place){ READER_OLDEST_FIRST, self->count.anchors[at / EVENT_MODEL_PAGE], at % EVENT_MODEL_PAGE };
	return TRUE;
}

guint event_model_get_generation(EventModel *self)
{
	return self->generation;
}

guint64 event_model_find(EventModel *self, gint64 id)
{
	GHashTableIter iter;
	struct cached_page *p;
	guint64 at = 0;

	g_hash_table_iter_init(&iter, self->pages);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&p))
		for (size_t i = 0; i < p->page.n; i++)
			if (p->page.rows[i].id == id) {
				at = p->number * EVENT_MODEL_PAGE + i;
				if (at >= event_model_n_counted(self))
					continue;
				return self->order == READER_OLDEST_FIRST ? at : self->count.total - 1 - at;
			}
	at = event_model_find_new(self, id);
	if (at != G_MAXUINT64) {
		at += event_model_n_counted(self);
		return self->order == READER_OLDEST_FIRST ? at : self->count.total - 1 - at;
	}
	at = self->order == READER_OLDEST_FIRST ? 0 : self->new.shown;
	for (guint h = 0; h < self->n_head; h++)
		for (size_t i = 0; i < self->head[h].n; i++, at++)
			if (self->head[h].rows[i].id == id)
				return at;
	return G_MAXUINT64;
}

guint64 event_model_row_after(EventModel *self, guint64 before)
{
	guint64 n = event_model_get_n_rows(self), row = MIN(before, n - 1);

	if (!n)
		return G_MAXUINT64;
	return self->order == READER_NEWEST_FIRST ? n - 1 - row : row;
}

/* ---- the object ---- */

static void event_model_dispose(GObject *object)
{
	EventModel *self = EVENT_MODEL(object);

	event_model_follow(self, FALSE);
	clear(self);
	g_clear_handle_id(&self->changed_timer, g_source_remove);
	g_clear_object(&self->source);
	G_OBJECT_CLASS(event_model_parent_class)->dispose(object);
}

static void event_model_finalize(GObject *object)
{
	EventModel *self = EVENT_MODEL(object);

	g_hash_table_unref(self->pages);
	g_hash_table_unref(self->requests);
	g_ptr_array_unref(self->new.pages);
	g_free(self->error);
	g_free(self->expression);
	G_OBJECT_CLASS(event_model_parent_class)->finalize(object);
}

static void event_model_class_init(EventModelClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);

	object->dispose = event_model_dispose;
	object->finalize = event_model_finalize;
	signals[SIGNAL_CHANGED] = g_signal_new("changed", EVENT_MODEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_ROWS_ARRIVED] = g_signal_new("rows-arrived", EVENT_MODEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL,
	                                            NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
	signals[SIGNAL_FAILED] = g_signal_new("failed", EVENT_MODEL_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, G_TYPE_STRING);
	event_model_follow_class_init(class);
}

static void event_model_init(EventModel *self)
{
	self->range = READER_ALL_TIME;
	self->order = READER_NEWEST_FIRST;
	self->pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, cached_page_free);
	self->new.pages = g_ptr_array_new_with_free_func(event_model_new_page_free);
	/* Requests are freed by their answers. */
	self->requests = g_hash_table_new(g_int64_hash, g_int64_equal);
}

EventModel *event_model_new(Source *source)
{
	EventModel *self = g_object_new(EVENT_MODEL_TYPE, NULL);

	self->source = g_object_ref(source);
	return self;
}

Source *event_model_get_source(EventModel *self)
{
	return self->source;
}
