/* Where to look: ranges of event ids from postings (images, texts), rollups (actions) and times. */
#include <errno.h>

#include "agent/base/clock.h"
#include "recorder/event.h"
#include "recorder/query/plan-def.h"
#include "recorder/query/statement.h"

enum {
	TERMS_MAX = 4096, /* sets with more are found by reading the events */
	BUCKET_SHIFT = 26, SEQUENCE_BITS = 14,
};

static int add_bucket(struct ranges *to, int64_t bucket)
{
	if (bucket < 0 || bucket >= INT64_MAX >> BUCKET_SHIFT)
		return 0;
	return ranges_add(to, bucket << BUCKET_SHIFT, (bucket + 1) << BUCKET_SHIFT);
}

/* Adds a bucket for each row. */
static int add_buckets(sqlite3_stmt *s, int64_t key, struct ranges *to)
{
	int r;

	sqlite3_bind_int64(s, 1, key);
	while ((r = statement_step(s)) == 1) {
		r = add_bucket(to, sqlite3_column_int64(s, 0));
		if (r < 0)
			break;
	}
	sqlite3_reset(s);
	return r;
}

static const char birth_of_image[] = "SELECT coalesce(i.start_ms, p.start_ms) >> 12 FROM image i "
                                     "LEFT JOIN process p ON p.id = i.process WHERE i.id = ?";
static const char birth_of_text[] = "SELECT bucket FROM text_birth WHERE text <= ? ORDER BY text DESC LIMIT 1";

/* term = id * 2 + odd */
static int posted(struct plan *p, const struct idset *set, const char *birth, int odd, struct ranges *to)
{
	AUTO_STATEMENT *first = NULL, *others = NULL;
	int64_t at = INT64_MIN, id;
	int r = statement_prepare(p->db, birth, &first);

	if (r == 0)
		r = statement_prepare(p->db, "SELECT bucket FROM posting WHERE term = ?", &others);
	while (r == 0 && idset_next(set, &at, &id)) {
		if (id > INT64_MAX / 2 - 1 || id < 0)
			continue;
		r = add_buckets(first, id, to);
		if (r == 0)
			r = add_buckets(others, id * 2 + odd, to);
	}
	return r;
}

static int narrow_to(struct plan *p, const struct idset *set, const char *birth, int odd, struct ranges *ret)
{
	struct ranges found = RANGES_INIT;
	int r;

	if (set->rest || set->count > TERMS_MAX)
		return 0;
	r = posted(p, set, birth, odd, &found);
	ranges_sort(&found);
	if (r == 0)
		r = ranges_intersect(ret, &found);
	ranges_free(&found);
	return r;
}

int plan_narrow_images(struct plan *p, const struct idset *set, struct ranges *ret)
{
	return narrow_to(p, set, birth_of_image, 0, ret);
}

/* ---- actions ---- */

/* The actions that events with such a value have, as SQL on rollup; NULL: any. */
static const char *actions_of(enum field_source source)
{
	switch (source) {
	case SOURCE_FILE: return "action BETWEEN 200 AND 299 OR action = 103";
	case SOURCE_FILE_TARGET: return "action BETWEEN 200 AND 299";
	case SOURCE_NET_SOURCE: return "action BETWEEN 300 AND 399 OR action BETWEEN 400 AND 402";
	case SOURCE_TARGET_USER: return "action BETWEEN 400 AND 404";
	case SOURCE_OBJECT: return "action IN (104, 105, 403) OR action BETWEEN 405 AND 499";
	case SOURCE_OPERATION: return "action IN (404, 405, 407)";
	case SOURCE_NET_DESTINATION: case SOURCE_NET_SOURCE_PORT:
	case SOURCE_NET_DESTINATION_PORT: case SOURCE_NET_TYPE: case SOURCE_NET_TRANSPORT: case SOURCE_NET_DIRECTION:
		return "action BETWEEN 300 AND 399";
	case SOURCE_DURATION: return "action = 304";
	case SOURCE_DRIVER: return "action BETWEEN 500 AND 599";
	case SOURCE_REGISTRY: return "action BETWEEN 600 AND 699";
	default: return NULL;
	}
}

