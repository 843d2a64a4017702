/* notes-view: the rows of which something is said, as an expression to ask for, and as numbers. No widgets.
 *
 * A view is a text: "marked", "tagged", "commented", "noted" (any of these), "tag:NAME"; "" none. */
#pragma once

#include "gui/notes.h"

/* Expressions have a length: more rows than this are not asked for. */
enum { NOTES_VIEW_MOST = 20000 };

/* How many rows are in it; those beyond NOTES_VIEW_MOST too. */
guint64 notes_view_count(Notes *notes, const char *view);
/* "event.id in (…)", also where nothing is. NULL for "". */
char *notes_view_expression(Notes *notes, const char *view);
/* What it is called: "Marked", "Tagged “c2”". Newly allocated. */
char *notes_view_name(const char *view);
/* "c2, staging"; "" for none. */
char *notes_view_tag_list(const struct casefile_note *note);
/* Safe to show, in lines. */
char *notes_view_comment(const struct casefile_note *note);
/* What is said of the events of a process: "2 marked · c2, staging · First contact"; NULL: nothing. Newly allocated. */
char *notes_view_of_process(Notes *notes, gint64 process);
/* Every tag in use, with its rows; by name. Free with g_array_unref. */
struct notes_tag {
	char *name;
	guint64 rows;
};
GArray *notes_view_tags(Notes *notes);
gboolean notes_view_holds(const struct casefile_note *note, const char *view);
