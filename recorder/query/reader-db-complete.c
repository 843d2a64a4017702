/* Whether everything that happened is there: what the recording says of its gaps, what was switched off, and where it
 * begins and ends. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { ALL_KINDS = (1u << EVENT_CATEGORY_COUNT) - 2, REGISTRY = 1u << EVENT_REGISTRY };

/* Where a recording begins and ends; what is before `live_ms` came from a log. */
struct extent {
	int64_t from_ms, to_ms, live_ms;
	bool any, live, imported;
};

struct finding {
	struct reader_completeness *c;
	size_t cap;
};

/* ---- reasons ---- */

static int by_cause(const void *a, const void *b)
{
	const struct reader_reason *x = a, *y = b;

	if (x->why != y->why)
		return x->why < y->why ? -1 : 1;
	return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

static int by_start(const void *a, const void *b)
{
	const struct reader_reason *x = a, *y = b;

	return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms ? 1 : by_cause(a, b);
}

/* What lies between the two was recorded: only where they touch is nothing of it there. */
static struct reader_reason both(const struct reader_reason *a, const struct reader_reason *b)
{
	struct reader_reason r = *a;

	r.whole = a->whole && b->whole && b->from_ms <= a->to_ms && a->kinds == b->kinds;
	r.to_ms = b->to_ms > a->to_ms ? b->to_ms : a->to_ms;
	r.kinds |= b->kinds;
	r.rows += b->rows;
	if (a->count < 0 || b->count < 0 || __builtin_add_overflow(a->count, b->count, &r.count))
		r.count = -1;
	return r;
}

/* Halves each cause's, except for those that are alone. */
static void merge(struct reader_completeness *c)
{
	size_t n = 0;

	qsort(c->reasons, c->n, sizeof(*c->reasons), by_cause);
	for (size_t i = 0; i < c->n; i++) {
		if (i + 1 < c->n && c->reasons[i].why == c->reasons[i + 1].why) {
			c->reasons[n++] = both(&c->reasons[i], &c->reasons[i + 1]);
			i++;
		} else {
			c->reasons[n++] = c->reasons[i];
		}
	}
	c->n = n;
}

/* An end at an instant belongs to it, else it is the first time after. */
static bool overlaps(const struct reader_reason *r, struct reader_range range)
{
	bool instant = r->from_ms == r->to_ms;

	return r->from_ms < range.to_ms && (instant ? r->from_ms >= range.from_ms : r->to_ms > range.from_ms);
}

static int add(struct finding *f, struct reader_reason r)
{
	struct reader_completeness *c = f->c;

	r.kinds &= c->kinds;
	r.rows = 1;
	if (!r.kinds || !overlaps(&r, c->range))
		return 0;
	if (c->n == f->cap && f->cap == READER_MAX_REASONS)
		merge(c);
	if (c->n == f->cap) {
		size_t cap = f->cap ? f->cap * 5 : 8;
		struct reader_reason *grown = realloc(c->reasons, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		c->reasons = grown;
		f->cap = cap;
	}
	c->reasons[c->n++] = r;
	return 0;
}

/* ---- gaps ---- */

static int64_t sane(int64_t ms)
{
	return ms < 0 ? 0 : ms > CLOCK_MAX ? CLOCK_MAX : ms;
}

static bool is_whole(int64_t cause)
{
	return cause == GAP_NOT_RUNNING || cause == GAP_PURGED || cause == GAP_STORE_ERROR;
}

static int add_gaps(struct reader_db *r, struct finding *f)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT from_ms, to_ms, cause, coalesce(count, -1) FROM gap "
	                              "WHERE max(from_ms, to_ms) >= ?1 AND min(from_ms, to_ms) < ?2 ORDER BY id", &s);

	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, f->c->range.from_ms);
	sqlite3_bind_int64(s, 2, f->c->range.to_ms);
	while (error == 0 && (error = statement_step(s)) == 1) {
		int64_t a = sane(sqlite3_column_int64(s, 0)), b = sane(sqlite3_column_int64(s, 1));
		int64_t cause = sqlite3_column_int64(s, 2), count = sqlite3_column_int64(s, 3);
		bool known = cause > 0 && cause < READER_BEFORE && gap_cause_name((enum gap_cause)cause);

		error = add(f, (struct reader_reason){ known ? (int)cause : 0, a < b ? a : b, a < b ? b : a,
			count < 0 ? -1 : count, ALL_KINDS, is_whole(cause),
			cause == GAP_SUSPENDED || cause == GAP_CLOCK_STEP, 1 });
	}
	return error;
}

