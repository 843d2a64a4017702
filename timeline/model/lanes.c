#include "timeline/model/lanes.h"

#include <errno.h>

#include "agent/base/cleanup.h"

enum {
	PROCESS_H = 40, KIND_MIN_H = 32, KIND_MAX_H = 72, KIND_MAX_ALONE_H = 104,
	FOLDED_H = 20, GROUP_MIN_H = 26, GROUP_MAX_H = 56,
	ROW_MAX_H = 22, ROW_NAMED_H = 17, ROW_MIN_H = 8, NAMED_PAGES = 3, CHILDREN_PAD = 8,
};

struct order {
	int64_t from;
	size_t i;
};

static int by_from(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->i > y->i) - (x->i < y->i);
}

static struct order *sorted(const int64_t *from, size_t n)
{
	struct order *o = malloc(n * sizeof(*o));
	bool in_order = true;

	for (size_t i = 0; o && i < n; i++) {
		o[i] = (struct order){ from[i], i };
		in_order = in_order && (i == 0 || from[i - 1] <= from[i]);
	}
	if (o && !in_order)
		qsort(o, n, sizeof(*o), by_from);
	return o;
}

/* Tournament over rows: node k holds the earliest time at which some row below it is free. */
static uint32_t first_free(const int64_t *tree, uint32_t leaves, int64_t at)
{
	uint32_t k = 1;

	while (k < leaves)
		k = tree[2 * k] <= at ? 2 * k : 2 * k + 1;
	return k - leaves;
}

static void occupy(int64_t *tree, uint32_t leaves, uint32_t row, int64_t until)
{
	uint32_t k = row + leaves;

	tree[k] = until;
	for (k /= 2; k; k /= 2)
		tree[k] = tree[2 * k] < tree[2 * k + 1] ? tree[2 * k] : tree[2 * k + 1];
}

static int64_t add_capped(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int lanes_pack(const int64_t *from, const int64_t *to, size_t n, int64_t gap, uint32_t *ret_rows,
               uint32_t *ret_n_rows)
{
	AUTO_FREE struct order *order = NULL;
	AUTO_FREE int64_t *tree = NULL;
	uint32_t leaves = 1, rows = 0;

	if (n == 0) {
		*ret_n_rows = 0;
		return 0;
	}
	if (n > UINT32_MAX / 4)
		return -ENOMEM;
	while (leaves < n)
		leaves *= 2;
	order = sorted(from, n);
	tree = malloc(2 * (size_t)leaves * sizeof(*tree));
	if (!order || !tree)
		return -ENOMEM;
	for (size_t i = 0; i < 2 * (size_t)leaves; i++)
		tree[i] = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		size_t bar = order[i].i;
		uint32_t row = first_free(tree, leaves, from[bar]);
		int64_t end = to[bar] > from[bar] ? to[bar] : add_capped(from[bar], 1);

		occupy(tree, leaves, row, add_capped(end, gap > 0 ? gap : 0));
		ret_rows[bar] = row;
		rows = row >= rows ? row + 1 : rows;
	}
	*ret_n_rows = rows;
	return 0;
}

static void add(struct lanes *l, struct lane lane)
{
	lane.y = l->bottom;
	l->at[l->n++] = lane;
	l->bottom += lane.h;
}

static bool is_folded(const struct lanes_request *r, int c)
{
	return r->folded >> c & 1;
}

/* Kinds that have a lane, folded or not. */
static int kinds(const struct lanes_request *r, bool folded)
{
	int n = 0;

	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT; c++)
		n += r->by_category[c] > 0 && is_folded(r, c) == folded;
	return n;
}

