#include "timeline/view/glyphs.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "agent/base/text.h"

enum { SLOTS = 2048, WAYS = 4, MAX_BYTES = 400 };

struct slot {
	uint64_t key;
	PangoLayout *layout;
	double w, h;
	uint32_t used; /* frame */
};

struct glyphs {
	PangoContext *context;
	PangoFontDescription *fonts[GLYPHS_FONTS];
	struct slot slots[SLOTS];
	uint32_t frame;
	cairo_matrix_t matrix;
	double digit[GLYPHS_FONTS], height[GLYPHS_FONTS];
};

static PangoFontDescription *font(const PangoFontDescription *base, const char *family, double size, PangoWeight weight)
{
	PangoFontDescription *d = pango_font_description_copy(base);
	int from = pango_font_description_get_size(base);

	if (family)
		pango_font_description_set_family(d, family);
	if (pango_font_description_get_size_is_absolute(base))
		pango_font_description_set_absolute_size(d, from * size);
	else
		pango_font_description_set_size(d, (int)(from * size));
	pango_font_description_set_weight(d, weight);
	return d;
}

static void drop_layouts(struct glyphs *t)
{
	for (size_t i = 0; i < SLOTS; i++) {
		g_clear_object(&t->slots[i].layout);
		t->slots[i].key = 0;
	}
}

struct glyphs *glyphs_new(PangoContext *context)
{
	struct glyphs *t = g_new0(struct glyphs, 1);
	g_autoptr(PangoFontDescription) base = NULL;

	if (context) {
		t->context = g_object_ref(context);
		base = pango_font_description_copy(pango_context_get_font_description(context));
	} else {
		t->context = pango_font_map_create_context(pango_cairo_font_map_get_default());
		pango_cairo_context_set_resolution(t->context, 96);
		base = pango_font_description_from_string("Sans 9.5");
	}
	if (pango_font_description_get_size(base) <= 0)
		pango_font_description_set_size(base, 10 * PANGO_SCALE);
	t->fonts[GLYPHS_NORMAL] = font(base, NULL, 1, PANGO_WEIGHT_NORMAL);
	t->fonts[GLYPHS_BOLD] = font(base, NULL, 1, PANGO_WEIGHT_BOLD);
	t->fonts[GLYPHS_SMALL] = font(base, NULL, 0.88, PANGO_WEIGHT_NORMAL);
	t->fonts[GLYPHS_MONO] = font(base, "Monospace", 0.94, PANGO_WEIGHT_NORMAL);
	t->fonts[GLYPHS_MONO_SMALL] = font(base, "Monospace", 0.84, PANGO_WEIGHT_NORMAL);
	cairo_matrix_init_identity(&t->matrix);
	return t;
}

void glyphs_free(struct glyphs *t)
{
	if (!t)
		return;
	drop_layouts(t);
	for (int i = 0; i < GLYPHS_FONTS; i++)
		pango_font_description_free(t->fonts[i]);
	g_object_unref(t->context);
	g_free(t);
}

void glyphs_begin(struct glyphs *t, cairo_t *cr)
{
	cairo_matrix_t m;
	double sx = 1, sy = 1;

	cairo_get_matrix(cr, &m);
	cairo_surface_get_device_scale(cairo_get_target(cr), &sx, &sy);
	m.xx *= sx;
	m.yy *= sy;
	m.x0 = m.y0 = 0;
	t->frame++;
	if (memcmp(&m, &t->matrix, sizeof(m)) != 0) { /* another scale: hinting differs */
		drop_layouts(t);
		t->matrix = m;
	}
	pango_cairo_update_context(cr, t->context);
}

/* Whole characters only, so that a cut one is not shown as a broken byte. */
static struct span shorten(struct span s)
{
	if (s.n <= MAX_BYTES)
		return s;
	s.n = MAX_BYTES;
	for (int i = 0; i < 3 && s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80; i++)
		s.n--;
	return s;
}

static PangoLayout *shape(struct glyphs *t, enum glyphs_font f, struct span s, int max_w, enum glyphs_cut cut)
{
	PangoLayout *l = pango_layout_new(t->context);
	AUTO_BUF b = BUF_INIT;

	text_visible(&b, shorten(s));
	pango_layout_set_font_description(l, t->fonts[f]);
	pango_layout_set_single_paragraph_mode(l, TRUE);
	pango_layout_set_text(l, b.p ? b.p : "", (int)b.n);
	if (max_w > 0) {
		pango_layout_set_width(l, max_w * PANGO_SCALE);
		pango_layout_set_ellipsize(l, cut == GLYPHS_CUT_MIDDLE ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
	}
	return l;
}

static struct slot *find(struct glyphs *t, enum glyphs_font f, struct span s, int max_w, enum glyphs_cut cut)
{
	uint64_t key = (span_hash(s) ^ (uint64_t)max_w << 20 ^ (uint64_t)f << 4 ^ (uint64_t)cut) | 1;
	size_t first = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) % (SLOTS / WAYS) * WAYS;
	struct slot *oldest = &t->slots[first];
	PangoRectangle r;

	for (size_t i = first; i < first + WAYS; i++) {
		struct slot *at = &t->slots[i];

		if (at->key == key && at->layout) {
			at->used = t->frame;
			return at;
		}
		oldest = at->used < oldest->used || !at->layout ? at : oldest;
	}
	g_clear_object(&oldest->layout);
	oldest->layout = shape(t, f, s, max_w, cut);
	oldest->key = key;
	oldest->used = t->frame;
	pango_layout_get_extents(oldest->layout, NULL, &r);
	oldest->w = (double)r.width / PANGO_SCALE;
	oldest->h = (double)r.height / PANGO_SCALE;
	return oldest;
}

double glyphs_draw(struct glyphs *t, cairo_t *cr, enum glyphs_font f, struct span s, double x, double y, double max_w,
                 enum glyphs_cut cut)
{
	struct slot *at;

	if (!s.p || s.n == 0 || (max_w > 0 && max_w < 8))
		return 0;
	at = find(t, f, s, 0, GLYPHS_CUT_END);
	if (max_w > 0 && at->w > max_w)
		at = find(t, f, s, (int)max_w & ~3, cut); /* few widths, so that zooming shapes little */
	cairo_move_to(cr, x, round(y - at->h / 2));
	pango_cairo_show_layout(cr, at->layout);
	return at->w;
}

double glyphs_width(struct glyphs *t, enum glyphs_font f, struct span s)
{
	return s.p && s.n ? find(t, f, s, 0, GLYPHS_CUT_END)->w : 0;
}

double glyphs_digit(struct glyphs *t, enum glyphs_font f)
{
	if (t->digit[f] <= 0)
		t->digit[f] = glyphs_width(t, f, SPAN("0000000000")) / 10;
	return t->digit[f];
}

double glyphs_height(struct glyphs *t, enum glyphs_font f)
{
	if (t->height[f] <= 0)
		t->height[f] = find(t, f, SPAN("Ág"), 0, GLYPHS_CUT_END)->h;
	return t->height[f];
}
