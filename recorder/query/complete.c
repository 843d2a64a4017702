#include "recorder/query/complete.h"

#include <inttypes.h>

#include "agent/base/clock.h"
#include "agent/base/translate.h"
#include "recorder/query/field-def.h"

enum { ALL_KINDS = (1u << EVENT_CATEGORY_COUNT) - 2, REASONS_TOLD = 3 };

const char *complete_why(int why)
{
	const char *name = NULL;

	switch (why) {
	case READER_BEFORE: return N_("recording had not begun");
	case READER_AFTER: return N_("recording had ended");
	case READER_FILTERED: return N_("a filter leaves some out");
	case READER_IMPORTED: return N_("from a log: what it held depended on that host's audit rules");
	case READER_NEVER: return N_("nothing on this system tells of this kind");
	case READER_UNPARSED: return N_("records that could not be understood");
	default:
		if (why > 0 && why < READER_BEFORE)
			name = gap_cause_name((enum gap_cause)why);
		return name ? name : N_("unknown cause");
	}
}

bool complete_is_choice(int why)
{
	return why == READER_FILTERED || why == READER_IMPORTED || why == GAP_UNCOUNTED;
}

bool complete_is_lack(int why)
{
	return why == GAP_NO_SIGNALS || why == GAP_NO_CLOSES || why == GAP_NO_CALLS || why == GAP_UNCOUNTED;
}

static void add_kinds(struct buf *out, unsigned kinds)
{
	bool first = true;

	for (int c = 1; c < EVENT_CATEGORY_COUNT; c++) {
		if (!(kinds >> c & 1))
			continue;
		buf_printf(out, "%s%s", first ? "" : ", ", event_category_name((enum event_category)c));
		first = false;
	}
}

void complete_reason_words(const struct reader_reason *r, struct buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	clock_format(r->why == READER_AFTER ? r->from_ms - 1 : r->from_ms, from); /* the last that was recorded */
	clock_format(r->to_ms, to);
	if (r->why == READER_UNPARSED && r->count == 1) {
		buf_add_z(out, "1 record that could not be understood");
		return;
	}
	if (r->why == READER_UNPARSED || r->why == READER_IMPORTED || r->why == READER_NEVER) {
		if (r->count >= 0)
			buf_printf(out, "%" PRId64 " ", r->count);
		buf_add_z(out, complete_why(r->why));
		return;
	}
	if (r->why == READER_BEFORE || r->why == READER_AFTER) {
		buf_printf(out, r->why == READER_BEFORE ? "recording began %s" : "recording ended %s",
		           r->why == READER_BEFORE ? to : from);
		return;
	}
	if (complete_is_lack(r->why)) {
		buf_printf(out, "%s between %s and %s", complete_why(r->why), from, to);
		return;
	}
	if (r->note)
		buf_add_z(out, "nothing lost");
	else if (r->count >= 0)
		buf_printf(out, "%" PRId64 " %s", r->count, r->count == 1 ? "event lost" : "events lost");
	else if (r->why == GAP_LEFT_OUT || r->why == READER_FILTERED)
		add_kinds(out, r->kinds);
	else
		buf_add_z(out, r->whole ? "nothing recorded" : "events lost");
	if (r->from_ms == r->to_ms)
		buf_printf(out, " at %s (%s)", from, complete_why(r->why));
	else
		buf_printf(out, " between %s and %s (%s)", from, to, complete_why(r->why));
}

/* Those that the verdict rests on: notes come last, and choices where something was lost too. */
static bool told(const struct reader_completeness *c, const struct reader_reason *r)
{
	return c->verdict == READER_FULLY || (!r->note && (complete_is_choice(r->why) ? c->verdict == READER_AS_CHOSEN : true));
}