/* Each row holds until the next one. */
static int add_choices(struct reader_db *r, const struct extent *x, struct finding *f)
{
	AUTO_STATEMENT *s = NULL;
	int64_t from = 0;
	unsigned off = 0, filtered = 0;
	int error = statement_prepare(r->db, "SELECT from_ms, off, filtered FROM coverage ORDER BY id", &s);

	for (int more = error == 0; error == 0 && more;) {
		int64_t to = x->to_ms;

		more = statement_step(s);
		if (more < 0)
			return more;
		if (more)
			to = sane(sqlite3_column_int64(s, 0));
		if (off && from < to)
			error = add(f, (struct reader_reason){ GAP_LEFT_OUT, from, to, -1, off, true, false, 1 });
		if (error == 0 && filtered && from < to)
			error = add(f, (struct reader_reason){ READER_FILTERED, from, to, -1, filtered, false, false, 1 });
		if (more) {
			from = to;
			off = (unsigned)sqlite3_column_int64(s, 1) & ALL_KINDS;
			filtered = (unsigned)sqlite3_column_int64(s, 2) & ALL_KINDS;
		}
	}
	return error;
}

/* Lines that no time is known of may belong anywhere. */
static int add_unparsed(struct reader_db *r, const struct extent *x, struct finding *f)
{
	int64_t n = 0;
	int error = statement_number(r->db, "SELECT value FROM meta WHERE key = 'unparsed'", 0, &n);

	if (error < 0 || n <= 0)
		return error;
	return add(f, (struct reader_reason){ READER_UNPARSED, x->from_ms, x->to_ms, n, ALL_KINDS, false, false, 1 });
}

/* ---- where it begins and ends ---- */

