/* What the keyboard does in a TimelineView. */
#include <math.h>

#include "timeline/view/timeline-view-private.h"

static gboolean walk(TimelineView *self, int step)
{
	struct timeline_target g = timeline_stage_step(self->stage, &self->stage->focus, step);

	if (g.type == TIMELINE_NOTHING) {
		self->stage->focus = g;
		timeline_view_overlay_changed(self);
		return FALSE; /* past the end: the focus goes to the next widget */
	}
	timeline_view_focus_on(self, g);
	return TRUE;
}

/* To the lane above or below, to what is nearest there. */
static void change_lane(TimelineView *self, int direction)
{
	struct timeline_stage *t = self->stage;
	struct timeline_target best = { 0 };
	cairo_rectangle_t at = { timeline_stage_plot_x(t) + t->scale.width / 2, direction > 0 ? -1 : t->height, 0, 0 }, r;
	double nearest = INFINITY;

	timeline_stage_place(t, &t->focus, &at);
	for (size_t i = 0, n = timeline_stage_n_targets(t); i < n; i++) {
		struct timeline_target g = timeline_stage_target(t, i);
		double dy, dx, far;

		if (g.type == TIMELINE_GAP || g.type == TIMELINE_LANE || g.type == TIMELINE_BOOKMARK ||
		    !timeline_stage_place(t, &g, &r))
			continue;
		dy = (r.y - at.y) * direction;
		dx = at.x < r.x ? r.x - at.x : at.x > r.x + r.width ? at.x - r.x - r.width : 0;
		far = dy * 1e6 + dx;
		if (dy > 0 && far < nearest) {
			nearest = far;
			best = g;
		}
	}
	if (best.type != TIMELINE_NOTHING)
		timeline_view_focus_on(self, best);
}

static void go_to_bookmark(TimelineView *self, int step)
{
	struct timeline_stage *t = self->stage;
	int64_t from = t->focus.type == TIMELINE_BOOKMARK ? t->focus.from_ms
	             : scale_ms(&t->scale, step > 0 ? 0 : t->scale.width);
	size_t i = timeline_stage_next_bookmark(t, from, step);

	while (i != SIZE_MAX && !timeline_view_go_to_bookmark(self, t->bookmarks[i].ms))
		i = timeline_stage_next_bookmark(t, t->bookmarks[i].ms, step);
}

static void fold_lane(TimelineView *self)
{
	const struct lane *lane = timeline_stage_lane_of(self->stage, &self->stage->focus);

	if (!lane)
		lane = timeline_stage_lane_of(self->stage, &self->stage->hover);
	if (lane && timeline_stage_fold(self->stage, lane))
		timeline_view_rearranged(self);
}

static void move_lane(TimelineView *self, int by)
{
	struct timeline_target *f = &self->stage->focus;
	const struct lane *lane = timeline_stage_lane_of(self->stage, f);
	enum event_category c;

	if (!lane || lane->type != LANE_KIND)
		return;
	c = lane->category;
	timeline_stage_move_lane(self->stage, c, by);
	timeline_view_rearranged(self);
	for (size_t i = 0; i < self->stage->lanes.n && f->type == TIMELINE_LANE; i++)
		if (self->stage->lanes.at[i].type == LANE_KIND && self->stage->lanes.at[i].category == c)
			f->index = i; /* the focus goes with it */
}

static void sort_lanes(TimelineView *self)
{
	timeline_stage_sort(self->stage, (self->stage->sort + 1) % LANES_SORTS);
	timeline_view_rearranged(self);
}

static gboolean step_out(TimelineView *self)
{
	struct timeline_stage *t = self->stage;

	if (!isnan(t->box_from))
		t->box_from = t->box_to = NAN;
	else if (t->focus.type != TIMELINE_NOTHING)
		t->focus = (struct timeline_target){ 0 };
	else if (t->select_from <= t->select_to)
		t->select_from = t->select_to + 1;
	else if (t->marker[0] != INT64_MIN || t->marker[1] != INT64_MIN)
		t->marker[0] = t->marker[1] = INT64_MIN;
	else
		return FALSE;
	timeline_view_overlay_changed(self);
	return TRUE;
}

static void pan_by(TimelineView *self, double part)
{
	scale_pan(&self->stage->scale, self->stage->scale.width * part);
	timeline_view_range_changed(self);
}

static double zoom_centre(const TimelineView *self)
{
	const struct timeline_stage *t = self->stage;
	double x = t->focus.type != TIMELINE_NOTHING && t->focus.type != TIMELINE_LANE ? scale_x(&t->scale, t->focus.from_ms) : -1;

	return x >= 0 && x <= t->scale.width ? x : t->scale.width / 2;
}