static int within(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* Decides the rows' height; returns the height of the children's lane. */
static int arrange_children(struct lanes *l, const struct lanes_request *r, int room)
{
	int64_t rows = r->child_rows, h;

	if (rows == 0)
		return 0;
	if (r->children_folded) {
		l->child_rows = l->child_rows_seen = 1;
		l->child_row_h = FOLDED_H - CHILDREN_PAD;
		return FOLDED_H;
	}
	room = room > ROW_MIN_H + CHILDREN_PAD ? room - CHILDREN_PAD : ROW_MIN_H;
	h = room / rows;
	l->child_row_h = within((int)h, ROW_MIN_H, ROW_MAX_H);
	/* Rows that can be named are worth a little scrolling; for many more than that the overview is. */
	if (h < ROW_NAMED_H && room >= 3 * ROW_NAMED_H && rows <= NAMED_PAGES * (room / ROW_NAMED_H))
		l->child_row_h = ROW_NAMED_H;
	l->child_rows = r->child_rows;
	l->child_rows_seen = rows * l->child_row_h <= room ? (uint32_t)rows : (uint32_t)(room / l->child_row_h);
	return (int)l->child_rows_seen * l->child_row_h + CHILDREN_PAD;
}

static void arrange_kinds(const struct lanes_request *r, int each, struct lanes *l)
{
	for (int k = EVENT_NONE; k < EVENT_CATEGORY_COUNT; k++) {
		enum event_category c = r->order ? r->order[k] : (enum event_category)k;

		if (c > EVENT_NONE && c < EVENT_CATEGORY_COUNT && r->by_category[c])
			add(l, (struct lane){ LANE_KIND, c, 0, is_folded(r, c), 0, is_folded(r, c) ? FOLDED_H : each });
	}
}

/* As many as fit, from the first that is scrolled to. */
static void arrange_groups(const struct lanes_request *r, struct lanes *l)
{
	int room = r->height, open = 0, each;

	for (size_t i = 0; i < r->n_groups; i++)
		open += !(r->group_folded && r->group_folded[i]);
	room -= ((int)r->n_groups - open) * FOLDED_H;
	each = open ? within(room / open, GROUP_MIN_H, GROUP_MAX_H) : FOLDED_H;
	for (size_t i = r->first_group; i < r->n_groups && l->groups_seen < LANES_GROUPS; i++) {
		bool folded = r->group_folded && r->group_folded[i];
		int h = folded ? FOLDED_H : each;

		if (l->bottom + h > r->top + r->height && l->groups_seen)
			break;
		add(l, (struct lane){ LANE_GROUP, EVENT_NONE, i, folded, 0, h });
		l->groups_seen++;
	}
}

void lanes_arrange(const struct lanes_request *r, struct lanes *ret)
{
	int folded = kinds(r, true) * FOLDED_H, n = kinds(r, false), process_h = r->process ? PROCESS_H : 0;
	int children, each, most = r->process ? KIND_MAX_H : KIND_MAX_ALONE_H;

	*ret = (struct lanes){ .bottom = r->top };
	if (r->n_groups) {
		arrange_groups(r, ret);
		return;
	}
	children = arrange_children(ret, r, r->height - process_h - folded - n * KIND_MIN_H);
	each = n ? within((r->height - process_h - folded - children) / n, FOLDED_H, most) : 0;
	if (r->process)
		add(ret, (struct lane){ .type = LANE_PROCESS, .h = process_h });
	if (children)
		add(ret, (struct lane){ .type = LANE_CHILDREN, .h = children, .folded = r->children_folded });
	arrange_kinds(r, each, ret);
}

const struct lane *lanes_at(const struct lanes *l, int y)
{
	for (size_t i = 0; i < l->n; i++)
		if (y >= l->at[i].y && y < l->at[i].y + l->at[i].h)
			return &l->at[i];
	return NULL;
}

static bool goes_before(enum lanes_sort how, const uint64_t *counts, const int64_t *first_ms, int a, int b)
{
	return (how == LANES_BY_COUNT && counts[a] > counts[b]) || (how == LANES_BY_FIRST && first_ms[a] < first_ms[b]);
}

void lanes_order(enum lanes_sort how, const uint64_t counts[EVENT_CATEGORY_COUNT],
                 const int64_t first_ms[EVENT_CATEGORY_COUNT], enum event_category ret[EVENT_CATEGORY_COUNT])
{
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) { /* insertion: few, and equal ones stay as they are numbered */
		int at = c;

		while (at > 0 && goes_before(how, counts, first_ms, c, (int)ret[at - 1])) {
			ret[at] = ret[at - 1];
			at--;
		}
		ret[at] = (enum event_category)c;
	}
}
