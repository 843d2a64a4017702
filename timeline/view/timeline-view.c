#include "timeline/view/timeline-view.h"

#include "timeline/model/scale.h"

struct _TimelineView {
	GtkDrawingArea parent_instance;
	struct scale scale;
};

G_DEFINE_TYPE(TimelineView, timeline_view, GTK_TYPE_DRAWING_AREA)

enum { NEED_DATA, RANGE_CHANGED, MARK_ACTIVATED, PROCESS_ACTIVATED, SELECTION_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void add_signals(GObjectClass *class)
{
	GType type = G_OBJECT_CLASS_TYPE(class);

	signals[NEED_DATA] = g_signal_new("need-data", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
	                                  G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[RANGE_CHANGED] = g_signal_new("range-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
	signals[MARK_ACTIVATED] = g_signal_new("mark-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 4, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[PROCESS_ACTIVATED] = g_signal_new("process-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SELECTION_CHANGED] = g_signal_new("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
}

static void timeline_view_class_init(TimelineViewClass *class)
{
	add_signals(G_OBJECT_CLASS(class));
}

static void timeline_view_init(TimelineView *self)
{
	scale_init(&self->scale, 0, 1, 1);
	gtk_widget_set_can_focus(GTK_WIDGET(self), TRUE);
}

GtkWidget *timeline_view_new(void)
{
	return g_object_new(TIMELINE_TYPE_VIEW, NULL);
}

void timeline_view_set_subject(TimelineView *self, const struct reader_process *process, struct reader_range bounds,
                               const struct gap *gaps, size_t n_gaps)
{
	scale_init(&self->scale, bounds.from_ms, bounds.to_ms, self->scale.width);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_set_data(TimelineView *self, const struct reader_timeline *data)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_select(TimelineView *self, int64_t from_ms, int64_t to_ms, enum event_category category)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_set_range(TimelineView *self, struct reader_range range)
{
	scale_set_range(&self->scale, range.from_ms, range.to_ms);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

struct reader_range timeline_view_get_range(TimelineView *self)
{
	struct scale_range r = scale_visible(&self->scale);

	return (struct reader_range){ r.from_ms, r.to_ms };
}

void timeline_view_zoom(TimelineView *self, double factor)
{
	scale_zoom(&self->scale, self->scale.width / 2, factor);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_fit(TimelineView *self)
{
	scale_fit(&self->scale);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}