static int find_extent(struct reader_db *r, struct extent *x)
{
	int64_t first = 0, last = 0, until = 0, created = 0, logs = 0, began = 0;
	int error = statement_number(r->db, "SELECT min(id) FROM event WHERE coalesce(flags, 0) & 8 = 0", 0, &first);

	if (error == 0)
		error = statement_number(r->db, "SELECT max(id) FROM event", 0, &last);
	if (error == 0)
		error = statement_number(r->db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'recorded_until_ms'", 0,
		                         &until);
	if (error == 0)
		error = statement_number(r->db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'created_ms'", 0, &created);
	if (error == 0)
		error = statement_number(r->db, "SELECT EXISTS (SELECT 1 FROM boot WHERE boot_id IS NULL)", 0, &logs);
	/* Logons read from wtmp begin a gap (4: GAP_NOT_RUNNING) that ends where recording begins. */
	if (error == 0)
		error = statement_number(r->db, "SELECT max(g.to_ms) FROM gap g JOIN meta m ON m.key = 'created_ms' "
		                         "WHERE g.cause = 4 AND g.from_ms < m.value AND "
		                         "g.to_ms BETWEEN m.value AND m.value + 60000", 0, &began);
	if (error < 0)
		return error;
	first = sane(first >> 14);
	last = sane(last >> 14);
	until = sane(until);
	created = sane(began > created ? began : created);
	x->live = until > 0;
	x->any = x->live || last > 0;
	x->imported = !x->live || (logs && first < created);
	x->live_ms = x->live && created > 0 && created < until ? created : x->live ? first : last + 1;
	x->from_ms = x->live && !x->imported ? x->live_ms : first < x->live_ms ? first : x->live_ms;
	x->to_ms = (until > last ? until : last) + 1;
	return 0;
}

static int add_outside(const struct extent *x, struct finding *f)
{
	struct reader_range range = f->c->range;
	int error = 0;

	if (range.from_ms < x->from_ms || !x->any)
		error = add(f, (struct reader_reason){ READER_BEFORE, range.from_ms, x->any ? x->from_ms : range.to_ms, -1,
			ALL_KINDS, true, false, 1 });
	if (error == 0 && x->any && range.to_ms > x->to_ms)
		error = add(f, (struct reader_reason){ READER_AFTER, x->to_ms, range.to_ms, -1, ALL_KINDS, true,
			false, 1 });
	if (error == 0 && x->imported && x->any)
		error = add(f, (struct reader_reason){ READER_IMPORTED, x->from_ms, x->live ? x->live_ms : x->to_ms, -1,
			ALL_KINDS, false, false, 1 });
	if (error == 0 && f->c->kinds == REGISTRY)
		error = add(f, (struct reader_reason){ READER_NEVER, range.from_ms, range.to_ms, -1, REGISTRY, true, false, 1 });
	return error;
}

/* ---- the verdict ---- */

/* Reasons are sorted: is there no time in the range of which at least one kind was recorded? */
static bool is_nothing(const struct reader_completeness *c)
{
	int64_t at = c->range.from_ms;

	for (size_t i = 0; i < c->n; i++) {
		const struct reader_reason *r = &c->reasons[i];

		if (!r->whole || r->kinds != c->kinds)
			continue;
		if (r->from_ms > at)
			return false;
		if (r->to_ms > at)
			at = r->to_ms;
	}
	return at >= c->range.to_ms;
}

static enum reader_verdict judge(const struct reader_completeness *c)
{
	enum reader_verdict v = READER_FULLY;

	if (is_nothing(c))
		return READER_NOT;
	for (size_t i = 0; i < c->n; i++) {
		const struct reader_reason *r = &c->reasons[i];

		if (r->why == READER_FILTERED || r->why == READER_IMPORTED)
			v = v == READER_FULLY ? READER_AS_CHOSEN : v;
		else if (!r->note)
			return READER_PARTLY;
	}
	return v;
}

/* ---- the call ---- */

/* Open ends are the recording's. */
static int clamp(const struct extent *x, struct reader_range *range)
{
	bool from_open = range->from_ms == INT64_MIN, to_open = range->to_ms == INT64_MAX;

	if (range->from_ms >= range->to_ms)
		return -EINVAL;
	range->from_ms = from_open ? x->from_ms : sane(range->from_ms);
	range->to_ms = to_open ? x->to_ms : sane(range->to_ms);
	if (from_open && range->from_ms >= range->to_ms)
		range->from_ms = range->to_ms - 1;
	if (range->to_ms <= range->from_ms)
		range->to_ms = range->from_ms + 1;
	return 0;
}

int reader_db_completeness(struct reader *reader, struct cancel *cancel, struct reader_range range, unsigned kinds,
                           struct reader_completeness *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_completeness c = { .range = range, .kinds = kinds & ALL_KINDS };
	struct finding f = { &c, 0 };
	struct extent x = { 0 };
	int error;

	if (!c.kinds)
		c.kinds = ALL_KINDS & ~REGISTRY; /* a Linux host has none: that is no gap */
	reader_db_begin(r, cancel);
	error = find_extent(r, &x);
	if (error == 0)
		error = clamp(&x, &c.range);
	if (error == 0)
		error = add_outside(&x, &f);
	if (error == 0)
		error = add_gaps(r, &f);
	if (error == 0)
		error = add_choices(r, &x, &f);
	if (error == 0)
		error = add_unparsed(r, &x, &f);
	if (error < 0) {
		reader_completeness_free(&c);
		return reader_db_end(r, error);
	}
	if (c.n)
		qsort(c.reasons, c.n, sizeof(*c.reasons), by_start);
	c.verdict = judge(&c);
	*ret = c;
	return reader_db_end(r, 0);
}
