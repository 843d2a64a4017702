/* event-model-private: what the files of the model share. */
#pragma once

#include "gui/event-model.h"

/* Rows that came after those that were counted, oldest first. */
struct event_model_new_rows {
	GPtrArray *pages;      /* of struct reader_page */
	guint64 shown, there;  /* of them: so many are in the total, so many are in memory */
	gboolean follow, held;
	guint timer;
	GCancellable *call;    /* NULL: none is under way */
};

struct _EventModel {
	GObject parent;
	Source *source;
	char *expression, *error;
	struct reader_range range;
	enum reader_order order;
	guint generation;

	/* The first rows in the order shown, fetched one after the other while the total is not known. */
	struct reader_page head[EVENT_MODEL_HEAD];
	guint n_head;
	gboolean head_more;

	struct reader_count count; /* with the new rows that are shown */
	gboolean counted, counting;
	GHashTable *pages;    /* number → cached_page */
	GHashTable *requests; /* number → request, those of numbered pages */
	struct request *head_request;
	GCancellable *count_cancellable;
	guint64 clock;
	guint64 want_first;
	guint want_n;
	guint changed_timer;
	struct event_model_new_rows new;
};

/* ---- event-model.c ---- */
void event_model_emit_changed(EventModel *self);

/* ---- event-model-follow.c ---- */
void event_model_follow_class_init(EventModelClass *class);
void event_model_new_page_free(gpointer page);
/* Another question: what came to the last one goes. */
void event_model_follow_clear(EventModel *self);
/* Of those that are shown, oldest first, after those that were counted. */
const struct reader_row *event_model_new_row(EventModel *self, guint64 i);
/* Its number among them; G_MAXUINT64: it is none. */
guint64 event_model_find_new(EventModel *self, gint64 id);
/* How many of the total were counted. */
static inline guint64 event_model_n_counted(EventModel *self)
{
	return self->count.total - self->new.shown;
}
