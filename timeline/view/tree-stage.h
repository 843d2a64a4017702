/* tree-stage: everything of a tree view but the widget; shared with render. See timeline-stage. */
#pragma once

#include "timeline/model/treelayout.h"
#include "timeline/view/glyphs.h"
#include "timeline/view/theme.h"

struct tree_stage {
	struct theme theme;
	struct glyphs *glyphs;
	int width, height;

	struct arena arena;      /* of the tree */
	struct reader_tree tree; /* tree.n = 0: nothing to show */
	struct map opened;
	struct treelayout layout;

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
/* Opens or closes a group; the group stays under the pointer. */
int tree_stage_toggle(struct tree_stage *t, uint32_t item);

uint32_t tree_stage_hit(const struct tree_stage *t, double x, double y);
cairo_rectangle_t tree_stage_place(const struct tree_stage *t, uint32_t item);
void tree_stage_describe(const struct tree_stage *t, uint32_t item, bool lines, struct buf *out);
/* The neighbour to the left (parent), right (nearest child), above, below; the item itself where there is none. */
enum tree_step { TREE_LEFT, TREE_RIGHT, TREE_UP, TREE_DOWN };
uint32_t tree_stage_step(const struct tree_stage *t, uint32_t item, enum tree_step step);

void tree_draw(struct tree_stage *t, cairo_t *cr);
