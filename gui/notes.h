/* Notes: what people say of one source: marks, tags and comments of rows, and bookmarks of moments. They are kept in a case file
 * (server/evidence/casefile.h) beside the source, never in it; in the user's data folder where that place cannot be
 * written, and for imported logs. The file is made when something is said first.
 *
 * All calls are for the main thread and do not wait; files are read and written on another one, in the order asked.
 * Changes of others to the file are seen as they happen. Signals:
 *   "changed"                     other notes: look at everything again
 *   "failed" (const char *line)   the case file cannot be read, or could not be written (by undo, redo or a mark)
 */
#pragma once

#include "gui/source.h"
#include "server/evidence/casefile.h"

#define NOTES_TYPE (notes_get_type())
G_DECLARE_FINAL_TYPE(Notes, notes, SPOOR, NOTES, GObject)

/* Those of a source that is open: one for all that show it. Owned by the source. */
Notes *notes_of(Source *source);

/* NULL: nothing is said of it. Texts are hostile: event_text. Valid until the main loop runs again. */
const struct casefile_note *notes_get(Notes *self, gint64 event);
/* By event id, so by time. Valid as above. */
const struct casefile_note *notes_all(Notes *self, gsize *ret_n);
/* The name of the file that they are kept in, or would be. Newly allocated. */
char *notes_file(Notes *self);
/* Where they are kept, or would be: one sentence. Newly allocated. */
char *notes_place(Notes *self);
/* Why they cannot be read; NULL when they can. */
const char *notes_error(Notes *self);

/* By time. Names are visible text, in one line. Valid as above. */
const struct casefile_bookmark *notes_bookmarks(Notes *self, gsize *ret_n);
/* Names a moment, or takes its name away: what was seen before, and what is to be; NULL none. It can be undone, and
 * "failed" tells of errors: one is that somebody else has changed it meanwhile. `process`: whose timeline it is made in,
 * 0 the whole recording's. */
void notes_set_bookmark(Notes *self, gint64 time_ms, gint64 process, const char *before, const char *after);

/* 0; -ESTALE: the comment of `event` is another by now, nothing has changed; else negative errno, with a line. */
typedef void notes_done_fn(int error, gint64 event, const char *line, gpointer data);

/* Makes the difference between before and after (casefile_apply), and can be undone. Copies `changes`. `done` may be
 * NULL: then "failed" tells of errors. */
void notes_change(Notes *self, const struct casefile_change *changes, gsize n, notes_done_fn *done, gpointer data);
/* FALSE: there is nothing to take back. */
gboolean notes_undo(Notes *self);
gboolean notes_redo(Notes *self);
/* When the change that notes_undo takes back was made (g_get_monotonic_time); 0: none. */
gint64 notes_undo_time(Notes *self);
/* Before the program ends: waits until all that was changed is written. */
void notes_finish(void);
