/* rows-draw: a page of the explorer as a picture: what it is, when, how complete, how many, and the rows. */
#pragma once

#include "recorder/query/reader.h"
#include "timeline/view/glyphs.h"
#include "timeline/view/theme.h"

struct rows_draw {
	const struct theme *theme;
	struct glyphs *glyphs;
	const char *title, *expression; /* NULL: none */
	const struct reader_info *info;
	const struct reader_histogram *histogram;
	const struct reader_page *page;
	const struct reader_count *count;
	int width, height;
};

/* Height that shows every row of the page. */
int rows_draw_height(const struct rows_draw *d);
void rows_draw(const struct rows_draw *d, cairo_t *cr);