static int narrow_to_minutes(struct plan *p, const char *actions, struct ranges *ret)
{
	AUTO_STATEMENT *s = NULL;
	AUTO_BUF sql = BUF_INIT;
	struct ranges found = RANGES_INIT;
	int r;

	buf_printf(&sql, "SELECT DISTINCT minute FROM rollup WHERE %s", actions);
	r = sql.failed ? -ENOMEM : statement_prepare(p->db, sql.p, &s);
	while (r == 0 && (r = statement_step(s)) == 1) {
		int64_t minute = sqlite3_column_int64(s, 0), ids = INT64_C(60000) << SEQUENCE_BITS;

		r = minute < 0 || minute >= INT64_MAX / ids ? 0 : ranges_add(&found, minute * ids, (minute + 1) * ids);
	}
	ranges_sort(&found);
	if (r == 0)
		r = ranges_intersect(ret, &found);
	ranges_free(&found);
	return r;
}

static int narrow_to_words(struct plan *p, const struct expr *e, struct ranges *ret)
{
	bool category = field_def(e->field)->source == SOURCE_EVENT_CATEGORY;
	AUTO_BUF actions = BUF_INIT;

	if (e->op != EXPR_EQ && e->op != EXPR_IN)
		return 0;
	for (size_t i = 0; i < e->n_values; i++)
		buf_printf(&actions, "%s%s = %lld", i ? " OR " : "", category ? "action / 100" : "action",
		           (long long)e->values[i].number);
	return actions.failed ? -ENOMEM : narrow_to_minutes(p, actions.p, ret);
}

/* ---- times and ids ---- */

/* The first id that a time can have; times out of reach are clamped. */
static int64_t id_of(int64_t ms)
{
	if (ms <= 0)
		return ms < 0 ? INT64_MIN : 0;
	return ms > INT64_MAX >> SEQUENCE_BITS ? INT64_MAX : ms << SEQUENCE_BITS;
}

static int64_t after(int64_t n)
{
	return n == INT64_MAX ? n : n + 1;
}

/* Each of the values, for `in`. */
static int narrow_to_each(struct plan *p, const struct expr *e, struct ranges *one)
{
	bool time = e->field->type == FIELD_TIME;
	int r = 0;

	for (size_t i = 0; i < e->n_values && r == 0; i++) {
		int64_t n = e->values[i].number + (e->values[i].relative ? p->now : 0);

		r = ranges_add(one, time ? id_of(n) : n, time ? id_of(after(n)) : after(n));
	}
	ranges_sort(one);
	return r;
}

static int narrow_to_order(struct plan *p, const struct expr *e, struct ranges *ret)
{
	bool time = e->field->type == FIELD_TIME;
	int64_t n = e->n_values ? e->values[0].number + (e->values[0].relative ? p->now : 0) : 0;
	int64_t at = time ? id_of(n) : n, behind = time ? id_of(after(n)) : after(n);
	struct ranges one = RANGES_INIT;
	int r = 0;

	switch (e->op) {
	case EXPR_EQ: r = ranges_add(&one, at, behind); break;
	case EXPR_LT: r = ranges_add(&one, INT64_MIN, at); break;
	case EXPR_LE: r = ranges_add(&one, INT64_MIN, behind); break;
	case EXPR_GT: r = ranges_add(&one, behind, INT64_MAX); break;
	case EXPR_GE: r = ranges_add(&one, at, INT64_MAX); break;
	case EXPR_IN: r = narrow_to_each(p, e, &one); break;
	default: return 0;
	}
	if (r == 0)
		r = ranges_intersect(ret, &one);
	ranges_free(&one);
	return r;
}

int plan_narrow_condition(struct plan *p, const struct expr *e, struct ranges *ret)
{
	enum field_source source = field_def(e->field)->source;
	const struct idset *texts = plan_text_set(p, e, 0);
	const char *actions = actions_of(source);
	int r;

	if (e->op == EXPR_NE)
		return 0;
	if (source == SOURCE_EVENT_CATEGORY || source == SOURCE_EVENT_ACTION)
		return narrow_to_words(p, e, ret);
	if (source == SOURCE_EVENT_TIME || source == SOURCE_EVENT_ID)
		return narrow_to_order(p, e, ret);
	if (!actions)
		return 0;
	r = narrow_to_minutes(p, actions, ret);
	if (r == 0 && texts)
		r = narrow_to(p, texts, birth_of_text, 1, ret);
	return r;
}
