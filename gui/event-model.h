/* EventModel: the rows of one question to a Source, as a list of any length of which only some pages are in memory.
 *
 * Rows are fetched in pages around what is looked at (event_model_want). The first page comes at once, before the rows
 * are counted; the count then brings the total and anchors, through which any row is one seek away. Signals:
 *   "changed"                            other rows, another total, another state: look at everything again
 *   "rows-arrived" (guint64 from, to)    placeholders in [from, to) have become rows
 *   "failed" (const char *message)       the question could not be answered
 *   "followed"                           others than before wait to be shown (event_model_get_waiting), or are shown
 */
#pragma once

#include "gui/source.h"

#define EVENT_MODEL_TYPE (event_model_get_type())
G_DECLARE_FINAL_TYPE(EventModel, event_model, EVENT, MODEL, GObject)

enum { EVENT_MODEL_PAGE = 200, EVENT_MODEL_CACHE = 64, EVENT_MODEL_HEAD = 25 };

EventModel *event_model_new(Source *source);
Source *event_model_get_source(EventModel *self);
/* Asks anew. expression NULL: everything. */
void event_model_set_query(EventModel *self, const char *expression, struct reader_range range);
/* What is asked; valid until the next event_model_set_query. */
const char *event_model_get_expression(EventModel *self);
struct reader_range event_model_get_range(EventModel *self);
void event_model_set_order(EventModel *self, enum reader_order order);
enum reader_order event_model_get_order(EventModel *self);

/* Rows that can be scrolled to: the total once counted, before that those known so far. */
guint64 event_model_get_n_rows(EventModel *self);
/* False while rows are being counted or the first page is on its way. */
gboolean event_model_is_complete(EventModel *self);
/* Why the question could not be answered; NULL as long as it can. No rows then say nothing. */
const char *event_model_get_error(EventModel *self);
/* Stops what runs; what is there stays. */
void event_model_stop(EventModel *self);
/* NULL until counted; valid until the next call. */
const struct reader_count *event_model_get_count(EventModel *self);

/* Brings rows [first, first + n) and their neighbourhood into memory, and forgets wishes elsewhere. */
void event_model_want(EventModel *self, guint64 first, guint n);
/* The row, or NULL when it is not in memory (a placeholder). Valid until the main loop runs again. */
const struct reader_row *event_model_get_row(EventModel *self, guint64 i);
/* Where a reader finds rows [from, to), oldest first, but for the first `skip` of them. FALSE: not counted yet, or there are
 * none such. */
gboolean event_model_get_place(EventModel *self, guint64 from, guint64 to, guint64 skip, struct reader_place *ret);
/* Another number for each question and order: rows have other places then. */
guint event_model_get_generation(EventModel *self);
/* Where the row with that event id is, among the rows in memory; G_MAXUINT64 when it is not there. */
guint64 event_model_find(EventModel *self, gint64 id);
/* The row that so many events come before in time, at most the last such; G_MAXUINT64 when there are no rows. */
guint64 event_model_row_after(EventModel *self, guint64 before);

/* Asks a live source again and again for rows newer than the last, once these are counted: they are added at the newest
 * end. While they are held they wait. */
enum { EVENT_MODEL_FOLLOW_MS = 300, EVENT_MODEL_MOST_NEW = 20000 };
void event_model_follow(EventModel *self, gboolean follow);
gboolean event_model_is_following(EventModel *self);
void event_model_hold(EventModel *self, gboolean hold);
/* How many wait; at EVENT_MODEL_MOST_NEW no more are asked for. Shown, so many make it ask everything anew. */
guint64 event_model_get_waiting(EventModel *self);
