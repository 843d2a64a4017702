#include "recorder/query/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "recorder/query/expr.h"

/* Things of one area, name and port: they differ in detail. */
struct group {
	const struct reader_thing *things;
	size_t n;
};

struct walk {
	struct compare *out;
	size_t cap;
	int64_t first_ended;
};

/* ---- groups ---- */

static bool same_group(const struct reader_thing *a, const struct reader_thing *b)
{
	return a->area == b->area && a->port == b->port && span_eq(a->name, b->name);
}

/* The group that begins at *at, which is moved behind it. */
static struct group next_group(const struct reader_inventory *v, size_t *at)
{
	struct group g = { v->things + *at, 0 };

	while (*at < v->n && same_group(g.things, &v->things[*at])) {
		g.n++;
		++*at;
	}
	return g;
}

static int order(const struct reader_thing *a, const struct reader_thing *b)
{
	struct reader_thing x = *a, y = *b;

	x.detail = y.detail = SPAN_NONE;
	return reader_thing_compare(&x, &y);
}

/* ---- what is different ---- */

static int add(struct walk *w, enum compare_change change, const struct reader_thing *thing,
               const struct reader_thing *before)
{
	if (w->out->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 64;
		struct compare_item *grown = reallocarray(w->out->items, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		w->out->items = grown;
		w->cap = cap;
	}
	w->out->items[w->out->n++] = (struct compare_item){ change, thing, before };
	w->out->counts[thing->area][change]++;
	return 0;
}

static const struct reader_thing *latest(struct group g)
{
	const struct reader_thing *t = &g.things[0];

	for (size_t i = 1; i < g.n; i++)
		if (g.things[i].last_ms > t->last_ms)
			t = &g.things[i];
	return t;
}

/* Could the detail be one of the first recording's? It could where one is not known. */
static bool may_be_in(const struct reader_thing *t, struct group g)
{
	for (size_t i = 0; i < g.n; i++)
		if (t->detail.n == 0 || g.things[i].detail.n == 0 || span_eq(t->detail, g.things[i].detail))
			return true;
	return false;
}

static int compare_hashed(struct walk *w, struct group first, struct group second)
{
	int r = 0;

	for (size_t i = 0; i < second.n && r == 0; i++)
		if (!may_be_in(&second.things[i], first))
			r = add(w, COMPARE_CHANGED, &second.things[i], latest(first));
	return r;
}

static int compare_listeners(struct walk *w, struct group first, struct group second)
{
	const struct reader_thing *was = latest(first), *is = latest(second);

	if (was->by.n == 0 || is->by.n == 0 || span_eq(was->by, is->by))
		return 0;
	return add(w, COMPARE_CHANGED, is, was);
}

/* What was done: since the first recording ended. Without a group in the first, all that the second has. */
static int compare_done(struct walk *w, struct group first, struct group second)
{
	int r = 0;

	for (size_t i = 0; i < second.n && r == 0; i++)
		if (second.things[i].last_ms > w->first_ended)
			r = add(w, COMPARE_CHANGED, &second.things[i], latest(first));
	return r;
}

static int compare_groups(struct walk *w, struct group first, struct group second)
{
	switch ((enum reader_area)second.things->area) {
	case READER_AREA_EXECUTABLE: case READER_AREA_MODULE: return compare_hashed(w, first, second);
	case READER_AREA_LISTENER: return compare_listeners(w, first, second);
	case READER_AREA_ACCOUNT: case READER_AREA_AUTOSTART: return compare_done(w, first, second);
	case READER_AREAS: break;
	}
	return 0;
}

static int only_second(struct walk *w, struct group g)
{
	int r = 0;

	for (size_t i = 0; i < g.n && r == 0; i++)
		r = add(w, COMPARE_NEW, &g.things[i], NULL);
	return r;
}

static int only_first(struct walk *w, struct group g)
{
	bool done = g.things->area == READER_AREA_ACCOUNT || g.things->area == READER_AREA_AUTOSTART;

	return done ? 0 : add(w, COMPARE_GONE, latest(g), NULL);
}

static int by_change(const void *a, const void *b)
{
	const struct compare_item *x = a, *y = b;

	if (x->thing->area != y->thing->area)
		return x->thing->area < y->thing->area ? -1 : 1;
	if (x->change != y->change)
		return x->change < y->change ? -1 : 1;
	return reader_thing_compare(x->thing, y->thing);
}

int compare_inventories(struct compare_side first, struct compare_side second, struct compare *ret)
{
	const struct reader_inventory *a = first.inventory, *b = second.inventory;
	struct compare out = { 0 };
	struct walk w = { &out, 0, first.last_ms };
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < a->n || k < b->n)) {
		int c = i == a->n ? 1 : k == b->n ? -1 : order(&a->things[i], &b->things[k]);

		if (c < 0) {
			r = only_first(&w, next_group(a, &i));
		} else if (c > 0) {
			r = only_second(&w, next_group(b, &k));
		} else {
			struct group was = next_group(a, &i);

			r = compare_groups(&w, was, next_group(b, &k));
		}
	}
	if (r < 0) {
		compare_free(&out);
		return r;
	}
	if (out.n)
		qsort(out.items, out.n, sizeof(*out.items), by_change);
	*ret = out;
	return 0;
}

