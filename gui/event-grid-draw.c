#include "gui/event-grid-private.h"
#include "gui/i18n.h"
#include "gui/time-range.h"

/* `cell`: its first line, for one line of text or for `lines`. */
static void draw_text(cairo_t *cr, GtkStyleContext *style, PangoLayout *layout, const GdkRectangle *cell, int lines,
                      const char *text, const struct event_column_info *info)
{
	int inner = cell->width - 2 * PADDING, w, h;

	if (inner <= 0 || !*text)
		return;
	pango_layout_set_text(layout, text, -1);
	pango_layout_set_width(layout, inner * PANGO_SCALE);
	pango_layout_set_height(layout, -lines);
	pango_layout_set_ellipsize(layout, info->middle && lines == 1 ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
	pango_layout_set_alignment(layout, info->numeric ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_get_pixel_size(layout, &w, &h);
	gtk_render_layout(style, cr, cell->x + PADDING, cell->y + (cell->height - h / pango_layout_get_line_count(layout)) / 2,
	                  layout);
}

static void draw_shape(EventGrid *self, cairo_t *cr, GtkStyleContext *style, const struct reader_row *row,
                       GdkRectangle *cell, gboolean selected)
{
	double x = cell->x + PADDING + SHAPE / 2.0, y = cell->y + cell->height / 2.0;
	GdkRGBA c;

	theme_shape(cr, row->category, x, y, SHAPE);
	if (selected) {
		gtk_style_context_get_color(style, gtk_style_context_get_state(style), &c);
		gdk_cairo_set_source_rgba(cr, &c);
	} else {
		theme_set(cr, self->theme.kinds[row->category], 1);
	}
	cairo_fill(cr);
	cell->x += SHAPE + 7;
	cell->width -= SHAPE + 7;
}

/* At the left edge there is a little more room. */
static void inset(EventGrid *self, guint column, GdkRectangle *cell)
{
	if (event_grid_beside(self, column, -1) != column)
		return;
	cell->x += EDGE - PADDING;
	cell->width -= EDGE - PADDING;
}

/* Between rows of several lines. */
static void draw_line(EventGrid *self, cairo_t *cr, const GdkRectangle *row)
{
	theme_set(cr, self->theme.line, 1);
	cairo_rectangle(cr, row->x, row->y + row->height - 1, row->width, 1);
	cairo_fill(cr);
}

static void draw_row(EventGrid *self, cairo_t *cr, GtkStyleContext *style, guint64 i)
{
	const struct reader_row *row = event_model_get_row(self->model, i);
	const struct casefile_note *note = event_grid_note(self, row);
	gboolean selected = row_set_has(self->chosen, i);
	GtkStateFlags state = gtk_widget_get_state_flags(GTK_WIDGET(self)) & ~GTK_STATE_FLAG_PRELIGHT;
	GdkRectangle cell;

	gtk_style_context_save(style);
	gtk_style_context_set_state(style, selected ? state | GTK_STATE_FLAG_SELECTED : state);
	event_grid_get_area(self, i, EVENT_COLUMN_COUNT, &cell);
	if (selected)
		gtk_render_background(style, cr, cell.x, cell.y, cell.width, cell.height);
	else if (i == self->hover) {
		GdkRGBA c;

		gtk_style_context_get_color(style, state, &c);
		cairo_set_source_rgba(cr, c.red, c.green, c.blue, 0.05);
		cairo_rectangle(cr, cell.x, cell.y, cell.width, cell.height);
		cairo_fill(cr);
	}
	event_grid_draw_rule(self, cr, row, &cell, selected);
	if (self->wrap)
		draw_line(self, cr, &cell);
	cell.height = self->line_height;
	event_grid_draw_mark(self, cr, note, &cell, selected);
	for (int c = 0; row && c < (int)event_grid_n_columns(self); c++) {
		const struct event_column_info info = event_grid_info(self, c);
		g_autofree char *text = NULL;

		if (!event_grid_column_width(self, c))
			continue;
		text = event_grid_text(self, row, c);
		event_grid_get_area(self, i, c, &cell);
		cell.height = self->line_height;
		if (i == self->selected && c == (int)self->column && gtk_widget_has_visible_focus(GTK_WIDGET(self)))
			gtk_render_focus(style, cr, cell.x + 2, cell.y + 2, cell.width - 4, cell.height - 4);
		inset(self, (guint)c, &cell);
		if (c == EVENT_COLUMN_EVENT)
			draw_shape(self, cr, style, row, &cell, selected);
		if (c == EVENT_COLUMN_WHAT)
			event_grid_draw_note(self, cr, note, &cell, selected);
		draw_text(cr, style, info.monospace ? self->mono : self->layout, &cell, self->wrap ? LINES_WRAPPED : 1, text,
		          &info);
	}
	gtk_style_context_restore(style);
}

static void draw_sort_arrow(EventGrid *self, cairo_t *cr, GtkStyleContext *style, const GdkRectangle *cell)
{
	gboolean newest = event_model_get_order(self->model) == READER_NEWEST_FIRST;
	gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;

	gtk_render_arrow(style, cr, newest ? G_PI : 0, cell->x + (rtl ? PADDING : cell->width - PADDING - 12),
	                 cell->y + (cell->height - 10) / 2, 10);
}

static void draw_title(EventGrid *self, cairo_t *cr, GtkStyleContext *style, const GdkRectangle *cell,
                       enum event_column column)
{
	struct event_column_info info = event_grid_info(self, column);
	g_autofree char *zone = NULL, *time = NULL;
	const struct reader_row *row;
	guint64 first;
	guint n;

	event_grid_get_visible(self, &first, &n);
	row = n ? event_model_get_row(self->model, first) : NULL;
	zone = time_range_zone(row ? row->time_ms : 0);
	time = g_strdup_printf("%s (%s)", _(info.title), zone);
	info.middle = FALSE;
	draw_text(cr, style, self->layout, cell, 1, column == EVENT_COLUMN_TIME ? time : _(info.title), &info);
	if (column == EVENT_COLUMN_TIME && self->model)
		draw_sort_arrow(self, cr, style, cell);
}

static void draw_header(EventGrid *self, cairo_t *cr, GtkStyleContext *style, int width)
{
	PangoAttrList *bold = pango_attr_list_new();
	GdkRectangle cell = { 0, 0, 0, self->header_height };
	GdkRGBA border;

	gtk_render_background(style, cr, 0, 0, width, self->header_height);
	gtk_style_context_save(style);
	gtk_style_context_add_class(style, "dim-label");
	pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD));
	pango_layout_set_attributes(self->layout, bold);
	cairo_push_group(cr);
	for (int c = 0; c < (int)event_grid_n_columns(self); c++) {
		if (!event_grid_column_width(self, c))
			continue;
		cell.x = event_grid_column_x(self, c);
		cell.width = event_grid_column_width(self, c);
		inset(self, (guint)c, &cell);
		draw_title(self, cr, style, &cell, c);
	}
	cairo_pop_group_to_source(cr);
	cairo_paint_with_alpha(cr, 0.7);
	pango_layout_set_attributes(self->layout, NULL);
	pango_attr_list_unref(bold);
	gtk_style_context_restore(style);
	if (!gtk_style_context_lookup_color(style, "borders", &border))
		gtk_style_context_get_color(style, GTK_STATE_FLAG_NORMAL, &border);
	gdk_cairo_set_source_rgba(cr, &border);
	cairo_rectangle(cr, 0, self->header_height - 1, width, 1);
	for (guint c = 0; c < event_grid_n_columns(self); c++)
		if (event_grid_is_shown(self, c) && event_grid_beside(self, c, -1) != c)
			cairo_rectangle(cr, event_grid_column_x(self, c), 6, 1, self->header_height - 12);
	cairo_fill(cr);
}

