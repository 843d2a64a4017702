/* The columns of an EventGrid: those that every grid has, and fields that were added. */
#include "gui/event-grid-private.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "recorder/query/row-format.h"

enum { EXTRA_WIDTH = 160, WIDEST = 1000 };

guint event_grid_n_columns(EventGrid *self)
{
	return EVENT_COLUMN_EXTRA + self->n_extra;
}

const struct field *event_grid_extra(EventGrid *self, guint column)
{
	return column >= EVENT_COLUMN_EXTRA && column - EVENT_COLUMN_EXTRA < self->n_extra
	       ? self->extra[column - EVENT_COLUMN_EXTRA] : NULL;
}

struct event_column_info event_grid_info(EventGrid *self, guint column)
{
	const struct field *f = event_grid_extra(self, column);

	if (column < EVENT_COLUMN_COUNT)
		return *event_column_info(column);
	return (struct event_column_info){ .id = f ? f->name : "", .title = f ? f->name : "", .width = EXTRA_WIDTH,
		.monospace = TRUE, .middle = TRUE };
}

gboolean event_grid_is_shown(EventGrid *self, guint column)
{
	return column < EVENT_COLUMN_COUNT ? !(self->hidden & 1u << column) : event_grid_extra(self, column) != NULL;
}

/* ---- their order ---- */

guint event_grid_nth_column(EventGrid *self, guint place)
{
	return self->order[place];
}

guint event_grid_place(EventGrid *self, guint column)
{
	guint place = 0;

	while (place < event_grid_n_columns(self) - 1 && self->order[place] != column)
		place++;
	return place;
}

guint event_grid_beside(EventGrid *self, guint column, int by)
{
	int place = (int)event_grid_place(self, column) + by;

	while (place >= 0 && place < (int)event_grid_n_columns(self) && !event_grid_is_shown(self, self->order[place]))
		place += by;
	return place >= 0 && place < (int)event_grid_n_columns(self) ? self->order[place] : column;
}

void event_grid_move_column(EventGrid *self, guint column, guint place)
{
	guint from = event_grid_place(self, column), to = MIN(place, event_grid_n_columns(self) - 1);

	if (from < to)
		memmove(self->order + from, self->order + from + 1, to - from);
	else
		memmove(self->order + to + 1, self->order + to, from - to);
	self->order[to] = (guint8)column;
	event_grid_accessible_update(GTK_WIDGET(self));
	gtk_widget_queue_resize(GTK_WIDGET(self));
}

/* ---- what cells say ---- */

static struct span extra_cell(EventGrid *self, const struct reader_row *row, guint column)
{
	return self->cells ? event_cells_get(self->cells, row->id, column - EVENT_COLUMN_EXTRA) : SPAN_NONE;
}

char *event_grid_text(EventGrid *self, const struct reader_row *row, guint column)
{
	return event_grid_extra(self, column) ? event_text(extra_cell(self, row, column)) : event_column_text(row, column);
}

char *event_grid_value(EventGrid *self, const struct reader_row *row, guint column)
{
	return event_grid_extra(self, column) ? event_text(extra_cell(self, row, column)) : event_column_value(row, column);
}

char *event_grid_filter(EventGrid *self, const struct reader_row *row, guint column, gboolean negate)
{
	const struct field *f = event_grid_extra(self, column);
	struct span value;
	AUTO_EXPR *e = NULL;
	AUTO_BUF out = BUF_INIT;

	if (!f)
		return event_column_filter(row, column, negate);
	value = extra_cell(self, row, column);
	if (!value.p || memmem(value.p, value.n, " → ", strlen(" → "))) /* two values are no one's */
		return NULL;
	e = expr_condition(f, negate ? EXPR_NE : EXPR_EQ, value);
	if (!e)
		return NULL;
	expr_print(e, &out);
	return out.failed ? NULL : g_strndup(out.p, out.n);
}

char *event_grid_row_text(EventGrid *self, const struct reader_row *row)
{
	GString *out = g_string_new(NULL);
	g_autofree char *usual = event_column_row_text(row);

	g_string_append(out, usual);
	for (guint c = EVENT_COLUMN_EXTRA; c < event_grid_n_columns(self); c++) {
		g_autofree char *value = event_grid_value(self, row, c);

		g_string_append_printf(out, "\t%s", value);
	}
	return g_string_free(out, FALSE);
}

/* ---- which ---- */

static void columns_changed(EventGrid *self)
{
	event_grid_cells_changed(self);
	if (!event_grid_is_shown(self, self->column))
		self->column = EVENT_COLUMN_WHAT;
	gtk_widget_queue_resize(GTK_WIDGET(self));
}

void event_grid_show_column(EventGrid *self, enum event_column column, gboolean show)
{
	self->hidden = show ? self->hidden & ~(1u << column) : self->hidden | 1u << column;
	columns_changed(self);
}

gboolean event_grid_has_field(EventGrid *self, const struct field *f)
{
	for (guint i = 0; i < self->n_extra; i++)
		if (self->extra[i] == f)
			return TRUE;
	return FALSE;
}

