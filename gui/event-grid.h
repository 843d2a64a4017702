/* EventGrid: a table over an EventModel, for any number of rows. Draws only what is in sight, so neither time nor
 * memory depend on how many there are. (A GtkTreeView keeps a node for each row: five million took 2.8 s to first draw
 * and 290 MB, in fixed-height mode, over a model that stores nothing.) Put it in a GtkScrolledWindow.
 *
 * Signals:
 *   "row-activated" (guint64 row)                    double-click, Enter
 *   "selection-changed"                              see event_grid_get_selected
 *   "menu-requested" (guint64 row, guint column)     right click, Menu; gtk_menu_popup_at_pointer or _at_rect
 *   "sort-requested"                                 click on the time's header: the owner turns the order round
 *   "group-requested" (guint column)                 click on another header: only time is sorted by
 *   "columns-changed"                                widths, order: the owner keeps them
 *   "colours-failed" (const char *message)           the colour rules cannot be asked; NULL: they can again
 *   "told" (const char *message)                     what came of an action on the selected rows (grid-rows.h)
 * Keys: arrows, Page Up and Down, Home, End; Left and Right choose the column that pivots are about,
 * with Ctrl+Shift they move it (a header can be dragged, too). With Shift the
 * others select all rows from where they began; so does a click with Shift, one with Ctrl selects a row too or no longer;
 * Ctrl+A all, Escape only one.
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/colour-rules.h"
#include "gui/event-column.h"
#include "gui/event-model.h"
#include "gui/notes.h"
#include "gui/row-set.h"

#define EVENT_GRID_TYPE (event_grid_get_type())
G_DECLARE_FINAL_TYPE(EventGrid, event_grid, EVENT, GRID, GtkDrawingArea)

#define EVENT_GRID_NO_ROW G_MAXUINT64

GtkWidget *event_grid_new(void);
void event_grid_set_model(EventGrid *self, EventModel *model);
EventModel *event_grid_get_model(EventGrid *self);

/* The one that leads: what is shown of a row is of this one. EVENT_GRID_NO_ROW: none. */
guint64 event_grid_get_selected(EventGrid *self);
/* All that are selected. Valid until the selection changes. */
const struct row_set *event_grid_get_chosen(EventGrid *self);
/* Selects and scrolls to it. */
void event_grid_select(EventGrid *self, guint64 row);
void event_grid_select_all(EventGrid *self);
/* Leads; becomes the only one when it was not selected. */
void event_grid_lead(EventGrid *self, guint64 row);
enum event_column event_grid_get_column(EventGrid *self);

/* Rows of three lines, in which long values are not cut at the first. */
void event_grid_set_wrap(EventGrid *self, gboolean wrap);

/* What is said of the rows is drawn in them. NULL: nothing. */
void event_grid_set_notes(EventGrid *self, Notes *notes);
Notes *event_grid_get_notes(EventGrid *self);

/* Rows have the colour of the first rule that they fulfil. NULL: none. */
void event_grid_set_rules(EventGrid *self, ColourRules *rules);
ColourRules *event_grid_get_rules(EventGrid *self);

/* Columns are numbered: those of enum event_column, then from EVENT_COLUMN_EXTRA on the fields that were added. */
guint event_grid_n_columns(EventGrid *self);
/* The field of an added column, NULL: it is none. */
const struct field *event_grid_extra(EventGrid *self, guint column);
void event_grid_show_column(EventGrid *self, enum event_column column, gboolean show);
gboolean event_grid_is_shown(EventGrid *self, guint column);
gboolean event_grid_has_field(EventGrid *self, const struct field *f);
/* FALSE: there is no room for another. */
gboolean event_grid_show_field(EventGrid *self, const struct field *f, gboolean show);
/* The column at a place, from left to right, hidden ones too. */
guint event_grid_nth_column(EventGrid *self, guint place);
void event_grid_move_column(EventGrid *self, guint column, guint place);
/* What a reset brings, as event_grid_get_widths has it; NULL: all of every grid. */
void event_grid_set_default(EventGrid *self, const char *widths);
void event_grid_reset_columns(EventGrid *self);
/* As event-column.h has them, of added columns too. */
char *event_grid_text(EventGrid *self, const struct reader_row *row, guint column);
char *event_grid_value(EventGrid *self, const struct reader_row *row, guint column);
char *event_grid_filter(EventGrid *self, const struct reader_row *row, guint column, gboolean negate);
char *event_grid_row_text(EventGrid *self, const struct reader_row *row);
/* "@timestamp,event.action,…": the fields of what is shown, in its order, for an export. g_free. */
char *event_grid_get_fields(EventGrid *self);
/* "time=196,event=148,-pid=76,process.hash.md5=160,…": widths in the columns' order, hidden ones with a minus, added
 * fields. What could not be read is left as it was. */
void event_grid_set_widths(EventGrid *self, const char *widths);
char *event_grid_get_widths(EventGrid *self);

/* ---- for its accessible, and menus ---- */

void event_grid_get_visible(EventGrid *self, guint64 *ret_first, guint *ret_n);
/* Where a cell is in the widget; column EVENT_COLUMN_COUNT: the whole row. */
void event_grid_get_area(EventGrid *self, guint64 row, enum event_column column, GdkRectangle *ret);
/* "marked", "tagged c2, staging", the comment: in lines. NULL: nothing is said of it. */
char *event_grid_note_words(EventGrid *self, const struct reader_row *row);
/* The names of the colour rules that the row fulfils, in lines. NULL: none. */
char *event_grid_rule_words(EventGrid *self, const struct reader_row *row);
guint64 event_grid_row_at(EventGrid *self, double y); /* EVENT_GRID_NO_ROW below the last and on the header */