gboolean event_grid_draw(GtkWidget *widget, cairo_t *cr)
{
	EventGrid *self = EVENT_GRID(widget);
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	int width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	guint64 first;
	guint n;

	gtk_render_background(style, cr, 0, 0, width, height);
	event_grid_get_visible(self, &first, &n);
	cairo_save(cr);
	cairo_rectangle(cr, 0, self->header_height, width, height - self->header_height);
	cairo_clip(cr);
	for (guint i = 0; i < n; i++)
		draw_row(self, cr, style, first + i);
	cairo_restore(cr);
	draw_header(self, cr, style, width);
	event_grid_draw_drop(self, cr);
	return FALSE;
}

void event_grid_update_fonts(EventGrid *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	PangoContext *ltr = gtk_widget_create_pango_context(widget);
	PangoFontDescription *mono =
		pango_font_description_copy(pango_context_get_font_description(gtk_widget_get_pango_context(widget)));
	int h;

	g_clear_object(&self->layout);
	g_clear_object(&self->mono);
	self->layout = gtk_widget_create_pango_layout(widget, "Xg");
	/* Times, paths and command lines read from left to right in every language. */
	pango_context_set_base_dir(ltr, PANGO_DIRECTION_LTR);
	self->mono = pango_layout_new(ltr);
	g_object_unref(ltr);
	pango_layout_set_auto_dir(self->mono, FALSE);
	pango_layout_set_single_paragraph_mode(self->layout, TRUE);
	pango_layout_set_single_paragraph_mode(self->mono, TRUE);
	pango_font_description_set_family(mono, "monospace");
	pango_font_description_set_size(mono, pango_font_description_get_size(mono) * 94 / 100);
	pango_layout_set_font_description(self->mono, mono);
	pango_font_description_free(mono);
	pango_layout_set_text(self->mono, "2026-11-20 08:55:01.204", -1);
	pango_layout_get_pixel_size(self->mono, &self->time_width, NULL);
	self->time_width += EDGE + PADDING;
	pango_layout_get_pixel_size(self->layout, NULL, &h);
	self->line_height = MAX(ROW_LEAST, h + 6);
	self->row_height = self->line_height + (self->wrap ? (LINES_WRAPPED - 1) * h : 0);
	self->header_height = self->line_height + 4;
	pango_layout_set_wrap(self->layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_wrap(self->mono, PANGO_WRAP_WORD_CHAR);
}
