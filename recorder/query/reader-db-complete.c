/* Whether everything that happened is there: what the recording says of its gaps, what was switched off, and where it
 * begins and ends. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/query/complete.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { ALL_KINDS = (1u << EVENT_CATEGORY_COUNT) - 2, REGISTRY = 1u << EVENT_REGISTRY };

/* Where a recording begins and ends; what is before `live_ms` came from a log, which ends at log_ms. */
struct extent {
	int64_t from_ms, to_ms, live_ms, log_ms;
	bool any, live, imported;
};

struct finding {
	struct reader_completeness *c;
	size_t cap, max;
};

/* What a lasting lack is, and of which kinds it leaves some out: LACK_SIGNALS and the next ones. */
static const struct { enum gap_cause why; unsigned kinds; } lacking[LACKS] = {
	{ GAP_NO_SIGNALS, 1u << EVENT_PROCESS }, { GAP_NO_CLOSES, 1u << EVENT_NETWORK },
	{ GAP_NO_CALLS, 1u << EVENT_PROCESS | 1u << EVENT_FILE | 1u << EVENT_NETWORK | 1u << EVENT_DRIVER },
	{ GAP_UNCOUNTED, ALL_KINDS },
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
	if (c->n == f->cap && f->cap == f->max)
		merge(c);
	if (c->n == f->cap) {
		size_t cap = f->cap ? f->cap * 5 : 8;
		struct reader_reason *grown;

		cap = cap < f->max ? cap : f->max;
		grown = realloc(c->reasons, cap * sizeof(*grown));
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
		int64_t told = sqlite3_column_int64(s, 2), count = sqlite3_column_int64(s, 3);
		enum gap_cause cause = told > 0 && told < READER_BEFORE ? (enum gap_cause)told : 0;

		if (!gap_cause_name(cause))
			cause = 0;
		error = add(f, (struct reader_reason){ (int)cause, a < b ? a : b, a < b ? b : a, count < 0 ? -1 : count,
			ALL_KINDS, gap_cause_is_whole(cause), gap_cause_is_note(cause), 1 });
	}
	return error;
}

/* What one row of table coverage says. */
struct choice {
	int64_t from_ms;
	unsigned off, filtered; /* kinds */
	unsigned lacks;         /* LACK_* >> LACK_FIRST_BIT */
};

static int add_choice(struct finding *f, const struct choice *c, int64_t to)
{
	int error = 0;

	if (c->from_ms >= to)
		return 0;
	if (c->off)
		error = add(f, (struct reader_reason){ GAP_LEFT_OUT, c->from_ms, to, -1, c->off, true, false, 1 });
	if (error == 0 && c->filtered)
		error = add(f, (struct reader_reason){ READER_FILTERED, c->from_ms, to, -1, c->filtered, false, false, 1 });
	for (int i = 0; i < LACKS && error == 0; i++)
		if (c->lacks >> i & 1)
			error = add(f, (struct reader_reason){ (int)lacking[i].why, c->from_ms, to, -1,
				lacking[i].kinds & ~c->off, false, false, 1 });
	return error;
}

/* Each row holds until the next one. */
static int add_choices(struct reader_db *r, const struct extent *x, struct finding *f)
{
	AUTO_STATEMENT *s = NULL;
	struct choice c = { 0 };
	int error = statement_prepare(r->db, "SELECT from_ms, off, filtered FROM coverage ORDER BY id", &s);

	for (int more = error == 0; error == 0 && more;) {
		int64_t to = x->to_ms, filtered;

		more = statement_step(s);
		if (more < 0)
			return more;
		if (more)
			to = sane(sqlite3_column_int64(s, 0));
		error = add_choice(f, &c, to);
		if (!more)
			break;
		filtered = sqlite3_column_int64(s, 2);
		c = (struct choice){ to, (unsigned)sqlite3_column_int64(s, 1) & ALL_KINDS, (unsigned)filtered & ALL_KINDS,
			(unsigned)filtered >> LACK_FIRST_BIT };
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

static int meta_ms(struct reader_db *r, const char *key, int64_t *ret)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?", &s);

	*ret = 0;
	if (error < 0)
		return error;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	error = statement_step(s);
	if (error == 1)
		*ret = sane(sqlite3_column_int64(s, 0));
	return error < 0 ? error : 0;
}

/* When the first recording into this database began; 0 not known. Recorders that did not note it
 * made the database as they began; logons read from wtmp begin a gap (4: GAP_NOT_RUNNING) that ends there. */
static int find_beginning(struct reader_db *r, int64_t *ret)
{
	int64_t began = 0;
	int error = meta_ms(r, "recorded_from_ms", ret);

	if (error < 0 || *ret > 0)
		return error;
	error = meta_ms(r, "created_ms", ret);
	if (error == 0)
		error = statement_number(r->db, "SELECT max(g.to_ms) FROM gap g JOIN meta m ON m.key = 'created_ms' "
		                         "WHERE g.cause = 4 AND g.from_ms < m.value AND "
		                         "g.to_ms BETWEEN m.value AND m.value + 60000", 0, &began);
	began = sane(began);
	if (began > *ret)
		*ret = began;
	return error;
}

/* The time of the last event of a log that was imported before recording began: of a boot without an id. The first events
 * that were recorded may be dated a little before recording began, too. 8: EVENT_FLAG_READ, from wtmp. */
static int find_log_end(struct reader_db *r, bool logs, struct extent *x)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT e.id >> 14 FROM event e CROSS JOIN image i ON i.id = e.image "
	                              "CROSS JOIN process p ON p.id = coalesce(i.of, i.id) JOIN boot b ON b.id = p.boot "
	                              "WHERE e.id < ? AND coalesce(e.flags, 0) & 8 = 0 AND b.boot_id IS NULL "
	                              "ORDER BY e.id DESC LIMIT 1", &s);

	x->log_ms = x->live_ms;
	if (error < 0 || !x->imported || !logs) /* without one every event would be looked at */
		return error;
	sqlite3_bind_int64(s, 1, x->live_ms << 14);
	error = statement_step(s);
	if (error == 1)
		x->log_ms = sane(sqlite3_column_int64(s, 0)) + 1;
	return error < 0 ? error : 0;
}

