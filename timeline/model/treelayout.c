#include "timeline/model/treelayout.h"

#include <errno.h>

#include "agent/base/cleanup.h"

enum { DETAIL_MAX = 4096, MIDDLE_ROWS = 18 };

/* Siblings of one name. */
struct namesakes {
	uint64_t key;
	uint32_t first, count; /* first: node */
	uint32_t common;       /* bytes that all their command lines start with */
	uint32_t item;         /* its GROUP, TREELAYOUT_NONE as long as it has none */
	bool open;
};

struct builder {
	const struct reader_tree *t;
	struct treelayout *l;
	size_t cap, n_anc, n_peers;
	uint32_t *parent;   /* of each node: node */
	uint32_t *offset;   /* children of node i: kids[offset[i]] up to kids[offset[i + 1]] */
	uint32_t *kids;
	uint32_t *same;     /* node → namesakes */
	bool *placed;       /* node stands already, as a member of an open group */
	bool *gone;         /* node is not shown: it did not live then, nor did anything below it */
	uint32_t *below;    /* how many descendants the node has */
	struct namesakes *names;
	size_t n_names;
	const struct treelayout_wish *wish;
};

bool treelayout_lives(const struct reader_node *n, int64_t instant)
{
	return instant == TREELAYOUT_ALWAYS || (n->start_ms <= instant && (n->end_ms == 0 || n->end_ms > instant));
}

/* ---- links ---- */

/* Each process once: later rows of the same id are dropped by making them children of nobody. */
static int link_nodes(struct builder *b)
{
	struct map by_id = MAP_INIT;
	size_t n = b->t->n, below = 1 + b->n_anc + b->n_peers;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct reader_node *node = &b->t->nodes[i];
		uint64_t *at = map_get(&by_id, (uint64_t)node->parent);

		b->parent[i] = TREELAYOUT_NONE;
		if (map_get(&by_id, (uint64_t)node->process))
			continue;
		if (i >= below) /* only towards earlier rows: no cycles */
			b->parent[i] = at && (*at == 0 || *at >= below) ? (uint32_t)*at : 0;
		r = map_put(&by_id, (uint64_t)node->process, i);
	}
	map_free(&by_id);
	return r;
}

/* From below: every node comes before its children. */
static void judge(struct builder *b)
{
	for (size_t i = b->t->n; i-- > 0;) {
		bool spine = i <= b->n_anc; /* the process and its ancestors */

		if (!treelayout_lives(&b->t->nodes[i], b->wish->instant) && b->below[i] == 0 && !spine) {
			b->gone[i] = true;
			b->parent[i] = TREELAYOUT_NONE;
		}
		if (b->parent[i] != TREELAYOUT_NONE)
			b->below[b->parent[i]] += b->below[i] + 1;
	}
}

static void list_children(struct builder *b)
{
	size_t n = b->t->n;

	for (size_t i = 0; i < n; i++)
		if (b->parent[i] != TREELAYOUT_NONE)
			b->offset[b->parent[i] + 1]++;
	for (size_t i = 0; i < n; i++)
		b->offset[i + 1] += b->offset[i];
	for (size_t i = n; i-- > 0;) /* backwards, filling each list from its end; restored below */
		if (b->parent[i] != TREELAYOUT_NONE)
			b->kids[--b->offset[b->parent[i] + 1]] = (uint32_t)i;
	for (size_t i = 0; i < n; i++) /* offset[i + 1] is now where i's list starts */
		b->offset[i] = b->offset[i + 1];
	b->offset[n] = 0;
	for (size_t i = 0; i < n; i++)
		b->offset[n] += b->parent[i] != TREELAYOUT_NONE;
}

/* ---- namesakes ---- */

static uint64_t name_key(int64_t parent, struct span name)
{
	uint64_t k = span_hash(name) ^ ((uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15));

	return k ^ (k >> 29);
}

/* Up to the beginning of the first word that differs; equal lines differ nowhere. */
static uint32_t common_prefix(struct span a, struct span b, uint32_t most)
{
	uint32_t n = 0, space = 0;

	if (span_eq(a, b))
		return most;
	most = a.n < most ? (uint32_t)a.n : most;
	most = b.n < most ? (uint32_t)b.n : most;
	for (; n < most && a.p[n] == b.p[n]; n++)
		space = a.p[n] == ' ' ? n + 1 : space;
	return space;
}

