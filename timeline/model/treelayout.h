/* treelayout: a process among its relations, left to right: ancestors → the process → children and further down; peers
 * above (started earlier) and below (later). One column for each generation; the process is at y = 0 and its
 * ancestors stand in a straight line with it. Many siblings of one name become one group (×37 sshd) that can be opened.
 */
#pragma once

#include "agent/base/map.h"
#include "recorder/query/reader.h"

enum treelayout_role {
	TREELAYOUT_SELF,
	TREELAYOUT_ANCESTOR,
	TREELAYOUT_PEER,
	TREELAYOUT_CHILD, /* and further down */
	TREELAYOUT_GROUP, /* `count` siblings named like `node`; open ones are followed by their members */
	TREELAYOUT_MORE,  /* `count` further siblings that the reader left out */
};

struct treelayout_item {
	enum treelayout_role role;
	uint32_t node;     /* index into the tree's nodes; MORE: of a sibling */
	uint32_t parent;   /* item; TREELAYOUT_NONE for the first ancestor */
	uint32_t column;
	uint64_t count;
	uint64_t key;      /* GROUP: what to put into `opened` */
	bool open;
	bool collapsed;    /* its descendants are hidden */
	bool ended;        /* no longer there at the instant that is shown, but above something that is */
	uint64_t descendants; /* among the tree's nodes, whether shown or not */
	double y;          /* of its middle */
	uint32_t detail;   /* offset into the node's command line from where it differs from its namesakes' */
	uint32_t first_child, n_children; /* items */
};
#define TREELAYOUT_NONE UINT32_MAX

struct treelayout_metrics {
	double node_w, node_h, gap_x, gap_y;
	uint32_t group_min; /* as many namesakes make a group */
};

/* What is wanted of it. Zeroed but for `instant`: everything. */
struct treelayout_wish {
	const struct map *opened;    /* the keys of open groups; NULL none */
	const struct map *collapsed; /* processes whose descendants are hidden; NULL none */
	int64_t instant;             /* only what lived then (ms), and what is above it; TREELAYOUT_ALWAYS: all */
};
#define TREELAYOUT_ALWAYS INT64_MAX

struct treelayout {
	struct treelayout_metrics m;
	struct treelayout_item *items; /* by column, then from top to bottom */
	size_t n;
	struct treelayout_column { uint32_t first, n; } *columns;
	size_t n_columns;
	uint32_t self;                 /* item */
	double top, bottom;            /* outermost edges; left is 0 */
};

/* A reader's answer, however odd (missing parents, cycles, doubled ids), gives a drawing in which each node stands at
 * most once. `wish` NULL: everything. The process itself and its ancestors are always
 * shown. 0, -EINVAL (no node), -ENOMEM. */
int treelayout_build(const struct reader_tree *t, const struct treelayout_metrics *m, const struct treelayout_wish *wish,
                     struct treelayout *ret);
void treelayout_free(struct treelayout *l);

double treelayout_x(const struct treelayout *l, uint32_t column); /* left edge */
double treelayout_width(const struct treelayout *l);
/* The item at a point, or TREELAYOUT_NONE. */
uint32_t treelayout_hit(const struct treelayout *l, double x, double y);
/* First item of a column whose lower edge is below y; the column's end when there is none. */
uint32_t treelayout_from(const struct treelayout *l, uint32_t column, double y);
/* The key of the group in which a node would stand. */
uint64_t treelayout_group_key(const struct reader_tree *t, uint32_t node);
bool treelayout_lives(const struct reader_node *n, int64_t instant);
/* The item that shows this process, or TREELAYOUT_NONE (in a closed group: the group). */
uint32_t treelayout_find(const struct treelayout *l, const struct reader_tree *t, int64_t process);

/* What distinguishes an item's command line: its arguments, from the first that differs from its namesakes'. */
struct span treelayout_detail(const struct treelayout_item *item, const struct reader_node *node);
