/* What the pointer does in a TimelineView. */
#include <math.h>

#include "timeline/view/timeline-view-private.h"

#define WHEEL_FACTOR 1.25
#define CLICK_FACTOR 2.5

static double plot_x(const TimelineView *self, double x)
{
	return CLAMP(x - timeline_stage_plot_x(self->stage), 0, self->stage->scale.width);
}

static gboolean view_scroll(GtkWidget *widget, GdkEventScroll *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	double dx, dy;

	view_pointer_wheel(e, &dx, &dy);
	if (e->state & GDK_SHIFT_MASK) {
		timeline_view_scroll_rows(self, (dy != 0 ? dy : dx) * 2);
	} else if (fabs(dx) > fabs(dy)) {
		scale_pan(&self->stage->scale, -dx * 60);
		timeline_view_range_changed(self);
	} else if (dy != 0) {
		timeline_view_zoom_at(self, plot_x(self, e->x), pow(WHEEL_FACTOR, -dy));
	}
	return GDK_EVENT_STOP;
}

static enum timeline_drag drag_meant(const TimelineView *self, const GdkEventButton *e)
{
	if (e->button == GDK_BUTTON_SECONDARY || (e->state & GDK_SHIFT_MASK))
		return DRAG_BOX;
	return timeline_minimap_hit(self->stage, e->x, e->y) ? DRAG_MAP : DRAG_PAN;
}

/* Outside its window the minimap is gone to where it was clicked; the window itself is only taken hold of. */
static void press_minimap(TimelineView *self, double x)
{
	cairo_rectangle_t w;

	if (!timeline_minimap_window(self->stage, &w) || (x >= w.x && x < w.x + w.width))
		return;
	timeline_minimap_centre(self->stage, x);
	timeline_view_range_changed(self);
}

static gboolean view_button_press(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	struct timeline_target g;

	if (e->button != GDK_BUTTON_PRIMARY && e->button != GDK_BUTTON_SECONDARY)
		return GDK_EVENT_PROPAGATE;
	view_pointer_press(&self->pointer, widget, e);
	self->drag = drag_meant(self, e);
	if (self->drag == DRAG_MAP && e->type == GDK_BUTTON_PRESS) {
		press_minimap(self, e->x);
	} else if (e->type == GDK_2BUTTON_PRESS && self->drag == DRAG_PAN) {
		g = timeline_stage_hit(self->stage, e->x, e->y);
		if (g.type != TIMELINE_LANE && g.type != TIMELINE_BOOKMARK && !timeline_view_activate(self, &g))
			timeline_view_zoom_at(self, plot_x(self, e->x), CLICK_FACTOR);
	}
	return GDK_EVENT_STOP;
}

static void end_box(TimelineView *self)
{
	struct timeline_stage *t = self->stage;
	double a = fmin(t->box_from, t->box_to), b = fmax(t->box_from, t->box_to);

	t->box_from = t->box_to = NAN;
	if (b - a >= 2 && b - a < t->scale.width) { /* around the point that brings a to the left edge and b to the right */
		double factor = t->scale.width / (b - a);

		scale_zoom(&t->scale, a * factor / (factor - 1), factor);
		timeline_view_range_changed(self);
	}
	timeline_view_overlay_changed(self);
}

static void clicked(TimelineView *self, const GdkEventButton *e)
{
	struct timeline_target g = timeline_stage_hit(self->stage, e->x, e->y);

	if (e->button == GDK_BUTTON_SECONDARY) {
		timeline_menu_popup(self, g, scale_ms(&self->stage->scale, plot_x(self, e->x)), (const GdkEvent *)e);
		return;
	}
	if (self->drag == DRAG_MAP)
		return;
	timeline_view_focus_on(self, g);
	if (g.type == TIMELINE_LANE || g.type == TIMELINE_BOOKMARK)
		timeline_view_activate(self, &g);
}

static gboolean view_button_release(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	if (!view_pointer_release(&self->pointer, widget, e))
		return GDK_EVENT_PROPAGATE;
	if (!self->pointer.dragged)
		clicked(self, e);
	else if (self->drag == DRAG_BOX)
		end_box(self);
	return GDK_EVENT_STOP;
}

static void drag_on(TimelineView *self, double x, double dx, double dy)
{
	struct timeline_stage *t = self->stage;

	if (self->drag == DRAG_BOX) {
		t->box_from = plot_x(self, self->pointer.press_x);
		t->box_to = plot_x(self, x);
		return;
	}
	if (self->drag == DRAG_MAP) {
		timeline_minimap_drag(t, dx);
	} else {
		scale_pan(&t->scale, dx);
		if (t->lanes.child_row_h > 0 && !t->children_folded)
			timeline_view_scroll_rows(self, -dy / t->lanes.child_row_h);
	}
	timeline_view_range_changed(self);
}

static gboolean view_motion(GtkWidget *widget, GdkEventMotion *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	double x = e->x - timeline_stage_plot_x(self->stage), dx, dy;
	const char *cursor = self->drag == DRAG_BOX ? "crosshair" : "grabbing";
	gboolean dragging = view_pointer_drag(&self->pointer, widget, e, cursor, &dx, &dy);

	if (dragging)
		drag_on(self, e->x, dx, dy);
	self->stage->hover_x = x >= 0 && x < self->stage->scale.width &&
	                       !timeline_minimap_hit(self->stage, e->x, e->y) ? x : -1;
	self->stage->hover = dragging ? (struct timeline_target){ 0 } : timeline_stage_hit(self->stage, e->x, e->y);
	timeline_view_overlay_changed(self);
	return GDK_EVENT_STOP;
}

static gboolean view_leave(GtkWidget *widget, GdkEventCrossing *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	self->stage->hover_x = -1;
	self->stage->hover = (struct timeline_target){ 0 };
	timeline_view_overlay_changed(self);
	return GDK_EVENT_PROPAGATE;
}

static gboolean view_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	struct timeline_target g = keyboard ? self->stage->focus : timeline_stage_hit(self->stage, x, y);
	cairo_rectangle_t r;
	AUTO_BUF b = BUF_INIT;

	if (g.type == TIMELINE_NOTHING || self->pointer.button || !timeline_stage_place(self->stage, &g, &r))
		return FALSE;
	timeline_stage_describe(self->stage, &g, true, &b);
	view_pointer_tip(tip, &b, r);
	return TRUE;
}

void timeline_pointer_install(GtkWidgetClass *widget)
{
	widget->scroll_event = view_scroll;
	widget->button_press_event = view_button_press;
	widget->button_release_event = view_button_release;
	widget->motion_notify_event = view_motion;
	widget->leave_notify_event = view_leave;
	widget->query_tooltip = view_tooltip;
}
