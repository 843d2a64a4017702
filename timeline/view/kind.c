#include "timeline/view/kind.h"

#include <math.h>

struct kind {
	const char *name;
	unsigned light, dark; /* 0xRRGGBB on light and on dark */
	int corners;          /* of the shape; 0: a disc */
	double turn;          /* of the first corner, in turns from the top */
	double scale;         /* so that all shapes look equally large */
};

static const struct kind kinds[EVENT_CATEGORY_COUNT] = {
	[EVENT_NONE] = { "Other", 0x5e5c64, 0xb0afac, 0, 0, 0.7 },
	[EVENT_PROCESS] = { "Process", 0x1a5fb4, 0x78aeed, 4, 0, 1.1 },
	[EVENT_FILE] = { "File", 0x8a5a00, 0xeabc4a, 4, 0.125, 1.15 },
	[EVENT_NETWORK] = { "Network", 0x0a6e78, 0x4fd1c5, 3, 0, 1.2 },
	[EVENT_SECURITY] = { "Security", 0xa51d7d, 0xf08cd0, 0, 0, 0.9 },
	[EVENT_DRIVER] = { "Driver", 0x6f4a2f, 0xd0ad90, 5, 0, 1.05 },
	[EVENT_REGISTRY] = { "Registry", 0x5a5680, 0xb6b1dd, 6, 0, 1.0 },
};

static const struct kind *kind_of(enum event_category c)
{
	return &kinds[c > EVENT_NONE && c < EVENT_CATEGORY_COUNT ? c : EVENT_NONE];
}

struct kind_colour kind_colour(enum event_category category, bool dark)
{
	unsigned c = dark ? kind_of(category)->dark : kind_of(category)->light;

	return (struct kind_colour){ (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0 };
}

void kind_set_source(cairo_t *cr, enum event_category category, bool dark)
{
	struct kind_colour c = kind_colour(category, dark);

	cairo_set_source_rgb(cr, c.r, c.g, c.b);
}

void kind_path(cairo_t *cr, enum event_category category, double x, double y, double size)
{
	const struct kind *k = kind_of(category);
	double radius = size / 2 * k->scale;

	cairo_new_sub_path(cr);
	if (!k->corners) {
		cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
		cairo_close_path(cr);
		return;
	}
	if (k->corners == 3)
		y += radius / 6; /* its weight is low: centre what the eye sees */
	for (int i = 0; i < k->corners; i++) {
		double a = 2 * M_PI * ((double)i / k->corners + k->turn) - M_PI / 2;

		cairo_line_to(cr, x + radius * cos(a), y + radius * sin(a));
	}
	cairo_close_path(cr);
}

const char *kind_name(enum event_category category)
{
	return kind_of(category)->name;
}
