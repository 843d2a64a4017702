/* timeline-stage: everything of a timeline but the widget: what it knows, what stands where, what is under a point.
 * Shared by the widget, by render and by the benchmark, so that what is measured and printed is what is seen.
 */
#pragma once

#include "recorder/query/reader.h"
#include "timeline/model/bins.h"
#include "timeline/model/lanes.h"
#include "timeline/model/scale.h"
#include "timeline/view/glyphs.h"
#include "timeline/view/theme.h"

enum { TIMELINE_COLUMN_PX = 2, TIMELINE_MAX_CHILDREN = 5000 };

enum timeline_target_type {
	TIMELINE_NOTHING,
	TIMELINE_SEGMENT, /* index: image of the process */
	TIMELINE_CHILD,   /* index: child */
	TIMELINE_MARK,    /* a column of a kind's lane: from, to, category, count */
	TIMELINE_GAP,     /* index: gap */
	TIMELINE_LANE,    /* the name of a lane; index: in lanes.at */
	TIMELINE_BOOKMARK, /* index: bookmark */
};

/* Something one can point at. */
struct timeline_target {
	enum timeline_target_type type;
	size_t index;
	int64_t from_ms, to_ms; /* [from, to) */
	enum event_category category;
	uint64_t count;
	int64_t process;
	size_t group; /* TIMELINE_MARK, TIMELINE_LANE of a group: its number + 1; 0 none */
};

struct timeline_child {
	int64_t process, pid, start_ms, end_ms; /* end_ms 0: none recorded */
	int32_t exit_code, signal;
	bool start_known;
	struct span name, command_line;
	uint32_t row, next; /* next: the child after it in its row, UINT32_MAX none */
	size_t first_mark, n_marks;
};

struct timeline_mark {
	uint32_t child; /* index into children */
	int64_t from_ms, to_ms;
	enum event_category category;
	uint64_t count;
};

struct timeline_bookmark {
	int64_t ms;
	char *name; /* g_malloc'd */
};
enum { TIMELINE_MAX_BOOKMARKS = 1000 };

/* A lane of its own in a timeline of many: a user, a program, a container. */
struct timeline_group {
	struct span name;    /* in groups_texts; absent: not known */
	int64_t key;
	uint64_t hash, total; /* total: the most that was ever told */
	int64_t first_ms;    /* of the first bin with something, as far as known; INT64_MAX nothing */
	struct reader_histogram bins;
	bool folded;
};
enum { TIMELINE_MAX_GROUPS = 4000 };

struct timeline_stage {
	struct theme theme;
	struct glyphs *glyphs;
	int width, height;
	bool rtl;

	/* the subject */
	struct arena subject; /* of the process, its texts and the gaps */
	const struct reader_process *process; /* NULL: the whole recording */
	struct gap *gaps;
	size_t n_gaps;
	struct reader_range bounds;

	/* the data */
	struct arena texts;   /* of the children; grows as they are met */
	struct timeline_child *children; /* by start; all that were met, so that rows stay where they are */
	size_t n_children;
	uint32_t n_rows;
	uint64_t children_left_out;
	struct reader_histogram bins, child_bins;
	struct timeline_mark *marks; /* by child */
	size_t n_marks;
	struct arena groups_texts;
	struct timeline_group *groups; /* instead of lanes by kind; in the order in which they are shown */
	size_t n_groups, first_group;  /* first_group: scrolled past */
	uint64_t groups_left_out;
	uint64_t totals[EVENT_CATEGORY_COUNT]; /* what lanes are named with */
	struct reader_histogram overview; /* of all that can be shown; n_bins 0: not known */
	struct reader_histogram hits;     /* of a search; n_bins 0: none */

	/* the view */
	struct scale scale;
	struct lanes lanes;
	struct bins columns;
	uint64_t greatest[EVENT_CATEGORY_COUNT];
	uint32_t first_row; /* children's rows scrolled past */
	int gutter;         /* width of the lanes' names */
	struct timeline_target hover, focus;
	double hover_x;     /* pointer inside the plot, < 0 none */
	bool has_focus;
	int64_t select_from, select_to; /* from > to: none */
	enum event_category select_category;
	int64_t listed_from, listed_to; /* what a list beside it shows; from > to: none */
	int64_t marker[2];  /* A, B; INT64_MIN: not set */
	double box_from, box_to; /* being drawn, in the plot; NAN: none */

	/* how it is wanted */
	enum lanes_sort sort;
	enum event_category order[EVENT_CATEGORY_COUNT]; /* of the lanes */
	unsigned folded;    /* kinds: bits 1 << category */
	bool children_folded;
	bool with_minimap;  /* where there is room for it */
	bool with_legend;
	char *note;         /* said of every child: "from 203.0.113.9"; NULL none */
	struct timeline_bookmark *bookmarks; /* by time */
	size_t n_bookmarks;
};

struct timeline_stage *timeline_stage_new(void);
void timeline_stage_free(struct timeline_stage *t);
/* context NULL: default fonts. */
void timeline_stage_set_look(struct timeline_stage *t, const struct theme *theme, PangoContext *context, bool rtl);
void timeline_stage_set_size(struct timeline_stage *t, int width, int height);

/* As timeline_view_set_subject and _set_data. 0 or -ENOMEM (then it shows less, nothing breaks). */
int timeline_stage_set_subject(struct timeline_stage *t, const struct reader_process *process,
                               struct reader_range bounds, const struct gap *gaps, size_t n_gaps);
