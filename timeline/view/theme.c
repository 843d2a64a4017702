#include "timeline/view/theme.h"

#include <glib/gi18n.h>
#include <math.h>

#define RGB(hex) { ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex) & 255) / 255.0 }

static const struct theme light = {
	.dark = false,
	.back = RGB(0xffffff), .front = RGB(0x1d1d20), .dim = RGB(0x5e5e66), .line = RGB(0xe2e1e6),
	.accent = RGB(0x1c66c9), .bad = RGB(0xb3141d), .hatch = RGB(0x8a6d1f), .raised = RGB(0xf6f5f7),
	.hit = RGB(0x5f7300), .bookmark = RGB(0x8b2fa8),
	.kinds = {
		[EVENT_NONE] = RGB(0x5e5e66), [EVENT_PROCESS] = RGB(0x1b5fc4), [EVENT_FILE] = RGB(0x9a5b00),
		[EVENT_NETWORK] = RGB(0x005f4f), [EVENT_SECURITY] = RGB(0xa3006f), [EVENT_DRIVER] = RGB(0x57301a),
		[EVENT_REGISTRY] = RGB(0x6f6886),
	},
	.segments = { RGB(0xcfe0f7), RGB(0xf6e3bd), RGB(0xcdebe4), RGB(0xf3d5e7), RGB(0xdfdcf0), RGB(0xe3e8c9) },
};

static const struct theme dark = {
	.dark = true,
	.back = RGB(0x242428), .front = RGB(0xf2f1f4), .dim = RGB(0xabaab4), .line = RGB(0x3a3a40),
	.accent = RGB(0x78aef7), .bad = RGB(0xff8f88), .hatch = RGB(0xd3b45c), .raised = RGB(0x2f2f35),
	.hit = RGB(0xdcf26a), .bookmark = RGB(0xd79bf0),
	.kinds = {
		[EVENT_NONE] = RGB(0xabaab4), [EVENT_PROCESS] = RGB(0x6aa7fb), [EVENT_FILE] = RGB(0xf5b83d),
		[EVENT_NETWORK] = RGB(0x17b59d), [EVENT_SECURITY] = RGB(0xff86d0), [EVENT_DRIVER] = RGB(0xc9926a),
		[EVENT_REGISTRY] = RGB(0xd8d3ee),
	},
	.segments = { RGB(0x2c4a73), RGB(0x5c481b), RGB(0x1f5248), RGB(0x613050), RGB(0x45406a), RGB(0x4a5128) },
};

void theme_init(struct theme *t, bool is_dark)
{
	*t = is_dark ? dark : light;
}