static int find_extent(struct reader_db *r, struct extent *x)
{
	int64_t first = 0, last = 0, until = 0, began = 0, logs = 0;
	int error = statement_number(r->db, "SELECT min(id) FROM event WHERE coalesce(flags, 0) & 8 = 0", 0, &first);

	if (error == 0)
		error = statement_number(r->db, "SELECT max(id) FROM event", 0, &last);
	if (error == 0)
		error = meta_ms(r, "recorded_until_ms", &until);
	if (error == 0)
		error = statement_number(r->db, "SELECT EXISTS (SELECT 1 FROM boot WHERE boot_id IS NULL)", 0, &logs);
	if (error == 0)
		error = find_beginning(r, &began);
	if (error < 0)
		return error;
	first = sane(first >> 14);
	last = sane(last >> 14);
	x->live = until > 0;
	x->any = x->live || last > 0;
	x->imported = !x->live || (logs && first < began);
	x->live_ms = x->live && began > 0 && began <= until ? began : x->live ? first : last + 1;
	x->from_ms = x->live && !x->imported ? x->live_ms : first < x->live_ms ? first : x->live_ms;
	x->to_ms = (until > last ? until : last) + 1;
	return find_log_end(r, logs, x);
}

/* Between the end of a log that was imported and the recording into the same database nobody recorded. */
static int add_log(const struct extent *x, struct finding *f)
{
	int error;

	if (!x->imported || !x->any)
		return 0;
	error = add(f, (struct reader_reason){ READER_IMPORTED, x->from_ms, x->log_ms, -1, ALL_KINDS, false, false, 1 });
	if (error == 0 && x->log_ms < x->live_ms)
		error = add(f, (struct reader_reason){ GAP_NOT_RUNNING, x->log_ms, x->live_ms, -1, ALL_KINDS, true, false, 1 });
	return error;
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
	if (error == 0 && f->c->kinds == REGISTRY)
		error = add(f, (struct reader_reason){ READER_NEVER, range.from_ms, range.to_ms, -1, REGISTRY, true, false, 1 });
	return error;
}

static int add_inside(struct reader_db *r, const struct extent *x, struct finding *f)
{
	int error = add_log(x, f);

	if (error == 0)
		error = add_gaps(r, f);
	return error < 0 ? error : add_choices(r, x, f);
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

		if (complete_is_choice(r->why))
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
	struct finding f = { &c, 0, READER_MAX_REASONS };
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
		error = add_inside(r, &x, &f);
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

/* The same facts as gaps, for pictures of a whole recording: but for what is a choice. */
int reader_db_gaps(struct reader_db *r, struct arena *arena, struct gap **ret, size_t *ret_n)
{
	struct reader_completeness c = { .range = { 0, CLOCK_MAX + 1 }, .kinds = ALL_KINDS };
	struct finding f = { &c, 0, READER_MAX_GAPS };
	struct extent x = { 0 };
	struct gap *gaps = NULL;
	int error = find_extent(r, &x);
	size_t n = 0;

	if (error == 0)
		error = add_inside(r, &x, &f);
	if (error == 0 && c.n)
		qsort(c.reasons, c.n, sizeof(*c.reasons), by_start);
	if (error == 0 && c.n && !(gaps = reader_db_array(arena, c.n, sizeof(*gaps))))
		error = -ENOMEM;
	for (size_t i = 0; i < c.n && error == 0; i++) {
		const struct reader_reason *g = &c.reasons[i];

		if (g->why < READER_BEFORE)
			gaps[n++] = (struct gap){ g->from_ms, g->to_ms, (enum gap_cause)g->why, g->count };
	}
	reader_completeness_free(&c);
	if (error < 0)
		return error;
	*ret = gaps;
	*ret_n = n;
	return 0;
}
