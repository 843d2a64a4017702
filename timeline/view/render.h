/* render: the same drawings as the widgets, into a file, without a display. */
#pragma once

#include <cairo.h>

#include "recorder/query/reader.h"

enum render_format { RENDER_PNG, RENDER_SVG, RENDER_PDF };
/* By the name's ending, ignoring case. 0 or -EINVAL. */
int render_format_of(const char *path, enum render_format *ret);

struct render_options {
	int width, height;  /* pixels, points for PDF; 0: a good default */
	double scale;       /* PNG only: 1 or 2 …; 0: 1 */
	bool dark;
	const char *title;  /* line above the drawing, NULL none */
};

/* Any drawing of o->width × o->height, both given. Title, format and errors as below. */
typedef void render_draw_fn(cairo_t *cr, void *data);
int render_drawing(render_draw_fn *draw, void *data, const struct render_options *o, const char *path,
                   enum render_format format);
/* 0, -ENOMEM, or the errno of writing; the file is complete or not there at all. */
int render_timeline(const struct reader_process *process, struct reader_range range, const struct gap *gaps,
                    size_t n_gaps, const struct reader_timeline *data, const struct render_options *o,
                    const char *path, enum render_format format);
int render_tree(const struct reader_tree *tree, const struct render_options *o, const char *path,
                enum render_format format);
/* Explorer-like table of rows (for `spoor render explorer`). */
int render_rows(const struct reader_info *info, const struct reader_histogram *histogram,
                const struct reader_page *page, const struct reader_count *count, const char *expression,
                const struct render_options *o, const char *path, enum render_format format);