void complete_words(const struct reader_completeness *c, struct buf *out)
{
	size_t n = 0, more = 0;

	switch (c->verdict) {
	case READER_FULLY: buf_add_z(out, "fully recorded"); break;
	case READER_AS_CHOSEN: buf_add_z(out, "nothing is known to be missing of what was chosen to be recorded"); break;
	case READER_PARTLY: buf_add_z(out, "not fully recorded"); break;
	case READER_NOT: buf_add_z(out, "not recorded"); break;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (!told(c, &c->reasons[i]))
			continue;
		if (n >= REASONS_TOLD) {
			more++;
			continue;
		}
		buf_add_z(out, n++ ? "; " : ": ");
		complete_reason_words(&c->reasons[i], out);
	}
	if (more)
		buf_printf(out, "; and %zu more", more);
}

/* ---- what an expression asks for ---- */

struct extent {
	struct reader_range range;
	unsigned kinds;
};

static const struct extent everything = { { INT64_MIN, INT64_MAX }, ALL_KINDS };

static int64_t after(int64_t ms)
{
	return ms == INT64_MAX ? ms : ms + 1;
}

static struct extent of_time(const struct expr *e, int64_t now)
{
	struct extent x = everything;
	int64_t ms;

	if (e->n_values != 1)
		return x;
	ms = e->values[0].number;
	if (e->values[0].relative && __builtin_add_overflow(ms, now, &ms))
		return x;
	if (e->op == EXPR_GE || e->op == EXPR_EQ)
		x.range.from_ms = ms;
	if (e->op == EXPR_GT)
		x.range.from_ms = after(ms);
	if (e->op == EXPR_LT)
		x.range.to_ms = ms;
	if (e->op == EXPR_LE || e->op == EXPR_EQ)
		x.range.to_ms = after(ms);
	return x;
}

static struct extent of_condition(const struct expr *e, int64_t now)
{
	enum field_source source = field_def(e->field)->source;
	struct extent x = everything;

	if (e->op == EXPR_NE)
		return x; /* true where there is no value, too */
	if (source == SOURCE_EVENT_TIME)
		return of_time(e, now);
	if (source == SOURCE_EVENT_CATEGORY || source == SOURCE_EVENT_ACTION) {
		x.kinds = e->n_values ? 0 : ALL_KINDS;
		for (size_t i = 0; i < e->n_values; i++) {
			int64_t n = e->values[i].number;

			if (source == SOURCE_EVENT_ACTION)
				n = (int64_t)event_action_category((int)n);
			x.kinds |= n > 0 && n < EVENT_CATEGORY_COUNT ? 1u << n : 0;
		}
		x.kinds &= ALL_KINDS;
	} else if (e->field->categories) {
		x.kinds = e->field->categories & ALL_KINDS;
	}
	return x;
}

static struct extent extent_of(const struct expr *e, int64_t now)
{
	struct extent x = everything;

	if (e->op == EXPR_ALL || e->op == EXPR_NOT)
		return x;
	if (e->op != EXPR_AND && e->op != EXPR_OR)
		return of_condition(e, now);
	for (size_t i = 0; i < e->n_kids; i++) {
		struct extent k = extent_of(e->kids[i], now);

		if (i == 0) {
			x = k;
		} else if (e->op == EXPR_AND) {
			x.kinds &= k.kinds;
			x.range.from_ms = k.range.from_ms > x.range.from_ms ? k.range.from_ms : x.range.from_ms;
			x.range.to_ms = k.range.to_ms < x.range.to_ms ? k.range.to_ms : x.range.to_ms;
		} else {
			x.kinds |= k.kinds;
			x.range.from_ms = k.range.from_ms < x.range.from_ms ? k.range.from_ms : x.range.from_ms;
			x.range.to_ms = k.range.to_ms > x.range.to_ms ? k.range.to_ms : x.range.to_ms;
		}
	}
	return x;
}

void complete_extent(const struct expr *e, int64_t now, struct reader_range *range, unsigned *kinds)
{
	struct extent x = e ? extent_of(e, now) : everything;

	if (x.range.from_ms > range->from_ms)
		range->from_ms = x.range.from_ms;
	if (x.range.to_ms < range->to_ms)
		range->to_ms = x.range.to_ms;
	x.kinds &= *kinds ? *kinds : ALL_KINDS;
	/* Everything, or what nothing can match: no kind is singled out. */
	*kinds = x.kinds == ALL_KINDS ? 0 : x.kinds;
}
