/* event-grid-private: what the parts of EventGrid share: event-grid.c behaves, event-grid-draw.c draws. */
#pragma once

#include "gui/event-cells.h"
#include "gui/event-grid.h"
#include "gui/event-grid-accessible.h"
#include "gui/look.h"

enum { ROW_LEAST = 24, PADDING = 8, EDGE = 12, SHAPE = 9, LINES_WRAPPED = 3, RESIZE_REACH = 4, COLUMN_LEAST = 48, NO_COLUMN = -1 };

struct _EventGrid {
	GtkDrawingArea parent;
	EventModel *model;
	Notes *notes; /* may be NULL */
	ColourRules *rules; /* may be NULL */
	guint rule_numbers[COLOUR_RULES_MOST]; /* of the rules that `cells` asks for */
	gulong changed_handler, arrived_handler;
	GtkAdjustment *adjustment[2]; /* GTK_ORIENTATION_* */
	GtkScrollablePolicy policy[2];
	EventCells *cells; /* NULL without a model */
	const struct field *extra[READER_MAX_CELL_FIELDS];
	guint n_extra;
	int widths[EVENT_COLUMN_EXTRA + READER_MAX_CELL_FIELDS];
	guint8 order[EVENT_COLUMN_EXTRA + READER_MAX_CELL_FIELDS]; /* columns from left to right, hidden ones too */
	char *columns_default; /* as event_grid_get_widths has them; NULL: all of every grid */
	gboolean wrap;
	int row_height, line_height, header_height, time_width; /* line: of a row that has only one */
	struct row_set *chosen;
	guint64 selected, anchor, held, hover; /* selected: the one of `chosen` that leads; anchor: where Shift counts from */
	guint question; /* of the model, that `chosen` is of */
	enum event_column column;
	unsigned hidden; /* bit 1 << column */
	int resizing; /* column whose right edge is dragged, or NO_COLUMN */
	double resize_from;
	int resize_width;
	int pressed; /* column whose header is held, or NO_COLUMN */
	gboolean dragging;
	double drag_x;
	PangoLayout *layout, *mono;
	struct theme theme;
};

/* Width now; 0 for a hidden one. */
int event_grid_column_width(EventGrid *self, enum event_column column);
/* What it has been given: that of a growing one is its least. */
int event_grid_own_width(EventGrid *self, enum event_column column);
int event_grid_column_x(EventGrid *self, enum event_column column);
enum event_column event_grid_column_at(EventGrid *self, double x);

/* ---- event-grid-header.c: TRUE: it was the header's ---- */
gboolean event_grid_header_press(EventGrid *self, const GdkEventButton *event);
gboolean event_grid_header_motion(EventGrid *self, double x, double y);
gboolean event_grid_header_release(EventGrid *self);
gboolean event_grid_header_key(EventGrid *self, const GdkEventKey *event);
gboolean event_grid_header_tooltip(EventGrid *self, int x, GtkTooltip *tooltip);
/* Where a dragged column would come to stand. */
void event_grid_draw_drop(EventGrid *self, cairo_t *cr);

/* ---- event-grid-columns.c ---- */
struct event_column_info event_grid_info(EventGrid *self, guint column);
/* How many are left of it, hidden ones too. */
guint event_grid_place(EventGrid *self, guint column);
/* The next one in sight to the left (-1) or right (1); the column itself where there is none. */
guint event_grid_beside(EventGrid *self, guint column, int by);

/* ---- event-grid-cells.c ---- */
void event_grid_want_cells(EventGrid *self, guint64 first, guint n);
/* For another model. */
void event_grid_renew_cells(EventGrid *self);
/* Other fields are shown. */
void event_grid_cells_changed(EventGrid *self);
void event_grid_draw_rule(EventGrid *self, cairo_t *cr, const struct reader_row *row, const GdkRectangle *area,
                          gboolean selected);

/* ---- event-grid-notes.c ---- */
const struct casefile_note *event_grid_note(EventGrid *self, const struct reader_row *row);
void event_grid_draw_mark(EventGrid *self, cairo_t *cr, const struct casefile_note *note, const GdkRectangle *row,
                          gboolean selected);
/* At the right of the cell, whose rest remains in *cell. */
void event_grid_draw_note(EventGrid *self, cairo_t *cr, const struct casefile_note *note, GdkRectangle *cell,
                          gboolean selected);

/* ---- event-grid-selection.c ---- */
void event_grid_choose(EventGrid *self, guint64 row); /* alone */
void event_grid_choose_to(EventGrid *self, guint64 row);
void event_grid_choose_too(EventGrid *self, guint64 row); /* or no longer */
void event_grid_check_selection(EventGrid *self);
gboolean event_grid_selection_key(EventGrid *self, const GdkEventKey *event);
void event_grid_selection_press(EventGrid *self, guint64 row, const GdkEventButton *event);
void event_grid_selection_release(EventGrid *self);
void event_grid_scroll_to(EventGrid *self, guint64 row);

void event_grid_update_fonts(EventGrid *self);
gboolean event_grid_draw(GtkWidget *widget, cairo_t *cr);
