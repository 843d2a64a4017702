/* Directories as a tree, so that leaving out /var/cache/ counts all below it. */
#include <errno.h>
#include <stdlib.h>

#include "recorder/query/space-def.h"

enum {
	MAX_NODES = 1 << 18, MAX_DEPTH = 48, MAX_PATH = 4096, MAX_TRIES = 16,
	/* Where one directory below has so much of it (in percent), that one says more. */
	MOSTLY = 90,
};

struct node {
	struct span path; /* without "/" at its end; "" the root */
	uint32_t parent, depth;
	int64_t rows, events, weight, heaviest;
};

struct tree {
	struct node *all;
	size_t n, cap;
	struct map at; /* hash of the path → node */
};

static int add_node(struct tree *t, struct span path, uint32_t parent)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 256;
		struct node *grown = reallocarray(t->all, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		t->all = grown;
		t->cap = cap;
	}
	t->all[t->n] = (struct node){ .path = path, .parent = parent, .depth = t->n ? t->all[parent].depth + 1 : 0 };
	return (int)t->n++;
}

/* The child of `parent` with that path, made when it is not there; `parent` when there are too many. */
static int child_of(struct tree *t, struct span path, uint32_t parent)
{
	uint64_t hash = span_hash(path), *known;
	int node, tries = 0;

	while ((known = map_get(&t->at, hash)) && tries < MAX_TRIES && !span_eq(t->all[*known].path, path)) {
		hash++;
		tries++;
	}
	if (known && tries < MAX_TRIES)
		return (int)*known;
	if (t->n >= MAX_NODES || tries == MAX_TRIES)
		return (int)parent;
	node = add_node(t, path, parent);
	if (node >= 0 && map_put(&t->at, hash, (uint64_t)node) < 0)
		return -ENOMEM;
	return node;
}

/* -ENOENT: not an absolute path. */
static int node_of(struct tree *t, struct span path)
{
	int node = 0, depth = 0;

	if (path.n == 0 || path.p[0] != '/')
		return -ENOENT;
	for (size_t i = 1; i <= path.n && i < MAX_PATH && depth < MAX_DEPTH && node >= 0; i++) {
		if ((i < path.n && path.p[i] != '/') || path.p[i - 1] == '/')
			continue;
		node = child_of(t, (struct span){ path.p, i }, (uint32_t)node);
		depth++;
	}
	return node;
}

static int common(const struct tree *t, int a, int b)
{
	uint32_t x = (uint32_t)a, y = (uint32_t)b;

	while (x != y) {
		if (t->all[x].depth >= t->all[y].depth)
			x = t->all[x].parent;
		else
			y = t->all[y].parent;
	}
	return (int)x;
}

static int node_of_text(struct tree *t, struct space *s, int64_t text)
{
	struct span path;
	int r = dictionary_get(&s->texts, text, &path);

	return r < 0 ? r : node_of(t, path);
}

static void count(struct node *n, const struct space_tally *t, int sign)
{
	n->rows += sign * t->rows;
	n->events += sign * t->events;
	n->weight += sign * t->weight;
}

static int fill(struct tree *t, struct space *s)
{
	const struct space_tallies *one = &s->by[SPACE_BY_DIRECTORY], *two = &s->by[SPACE_BY_TWO];
	int r = add_node(t, SPAN(""), 0);

	for (size_t i = 0; i < one->n && r >= 0; i++) {
		r = node_of_text(t, s, one->all[i].key);
		if (r >= 0)
			count(&t->all[r], &one->all[i], 1);
		r = r == -ENOENT ? 0 : r;
	}
	/* What is in two of them is in what both are in once. */
	for (size_t i = 0; i < two->n && r >= 0; i++) {
		int a = node_of_text(t, s, (int64_t)((uint64_t)two->all[i].key >> 32)), b;

		b = a < 0 ? a : node_of_text(t, s, (int64_t)((uint64_t)two->all[i].key & UINT32_MAX));
		if (b >= 0)
			count(&t->all[common(t, a, b)], &two->all[i], -1);
		r = b == -ENOENT ? 0 : b;
	}
	return r < 0 ? r : 0;
}

/* Children come after their parents. */
static void sum_up(struct tree *t)
{
	for (size_t i = t->n; i-- > 1;) {
		struct node *n = &t->all[i], *parent = &t->all[n->parent];

		parent->rows += n->rows;
		parent->events += n->events;
		parent->weight += n->weight;
		if (n->weight > parent->heaviest)
			parent->heaviest = n->weight;
	}
}

static bool says_most(const struct node *n)
{
	return n->weight > 0 && n->heaviest < n->weight / 100 * MOSTLY + n->weight % 100 * MOSTLY / 100;
}

static int emit(struct tree *t, struct space *s, double scale, size_t max, struct reader_space *out)
{
	struct space_tallies chosen = { 0 };
	size_t first = out->n;
	int r = 0;

	for (size_t i = 1; i < t->n && r == 0; i++)
		if (says_most(&t->all[i]))
			r = space_tally_add(&chosen, (int64_t)i, t->all[i].rows, t->all[i].events, t->all[i].weight);
	if (r == 0)
		r = space_emit(s, READER_COST_DIRECTORY, &chosen, false, scale, max, out);
	for (size_t i = first; i < out->n && r == 0; i++) {
		struct span path = t->all[out->costs[i].key].path;
		char *p = arena_alloc(s->arena, path.n + 2);

		if (!p) {
			r = -ENOMEM;
			break;
		}
		memcpy(p, path.p, path.n);
		memcpy(p + path.n, "/", 2);
		out->costs[i].name = (struct span){ p, path.n + 1 };
		out->costs[i].key = 0;
	}
	space_tallies_free(&chosen);
	return r;
}

int space_emit_directories(struct space *s, double scale, size_t max, struct reader_space *out)
{
	struct tree t = { 0 };
	int r = fill(&t, s);

	if (r == 0) {
		sum_up(&t);
		r = emit(&t, s, scale, max, out);
	}
	map_free(&t.at);
	free(t.all);
	return r;
}
