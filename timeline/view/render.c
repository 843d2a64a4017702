#include "timeline/view/render.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "timeline/view/rows-draw.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"
#include "timeline/view/tree-stage.h"

enum { MAX_SIDE = 32000, TITLE_H = 36 };

int render_format_of(const char *path, enum render_format *ret)
{
	static const char *const endings[] = { ".png", ".svg", ".pdf" };
	size_t n = strlen(path);

	for (int i = 0; i < 3; i++) {
		if (n > 4 && strcasecmp(path + n - 4, endings[i]) == 0) {
			*ret = (enum render_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* ---- the file ---- */

static cairo_status_t collect(void *out, const unsigned char *bytes, unsigned n)
{
	struct buf *b = out;

	buf_add(b, bytes, n);
	return b->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

/* Beside its place first, then moved there: never half a file. */
static int write_file(const char *path, struct span bytes)
{
	AUTO_BUF name = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int r;

	buf_printf(&name, "%s.XXXXXX", path);
	if (name.failed)
		return -ENOMEM;
	fd = mkostemp(name.p, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes);
	if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0 && rename(name.p, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(name.p);
	return r;
}

/* ---- the picture ---- */

struct picture {
	enum render_format format;
	double scale;
	cairo_surface_t *surface;
	cairo_t *cr;
	struct buf out;
};

static int picture_open(struct picture *p, enum render_format format, double scale, int width, int height)
{
	int r = 0;

	*p = (struct picture){ .format = format, .scale = format == RENDER_PNG && scale > 0 ? scale : 1 };
	if (width > MAX_SIDE || height > MAX_SIDE || p->scale > 8)
		return -EINVAL;
	if (format == RENDER_SVG)
		p->surface = cairo_svg_surface_create_for_stream(collect, &p->out, width, height);
	else if (format == RENDER_PDF)
		p->surface = cairo_pdf_surface_create_for_stream(collect, &p->out, width, height);
	else
		p->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * p->scale), (int)(height * p->scale));
	if (format == RENDER_PNG)
		cairo_surface_set_device_scale(p->surface, p->scale, p->scale);
	p->cr = cairo_create(p->surface);
	if (cairo_status(p->cr) != CAIRO_STATUS_SUCCESS)
		r = cairo_status(p->cr) == CAIRO_STATUS_INVALID_SIZE ? -EINVAL : -ENOMEM;
	return r;
}

/* Ends the drawing and writes it, unless `r` says that something failed before. */
static int picture_close(struct picture *p, int r, const char *path)
{
	if (p->cr && r == 0 && cairo_status(p->cr) != CAIRO_STATUS_SUCCESS)
		r = -ENOMEM;
	if (r == 0 && p->format == RENDER_PNG &&
	    cairo_surface_write_to_png_stream(p->surface, collect, &p->out) != CAIRO_STATUS_SUCCESS)
		r = -ENOMEM;
	if (p->cr)
		cairo_destroy(p->cr);
	if (p->surface) {
		cairo_surface_finish(p->surface);
		cairo_surface_destroy(p->surface);
	}
	r = r == 0 && p->out.failed ? -ENOMEM : r;
	r = r == 0 ? write_file(path, buf_span(&p->out)) : r;
	buf_free(&p->out);
	return r;
}

static int or_default(int v, int standard)
{
	return v > 0 ? v : standard;
}

static int title_height(const struct render_options *o)
{
	return o->title && o->title[0] ? TITLE_H : 0;
}

static void draw_title(const struct render_options *o, const struct theme *th, struct glyphs *g, cairo_t *cr, int width)
{
	if (!title_height(o))
		return;
	glyphs_begin(g, cr);
	theme_set(cr, th->back, 1);
	cairo_rectangle(cr, 0, 0, width, TITLE_H);
	cairo_fill(cr);
	theme_set(cr, th->front, 1);
	glyphs_draw(g, cr, GLYPHS_BOLD, span_of(o->title), 12, TITLE_H / 2.0, width - 24, GLYPHS_CUT_END);
	theme_set(cr, th->line, 1);
	cairo_rectangle(cr, 0, TITLE_H - 1, width, 1);
	cairo_fill(cr);
	cairo_translate(cr, 0, TITLE_H);
}

int render_drawing(render_draw_fn *draw, void *data, const struct render_options *o, const char *path,
                   enum render_format format)
{
	struct glyphs *glyphs = glyphs_new(NULL);
	struct theme theme;
	struct picture p;
	int r = picture_open(&p, format, o->scale, o->width, o->height + title_height(o));

	theme_init(&theme, o->dark);
	if (r == 0) {
		draw_title(o, &theme, glyphs, p.cr, o->width);
		cairo_rectangle(p.cr, 0, 0, o->width, o->height);
		cairo_clip(p.cr);
		draw(p.cr, data);
	}
	glyphs_free(glyphs);
	return picture_close(&p, r, path);
}

/* As high as its rows need, unless told. */
static int timeline_height(const struct timeline_stage *t, const struct render_options *o)
{
	struct lanes l;
	struct lanes_request r = { .process = t->process != NULL, .child_rows = t->n_rows, .by_category = t->totals };

	if (o->height > 0)
		return o->height - title_height(o) > 1 ? o->height - title_height(o) : 1;
	r.height = t->process ? (int)fmin(fmax(560, 300 + 18.0 * t->n_rows), 4000) : 640;
	lanes_arrange(&r, &l);
	return l.bottom + timeline_stage_axis_height(t) + timeline_stage_info_height(t);
}

static int draw_timeline(struct timeline_stage *t, const struct render_options *o, int width, const char *path,
                         enum render_format format)
{
	int height = timeline_height(t, o), r;
	struct picture p;

	timeline_stage_set_size(t, width, height);
	r = picture_open(&p, format, o->scale, width, height + title_height(o));
	if (r == 0) {
		draw_title(o, &t->theme, t->glyphs, p.cr, width);
		cairo_rectangle(p.cr, 0, 0, width, height);
		cairo_clip(p.cr);
		timeline_draw_content(t, p.cr);
		timeline_overlay_draw(t, p.cr);
	}
	return picture_close(&p, r, path);
}

int render_timeline(const struct reader_process *process, struct reader_range range, const struct gap *gaps,
                    size_t n_gaps, const struct reader_timeline *data, const struct render_options *o,
                    const char *path, enum render_format format)
{
	struct timeline_stage *t = timeline_stage_new();
	int width = or_default(o->width, 1280), r;
	struct theme theme;

	theme_init(&theme, o->dark);
	timeline_stage_set_look(t, &theme, NULL, false);
	timeline_stage_set_size(t, width, 600);
	r = timeline_stage_set_subject(t, process, range, gaps, n_gaps);
	r = r < 0 ? r : timeline_stage_set_data(t, data);
	r = r < 0 ? r : draw_timeline(t, o, width, path, format);
	timeline_stage_free(t);
	return r;
}

int render_tree(const struct reader_tree *tree, const struct render_options *o, const char *path,
                enum render_format format)
{
	struct tree_stage *t = tree_stage_new();
	int width = or_default(o->width, 1280), height = o->height, r;
	struct theme theme;
	struct picture p;

	theme_init(&theme, o->dark);
	tree_stage_set_look(t, &theme, NULL);
	r = tree_stage_set_tree(t, tree);
	if (r < 0) {
		tree_stage_free(t);
		return r;
	}
	if (height <= 0) {
		height = (int)fmin(fmax(t->layout.bottom - t->layout.top + 64, 240), 8000);
		width = o->width > 0 ? o->width : (int)fmin(fmax(treelayout_width(&t->layout) + 64, 640), 6000);
	}
	height = height - title_height(o) > 1 || o->height <= 0 ? height : title_height(o) + 1;
	height -= o->height > 0 ? title_height(o) : 0;
	tree_stage_set_size(t, width, height);
	r = picture_open(&p, format, o->scale, width, height + title_height(o));
	if (r == 0) {
		draw_title(o, &theme, t->glyphs, p.cr, width);
		cairo_rectangle(p.cr, 0, 0, width, height);
		cairo_clip(p.cr);
		tree_draw(t, p.cr);
	}
	tree_stage_free(t);
	return picture_close(&p, r, path);
}

int render_rows(const struct reader_info *info, const struct reader_histogram *histogram,
                const struct reader_page *page, const struct reader_count *count, const char *expression,
                const struct render_options *o, const char *path, enum render_format format)
{
	struct theme theme;
	struct glyphs *glyphs = glyphs_new(NULL);
	struct rows_draw d = {
		.theme = &theme, .glyphs = glyphs, .title = o->title, .expression = expression, .info = info,
		.histogram = histogram, .page = page, .count = count, .width = or_default(o->width, 1280),
	};
	struct picture p;
	int r;

	theme_init(&theme, o->dark);
	d.height = or_default(o->height, rows_draw_height(&d));
	r = picture_open(&p, format, o->scale, d.width, d.height);
	if (r == 0)
		rows_draw(&d, p.cr);
	glyphs_free(glyphs);
	return picture_close(&p, r, path);
}
