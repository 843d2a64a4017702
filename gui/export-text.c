#include "gui/export-writer.h"

#include <errno.h>

#include "agent/base/cleanup.h"

enum { FLUSH = 64 << 10 };

struct text {
	struct export_writer writer;
	const struct row_format *format;
	struct buf out;
	struct sha256 sum;
};

static int flush(struct text *t)
{
	int r;

	if (t->out.failed)
		return -ENOMEM;
	sha256_add(&t->sum, buf_span(&t->out));
	r = export_file_write(t->writer.file, buf_span(&t->out));
	buf_clear(&t->out);
	return r;
}

static int text_begin(struct export_writer *w)
{
	struct text *t = (struct text *)w;

	sha256_begin(&t->sum);
	t->format->head(&t->out, &w->columns);
	return flush(t);
}

static int text_row(struct export_writer *w, const struct row_format_line *line)
{
	struct text *t = (struct text *)w;

	t->format->row(&t->out, &w->columns, line);
	return t->out.n >= FLUSH || t->out.failed ? flush(t) : 0;
}

static int text_rows_end(struct export_writer *w)
{
	struct text *t = (struct text *)w;
	int r = flush(t);

	if (r == 0)
		sha256_end(&t->sum, w->file_sha256);
	return r;
}

static int text_end(struct export_writer *w, const struct export_facts *facts)
{
	return 0; /* they stand in a file of their own */
}

static void text_free(struct export_writer *w)
{
	buf_free(&((struct text *)w)->out);
	free(w);
}

struct export_writer *export_text_new(const struct row_format *format)
{
	static const struct export_writer_ops ops = { text_begin, text_row, text_rows_end, text_end, text_free };
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->writer.ops = &ops;
	t->format = format;
	return &t->writer;
}
