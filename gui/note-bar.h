/* note-bar: what is said of the selected row of an event grid, below it; nothing where nothing is said. Tells also when
 * the case file cannot be read or written. */
#pragma once

#include "gui/event-grid.h"

/* For a grid with notes. */
GtkWidget *note_bar_new(EventGrid *grid);
