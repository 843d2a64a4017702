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

bool reader_cells_wish_is_sound(const struct reader_cells_wish *w)
{
	if (w->n_ids > READER_MAX_CELL_ROWS || w->n_fields > READER_MAX_CELL_FIELDS || w->n_rules > READER_MAX_CELL_RULES)
		return false;
	for (size_t i = 0; i < w->n_fields; i++)
		if (!w->fields[i])
			return false;
	for (size_t i = 0; i < w->n_rules; i++)
		if (!w->rules[i].p)
			return false;
	return true;
}

void reader_cells_free(struct reader_cells *c)
{
	arena_free(&c->arena);
	memset(c, 0, sizeof(*c));
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

void reader_space_free(struct reader_space *s)
{
	arena_free(&s->arena);
	memset(s, 0, sizeof(*s));
}

int64_t reader_space_more_ms(const struct reader_space *s, uint64_t left_out, uint64_t limit)
{
	double all = (double)s->bytes, less = (double)(left_out < s->bytes ? left_out : s->bytes);
	double kept = all - less > all / 100 ? all - less : all / 100; /* something always stays */
	double most = (double)(limit > s->bytes ? limit : s->bytes), more;

	if (s->bytes == 0 || s->recorded_ms <= 0)
		return 0;
	more = (double)s->recorded_ms * (most / kept - most / all);
	return more < 9e15 ? (int64_t)more : INT64_C(9000000000000000);
}

void reader_inventory_free(struct reader_inventory *i)
{
	arena_free(&i->arena);
	memset(i, 0, sizeof(*i));
}

static int compare_texts(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : a.n < b.n ? -1 : a.n > b.n;
}

int reader_thing_compare(const void *a, const void *b)
{
	const struct reader_thing *x = a, *y = b;
	int c = x->area < y->area ? -1 : x->area > y->area;

	if (c == 0)
		c = compare_texts(x->name, y->name);
	if (c == 0)
		c = x->port < y->port ? -1 : x->port > y->port;
	return c ? c : compare_texts(x->detail, y->detail);
}