void compare_free(struct compare *c)
{
	free(c->items);
	*c = (struct compare){ 0 };
}

bool compare_same_host(struct span a, struct span b)
{
	AUTO_BUF folded_a = BUF_INIT, folded_b = BUF_INIT;

	text_fold(&folded_a, a);
	text_fold(&folded_b, b);
	return a.n == 0 || b.n == 0 || span_eq(buf_span(&folded_a), buf_span(&folded_b));
}

/* ---- words ---- */

const char *compare_area_name(int area)
{
	static const char *const names[READER_AREAS] = { "programs", "listeners", "accounts", "modules", "autostart" };

	return area >= 0 && area < READER_AREAS ? names[area] : NULL;
}

const char *compare_change_name(enum compare_change change)
{
	static const char *const names[COMPARE_CHANGES] = { "new", "changed", "gone" };

	return (unsigned)change < COMPARE_CHANGES ? names[change] : NULL;
}

static void program(const struct reader_thing *t, struct buf *out)
{
	if (t->by.n) { /* a script: one of the arguments ends with its name */
		const char *slash = memrchr(t->name.p, '/', t->name.n);
		size_t skip = slash ? (size_t)(slash + 1 - t->name.p) : 0;

		expr_print_text("process.executable", EXPR_EQ, true, t->by, out);
		buf_add_z(out, " and ");
		expr_print_text("process.command_line", EXPR_CONTAINS, true, (struct span){ t->name.p + skip,
		                t->name.n - skip }, out);
		return;
	}
	expr_print_text("process.executable", EXPR_EQ, true, t->name, out);
	if (t->detail.n) {
		buf_add_z(out, " and ");
		expr_print_text("process.hash.sha256", EXPR_EQ, false, t->detail, out);
	}
}

static void listener(const struct reader_thing *t, struct buf *out)
{
	buf_add_z(out, "event.action == Listen");
	if (t->port)
		buf_printf(out, " and destination.port == %lld", (long long)t->port);
	if (t->name.n) {
		buf_add_z(out, " and ");
		expr_print_text("destination.address", EXPR_EQ, true, t->name, out);
	}
}

void compare_expression(const struct compare_item *item, struct buf *out)
{
	const struct reader_thing *t = item->thing;

	switch ((enum reader_area)t->area) {
	case READER_AREA_EXECUTABLE: program(t, out); break;
	case READER_AREA_LISTENER: listener(t, out); break;
	case READER_AREA_ACCOUNT:
		buf_add_z(out, "event.action == AccountChange and ");
		expr_print_text("user.target.name", EXPR_EQ, true, t->name, out);
		break;
	case READER_AREA_MODULE:
		buf_add_z(out, "event.category == driver and ");
		expr_print_text("driver.path", EXPR_EQ, true, t->name, out);
		break;
	case READER_AREA_AUTOSTART:
		buf_add_z(out, "event.category == file and ");
		expr_print_text("file.path", EXPR_EQ, true, t->name, out);
		break;
	case READER_AREAS: break;
	}
}
