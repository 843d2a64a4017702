#include "gui/row-drag.h"

#include "gui/row-copy.h"

enum { DRAGGED_MOST = 2000 };

struct press {
	double x, y;
	gboolean on_row;
};

static gboolean on_press(GtkWidget *grid, GdkEventButton *event, struct press *p)
{
	p->x = event->x;
	p->y = event->y;
	p->on_row = event->type == GDK_BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY &&
	            event_grid_row_at(EVENT_GRID(grid), event->y) != EVENT_GRID_NO_ROW;
	return FALSE;
}

static gboolean on_motion(GtkWidget *grid, GdkEventMotion *event, struct press *p)
{
	g_autoptr(GtkTargetList) text = NULL;

	if (!p->on_row || !(event->state & GDK_BUTTON1_MASK) ||
	    !gtk_drag_check_threshold(grid, (int)p->x, (int)p->y, (int)event->x, (int)event->y))
		return FALSE;
	p->on_row = FALSE;
	text = gtk_target_list_new(NULL, 0);
	gtk_target_list_add_text_targets(text, 0);
	gtk_drag_begin_with_coordinates(grid, text, GDK_ACTION_COPY, GDK_BUTTON_PRIMARY, (GdkEvent *)event, (int)p->x,
	                                (int)p->y);
	return TRUE;
}

/* Those in memory: a drop does not wait. */
static void on_get(GtkWidget *grid, GdkDragContext *context, GtkSelectionData *data)
{
	const struct row_set *chosen = event_grid_get_chosen(EVENT_GRID(grid));
	g_autoptr(GPtrArray) rows = g_ptr_array_new();
	guint64 n = MIN(row_set_count(chosen), DRAGGED_MOST);
	g_autofree char *text = NULL;

	for (guint64 i = 0; i < n; i++) {
		const struct reader_row *row = event_model_get_row(event_grid_get_model(EVENT_GRID(grid)), row_set_nth(chosen, i));

		if (row)
			g_ptr_array_add(rows, (gpointer)row);
	}
	if (!rows->len)
		return;
	text = row_copy_tsv((const struct reader_row *const *)rows->pdata, rows->len);
	gtk_selection_data_set_text(data, text, -1);
}

static void free_press(gpointer p, GClosure *closure)
{
	g_free(p);
}

void row_drag_add(EventGrid *grid)
{
	struct press *p = g_new0(struct press, 1);

	g_signal_connect_data(grid, "button-press-event", G_CALLBACK(on_press), p, free_press, 0);
	g_signal_connect(grid, "motion-notify-event", G_CALLBACK(on_motion), p);
	g_signal_connect(grid, "drag-data-get", G_CALLBACK(on_get), NULL);
}
