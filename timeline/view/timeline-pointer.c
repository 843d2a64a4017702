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

static gboolean view_button_press(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	struct timeline_target g;

	if (e->button != GDK_BUTTON_PRIMARY)
		return GDK_EVENT_PROPAGATE;
	view_pointer_press(&self->pointer, widget, e);
	if (e->type == GDK_2BUTTON_PRESS) {
		g = timeline_stage_hit(self->stage, e->x, e->y);
		if (!timeline_view_activate(self, &g))
			timeline_view_zoom_at(self, plot_x(self, e->x), CLICK_FACTOR);
	}
	return GDK_EVENT_STOP;
}

static gboolean view_button_release(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	if (!view_pointer_release(&self->pointer, widget, e))
		return GDK_EVENT_PROPAGATE;
	if (!self->pointer.dragged)
		timeline_view_focus_on(self, timeline_stage_hit(self->stage, e->x, e->y));
	return GDK_EVENT_STOP;
}

static gboolean view_motion(GtkWidget *widget, GdkEventMotion *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	double x = e->x - timeline_stage_plot_x(self->stage), dx, dy;
	gboolean dragging = view_pointer_drag(&self->pointer, widget, e, "grabbing", &dx, &dy);

	if (dragging) {
		scale_pan(&self->stage->scale, dx);
		if (self->stage->lanes.child_row_h > 0)
			timeline_view_scroll_rows(self, -dy / self->stage->lanes.child_row_h);
		timeline_view_range_changed(self);
	}
	self->stage->hover_x = x >= 0 && x < self->stage->scale.width ? x : -1;
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
