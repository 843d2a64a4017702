/* EventCells: what events hold in chosen fields and which rules (expressions) they fulfil, fetched for the rows in sight
 * and kept for a while. Signals:
 *   "arrived"                        what was asked for is there: ask for what is in sight now
 *   "failed" (const char *message)   one of the rules cannot be asked for: nothing fulfils it from now on
 *
 * What a rule means in a large recording takes a while to find out, once: the reader is asked to, rule by rule, so that
 * pages of rows come between; until then there are fields only.
 */
#pragma once

#include "gui/source.h"

#define EVENT_CELLS_TYPE (event_cells_get_type())
G_DECLARE_FINAL_TYPE(EventCells, event_cells, EVENT, CELLS, GObject)

EventCells *event_cells_new(Source *source);
/* Which fields, READER_MAX_CELL_FIELDS at most; what was kept is forgotten. */
void event_cells_set_fields(EventCells *self, const struct field *const *fields, gsize n);
/* Which rules, READER_MAX_CELL_RULES at most, copied; what was kept is forgotten. */
void event_cells_set_rules(EventCells *self, const struct span *expressions, gsize n);
gboolean event_cells_is_needed(EventCells *self); /* there are fields or rules */
gboolean event_cells_has(EventCells *self, gint64 id);
/* Brings these events' cells. One call at a time: one that brings none of these is given up, behind another the next one
 * is asked for at "arrived". */
void event_cells_want(EventCells *self, const gint64 *ids, gsize n);
/* The cell of the i-th field: absent where the event has no value, or where it is not there yet. */
struct span event_cells_get(EventCells *self, gint64 id, gsize i);
/* Bits 1 << rule; 0 where they are not there yet. */
guint32 event_cells_fulfilled(EventCells *self, gint64 id);
void event_cells_stop(EventCells *self);
