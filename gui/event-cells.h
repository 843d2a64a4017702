/* EventCells: what events hold in chosen fields, fetched for the rows in sight and kept for a while. Signal:
 *   "arrived"   cells that were asked for are there
 */
#pragma once

#include "gui/source.h"

#define EVENT_CELLS_TYPE (event_cells_get_type())
G_DECLARE_FINAL_TYPE(EventCells, event_cells, EVENT, CELLS, GObject)

EventCells *event_cells_new(Source *source);
/* Which fields, READER_MAX_CELL_FIELDS at most; what was kept is forgotten. */
void event_cells_set_fields(EventCells *self, const struct field *const *fields, gsize n);
/* Brings these events' cells, and gives up what was asked for before. */
void event_cells_want(EventCells *self, const gint64 *ids, gsize n);
/* The cell of the i-th field: absent where the event has no value, or where it is not there yet. */
struct span event_cells_get(EventCells *self, gint64 id, gsize i);
void event_cells_stop(EventCells *self);