static int join_namesakes(struct builder *b, struct map *keys, uint32_t node, int64_t parent)
{
	const struct reader_node *n = &b->t->nodes[node];
	uint64_t key = name_key(parent, n->name), *at = map_get(keys, key);
	struct namesakes *names;

	if (at) {
		names = &b->names[*at];
		names->common = common_prefix(b->t->nodes[names->first].command_line, n->command_line, names->common);
		names->count++;
		b->same[node] = (uint32_t)*at;
		return 0;
	}
	b->same[node] = (uint32_t)b->n_names;
	b->names[b->n_names] = (struct namesakes){
		.key = key, .first = node, .count = 1, .common = DETAIL_MAX, .item = TREELAYOUT_NONE,
		.open = b->wish->opened && map_get(b->wish->opened, key),
	};
	return map_put(keys, key, b->n_names++);
}

static int name_nodes(struct builder *b)
{
	struct map keys = MAP_INIT;
	int r = 0;

	for (size_t i = 0; i < b->t->n && r == 0; i++) {
		int64_t parent = b->t->nodes[i].parent;

		if (b->gone[i])
			continue;
		if (i == 0 || (i > b->n_anc && i <= b->n_anc + b->n_peers)) /* one family */
			r = join_namesakes(b, &keys, (uint32_t)i, b->t->nodes[0].parent);
		else if (b->parent[i] != TREELAYOUT_NONE)
			r = join_namesakes(b, &keys, (uint32_t)i, b->t->nodes[b->parent[i]].process);
		else
			r = join_namesakes(b, &keys, (uint32_t)i, -1 - parent);
	}
	map_free(&keys);
	return r;
}

/* ---- items ---- */

static int add_item(struct builder *b, struct treelayout_item item)
{
	struct treelayout *l = b->l;

	if (l->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct treelayout_item *items = realloc(l->items, cap * sizeof(*items));

		if (!items)
			return -ENOMEM;
		l->items = items;
		b->cap = cap;
	}
	l->items[l->n++] = item;
	return 0;
}

static uint32_t after_first_word(struct span s)
{
	size_t i = 0;

	while (i < s.n && i < DETAIL_MAX && s.p[i] != ' ')
		i++;
	return i < s.n ? (uint32_t)i + 1 : (uint32_t)i;
}

static int add_node(struct builder *b, enum treelayout_role role, uint32_t node, uint32_t parent, uint32_t column)
{
	const struct namesakes *names = &b->names[b->same[node]];
	struct span command = b->t->nodes[node].command_line;
	uint32_t first = after_first_word(command);
	bool differs = names->count > 1 && names->common > first && names->common < command.n;
	uint32_t detail = differs ? names->common : first;

	return add_item(b, (struct treelayout_item){
		.role = role, .node = node, .parent = parent, .column = column, .count = 1, .detail = detail,
		.descendants = b->below[node], .ended = !treelayout_lives(&b->t->nodes[node], b->wish->instant),
		.collapsed = b->below[node] && (role == TREELAYOUT_SELF || role == TREELAYOUT_CHILD) && b->wish->collapsed &&
		             map_get(b->wish->collapsed, (uint64_t)b->t->nodes[node].process),
	});
}

static bool is_group(const struct builder *b, const struct namesakes *names)
{
	/* The process itself is never hidden in a group of its peers. */
	uint32_t members = names->count - (names->first == 0);

	return b->l->m.group_min > 1 && members >= b->l->m.group_min;
}

static int add_header(struct builder *b, uint32_t node, uint32_t parent, uint32_t column)
{
	struct namesakes *names = &b->names[b->same[node]];

	if (names->item != TREELAYOUT_NONE)
		return 0;
	names->item = (uint32_t)b->l->n;
	return add_item(b, (struct treelayout_item){
		.role = TREELAYOUT_GROUP, .node = node, .parent = parent, .column = column,
		.count = names->count - (names->first == 0), .key = names->key, .open = names->open,
	});
}

