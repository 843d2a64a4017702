/* event-grid-private: what the parts of EventGrid share: event-grid.c behaves, event-grid-draw.c draws. */
#pragma once

#include "gui/event-cells.h"
#include "gui/event-grid.h"
#include "gui/event-grid-accessible.h"
#include "gui/look.h"

enum { ROW_LEAST = 24, PADDING = 8, EDGE = 12, SHAPE = 9, RESIZE_REACH = 4, COLUMN_LEAST = 48, NO_COLUMN = -1 };

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
	int row_height, header_height, time_width;
	guint64 selected, hover;
	enum event_column column;
	unsigned hidden; /* bit 1 << column */
	int resizing; /* column whose right edge is dragged, or NO_COLUMN */
	double resize_from;
	int resize_width;
	PangoLayout *layout, *mono;
	struct theme theme;
};

/* Width now; 0 for a hidden one. */
int event_grid_column_width(EventGrid *self, enum event_column column);
int event_grid_column_x(EventGrid *self, enum event_column column);

/* ---- event-grid-columns.c ---- */
struct event_column_info event_grid_info(EventGrid *self, guint column);

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

void event_grid_update_fonts(EventGrid *self);
gboolean event_grid_draw(GtkWidget *widget, cairo_t *cr);
