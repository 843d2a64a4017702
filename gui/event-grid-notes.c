/* What is said of a row, in the row: a ribbon and a tint for a mark, a bubble for a comment, tags as labels. */
#include "gui/event-grid-accessible.h"
#include "gui/event-grid-private.h"
#include "gui/i18n.h"
#include "gui/notes-view.h"

enum { RIBBON = 7, LABEL_PADDING = 6, LABEL_GAP = 4, LABELS_MOST = 6, LABEL_CHARS = 24 };

const struct casefile_note *event_grid_note(EventGrid *self, const struct reader_row *row)
{
	return self->notes && row ? notes_get(self->notes, row->id) : NULL;
}

static void set_colour(EventGrid *self, cairo_t *cr, struct theme_colour c, gboolean selected, double alpha)
{
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(self));
	GdkRGBA text;

	if (!selected) {
		theme_set(cr, c, alpha);
		return;
	}
	gtk_style_context_get_color(style, gtk_style_context_get_state(style), &text);
	cairo_set_source_rgba(cr, text.red, text.green, text.blue, text.alpha * alpha);
}

void event_grid_draw_mark(EventGrid *self, cairo_t *cr, const struct casefile_note *note, const GdkRectangle *row,
                          gboolean selected)
{
	double x = row->x + 2.5, y = row->y + 4, h = row->height - 10;

	if (!note || !note->state.marked)
		return;
	if (!selected) {
		theme_set(cr, self->theme.bookmark, 0.10);
		cairo_rectangle(cr, row->x, row->y, row->width, row->height);
		cairo_fill(cr);
	}
	set_colour(self, cr, self->theme.bookmark, selected, 1);
	cairo_move_to(cr, x, y);
	cairo_rel_line_to(cr, RIBBON, 0);
	cairo_rel_line_to(cr, 0, h);
	cairo_rel_line_to(cr, -RIBBON / 2.0, -RIBBON / 2.0);
	cairo_rel_line_to(cr, -RIBBON / 2.0, RIBBON / 2.0);
	cairo_close_path(cr);
	cairo_fill(cr);
}

static void draw_bubble(EventGrid *self, cairo_t *cr, double x, double middle, gboolean selected)
{
	set_colour(self, cr, self->theme.dim, selected, 1);
	theme_rounded(cr, x, middle - 6, 12, 9, 2.5);
	cairo_move_to(cr, x + 3, middle + 2.5);
	cairo_rel_line_to(cr, 0, 4);
	cairo_rel_line_to(cr, 4, -4);
	cairo_close_path(cr);
	cairo_fill(cr);
}

static void draw_label(EventGrid *self, cairo_t *cr, const char *text, const GdkRectangle *at, gboolean selected)
{
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(self));
	int h;

	set_colour(self, cr, self->theme.accent, selected, 0.20);
	theme_rounded(cr, at->x, at->y, at->width, at->height, at->height / 2.0);
	cairo_fill(cr);
	pango_layout_set_text(self->layout, text, -1);
	pango_layout_get_pixel_size(self->layout, NULL, &h);
	gtk_render_layout(style, cr, at->x + LABEL_PADDING, at->y + (at->height - h) / 2, self->layout);
}

static int label_width(EventGrid *self, const char *text)
{
	int w;

	pango_layout_set_width(self->layout, -1);
	pango_layout_set_text(self->layout, text, -1);
	pango_layout_get_pixel_size(self->layout, &w, NULL);
	return w + 2 * LABEL_PADDING;
}

static char *short_text(struct span tag)
{
	g_autofree char *text = event_text(tag);
	g_autofree char *part = g_utf8_strlen(text, -1) > LABEL_CHARS ? g_utf8_substring(text, 0, LABEL_CHARS) : NULL;

	return part ? g_strconcat(part, "…", NULL) : g_steal_pointer(&text);
}

/* Ending at the right edge, as far as half of the cell reaches; "+2" for those that have no place. */
static int draw_labels(EventGrid *self, cairo_t *cr, struct span tags, const GdkRectangle *cell, gboolean selected)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	int room = cell->width / 2, right = cell->x + cell->width - PADDING, x;
	struct span rest = tags, piece;
	guint n = 0;

	while (rest.n && span_next(&rest, '\n', &piece)) {
		char *text = short_text(piece);
		int w = label_width(self, text) + LABEL_GAP;

		g_ptr_array_add(texts, text);
		if (n == texts->len - 1 && n < LABELS_MOST && w <= room) {
			room -= w;
			n++;
		}
	}
	if (n < texts->len) {
		g_ptr_array_insert(texts, (int)n, g_strdup_printf("+%u", texts->len - n));
		room -= label_width(self, g_ptr_array_index(texts, n)) + LABEL_GAP;
		n++;
	}
	x = right - (cell->width / 2 - room) + (n ? LABEL_GAP : 0);
	right = x - (n ? LABEL_GAP : 0);
	for (guint i = 0; i < n; i++) {
		const char *text = g_ptr_array_index(texts, i);
		int w = label_width(self, text);

		draw_label(self, cr, text, &(GdkRectangle){ x, cell->y + 3, w, cell->height - 6 }, selected);
		x += w + LABEL_GAP;
	}
	return right;
}

void event_grid_draw_note(EventGrid *self, cairo_t *cr, const struct casefile_note *note, GdkRectangle *cell,
                          gboolean selected)
{
	int right;

	if (!note || cell->width < 3 * cell->height)
		return;
	right = draw_labels(self, cr, note->state.tags, cell, selected);
	if (note->state.comment.n) {
		draw_bubble(self, cr, right - 13, cell->y + cell->height / 2.0, selected);
		right -= 13 + LABEL_GAP;
	}
	cell->width = right + PADDING - cell->x;
}

char *event_grid_note_words(EventGrid *self, const struct reader_row *row)
{
	const struct casefile_note *note = event_grid_note(self, row);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *tags = note ? notes_view_tag_list(note) : NULL, *comment = note ? notes_view_comment(note) : NULL;

	if (!note)
		return NULL;
	if (note->state.marked)
		g_string_append(out, _("marked"));
	if (*tags && out->len)
		g_string_append_c(out, '\n');
	if (*tags)
		g_string_append_printf(out, _("tagged %s"), tags);
	if (*comment)
		g_string_append_printf(out, "%s%s", out->len ? "\n" : "", comment);
	return g_strdup(out->str);
}

static void on_notes_changed(EventGrid *self)
{
	event_grid_accessible_update(GTK_WIDGET(self));
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void event_grid_set_notes(EventGrid *self, Notes *notes)
{
	if (self->notes)
		g_signal_handlers_disconnect_by_func(self->notes, on_notes_changed, self);
	g_set_object(&self->notes, notes);
	if (notes)
		g_signal_connect_object(notes, "changed", G_CALLBACK(on_notes_changed), self, G_CONNECT_SWAPPED);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

Notes *event_grid_get_notes(EventGrid *self)
{
	return self->notes;
}