static int add_more(struct builder *b, uint64_t count, uint32_t node, uint32_t parent, uint32_t column)
{
	return count == 0 ? 0 : add_item(b, (struct treelayout_item){
		.role = TREELAYOUT_MORE, .node = node, .parent = parent, .column = column, .count = count,
	});
}

static int add_ancestors(struct builder *b)
{
	int r = 0;

	for (size_t k = b->n_anc; k > 0 && r == 0; k--) {
		uint32_t column = (uint32_t)(b->n_anc - k);

		r = add_node(b, TREELAYOUT_ANCESTOR, (uint32_t)k, column ? (uint32_t)b->l->n - 1 : TREELAYOUT_NONE, column);
	}
	return r;
}

static bool before_self(const struct builder *b, size_t peer)
{
	const struct reader_node *p = &b->t->nodes[peer], *self = &b->t->nodes[0];

	return p->start_ms != self->start_ms ? p->start_ms < self->start_ms : p->process < self->process;
}

/* The members of an open group stand together below its header, at the place of the first. */
static int add_members(struct builder *b, const uint32_t *nodes, size_t n, enum treelayout_role role, uint32_t parent,
                       uint32_t column)
{
	int r = 0;

	for (size_t k = 0; k < n && r == 0; k++) {
		if (b->same[nodes[k]] != b->same[nodes[0]])
			continue;
		b->placed[nodes[k]] = true;
		r = add_node(b, role, nodes[k], parent, column);
	}
	return r;
}

static int add_family(struct builder *b, const uint32_t *nodes, size_t n, enum treelayout_role role, uint32_t parent,
                      uint32_t column)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct namesakes *names = &b->names[b->same[nodes[i]]];

		if (b->placed[nodes[i]])
			continue;
		if (!is_group(b, names)) {
			r = add_node(b, role, nodes[i], parent, column);
			continue;
		}
		r = add_header(b, nodes[i], parent, column);
		if (r == 0 && names->open)
			r = add_members(b, nodes + i, n - i, role, parent, column);
	}
	return r;
}

static int add_own_column(struct builder *b)
{
	AUTO_FREE uint32_t *list = malloc((b->n_peers + 1) * sizeof(*list));
	uint32_t parent = b->n_anc ? (uint32_t)b->l->n - 1 : TREELAYOUT_NONE, column = (uint32_t)b->n_anc;
	size_t first = 1 + b->n_anc, n = 0;
	int r;

	if (!list)
		return -ENOMEM;
	for (size_t i = first; i < first + b->n_peers; i++)
		if (!b->gone[i] && before_self(b, i))
			list[n++] = (uint32_t)i;
	r = add_family(b, list, n, TREELAYOUT_PEER, parent, column);
	b->l->self = (uint32_t)b->l->n;
	r = r < 0 ? r : add_node(b, TREELAYOUT_SELF, 0, parent, column);
	n = 0;
	for (size_t i = first; i < first + b->n_peers; i++)
		if (!b->gone[i] && !before_self(b, i))
			list[n++] = (uint32_t)i;
	r = r < 0 ? r : add_family(b, list, n, TREELAYOUT_PEER, parent, column);
	return r < 0 ? r : add_more(b, b->t->peers_left_out, 0, parent, column);
}

/* Level by level, so that each column is in order as it grows. */
static int add_descendants(struct builder *b)
{
	struct treelayout *l = b->l;
	int r = 0;

	for (size_t i = l->self; i < l->n && r == 0; i++) {
		struct treelayout_item it = l->items[i];
		size_t before = l->n;

		if ((it.role != TREELAYOUT_SELF && it.role != TREELAYOUT_CHILD) || it.collapsed)
			continue;
		r = add_family(b, &b->kids[b->offset[it.node]], b->offset[it.node + 1] - b->offset[it.node],
		               TREELAYOUT_CHILD, (uint32_t)i, it.column + 1);
		if (it.role == TREELAYOUT_SELF && r == 0)
			r = add_more(b, b->t->children_left_out, 0, (uint32_t)i, it.column + 1);
		l->items[i].first_child = (uint32_t)before;
		l->items[i].n_children = (uint32_t)(l->n - before);
	}
	return r;
}

/* ---- places ---- */

