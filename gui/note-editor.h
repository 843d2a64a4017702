/* note-editor: a dialog for what is said of rows: their mark, tags, comment. What was written by somebody else meanwhile is
 * shown before it is replaced. Of several rows it has what all of them have, and makes one change of all. */
#pragma once

#include <gtk/gtk.h>

#include "gui/notes.h"

/* `near`: a widget of the window that it belongs to. */
void note_editor_open(GtkWidget *near, Notes *notes, const struct reader_row *const *rows, gsize n);
