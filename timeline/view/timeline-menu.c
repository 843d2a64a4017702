/* The menu of a TimelineView, and the little window in which a bookmark is named. */
#include "timeline/view/timeline-view-private.h"

#include <glib/gi18n.h>
#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "timeline/view/view-access.h"

/* ---- bookmarks ---- */

/* The bookmark that is being named, as it was then. */
struct edit {
	TimelineView *view;
	GtkWidget *popover;
	int64_t ms;
	char *name;
};

static void edit_free(gpointer data)
{
	g_free(((struct edit *)data)->name);
	g_free(data);
}

static void on_named(GtkEntry *entry, struct edit *e)
{
	struct timeline_stage *t = e->view->stage;
	size_t i = timeline_stage_find_bookmark(t, e->ms);
	char *name = g_strstrip(g_strdup(gtk_entry_get_text(entry)));

	if (i != SIZE_MAX && *name && strcmp(name, e->name) != 0) {
		g_free(t->bookmarks[i].name);
		t->bookmarks[i].name = g_strdup(name);
		timeline_view_bookmark_changed(e->view, e->ms, e->name, name);
	}
	g_free(name);
	gtk_popover_popdown(GTK_POPOVER(e->popover));
}

static void on_removed(struct edit *e)
{
	timeline_view_remove_bookmark(e->view, e->ms);
	gtk_popover_popdown(GTK_POPOVER(e->popover));
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
	struct edit *e = g_new(struct edit, 1);

	timeline_stage_place(self->stage, &g, &r);
	gtk_popover_set_pointing_to(GTK_POPOVER(popover), &(GdkRectangle){ (int)r.x, (int)r.y, 2, (int)r.height });
	gtk_popover_set_position(GTK_POPOVER(popover), GTK_POS_BOTTOM);
	*e = (struct edit){ self, popover, b->ms, g_strdup(b->name) };
	g_object_set_data_full(G_OBJECT(popover), "edit", e, edit_free);
	gtk_entry_set_text(GTK_ENTRY(entry), b->name);
	gtk_entry_set_max_length(GTK_ENTRY(entry), 200);
	atk_object_set_name(gtk_widget_get_accessible(entry), _("Name of the bookmark"));
	g_object_set(box, "margin", 8, NULL);
	gtk_container_add(GTK_CONTAINER(box), entry);
	gtk_container_add(GTK_CONTAINER(box), remove);
	gtk_container_add(GTK_CONTAINER(popover), box);
	g_signal_connect(entry, "activate", G_CALLBACK(on_named), e);
	g_signal_connect_swapped(remove, "clicked", G_CALLBACK(on_removed), e);
	g_signal_connect(popover, "closed", G_CALLBACK(on_closed), NULL);
	gtk_widget_show_all(box);
	gtk_popover_popup(GTK_POPOVER(popover));
	gtk_widget_grab_focus(entry);
}

void timeline_menu_add_bookmark(TimelineView *self, int64_t ms)
{
	size_t n = self->stage->n_bookmarks, i = timeline_stage_add_bookmark(self->stage, ms, NULL);

	if (i == SIZE_MAX)
		return;
	if (self->stage->n_bookmarks > n)
		timeline_view_bookmark_changed(self, ms, NULL, self->stage->bookmarks[i].name);
	timeline_menu_edit_bookmark(self, i);
}

gboolean timeline_view_has_time(TimelineView *self, int64_t ms)
{
	return ms >= self->stage->scale.min_ms && ms <= self->stage->scale.max_ms;
}

gboolean timeline_view_go_to_bookmark(TimelineView *self, int64_t ms)
{
	struct timeline_stage *t = self->stage;
	size_t i = timeline_stage_find_bookmark(t, ms);

	if (i == SIZE_MAX || !timeline_view_has_time(self, ms))
		return FALSE;
	timeline_view_show_time(self, ms);
	timeline_view_focus_on(self, (struct timeline_target){ .type = TIMELINE_BOOKMARK, .index = i, .from_ms = ms,
	                                                       .to_ms = ms });
	return TRUE;
}

void timeline_view_rename_bookmark(TimelineView *self, int64_t ms)
{
	if (timeline_view_go_to_bookmark(self, ms))
		timeline_menu_edit_bookmark(self, timeline_stage_find_bookmark(self->stage, ms));
}

void timeline_view_remove_bookmark(TimelineView *self, int64_t ms)
{
	size_t i = timeline_stage_find_bookmark(self->stage, ms);
	char *name;

	if (i == SIZE_MAX)
		return;
	name = g_strdup(self->stage->bookmarks[i].name);
	timeline_stage_remove_bookmark(self->stage, i);
	timeline_view_bookmark_changed(self, ms, name, NULL);
	g_free(name);
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

gboolean timeline_view_get_meant(TimelineView *self, struct timeline_meant *ret)
{
	const struct timeline_target *at = &self->meant;
	const struct lane *lane = timeline_stage_lane_of(self->stage, at);
	bool mark = at->type == TIMELINE_MARK;

	if (!mark && at->type != TIMELINE_CHILD && at->type != TIMELINE_SEGMENT && at->type != TIMELINE_LANE)
		return FALSE;
	if (at->type == TIMELINE_LANE && !at->group && (!lane || lane->type != LANE_KIND))
		return FALSE;
	*ret = (struct timeline_meant){ .from_ms = mark ? at->from_ms : 1, .to_ms = mark ? at->to_ms : 0 };
	if (at->group) {
		ret->in_lane = TRUE;
		ret->key = self->stage->groups[at->group - 1].key;
		ret->name = self->stage->groups[at->group - 1].name.p;
	} else {
		ret->process = at->process;
		ret->category = mark ? at->category : at->type == TIMELINE_LANE ? lane->category : EVENT_NONE;
	}
	return TRUE;
}

char *timeline_view_describe_meant(TimelineView *self)
{
	AUTO_BUF words = BUF_INIT;

	timeline_stage_describe(self->stage, &self->meant, false, &words);
	return g_strndup(words.n ? words.p : "", words.n);
}

void timeline_menu_popup(TimelineView *self, struct timeline_target at, int64_t ms, const GdkEvent *event)
{
	GtkWidget *menu = gtk_menu_new();
	struct place *p = g_new(struct place, 1);

	*p = (struct place){ self, at, ms };
	self->meant = at;
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
	add_line(menu);
	timeline_view_fill_menu(self, menu);
	g_signal_connect_after(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(GTK_MENU(menu), GTK_WIDGET(self), GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}
