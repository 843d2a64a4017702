/* tree-stage: everything of a tree view but the widget; shared with render. See timeline-stage. */
#pragma once

#include "timeline/model/treelayout.h"
#include "timeline/view/glyphs.h"
#include "timeline/view/theme.h"

/* What the events of one process are. */
struct tree_tally {
	int64_t process;
	enum event_category kind; /* of most of them */
	uint64_t events, hits;
};

struct tree_stage {
	struct theme theme;
	struct glyphs *glyphs;
	int width, height;

	struct arena arena;      /* of the tree */
	struct reader_tree tree; /* tree.n = 0: nothing to show */
	struct map opened, collapsed;
	int64_t instant;         /* TREELAYOUT_ALWAYS: all that the tree holds */
	struct treelayout layout;

	/* how it is coloured, and what was found */
	enum tree_colour { TREE_PLAIN, TREE_BY_USER, TREE_BY_KIND, TREE_BY_HITS } colour;
	struct map tally;        /* process → index into tallies */
	struct tree_tally *tallies;
	size_t n_tallies;
	uint64_t greatest;       /* hits of one process */
	bool *found;             /* of each node; NULL: no search */
	size_t n_found;
	uint32_t at_found;       /* the node where the search stands, TREELAYOUT_NONE */
	char *note;              /* said of every node: "from 203.0.113.9"; NULL none */

	/* going from one layout to the next */
	bool animated;           /* wanted */
	double *from_y, *to_y;   /* of each item; NULL: at rest */

	double zoom;             /* pixels per unit, both ways unless very small: see tree_stage_zoom_x */
	double left, top;        /* where layout (0, 0) is drawn */
	bool placed;             /* the first tree was brought into sight */
	uint32_t hover, selected; /* items or TREELAYOUT_NONE */
	bool has_focus;
};

struct tree_stage *tree_stage_new(void);
void tree_stage_free(struct tree_stage *t);
void tree_stage_set_look(struct tree_stage *t, const struct theme *theme, PangoContext *context);
void tree_stage_set_size(struct tree_stage *t, int width, int height);
/* As tree_view_set_tree. 0 or -ENOMEM, -EINVAL for an empty one: then nothing is shown. */
int tree_stage_set_tree(struct tree_stage *t, const struct reader_tree *tree);

/* Width of a column shrinks less than the height of rows: a hundred thousand nodes are still columns. */
double tree_stage_zoom_x(const struct tree_stage *t);
void tree_stage_zoom(struct tree_stage *t, double x, double y, double factor);
void tree_stage_pan(struct tree_stage *t, double dx, double dy);
void tree_stage_fit(struct tree_stage *t);
void tree_stage_centre(struct tree_stage *t, uint32_t item);
/* Scrolls as little as needed. */
void tree_stage_reveal(struct tree_stage *t, uint32_t item);
/* Opens or closes a group, collapses or expands what is below a node; the item stays under the pointer. */
int tree_stage_toggle(struct tree_stage *t, uint32_t item);

uint32_t tree_stage_hit(const struct tree_stage *t, double x, double y);
cairo_rectangle_t tree_stage_place(const struct tree_stage *t, uint32_t item);
void tree_stage_describe(const struct tree_stage *t, uint32_t item, bool lines, struct buf *out);
/* The neighbour to the left (parent), right (nearest child), above, below; the item itself where there is none. */
enum tree_step { TREE_LEFT, TREE_RIGHT, TREE_UP, TREE_DOWN };
uint32_t tree_stage_step(const struct tree_stage *t, uint32_t item, enum tree_step step);

void tree_draw(struct tree_stage *t, cairo_t *cr);
/* After `instant`, `opened` or `collapsed` were changed: what is selected stays where it is. */
int tree_stage_lay_out(struct tree_stage *t);
/* Whether there is something to collapse or expand. */
bool tree_stage_can_fold(const struct tree_stage *t, uint32_t item);
/* Where the sign that folds it is drawn; false when it has none. */
bool tree_stage_fold_place(const struct tree_stage *t, uint32_t item, cairo_rectangle_t *ret);
/* Moves items between their places before and now; part 1: the end. */
void tree_stage_animate(struct tree_stage *t, double part);

/* ---- tree-wish.c ---- */
/* TREELAYOUT_ALWAYS: no instant. 0 or -ENOMEM. */
int tree_stage_set_instant(struct tree_stage *t, int64_t instant);
/* Looks for text in names, arguments, users and numbers; "" or NULL ends the search. How many were found. */
size_t tree_stage_find(struct tree_stage *t, const char *text);
/* Goes to the next node found (1) or the previous one (-1), opening what hides it. False when there is none. */
bool tree_stage_find_step(struct tree_stage *t, int by);
/* Copied. */
int tree_stage_set_tallies(struct tree_stage *t, const struct tree_tally *tallies, size_t n);
const struct tree_tally *tree_stage_tally(const struct tree_stage *t, int64_t process);
/* The colour of a node under the present choice; false: none. `strength` from 0 to 1. */
bool tree_stage_colour_of(const struct tree_stage *t, const struct reader_node *n, struct theme_colour *ret,
                          double *strength);
/* What colours mean now, as words and colours: up to max; how many. */
struct tree_key { struct theme_colour colour; char words[64]; };
size_t tree_stage_keys(const struct tree_stage *t, struct tree_key *keys, size_t max);