static gboolean move_key(TimelineView *self, guint key, gboolean control)
{
	double step = control ? 0.5 : 0.1;

	switch (key) {
	case GDK_KEY_Left: case GDK_KEY_KP_Left: pan_by(self, step); return TRUE;
	case GDK_KEY_Right: case GDK_KEY_KP_Right: pan_by(self, -step); return TRUE;
	case GDK_KEY_Home: case GDK_KEY_KP_Home: pan_by(self, 1e9); return TRUE;
	case GDK_KEY_End: case GDK_KEY_KP_End: pan_by(self, -1e9); return TRUE;
	case GDK_KEY_Up: case GDK_KEY_KP_Up: change_lane(self, -1); return TRUE;
	case GDK_KEY_Down: case GDK_KEY_KP_Down: change_lane(self, 1); return TRUE;
	case GDK_KEY_Page_Up: timeline_view_scroll_rows(self, -5); return TRUE;
	case GDK_KEY_Page_Down: timeline_view_scroll_rows(self, 5); return TRUE;
	case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add:
		timeline_view_zoom_at(self, zoom_centre(self), 1.5);
		return TRUE;
	case GDK_KEY_minus: case GDK_KEY_KP_Subtract:
		timeline_view_zoom_at(self, zoom_centre(self), 1 / 1.5);
		return TRUE;
	case GDK_KEY_0: case GDK_KEY_KP_0: timeline_view_fit(self); return TRUE;
	default: return FALSE;
	}
}

/* What a box does with the pointer: what lies between the markers fills the view. */
static void zoom_to_markers(TimelineView *self)
{
	const int64_t *m = self->stage->marker;

	if (m[0] == INT64_MIN || m[1] == INT64_MIN || m[0] == m[1])
		return;
	scale_set_range(&self->stage->scale, m[0] < m[1] ? m[0] : m[1], m[0] < m[1] ? m[1] : m[0]);
	timeline_view_range_changed(self);
}

/* Letters, whichever case; shift tells `back`. */
static gboolean letter_key(TimelineView *self, guint key, gboolean back)
{
	switch (key) {
	case GDK_KEY_a: timeline_view_set_marker(self, 0, timeline_view_time_meant(self)); return TRUE;
	case GDK_KEY_b: timeline_view_set_marker(self, 1, timeline_view_time_meant(self)); return TRUE;
	case GDK_KEY_f: timeline_view_find(self); return TRUE;
	case GDK_KEY_l: timeline_view_set_legend(self, !self->stage->with_legend); return TRUE;
	case GDK_KEY_m: timeline_menu_add_bookmark(self, timeline_view_time_meant(self)); return TRUE;
	case GDK_KEY_n: go_to_bookmark(self, back ? -1 : 1); return TRUE;
	case GDK_KEY_s: sort_lanes(self); return TRUE;
	case GDK_KEY_x: zoom_to_markers(self); return TRUE;
	case GDK_KEY_z: fold_lane(self); return TRUE;
	default: return FALSE;
	}
}

gboolean timeline_keys_press(GtkWidget *widget, GdkEventKey *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	GdkModifierType mods = e->state & gtk_accelerator_get_default_mod_mask();
	gboolean plain = (mods & ~(guint)GDK_SHIFT_MASK) == 0;

	if (mods & GDK_MOD1_MASK)
		return GDK_EVENT_PROPAGATE;
	if ((mods & GDK_SHIFT_MASK) && (e->keyval == GDK_KEY_Up || e->keyval == GDK_KEY_Down)) {
		move_lane(self, e->keyval == GDK_KEY_Up ? -1 : 1);
		return GDK_EVENT_STOP;
	}
	if (e->keyval == GDK_KEY_Menu || (e->keyval == GDK_KEY_F10 && (mods & GDK_SHIFT_MASK))) {
		timeline_menu_popup(self, self->stage->focus, timeline_view_time_meant(self), NULL);
		return GDK_EVENT_STOP;
	}
	if (mods == GDK_CONTROL_MASK && gdk_keyval_to_lower(e->keyval) == GDK_KEY_f) {
		timeline_view_find(self);
		return GDK_EVENT_STOP;
	}
	if (move_key(self, e->keyval, (mods & GDK_CONTROL_MASK) != 0))
		return GDK_EVENT_STOP;
	if (!plain)
		return GDK_EVENT_PROPAGATE;
	switch (e->keyval) {
	case GDK_KEY_Tab: return walk(self, 1);
	case GDK_KEY_ISO_Left_Tab: return walk(self, -1);
	case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_space:
		return timeline_view_activate(self, &self->stage->focus);
	case GDK_KEY_Escape: return step_out(self);
	default: return letter_key(self, gdk_keyval_to_lower(e->keyval), (mods & GDK_SHIFT_MASK) != 0);
	}
}
