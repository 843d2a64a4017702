/* What is asked beside the rows: the cells of added columns, and which colour rules the rows fulfil. */
#include "gui/event-grid-accessible.h"
#include "gui/event-grid-private.h"

enum { AROUND = 64, STRIPE = 3 }; /* rows fetched before and behind those in sight, so that scrolling finds them there */

struct ids {
	gint64 ids[READER_MAX_CELL_ROWS];
	gsize n;
};

/* Of the rows [first, first + n) that are in memory. */
static void add_ids(EventGrid *self, struct ids *to, guint64 first, guint64 n)
{
	for (guint64 i = first; i < first + n && to->n < READER_MAX_CELL_ROWS; i++) {
		const struct reader_row *row = event_model_get_row(self->model, i);

		if (row)
			to->ids[to->n++] = row->id;
	}
}

void event_grid_want_cells(EventGrid *self, guint64 first, guint n)
{
	struct ids known = { .n = 0 };
	gboolean missing = FALSE;

	if (!self->cells || !event_cells_is_needed(self->cells))
		return;
	add_ids(self, &known, first, n);
	for (gsize i = 0; i < known.n && !missing; i++)
		missing = !event_cells_has(self->cells, known.ids[i]);
	if (!missing)
		return;
	add_ids(self, &known, first + n, AROUND);
	add_ids(self, &known, first - MIN(first, AROUND), MIN(first, AROUND));
	event_cells_want(self->cells, known.ids, known.n);
}

static void on_arrived(EventGrid *self)
{
	guint64 first;
	guint n;

	event_grid_get_visible(self, &first, &n);
	event_grid_want_cells(self, first, n); /* scrolled meanwhile */
	event_grid_accessible_update(GTK_WIDGET(self));
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void on_failed(EventGrid *self, const char *message)
{
	g_signal_emit_by_name(self, "colours-failed", message);
	on_arrived(self);
}

static void tell(EventGrid *self)
{
	struct span asked[COLOUR_RULES_MOST];
	gsize n = self->rules ? colour_rules_asked(self->rules, asked, self->rule_numbers) : 0;

	event_cells_set_fields(self->cells, self->extra, self->n_extra);
	event_cells_set_rules(self->cells, asked, n);
}

void event_grid_cells_changed(EventGrid *self)
{
	if (self->cells)
		tell(self);
}

void event_grid_renew_cells(EventGrid *self)
{
	if (self->cells) {
		g_signal_handlers_disconnect_by_data(self->cells, self);
		event_cells_stop(self->cells);
	}
	g_clear_object(&self->cells);
	if (!self->model)
		return;
	self->cells = event_cells_new(event_model_get_source(self->model));
	tell(self);
	g_signal_connect_swapped(self->cells, "arrived", G_CALLBACK(on_arrived), self);
	g_signal_connect_swapped(self->cells, "failed", G_CALLBACK(on_failed), self);
}

/* ---- colour rules ---- */

static void on_rules(EventGrid *self)
{
	g_signal_emit_by_name(self, "colours-failed", NULL);
	event_grid_cells_changed(self);
	on_arrived(self);
}

void event_grid_set_rules(EventGrid *self, ColourRules *rules)
{
	if (self->rules)
		g_signal_handlers_disconnect_by_func(self->rules, on_rules, self);
	g_set_object(&self->rules, rules);
	if (rules)
		g_signal_connect_object(rules, "changed", G_CALLBACK(on_rules), self, G_CONNECT_SWAPPED);
	event_grid_cells_changed(self);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

ColourRules *event_grid_get_rules(EventGrid *self)
{
	return self->rules;
}

/* The number of the first rule that it fulfils. */
static int rule_of(EventGrid *self, const struct reader_row *row)
{
	guint32 fulfilled = row && self->rules && self->cells ? event_cells_fulfilled(self->cells, row->id) : 0;
	int bit = fulfilled ? g_bit_nth_lsf(fulfilled, -1) : -1;

	if (bit < 0 || bit >= COLOUR_RULES_MOST || self->rule_numbers[bit] >= colour_rules_count(self->rules))
		return COLOUR_RULES_NONE;
	return (int)self->rule_numbers[bit];
}

char *event_grid_rule_words(EventGrid *self, const struct reader_row *row)
{
	guint32 fulfilled = row && self->rules && self->cells ? event_cells_fulfilled(self->cells, row->id) : 0;
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint bit = 0; bit < COLOUR_RULES_MOST; bit++)
		if (fulfilled & 1u << bit && self->rule_numbers[bit] < colour_rules_count(self->rules))
			g_string_append_printf(out, "%s%s", out->len ? "\n" : "",
			                       colour_rules_get(self->rules, self->rule_numbers[bit]).name);
	return out->len ? g_strdup(out->str) : NULL;
}

void event_grid_draw_rule(EventGrid *self, cairo_t *cr, const struct reader_row *row, const GdkRectangle *area,
                          gboolean selected)
{
	int number = rule_of(self, row);
	struct theme_colour c;

	if (number == COLOUR_RULES_NONE)
		return;
	c = colour_rules_colour(colour_rules_get(self->rules, (guint)number).hue, self->theme.dark);
	if (!selected) {
		theme_set(cr, c, COLOUR_RULES_TINT);
		cairo_rectangle(cr, area->x, area->y, area->width, area->height);
		cairo_fill(cr);
	}
	theme_set(cr, c, 1);
	cairo_rectangle(cr, area->x, area->y, STRIPE, area->height);
	cairo_fill(cr);
}
