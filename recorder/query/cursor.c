#include "recorder/query/cursor.h"

#include "recorder/query/statement.h"

static int64_t id_of(int64_t ms)
{
	if (ms < 0)
		return INT64_MIN;
	return ms > INT64_MAX >> 14 ? INT64_MAX : ms << 14;
}

struct range cursor_ids(int64_t from_ms, int64_t to_ms)
{
	return (struct range){ id_of(from_ms), id_of(to_ms) };
}

int cursor_open(struct cursor *c, const struct plan *p, const char *columns, struct range within, bool backward)
{
	int r;

	*c = (struct cursor){ .backward = backward };
	r = ranges_add(&c->ranges, within.from, within.to);
	if (r == 0)
		r = ranges_intersect(&c->ranges, plan_ranges(p));
	if (r == 0)
		r = plan_prepare(p, columns, "event", "e.id >= ?1 AND e.id < ?2",
		                 backward ? "ORDER BY e.id DESC" : "ORDER BY e.id", &c->row);
	if (r < 0)
		cursor_close(c);
	return r;
}

int cursor_next(struct cursor *c)
{
	int r;

	for (;;) {
		if (!c->in_range) {
			const struct range *next;

			if (c->at == c->ranges.n)
				return 0;
			next = &c->ranges.v[c->backward ? c->ranges.n - 1 - c->at : c->at];
			c->at++;
			sqlite3_reset(c->row);
			sqlite3_bind_int64(c->row, 1, next->from);
			sqlite3_bind_int64(c->row, 2, next->to);
			c->in_range = true;
		}
		r = statement_step(c->row);
		if (r != 0)
			return r;
		c->in_range = false;
	}
}

void cursor_close(struct cursor *c)
{
	sqlite3_finalize(c->row);
	c->row = NULL;
	ranges_free(&c->ranges);
}
