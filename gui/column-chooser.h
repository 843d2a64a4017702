/* column-chooser: a list of all columns that a grid can have, its own and every field of the expression language, to be
 * shown or hidden; and a way back to what they were at first. The
 * action "grid.wrap-rows" is the owner's. */
#pragma once

#include "gui/event-grid.h"

/* For a popover. The grid emits "columns-changed". */
GtkWidget *column_chooser_new(EventGrid *grid);