static int find_columns(struct treelayout *l)
{
	l->n_columns = l->items[l->n - 1].column + 1;
	l->columns = calloc(l->n_columns, sizeof(*l->columns));
	if (!l->columns)
		return -ENOMEM;
	for (size_t i = l->n; i-- > 0;) {
		l->columns[l->items[i].column].first = (uint32_t)i;
		l->columns[l->items[i].column].n++;
	}
	return 0;
}

static bool is_below(const struct treelayout_item *it)
{
	return it->role == TREELAYOUT_SELF || it->role == TREELAYOUT_CHILD;
}

/* The middle of the children, but of a thousand children the first ones must be in sight: level with the first. */
static double beside_children(const struct treelayout *l, const struct treelayout_item *it)
{
	double first = l->items[it->first_child].y, last = l->items[it->first_child + it->n_children - 1].y;

	return last - first < MIDDLE_ROWS ? (first + last) / 2 : first;
}

/* Everything below the process: leaves get a row each, parents stand beside their children. */
static int place_descendants(struct treelayout *l)
{
	AUTO_FREE double *rows = malloc(l->n * sizeof(*rows)), *top = malloc(l->n * sizeof(*top));
	double shift;

	if (!rows || !top)
		return -ENOMEM;
	for (size_t i = l->n; i-- > l->self;) {
		const struct treelayout_item *it = &l->items[i];

		rows[i] = it->n_children ? 0 : 1;
		for (uint32_t k = 0; k < it->n_children; k++)
			rows[i] += rows[it->first_child + k];
	}
	top[l->self] = 0;
	for (size_t i = l->self; i < l->n; i++) {
		const struct treelayout_item *it = &l->items[i];
		double y = is_below(it) ? top[i] : 0;

		for (uint32_t k = 0; k < it->n_children; k++) {
			top[it->first_child + k] = y;
			y += rows[it->first_child + k];
		}
	}
	for (size_t i = l->n; i-- > l->self;) {
		struct treelayout_item *it = &l->items[i];

		if (it->column == l->items[l->self].column && i != l->self)
			continue;
		it->y = it->n_children ? beside_children(l, it) : top[i] + 0.5;
	}
	shift = l->items[l->self].y;
	for (size_t i = l->self; i < l->n; i++)
		l->items[i].y = (l->items[i].y - shift) * (l->m.node_h + l->m.gap_y);
	return 0;
}

static void place_peers(struct treelayout *l)
{
	uint32_t column = l->items[l->self].column;
	const struct treelayout_column *c = &l->columns[column];

	for (uint32_t i = c->first; i < c->first + c->n; i++)
		l->items[i].y = ((double)i - l->self) * (l->m.node_h + l->m.gap_y);
}

static void find_extent(struct treelayout *l)
{
	l->top = -l->m.node_h / 2;
	l->bottom = l->m.node_h / 2;
	for (size_t i = 0; i < l->n; i++) {
		double y = l->items[i].y;

		l->top = y - l->m.node_h / 2 < l->top ? y - l->m.node_h / 2 : l->top;
		l->bottom = y + l->m.node_h / 2 > l->bottom ? y + l->m.node_h / 2 : l->bottom;
	}
}

static int build(struct builder *b)
{
	struct treelayout *l = b->l;
	int r = link_nodes(b);

	if (r < 0)
		return r;
	judge(b);
	list_children(b);
	r = name_nodes(b);
	r = r < 0 ? r : add_ancestors(b);
	r = r < 0 ? r : add_own_column(b);
	r = r < 0 ? r : add_descendants(b);
	r = r < 0 ? r : find_columns(l);
	r = r < 0 ? r : place_descendants(l);
	if (r < 0)
		return r;
	place_peers(l);
	find_extent(l);
	return 0;
}

int treelayout_build(const struct reader_tree *t, const struct treelayout_metrics *m, const struct treelayout_wish *wish,
                     struct treelayout *ret)
{
	static const struct treelayout_wish everything = { .instant = TREELAYOUT_ALWAYS };
	struct treelayout l = { .m = *m };
	struct builder b = { .t = t, .l = &l, .wish = wish ? wish : &everything };
	size_t n = t->n;
	int r = -ENOMEM;