/* The same subject over another time. What was fitted is fitted again, else it shows what it did where it can. */
void timeline_stage_set_bounds(struct timeline_stage *t, struct reader_range bounds);
int timeline_stage_set_data(struct timeline_stage *t, const struct reader_timeline *data);
/* Lanes by group instead of by kind: bins as in set_data, and groups that were met stay where they are. */
int timeline_stage_set_lanes(struct timeline_stage *t, const struct reader_lanes *lanes);
/* False: ask for *ret_want. */
bool timeline_stage_has_enough(const struct timeline_stage *t, struct bins_want *ret_want);
/* Where a search found something, in bins that cover what is shown or more: copied. NULL: no search. */
int timeline_stage_set_hits(struct timeline_stage *t, const struct reader_histogram *hits);
/* Call after the scale was changed, before drawing or hitting. */
void timeline_stage_update(struct timeline_stage *t);

int timeline_stage_plot_x(const struct timeline_stage *t); /* left edge of the time axis */
int timeline_stage_axis_height(const struct timeline_stage *t);
int timeline_stage_info_height(const struct timeline_stage *t);
/* x, y in the widget. */
struct timeline_target timeline_stage_hit(const struct timeline_stage *t, double x, double y);
/* Where a target is drawn; false when it is out of sight. */
bool timeline_stage_place(const struct timeline_stage *t, const struct timeline_target *target, cairo_rectangle_t *ret);
bool timeline_stage_same(const struct timeline_target *a, const struct timeline_target *b);
/* One line (or with `lines` several) about it, for the info line, the tooltip and assistive technology. */
void timeline_stage_describe(const struct timeline_stage *t, const struct timeline_target *target, bool lines,
                             struct buf *out);
/* A sentence about the whole: what, when, how much of each kind. */
void timeline_stage_summary(const struct timeline_stage *t, struct buf *out);
/* The targets in reading order: segments, children, marks lane by lane, gaps, bookmarks, lanes. */
size_t timeline_stage_n_targets(const struct timeline_stage *t);
struct timeline_target timeline_stage_target(const struct timeline_stage *t, size_t i);
/* The target after (step 1) or before (-1) in the order above; TIMELINE_NOTHING past the ends. */
struct timeline_target timeline_stage_step(const struct timeline_stage *t, const struct timeline_target *from, int step);

/* ---- timeline-wish.c: how it is wanted ---- */
/* Orders the lanes anew. */
void timeline_stage_sort(struct timeline_stage *t, enum lanes_sort how);
/* The lane of a kind one place up (-1) or down (1), past those that are shown. */
void timeline_stage_move_lane(struct timeline_stage *t, enum event_category c, int by);
/* Folds or unfolds; false for a lane that cannot be. */
bool timeline_stage_fold(struct timeline_stage *t, const struct lane *lane);
/* The lane that a target lies in, NULL none. */
const struct lane *timeline_stage_lane_of(const struct timeline_stage *t, const struct timeline_target *g);
/* Puts marker A (0) or B (1) there, within the writable years (clock.h); where it is already it is taken away. */
void timeline_stage_set_marker(struct timeline_stage *t, int which, int64_t ms);
/* name NULL: "Bookmark 3". Its index, or SIZE_MAX when there are too many. The one that is there already stays. */
size_t timeline_stage_add_bookmark(struct timeline_stage *t, int64_t ms, const char *name);
/* All of them instead, in any order; one that has the focus keeps it. */
void timeline_stage_set_bookmarks(struct timeline_stage *t, const struct timeline_bookmark *list, size_t n);
/* The one at that time; SIZE_MAX none. */
size_t timeline_stage_find_bookmark(const struct timeline_stage *t, int64_t ms);
void timeline_stage_remove_bookmark(struct timeline_stage *t, size_t i);
/* The next one after ms (step 1) or before it (-1); SIZE_MAX none. */
size_t timeline_stage_next_bookmark(const struct timeline_stage *t, int64_t ms, int step);

/* ---- timeline-groups.c ---- */
void timeline_stage_forget_groups(struct timeline_stage *t);
void timeline_stage_sort_groups(struct timeline_stage *t, enum lanes_sort how);
void timeline_groups_draw(struct timeline_stage *t, cairo_t *cr, const struct lane *lane);
void timeline_groups_draw_name(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double x0, double x1);
/* Columns of one group that are in sight; to be freed with bins_free. */
struct bins timeline_groups_columns(const struct timeline_stage *t, size_t group);
/* "alice", or what stands for an unknown one. */
struct span timeline_groups_name(const struct timeline_stage *t, size_t group);

/* ---- timeline-minimap.c: the whole, with what is shown as a window in it ---- */
/* 0 when there is none. */
int timeline_minimap_height(const struct timeline_stage *t);
void timeline_minimap_draw(struct timeline_stage *t, cairo_t *cr);
/* Where the window is drawn; false when there is no minimap. */
bool timeline_minimap_window(const struct timeline_stage *t, cairo_rectangle_t *ret);
bool timeline_minimap_hit(const struct timeline_stage *t, double x, double y);
/* Puts what lies there into the middle of what is shown (x in the widget). */
void timeline_minimap_centre(struct timeline_stage *t, double x);
/* Moves the window by dx pixels of the minimap. */
void timeline_minimap_drag(struct timeline_stage *t, double dx);
