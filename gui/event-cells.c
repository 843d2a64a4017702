#include "gui/event-cells.h"

enum { KEPT = 4096 /* rows */ };

#define NEVER "event.id == 0" /* of no event: a rule that failed keeps its number */

struct answer {
	struct reader_cells cells;
};

struct place {
	struct answer *batch;
	gsize row;
};

struct _EventCells {
	GObject parent;
	Source *source;
	const struct field *fields[READER_MAX_CELL_FIELDS];
	gsize n_fields;
	char *rules[READER_MAX_CELL_RULES];
	gsize n_rules, n_ready; /* ready: those that the reader has prepared */
	GCancellable *preparing;
	GHashTable *places; /* id → struct place */
	GPtrArray *batches;
	gint64 asked[READER_MAX_CELL_ROWS];
	gsize n_asked;      /* on their way */
	GCancellable *call;
};
G_DEFINE_FINAL_TYPE(EventCells, event_cells, G_TYPE_OBJECT)

enum { SIGNAL_ARRIVED, SIGNAL_FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void answer_free(gpointer data)
{
	struct answer *b = data;

	reader_cells_free(&b->cells);
	g_free(b);
}

static void forget(EventCells *self)
{
	g_hash_table_remove_all(self->places);
	g_ptr_array_set_size(self->batches, 0);
}

static void cancel(EventCells *self)
{
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
	self->n_asked = 0;
}

static void keep(EventCells *self, struct reader_cells *cells)
{
	struct answer *b = g_new0(struct answer, 1);

	b->cells = *cells;
	if (g_hash_table_size(self->places) > KEPT)
		forget(self);
	g_ptr_array_add(self->batches, b);
	for (gsize i = 0; i < self->n_asked; i++) {
		gint64 *id = g_new(gint64, 1);
		struct place *p = g_new(struct place, 1);

		*id = self->asked[i];
		*p = (struct place){ b, i };
		g_hash_table_replace(self->places, id, p);
	}
	self->n_asked = 0;
}

static void clear_rules(EventCells *self)
{
	for (gsize i = 0; i < self->n_rules; i++)
		g_clear_pointer(&self->rules[i], g_free);
	self->n_rules = self->n_ready = 0;
}

/* ---- rules are prepared one by one: a call without rows ---- */

static void prepare(EventCells *self);

static void on_prepared(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(EventCells) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_cells none;
	gboolean ok = source_cells_finish(SPOOR_SOURCE(object), result, &none, &error);

	if (ok)
		reader_cells_free(&none);
	if (!self->source || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (!ok) {
		g_free(self->rules[self->n_ready]);
		self->rules[self->n_ready] = g_strdup(NEVER);
		g_signal_emit(self, signals[SIGNAL_FAILED], 0, error->message);
	}
	g_clear_object(&self->preparing);
	self->n_ready++;
	prepare(self);
}

static void prepare(EventCells *self)
{
	struct span rule;
	struct reader_cells_wish wish = { .rules = &rule, .n_rules = 1 };

	if (self->preparing)
		return;
	if (self->n_ready == self->n_rules) { /* all is asked for again, with them */
		cancel(self);
		forget(self);
		g_signal_emit(self, signals[SIGNAL_ARRIVED], 0);
		return;
	}
	rule = span_of(self->rules[self->n_ready]);
	self->preparing = g_cancellable_new();
	source_cells_async(self->source, &wish, self->preparing, on_prepared, g_object_ref(self));
}

static void stop_preparing(EventCells *self)
{
	g_cancellable_cancel(self->preparing);
	g_clear_object(&self->preparing);
}

/* ---- cells ---- */

static void on_cells(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(EventCells) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_cells cells;

	if (!source_cells_finish(SPOOR_SOURCE(object), result, &cells, &error)) {
		if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			self->n_asked = 0; /* asked again when it is looked at again */
		return;
	}
	if (!self->source || cells.n_ids != self->n_asked || cells.n_fields != self->n_fields) {
		reader_cells_free(&cells);
		return;
	}
	keep(self, &cells);
	g_signal_emit(self, signals[SIGNAL_ARRIVED], 0);
}

void event_cells_set_fields(EventCells *self, const struct field *const *fields, gsize n)
{
	cancel(self);
	forget(self);
	self->n_fields = MIN(n, READER_MAX_CELL_FIELDS);
	for (gsize i = 0; i < self->n_fields; i++)
		self->fields[i] = fields[i];
}

void event_cells_set_rules(EventCells *self, const struct span *expressions, gsize n)
{
	cancel(self);
	stop_preparing(self);
	forget(self);
	clear_rules(self);
	self->n_rules = MIN(n, READER_MAX_CELL_RULES);
	for (gsize i = 0; i < self->n_rules; i++)
		self->rules[i] = g_strndup(expressions[i].p, expressions[i].n);
}

gboolean event_cells_is_needed(EventCells *self)
{
	return self->source && (self->n_fields || self->n_rules);
}

gboolean event_cells_has(EventCells *self, gint64 id)
{
	return g_hash_table_contains(self->places, &id);
}

static gboolean on_its_way(EventCells *self, gint64 id)
{
	for (gsize i = 0; i < self->n_asked; i++)
		if (self->asked[i] == id)
			return TRUE;
	return FALSE;
}

void event_cells_want(EventCells *self, const gint64 *ids, gsize n)
{
	gint64 missing[READER_MAX_CELL_ROWS];
	struct span rules[READER_MAX_CELL_RULES];
	struct reader_cells_wish wish = { .ids = missing, .fields = self->fields, .n_fields = self->n_fields,
		                          .rules = rules };

	if (!event_cells_is_needed(self))
		return;
	if (self->n_ready < self->n_rules)
		prepare(self);
	else
		wish.n_rules = self->n_rules;
	if (!self->n_fields && !wish.n_rules)
		return;
	for (gsize i = 0; i < n && wish.n_ids < READER_MAX_CELL_ROWS; i++) {
		if (event_cells_has(self, ids[i]))
			continue;
		if (on_its_way(self, ids[i]))
			return;
		missing[wish.n_ids++] = ids[i];
	}
	if (!wish.n_ids)
		return;
	for (gsize i = 0; i < wish.n_rules; i++)
		rules[i] = span_of(self->rules[i]);
	cancel(self);
	self->call = g_cancellable_new();
	memcpy(self->asked, missing, wish.n_ids * sizeof(*missing));
	self->n_asked = wish.n_ids;
	source_cells_async(self->source, &wish, self->call, on_cells, g_object_ref(self));
}

struct span event_cells_get(EventCells *self, gint64 id, gsize i)
{
	const struct place *p = g_hash_table_lookup(self->places, &id);

	return p && i < self->n_fields ? p->batch->cells.texts[p->row * self->n_fields + i] : SPAN_NONE;
}

guint32 event_cells_fulfilled(EventCells *self, gint64 id)
{
	const struct place *p = g_hash_table_lookup(self->places, &id);

	return p ? p->batch->cells.fulfilled[p->row] : 0;
}

void event_cells_stop(EventCells *self)
{
	cancel(self);
	stop_preparing(self);
	g_clear_object(&self->source);
}

static void event_cells_dispose(GObject *object)
{
	event_cells_stop(EVENT_CELLS(object));
	G_OBJECT_CLASS(event_cells_parent_class)->dispose(object);
}

static void event_cells_finalize(GObject *object)
{
	EventCells *self = EVENT_CELLS(object);

	clear_rules(self);
	g_hash_table_unref(self->places);
	g_ptr_array_unref(self->batches);
	G_OBJECT_CLASS(event_cells_parent_class)->finalize(object);
}

static void event_cells_class_init(EventCellsClass *class)
{
	G_OBJECT_CLASS(class)->dispose = event_cells_dispose;
	G_OBJECT_CLASS(class)->finalize = event_cells_finalize;
	signals[SIGNAL_ARRIVED] = g_signal_new("arrived", EVENT_CELLS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[SIGNAL_FAILED] = g_signal_new("failed", EVENT_CELLS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void event_cells_init(EventCells *self)
{
	self->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	self->batches = g_ptr_array_new_with_free_func(answer_free);
}

EventCells *event_cells_new(Source *source)
{
	EventCells *self = g_object_new(EVENT_CELLS_TYPE, NULL);

	self->source = g_object_ref(source);
	return self;
}
