/* note-editor: a dialog for what is said of one row: its mark, its tags, its comment. What was written by somebody else
 * meanwhile is shown before it is replaced. */
#pragma once

#include <gtk/gtk.h>

#include "gui/notes.h"

/* `near`: a widget of the window that it belongs to. */
void note_editor_open(GtkWidget *near, Notes *notes, const struct reader_row *row);
