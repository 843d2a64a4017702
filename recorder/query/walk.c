#include "recorder/query/walk.h"

#include <errno.h>
#include <stdlib.h>

enum { PAGE = 1000 };

/* Exact arguments: of the processes asked for lately, as rows of many that run at once come mixed. A process has its place
 * by its number; what is found there of another makes room. */
enum { PLACES = 1024, BYTES_MOST = 16 << 20 };

struct args {
	struct reader_process *places; /* PLACES of them; id 0: empty */
	size_t bytes;                  /* of their arenas */
};

static void drop(struct args *a, struct reader_process *p)
{
	if (!p->id)
		return;
	a->bytes -= p->arena.total;
	reader_process_free(p);
	*p = (struct reader_process){ 0 };
}

static void drop_all(struct args *a)
{
	for (size_t i = 0; a->places && i < PLACES; i++)
		drop(a, &a->places[i]);
}

static const struct reader_image *find_image(const struct reader_process *p, int64_t process, int64_t image)
{
	for (size_t i = 0; p->id == process && i < p->n_images; i++)
		if (p->images[i].id == image)
			return &p->images[i];
	return NULL;
}

/* One that is kept may have got an image since: then it is asked for anew. */
static int load_args(const struct walk *w, const struct reader_row *row, struct args *a, const struct reader_image **ret)
{
	struct reader_process *p, asked;
	int error;

	if (!a->places)
		a->places = calloc(PLACES, sizeof(*a->places));
	if (!a->places)
		return -ENOMEM;
	p = &a->places[(uint64_t)row->process % PLACES];
	*ret = find_image(p, row->process, row->image);
	if (*ret)
		return 0;
	error = w->reader->ops->process(w->reader, w->cancel, row->process, &asked);
	if (error < 0)
		return error;
	drop(a, p);
	if (a->bytes + asked.arena.total > BYTES_MOST)
		drop_all(a);
	asked.id = row->process; /* whatever the other end says */
	*p = asked;
	a->bytes += p->arena.total;
	*ret = find_image(p, row->process, row->image);
	return 0;
}

static int tell(const struct walk *w, const struct reader_row *row, struct args *a, walk_fn *fn, void *data)
{
	static const struct span none[1];
	struct row_format_line line = { .row = row };

	if (w->args && row->category == EVENT_PROCESS && row->process && row->command_line.p) {
		const struct reader_image *image = NULL;
		int error = load_args(w, row, a, &image);

		if (error < 0)
			return error;
		line.args = image && image->args ? image->args : none;
		line.n_args = image && image->args ? image->n_args : 0;
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

	drop_all(&a);
	free(a.places);
	return error;
}
