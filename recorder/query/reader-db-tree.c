#include <errno.h>
#include <stdlib.h>

#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { MAX_DEPTH = 64, MAX_NODES = 100000 };

struct builder {
	struct reader_db_nodes nodes;
	struct reader_tree *tree;
	void *list;
	struct map seen; /* processes that are in the tree */
};

/* 1 added, 0 was there already or there is no room. */
static int add(struct builder *b, int64_t process)
{
	struct reader_tree *t = b->tree;
	int r;

	if (t->n >= MAX_NODES || map_get(&b->seen, (uint64_t)process))
		return 0;
	r = reader_db_grow(&t->arena, &b->list, t->n, sizeof(*t->nodes));
	t->nodes = b->list;
	if (r == 0)
		r = reader_db_nodes_get(&b->nodes, process, &t->nodes[t->n]);
	if (r == 0)
		r = map_put(&b->seen, (uint64_t)process, 0);
	if (r < 0)
		return r;
	t->n++;
	return 1;
}

static int add_ancestors(struct builder *b, uint32_t depth)
{
	int64_t parent = b->tree->nodes[0].parent;
	int r = 1;

	while (depth-- && parent && r == 1) {
		r = add(b, parent);
		if (r == -ENOENT) /* purged */
			return 0;
		if (r == 1) {
			b->tree->n_ancestors++;
			parent = b->tree->nodes[b->tree->n - 1].parent;
		}
	}
	return r < 0 ? r : 0;
}

/* Adds children of `parent`, those that started nearest to `near` first, and counts the others. */
static int add_children(struct builder *b, int64_t parent, int64_t near, size_t max, size_t *added, uint64_t *left_out)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(b->nodes.r->db, "SELECT p.id FROM process p WHERE p.parent_image IN "
	                          "(" READER_DB_IMAGES_OF("?1") ") ORDER BY abs(p.start_ms - ?2), p.id", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, parent);
	sqlite3_bind_int64(s, 2, near);
	while ((r = statement_step(s)) == 1) {
		int64_t child = sqlite3_column_int64(s, 0);

		if (map_get(&b->seen, (uint64_t)child))
			continue;
		if (*added >= max) {
			++*left_out;
			continue;
		}
		r = add(b, child);
		if (r < 0)
			return r;
		*added += (size_t)r;
		*left_out += r == 0;
	}
	return r;
}

static int add_peers(struct builder *b, uint32_t max)
{
	struct reader_tree *t = b->tree;
	size_t from = t->n;
	int r;

	if (!t->nodes[0].parent)
		return 0;
	r = add_children(b, t->nodes[0].parent, t->nodes[0].start_ms, max, &t->n_peers, &t->peers_left_out);
	if (t->n > from)
		qsort(t->nodes + from, t->n - from, sizeof(*t->nodes), reader_db_nodes_by_start);
	return r;
}

/* Level by level; a level has at most `max` nodes. */
static int add_descendants(struct builder *b, struct reader_tree_limits limits)
{
	size_t from = b->tree->n, to, added = 0;
	uint64_t deeper = 0;
	int r = add_children(b, b->tree->nodes[0].process, INT64_MIN / 4, limits.max_children, &added,
	                     &b->tree->children_left_out);

	for (uint32_t level = 1; level < limits.depth_down && r == 0; level++) {
		to = b->tree->n;
		added = 0;
		for (size_t i = from; i < to && r == 0; i++)
			r = add_children(b, b->tree->nodes[i].process, INT64_MIN / 4, limits.max_children, &added, &deeper);
		from = to;
	}
	return r;
}

static int build(struct builder *b, int64_t process, struct reader_tree_limits limits)
{
	int r = add(b, process);

	if (r == 1)
		r = add_ancestors(b, limits.depth_up);
	if (r == 0)
		r = add_peers(b, limits.max_peers);
	if (r == 0 && limits.depth_down)
		r = add_descendants(b, limits);
	return r;
}

int reader_db_tree(struct reader *reader, struct cancel *cancel, int64_t process, struct reader_tree_limits limits,
                   struct reader_tree *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_tree tree = { .arena = ARENA_INIT };
	struct builder b = { .tree = &tree };
	int error;

	if (limits.depth_up > MAX_DEPTH || limits.depth_down > MAX_DEPTH || limits.max_peers > MAX_NODES ||
	    limits.max_children > MAX_NODES)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = reader_db_nodes_open(&b.nodes, r, &tree.arena);
	if (error == 0) {
		error = build(&b, process, limits);
		reader_db_nodes_close(&b.nodes);
	}
	map_free(&b.seen);
	if (error < 0)
		reader_tree_free(&tree);
	else
		*ret = tree;
	return reader_db_end(r, error);
}
