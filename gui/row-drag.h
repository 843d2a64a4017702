/* row-drag: the selected rows of a grid (those in memory), dragged out into other programs as text: what "Copy row as TSV"
 * copies. */
#pragma once

#include "gui/event-grid.h"

void row_drag_add(EventGrid *grid);
