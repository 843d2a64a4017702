/* grid-notes: marks, tags and comments in an event grid: one for all grids. Adds to `owner`, which holds the grid, the
 * actions "notes.mark", "notes.edit" (of the selected rows), "notes.next" and "notes.previous" (mark). */
#pragma once

#include "gui/event-grid.h"

void grid_notes_add(GtkWidget *owner, EventGrid *grid, Notes *notes);
/* Marks the selected rows, or takes their marks away where all have one. */
void grid_notes_mark(EventGrid *grid);
/* Opens the editor for the selected rows. */
void grid_notes_edit(EventGrid *grid);
/* Actions of a part that has no filter to take back: "history.undo" and "history.redo" of what is said. */
void grid_notes_add_undo(GtkWidget *owner, Notes *notes);