	if (n == 0)
		return -EINVAL;
	if (n >= UINT32_MAX / 4)
		return -ENOMEM;
	b.n_anc = t->n_ancestors < n ? t->n_ancestors : n - 1;
	b.n_peers = t->n_peers < n - b.n_anc ? t->n_peers : n - 1 - b.n_anc;
	b.parent = malloc(n * sizeof(*b.parent));
	b.offset = calloc(n + 1, sizeof(*b.offset));
	b.kids = malloc(n * sizeof(*b.kids));
	b.same = malloc(n * sizeof(*b.same));
	b.names = malloc(n * sizeof(*b.names));
	b.placed = calloc(n, sizeof(*b.placed));
	b.gone = calloc(n, sizeof(*b.gone));
	b.below = calloc(n, sizeof(*b.below));
	if (b.parent && b.offset && b.kids && b.same && b.names && b.placed && b.gone && b.below)
		r = build(&b);
	free(b.parent);
	free(b.offset);
	free(b.kids);
	free(b.same);
	free(b.names);
	free(b.placed);
	free(b.gone);
	free(b.below);
	if (r < 0) {
		treelayout_free(&l);
		return r;
	}
	*ret = l;
	return 0;
}

void treelayout_free(struct treelayout *l)
{
	free(l->items);
	free(l->columns);
	*l = (struct treelayout){ .m = l->m };
}

/* ---- looking ---- */

uint64_t treelayout_group_key(const struct reader_tree *t, uint32_t node)
{
	size_t family = 1 + t->n_ancestors + t->n_peers;
	bool peer = node == 0 || (node > t->n_ancestors && node < family);

	if (peer)
		return name_key(t->nodes[0].parent, t->nodes[node].name);
	for (size_t i = 0; i < node; i++) /* whose child it is drawn as */
		if (t->nodes[i].process == t->nodes[node].parent && (i == 0 || i >= family))
			return name_key(t->nodes[node].parent, t->nodes[node].name);
	return name_key(t->nodes[0].process, t->nodes[node].name);
}

double treelayout_x(const struct treelayout *l, uint32_t column)
{
	return column * (l->m.node_w + l->m.gap_x);
}

double treelayout_width(const struct treelayout *l)
{
	return l->n_columns ? (double)l->n_columns * (l->m.node_w + l->m.gap_x) - l->m.gap_x : 0;
}

uint32_t treelayout_from(const struct treelayout *l, uint32_t column, double y)
{
	uint32_t low = l->columns[column].first, high = low + l->columns[column].n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (l->items[mid].y + l->m.node_h / 2 <= y)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t treelayout_hit(const struct treelayout *l, double x, double y)
{
	double pitch = l->m.node_w + l->m.gap_x;
	uint32_t column, i;

	if (!(x >= 0) || x >= (double)l->n_columns * pitch)
		return TREELAYOUT_NONE;
	column = (uint32_t)(x / pitch);
	if (x - column * pitch > l->m.node_w)
		return TREELAYOUT_NONE;
	i = treelayout_from(l, column, y);
	if (i == l->columns[column].first + l->columns[column].n || l->items[i].y - l->m.node_h / 2 > y)
		return TREELAYOUT_NONE;
	return i;
}

uint32_t treelayout_find(const struct treelayout *l, const struct reader_tree *t, int64_t process)
{
	uint32_t group = TREELAYOUT_NONE, node = TREELAYOUT_NONE;

	for (size_t i = 0; i < t->n && node == TREELAYOUT_NONE; i++)
		node = t->nodes[i].process == process ? (uint32_t)i : node;
	if (node == TREELAYOUT_NONE)
		return node;
	for (size_t i = 0; i < l->n; i++) {
		const struct treelayout_item *it = &l->items[i];
		const struct reader_node *of = &t->nodes[it->node];

		if (it->role != TREELAYOUT_MORE && it->role != TREELAYOUT_GROUP && it->node == node)
			return (uint32_t)i;
		if (it->role == TREELAYOUT_GROUP && !it->open && of->parent == t->nodes[node].parent &&
		    span_eq(of->name, t->nodes[node].name))
			group = (uint32_t)i;
	}
	return group;
}

struct span treelayout_detail(const struct treelayout_item *item, const struct reader_node *node)
{
	struct span s = node->command_line;

	if (!s.p || item->detail >= s.n)
		return SPAN_NONE;
	return (struct span){ s.p + item->detail, s.n - item->detail };
}
