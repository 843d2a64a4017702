/* The menu of a TimelineView, and the little window in which a bookmark is named. */
#include "timeline/view/timeline-view-private.h"

#include <glib/gi18n.h>
#include "timeline/view/view-access.h"

/* ---- bookmarks ---- */

static size_t edited(GtkWidget *popover)
{
	return GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(popover), "bookmark"));
}

static void on_named(GtkEntry *entry, GtkWidget *popover)
{
	TimelineView *self = TIMELINE_VIEW(gtk_popover_get_relative_to(GTK_POPOVER(popover)));
	size_t i = edited(popover);

	if (i < self->stage->n_bookmarks) {
		g_free(self->stage->bookmarks[i].name);
		self->stage->bookmarks[i].name = g_strdup(gtk_entry_get_text(entry));
	}
	gtk_popover_popdown(GTK_POPOVER(popover));
	timeline_view_overlay_changed(self);
}

static void on_removed(GtkWidget *popover)
{
	TimelineView *self = TIMELINE_VIEW(gtk_popover_get_relative_to(GTK_POPOVER(popover)));

	if (edited(popover) < self->stage->n_bookmarks)
		timeline_stage_remove_bookmark(self->stage, edited(popover));
	gtk_popover_popdown(GTK_POPOVER(popover));
	timeline_view_overlay_changed(self);
	view_access_changed(GTK_WIDGET(self));
}

static void on_closed(GtkWidget *popover)
{
	GtkWidget *view = gtk_popover_get_relative_to(GTK_POPOVER(popover));

	gtk_widget_destroy(popover);
	if (view)
		gtk_widget_grab_focus(view);
}

void timeline_menu_edit_bookmark(TimelineView *self, size_t i)
{
	const struct timeline_bookmark *b = &self->stage->bookmarks[i];
	GtkWidget *popover = gtk_popover_new(GTK_WIDGET(self)), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *entry = gtk_entry_new(), *remove = gtk_button_new_with_mnemonic(_("_Remove bookmark"));
	struct timeline_target g = { .type = TIMELINE_BOOKMARK, .index = i, .from_ms = b->ms, .to_ms = b->ms };
	cairo_rectangle_t r = { self->stage->width / 2.0, 0, 1, 1 };

	timeline_stage_place(self->stage, &g, &r);
	gtk_popover_set_pointing_to(GTK_POPOVER(popover), &(GdkRectangle){ (int)r.x, (int)r.y, 2, (int)r.height });
	gtk_popover_set_position(GTK_POPOVER(popover), GTK_POS_BOTTOM);
	g_object_set_data(G_OBJECT(popover), "bookmark", GSIZE_TO_POINTER(i));
	gtk_entry_set_text(GTK_ENTRY(entry), b->name);
	gtk_entry_set_max_length(GTK_ENTRY(entry), 200);
	atk_object_set_name(gtk_widget_get_accessible(entry), _("Name of the bookmark"));
	g_object_set(box, "margin", 8, NULL);
	gtk_container_add(GTK_CONTAINER(box), entry);
	gtk_container_add(GTK_CONTAINER(box), remove);
	gtk_container_add(GTK_CONTAINER(popover), box);
	g_signal_connect(entry, "activate", G_CALLBACK(on_named), popover);
	g_signal_connect_swapped(remove, "clicked", G_CALLBACK(on_removed), popover);
	g_signal_connect(popover, "closed", G_CALLBACK(on_closed), NULL);
	gtk_widget_show_all(box);
	gtk_popover_popup(GTK_POPOVER(popover));
	gtk_widget_grab_focus(entry);
}

void timeline_menu_add_bookmark(TimelineView *self, int64_t ms)
{
	size_t i = timeline_stage_add_bookmark(self->stage, ms, NULL);

	if (i == SIZE_MAX)
		return;
	timeline_view_overlay_changed(self);
	view_access_changed(GTK_WIDGET(self));
	timeline_menu_edit_bookmark(self, i);
}

/* ---- the menu ---- */

struct place {
	TimelineView *view;
	struct timeline_target at;
	int64_t ms;
};

static void on_fit(struct place *p) { timeline_view_fit(p->view); }
static void on_find(struct place *p) { timeline_view_find(p->view); }
static void on_bookmark(struct place *p) { timeline_menu_add_bookmark(p->view, p->ms); }
static void on_marker_a(struct place *p) { timeline_view_set_marker(p->view, 0, p->ms); }
static void on_marker_b(struct place *p) { timeline_view_set_marker(p->view, 1, p->ms); }
static void on_legend(struct place *p) { timeline_view_set_legend(p->view, !timeline_view_get_legend(p->view)); }

static void on_fold(struct place *p)
{
	const struct lane *lane = timeline_stage_lane_of(p->view->stage, &p->at);

	if (lane && timeline_stage_fold(p->view->stage, lane))
		timeline_view_rearranged(p->view);
}

static void move(struct place *p, int by)
{
	timeline_stage_move_lane(p->view->stage, p->at.category, by);
	timeline_view_rearranged(p->view);
}

static void on_up(struct place *p) { move(p, -1); }
static void on_down(struct place *p) { move(p, 1); }

static void sort(struct place *p, enum lanes_sort how)
{
	timeline_stage_sort(p->view->stage, how);
	timeline_view_rearranged(p->view);
}

static void on_by_kind(struct place *p) { sort(p, LANES_BY_KIND); }
static void on_by_count(struct place *p) { sort(p, LANES_BY_COUNT); }
static void on_by_first(struct place *p) { sort(p, LANES_BY_FIRST); }

static void add(GtkWidget *menu, struct place *p, const char *label, void (*fn)(struct place *))
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	g_signal_connect_swapped(item, "activate", G_CALLBACK(fn), p);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

static void add_line(GtkWidget *menu)
{
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), gtk_separator_menu_item_new());
}

static void add_lane_items(GtkWidget *menu, struct place *p)
{
	const struct lane *lane = timeline_stage_lane_of(p->view->stage, &p->at);

	if (!lane || lane->type == LANE_PROCESS)
		return;
	add_line(menu);
	add(menu, p, lane->folded ? _("Un_fold this lane") : _("_Fold this lane"), on_fold);
	if (lane->type != LANE_KIND)
		return;
	add(menu, p, _("Move it _up"), on_up);
	add(menu, p, _("Move it _down"), on_down);
}

static void add_sort(GtkWidget *menu, struct place *p)
{
	add_line(menu);
	add(menu, p, _("Sort lanes by _kind"), on_by_kind);
	add(menu, p, _("Sort lanes by _number of events"), on_by_count);
	add(menu, p, _("Sort lanes by f_irst event"), on_by_first);
}

void timeline_menu_popup(TimelineView *self, struct timeline_target at, int64_t ms, const GdkEvent *event)
{
	GtkWidget *menu = gtk_menu_new();
	struct place *p = g_new(struct place, 1);

	*p = (struct place){ self, at, ms };
	g_object_set_data_full(G_OBJECT(menu), "place", p, g_free);
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	add(menu, p, _("Show _everything"), on_fit);
	add(menu, p, _("Find…"), on_find);
	add(menu, p, _("Make a _bookmark here…"), on_bookmark);
	add(menu, p, _("Set marker _A here"), on_marker_a);
	add(menu, p, _("Set marker _B here"), on_marker_b);
	add(menu, p, timeline_view_get_legend(self) ? _("Hide the _legend") : _("Show the _legend"), on_legend);
	add_lane_items(menu, p);
	add_sort(menu, p);
	timeline_view_fill_menu(self, menu);
	g_signal_connect_after(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(GTK_MENU(menu), GTK_WIDGET(self), GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}