/* Columns behind it are numbered anew. */
static void remove_place(EventGrid *self, guint column)
{
	guint place = event_grid_place(self, column), n = event_grid_n_columns(self);

	memmove(self->order + place, self->order + place + 1, n - place - 1);
	for (guint i = 0; i < n - 1; i++)
		self->order[i] -= self->order[i] > column;
}

static void remove_extra(EventGrid *self, guint i)
{
	memmove(self->extra + i, self->extra + i + 1, (self->n_extra - i - 1) * sizeof(*self->extra));
	memmove(self->widths + EVENT_COLUMN_EXTRA + i, self->widths + EVENT_COLUMN_EXTRA + i + 1,
	        (self->n_extra - i - 1) * sizeof(*self->widths));
	remove_place(self, EVENT_COLUMN_EXTRA + i);
	self->n_extra--;
}

static gboolean add_extra(EventGrid *self, const struct field *f, int width)
{
	if (self->n_extra == READER_MAX_CELL_FIELDS || event_grid_has_field(self, f))
		return FALSE;
	self->widths[EVENT_COLUMN_EXTRA + self->n_extra] = width;
	self->order[event_grid_n_columns(self)] = (guint8)(EVENT_COLUMN_EXTRA + self->n_extra);
	self->extra[self->n_extra++] = f;
	return TRUE;
}

gboolean event_grid_show_field(EventGrid *self, const struct field *f, gboolean show)
{
	gboolean done = show ? add_extra(self, f, EXTRA_WIDTH) : TRUE;

	for (guint i = 0; !show && i < self->n_extra; i++)
		if (self->extra[i] == f)
			remove_extra(self, i--);
	columns_changed(self);
	return done;
}

/* Of an added one, where an export has it and it is not there yet. */
static gboolean can_export(const char *name, const char *list)
{
	g_auto(GStrv) there = g_strsplit(list, ",", -1);

	return row_format_column_find(span_of(name)) != ROW_FORMAT_COLUMNS &&
	       !g_strv_contains((const char *const *)there, name);
}

char *event_grid_get_fields(EventGrid *self)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < event_grid_n_columns(self); i++) {
		guint c = self->order[i];
		const struct field *f = event_grid_extra(self, c);

		if (!event_grid_is_shown(self, c) || (f && !can_export(f->name, out->str)))
			continue;
		g_string_append_printf(out, "%s%s", out->len ? "," : "", f ? f->name : event_column_info(c)->fields);
	}
	return g_string_free(out, FALSE);
}

/* ---- kept in settings ---- */

/* It comes behind those that were taken before it. */
static void take_column(EventGrid *self, guint column, int width, gboolean hidden, guint *taken)
{
	self->widths[column] = width;
	if (column < EVENT_COLUMN_COUNT)
		self->hidden = hidden ? self->hidden | 1u << column : self->hidden & ~(1u << column);
	if (event_grid_place(self, column) >= *taken)
		event_grid_move_column(self, column, (*taken)++);
}

static void take_part(EventGrid *self, const char *part, guint *taken)
{
	gboolean hidden = *part == '-';
	const char *name = part + hidden, *equals = strchr(name, '=');
	int width = equals ? (int)CLAMP(g_ascii_strtoll(equals + 1, NULL, 10), COLUMN_LEAST, WIDEST) : 0;
	struct span id = { name, equals ? (gsize)(equals - name) : 0 };
	const struct field *f;

	if (!id.n)
		return;
	for (guint c = 0; c < EVENT_COLUMN_COUNT; c++) {
		if (!span_eq(id, span_of(event_column_info(c)->id)))
			continue;
		take_column(self, c, width, hidden, taken);
		return;
	}
	f = field_find(id);
	if (f && span_eq(id, span_of(f->name)) && add_extra(self, f, width))
		take_column(self, EVENT_COLUMN_EXTRA + self->n_extra - 1, width, FALSE, taken);
}

void event_grid_set_widths(EventGrid *self, const char *widths)
{
	g_auto(GStrv) parts = g_strsplit(widths, ",", -1);
	guint taken = 0;

	for (guint p = 0; parts[p]; p++)
		take_part(self, parts[p], &taken);
	columns_changed(self);
}

char *event_grid_get_widths(EventGrid *self)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < event_grid_n_columns(self); i++) {
		guint c = self->order[i];
		struct event_column_info info = event_grid_info(self, c);

		if (*info.id)
			g_string_append_printf(out, "%s%s%s=%d", out->len ? "," : "", event_grid_is_shown(self, c) ? "" : "-",
			                       info.id, self->widths[c]);
	}
	return g_string_free(out, FALSE);
}

void event_grid_set_default(EventGrid *self, const char *widths)
{
	char *copy = g_strdup(widths);

	g_free(self->columns_default);
	self->columns_default = copy;
	event_grid_reset_columns(self);
}

void event_grid_reset_columns(EventGrid *self)
{
	self->n_extra = 0;
	self->hidden = 0;
	for (guint c = 0; c < EVENT_COLUMN_EXTRA; c++) {
		self->order[c] = (guint8)c;
		self->widths[c] = c < EVENT_COLUMN_COUNT ? event_column_info(c)->width : 0;
	}
	if (self->columns_default)
		event_grid_set_widths(self, self->columns_default);
	else
		columns_changed(self);
}
