/* What every reader's answers have in common, wherever they come from. */
#include "recorder/query/reader.h"

#include <stdlib.h>
#include <string.h>

void reader_info_free(struct reader_info *i)
{
	arena_free(&i->arena);
	memset(i, 0, sizeof(*i));
}

void reader_page_free(struct reader_page *p)
{
	arena_free(&p->arena);
	memset(p, 0, sizeof(*p));
}

void reader_count_free(struct reader_count *c)
{
	free(c->anchors);
	memset(c, 0, sizeof(*c));
}

void reader_histogram_free(struct reader_histogram *h)
{
	free(h->counts);
	memset(h, 0, sizeof(*h));
}

void reader_process_free(struct reader_process *p)
{
	arena_free(&p->arena);
	memset(p, 0, sizeof(*p));
}

void reader_timeline_free(struct reader_timeline *t)
{
	arena_free(&t->arena);
	memset(t, 0, sizeof(*t));
}

void reader_tree_free(struct reader_tree *t)
{
	arena_free(&t->arena);
	memset(t, 0, sizeof(*t));
}

void reader_distribution_free(struct reader_distribution *d)
{
	free(d->shares);
	memset(d, 0, sizeof(*d));
}

void reader_lanes_free(struct reader_lanes *l)
{
	arena_free(&l->arena);
	memset(l, 0, sizeof(*l));
}

void reader_values_free(struct reader_values *v)
{
	arena_free(&v->arena);
	memset(v, 0, sizeof(*v));
}

void reader_completeness_free(struct reader_completeness *c)
{
	free(c->reasons);
	memset(c, 0, sizeof(*c));
}

const char *reader_error_text(const struct reader *r, int error)
{
	return r->error[0] ? r->error : strerror(error < 0 ? -error : error);
}
