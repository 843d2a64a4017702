#include "recorder/query/walk.h"

#include <errno.h>

enum { PAGE = 1000 };

/* Exact arguments of the last image asked for; rows of one image follow each other. */
struct args {
	int64_t image;
	bool known;
	struct reader_process process;
	const struct span *args;
	size_t n;
};

static int load_args(const struct walk *w, const struct reader_row *row, struct args *a)
{
	static const struct span none[1];
	int error;

	if (a->known && a->image == row->image)
		return 0;
	if (a->known)
		reader_process_free(&a->process);
	a->known = false;
	error = w->reader->ops->process(w->reader, w->cancel, row->process, &a->process);
	if (error < 0)
		return error;
	*a = (struct args){ row->image, true, a->process, none, 0 };
	for (size_t i = 0; i < a->process.n_images; i++) {
		if (a->process.images[i].id != row->image || !a->process.images[i].args)
			continue;
		a->args = a->process.images[i].args;
		a->n = a->process.images[i].n_args;
	}
	return 0;
}

static int tell(const struct walk *w, const struct reader_row *row, struct args *a, walk_fn *fn, void *data)
{
	struct row_format_line line = { row, NULL, 0 };

	if (w->args && row->category == EVENT_PROCESS && row->process && row->command_line.p) {
		int error = load_args(w, row, a);

		if (error < 0)
			return error;
		line.args = a->args;
		line.n_args = a->n;
	}
	return fn(&line, data);
}

/* The other end may be hostile: without this it could keep us forever. */
static bool goes_on(const struct reader_place *at, int64_t id)
{
	return !at->skip || (at->order == READER_OLDEST_FIRST ? id > at->id : id < at->id);
}

static int walk_pages(const struct walk *w, struct args *a, walk_fn *fn, void *data)
{
	struct reader_place at = { .order = w->order };
	uint64_t left = w->limit;
	bool more = left > 0;
	int error = 0;

	while (more && error == 0) {
		struct reader_page page;

		error = w->reader->ops->page(w->reader, w->cancel, w->where, w->range, at, left < PAGE ? (size_t)left : PAGE,
		                             &page);
		if (error < 0)
			return error;
		for (size_t i = 0; error == 0 && i < page.n; i++) {
			error = goes_on(&at, page.rows[i].id) ? tell(w, &page.rows[i], a, fn, data) : -EBADMSG;
			at = (struct reader_place){ w->order, page.rows[i].id, 1 };
		}
		left -= page.n;
		more = page.more && page.n && left > 0;
		reader_page_free(&page);
	}
	return error;
}

int walk_rows(const struct walk *w, walk_fn *fn, void *data)
{
	struct args a = { 0 };
	int error = walk_pages(w, &a, fn, data);

	if (a.known)
		reader_process_free(&a.process);
	return error;
}