static double linear(double v)
{
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(struct theme_colour c)
{
	return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

bool theme_is_dark(struct theme_colour background)
{
	return luminance(background) < 0.18;
}

double theme_contrast(struct theme_colour a, struct theme_colour b)
{
	double la = luminance(a), lb = luminance(b);

	return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

struct theme_colour theme_mix(struct theme_colour a, struct theme_colour b, double part)
{
	return (struct theme_colour){ a.r + (b.r - a.r) * part, a.g + (b.g - a.g) * part, a.b + (b.b - a.b) * part };
}

void theme_set(cairo_t *cr, struct theme_colour c, double alpha)
{
	cairo_set_source_rgba(cr, c.r, c.g, c.b, alpha);
}

unsigned theme_segment_number(struct span name)
{
	return span_hash(name) % THEME_SEGMENTS;
}

struct theme_colour theme_segment(const struct theme *t, struct span name)
{
	return t->segments[theme_segment_number(name)];
}

static void polygon(cairo_t *cr, int corners, double turn, double x, double y, double radius)
{
	for (int i = 0; i < corners; i++) {
		double a = turn + 2 * M_PI * i / corners;

		cairo_line_to(cr, x + radius * cos(a), y + radius * sin(a));
	}
	cairo_close_path(cr);
}

void theme_shape(cairo_t *cr, enum event_category c, double x, double y, double size)
{
	double r = size / 2;

	cairo_new_sub_path(cr);
	switch (c) {
	case EVENT_PROCESS: polygon(cr, 4, 0, x, y, r * 1.15); break;
	case EVENT_FILE: cairo_rectangle(cr, x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6); break;
	case EVENT_NETWORK: polygon(cr, 3, -M_PI / 2, x, y + r * 0.2, r * 1.2); break;
	case EVENT_DRIVER: polygon(cr, 5, -M_PI / 2, x, y, r * 1.1); break;
	case EVENT_REGISTRY: polygon(cr, 6, 0, x, y, r * 1.1); break;
	default: cairo_arc(cr, x, y, r * 0.95, 0, 2 * M_PI); break;
	}
}

void theme_rounded(cairo_t *cr, double x, double y, double w, double h, double radius)
{
	double r = fmin(radius, fmin(w, h) / 2), k = r * 0.4477, x1 = x + w, y1 = y + h; /* k: circle by Bézier curves */

	if (r < 0.5) {
		cairo_rectangle(cr, x, y, w, h);
		return;
	}
	cairo_move_to(cr, x + r, y);
	cairo_line_to(cr, x1 - r, y);
	cairo_curve_to(cr, x1 - k, y, x1, y + k, x1, y + r);
	cairo_line_to(cr, x1, y1 - r);
	cairo_curve_to(cr, x1, y1 - k, x1 - k, y1, x1 - r, y1);
	cairo_line_to(cr, x + r, y1);
	cairo_curve_to(cr, x + k, y1, x, y1 - k, x, y1 - r);
	cairo_line_to(cr, x, y + r);
	cairo_curve_to(cr, x, y + k, x + k, y, x + r, y);
	cairo_close_path(cr);
}

enum { HATCH_PITCH = 8 };

/* Strokes hang on the origin, so that bands side by side do not break. */
static void hatch_strokes(cairo_t *cr, const struct theme *t, double x, double y, double w, double h)
{
	for (double k = floor((x + y) / HATCH_PITCH) * HATCH_PITCH; k <= x + w + y + h; k += HATCH_PITCH) {
		cairo_move_to(cr, k - y + 1, y - 1);
		cairo_line_to(cr, k - y - h - 1, y + h + 1);
	}
	theme_set(cr, t->hatch, 0.55);
	cairo_set_line_width(cr, 1);
	cairo_stroke(cr);
}

/* On pixels a small tile is repeated: stroking a whole window takes longer than a frame may. */
static void hatch_tile(cairo_t *cr, const struct theme *t)
{
	double sx = 1, sy = 1;
	cairo_surface_t *tile;
	cairo_t *c;

	cairo_surface_get_device_scale(cairo_get_target(cr), &sx, &sy);
	tile = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(HATCH_PITCH * sx), (int)(HATCH_PITCH * sy));
	cairo_surface_set_device_scale(tile, sx, sy);
	c = cairo_create(tile);
	hatch_strokes(c, t, 0, 0, HATCH_PITCH, HATCH_PITCH);
	cairo_destroy(c);
	cairo_set_source_surface(cr, tile, 0, 0);
	cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_REPEAT);
	cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
	cairo_surface_destroy(tile);
	cairo_paint(cr);
}

void theme_hatch(cairo_t *cr, const struct theme *t, double x, double y, double w, double h)
{
	cairo_surface_type_t type = cairo_surface_get_type(cairo_get_target(cr));

	cairo_save(cr);
	cairo_rectangle(cr, x, y, w, h);
	cairo_clip(cr);
	theme_set(cr, t->hatch, t->dark ? 0.12 : 0.10);
	cairo_paint(cr);
	if (type == CAIRO_SURFACE_TYPE_SVG || type == CAIRO_SURFACE_TYPE_PDF || type == CAIRO_SURFACE_TYPE_RECORDING)
		hatch_strokes(cr, t, x, y, w, h);
	else
		hatch_tile(cr, t);
	cairo_restore(cr);
}

const char *theme_kind_name(enum event_category c)
{
	static const char *const names[] = { N_("Other"), N_("Process"), N_("File"), N_("Network"), N_("Security"),
		                             N_("Driver"), N_("Registry") };

	return _(names[(unsigned)c < EVENT_CATEGORY_COUNT ? c : 0]);
}
