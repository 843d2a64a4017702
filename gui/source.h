/* Source: one opened recording. Asynchronous calls over a struct reader that lives on its own worker thread, so that
 * the main loop never waits. The seam where errno becomes GError and blocking becomes GTask.
 *
 * Calls are answered the most urgent first (a page of rows before a tree), one at a time but for those that take long
 * (counts, histograms, lanes …): they have a thread and a reader of their own. Cancelling a call drops it
 * when it waits and stops it within about 50 ms when it runs; a newer question of the same kind should cancel the older
 * one. All functions are for the main thread. Answers are owned by the caller and freed with reader_*_free.
 */
#pragma once

#include <gio/gio.h>

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

#define SOURCE_TYPE (source_get_type())
G_DECLARE_FINAL_TYPE(Source, source, SPOOR, SOURCE, GObject)

/* What a call asks for: an expression (NULL or "": everything) within a range. Copied by the calls. */
struct source_query {
	const char *expression;
	struct reader_range range;
};

/* Runs on the worker thread: 0 with a reader, or a negative errno with a malloc'd line in *ret_error. */
typedef int source_open_fn(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *progress_data,
                           struct reader **ret, char **ret_error);

/* Whether the file has been looked through for damage. A small one is before it is opened; a large one is while it is
 * already being read, in a child of its own: what a damaged page holds cannot do harm, but it can be wrong. */
enum source_check { SOURCE_CHECKED, SOURCE_CHECKING, SOURCE_DAMAGED };

/* Opens path in a confined child. `name`: shown to people instead of the path's last name, or NULL.
 * Emits "progress" (gdouble fraction) while it checks, and "checked" when a check beside reading has ended. When it is
 * open source_get_info is there. Emits "lost" once when whoever answers is gone, or is given up: from then on every call
 * fails. */
Source *source_new(const char *path, const char *name);
/* The same with another way of opening. */
Source *source_new_with(const char *path, const char *name, source_open_fn *open);
/* A recording that grows, at the end of a connection that can be lost: "lost" is then no end, source_open_async may be
 * called again, and "found" is emitted when that was good. Between the two calls fail. `open_beside`: for what takes long,
 * and for other threads. `path` is a name that both know. */
Source *source_new_live(const char *path, const char *name, source_open_fn *open, source_open_fn *open_beside);
gboolean source_is_live(Source *self);
/* A live one that is a snapshot does not grow. */
void source_set_grows(Source *self, gboolean grows);
gboolean source_grows(Source *self);
/* Of a live one, by who holds its connection: it is gone. */
void source_set_lost(Source *self, const char *why);
/* Asks a live one how far it has grown: source_get_info tells it then, and "grown" is emitted. What it told
 * before is there until the next. */
void source_refresh_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_refresh_finish(Source *self, GAsyncResult *result, GError **error);
/* Another reader of the same recording, in a process of its own, for questions that take long: those of `self` need not
 * wait behind them. To be opened like any other. */
Source *source_new_twin(Source *self);
void source_open_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_open_finish(Source *self, GAsyncResult *result, GError **error);

const char *source_get_path(Source *self);
const char *source_get_name(Source *self); /* "web-03_2026_…" */
/* NULL before it is open. */
const struct reader_info *source_get_info(Source *self);
enum source_check source_get_check(Source *self);
/* One line about the damage, or NULL. */
const char *source_get_damage(Source *self);
/* What became of who answers, for people: "the process that … has ended". NULL as long as it answers. */
const char *source_get_lost(Source *self);
/* Removes the file (and its -wal, -shm) when the source goes: it was made by an import. */
void source_set_temporary(Source *self, gboolean temporary);
gboolean source_is_temporary(Source *self);

/* A second reader of the same recording, for long work on a thread of its own: any thread may call it, and must hold a
 * reference meanwhile. As source_open_fn. */
int source_open_again(Source *self, struct cancel *cancel, struct reader **ret, char **ret_error);

void source_count_async(Source *self, const struct source_query *q, guint64 step, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data);
gboolean source_count_finish(Source *self, GAsyncResult *result, struct reader_count *ret, GError **error);

void source_page_async(Source *self, const struct source_query *q, struct reader_place at, gsize n,
                       GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_page_finish(Source *self, GAsyncResult *result, struct reader_page *ret, GError **error);

void source_histogram_async(Source *self, const struct source_query *q, gsize n_bins, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data);
gboolean source_histogram_finish(Source *self, GAsyncResult *result, struct reader_histogram *ret, GError **error);

void source_process_async(Source *self, gint64 process, GCancellable *cancellable, GAsyncReadyCallback done,
                          gpointer data);
gboolean source_process_finish(Source *self, GAsyncResult *result, struct reader_process *ret, GError **error);

void source_timeline_async(Source *self, gint64 process, struct reader_range range, gsize n_bins, gsize max_children,
                           GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_timeline_finish(Source *self, GAsyncResult *result, struct reader_timeline *ret, GError **error);

void source_tree_async(Source *self, gint64 process, struct reader_tree_limits limits, GCancellable *cancellable,
                       GAsyncReadyCallback done, gpointer data);
gboolean source_tree_finish(Source *self, GAsyncResult *result, struct reader_tree *ret, GError **error);

void source_lanes_async(Source *self, const struct source_query *q, enum reader_group by, gsize n_bins, gsize max_lanes,
                        GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_lanes_finish(Source *self, GAsyncResult *result, struct reader_lanes *ret, GError **error);

void source_story_async(Source *self, gint64 process, gsize max, GCancellable *cancellable, GAsyncReadyCallback done,
                        gpointer data);
gboolean source_story_finish(Source *self, GAsyncResult *result, struct reader_story *ret, GError **error);

/* Whether what the query asks for (its time, and the kinds that it can match) was fully recorded. */
void source_completeness_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data);
gboolean source_completeness_finish(Source *self, GAsyncResult *result, struct reader_completeness *ret, GError **error);

/* The values of a field in what the query asks for. The wish is copied. It may take long: "progress" tells. */
void source_values_async(Source *self, const struct source_query *q, const struct reader_values_wish *wish,
                         GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_values_finish(Source *self, GAsyncResult *result, struct reader_values *ret, GError **error);
void source_distribution_async(Source *self, const struct source_query *q, GCancellable *cancellable,
                               GAsyncReadyCallback done, gpointer data);
gboolean source_distribution_finish(Source *self, GAsyncResult *result, struct reader_distribution *ret, GError **error);

/* These take long: "progress" tells how far they are. */
void source_space_async(Source *self, gsize max, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_space_finish(Source *self, GAsyncResult *result, struct reader_space *ret, GError **error);
void source_inventory_async(Source *self, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean source_inventory_finish(Source *self, GAsyncResult *result, struct reader_inventory *ret, GError **error);

/* What events hold in fields, and which rules they fulfil. The wish is copied. */
void source_cells_async(Source *self, const struct reader_cells_wish *wish, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data);
gboolean source_cells_finish(Source *self, GAsyncResult *result, struct reader_cells *ret, GError **error);
