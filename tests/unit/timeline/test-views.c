/* The widgets, on a real (virtual) display: events in, signals and accessible children out. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "tests/unit/timeline/synthetic.h"
#include "timeline/view/timeline-view.h"
#include "timeline/view/tree-view.h"

enum { LANES = 5 }; /* of the story: children and four kinds */

struct got {
	int needs, ranges, marks, processes, selections, recentres;
	gint64 from, to, process;
	guint bins, category;
};

static void on_need(TimelineView *v, gint64 from, gint64 to, guint bins, struct got *g)
{
	g->needs++;
	g->from = from;
	g->to = to;
	g->bins = bins;
}

static void on_range(TimelineView *v, gint64 from, gint64 to, struct got *g)
{
	g->ranges++;
}

static void on_mark(TimelineView *v, gint64 process, gint64 from, gint64 to, guint category, struct got *g)
{
	g->marks++;
	g->from = from;
	g->to = to;
	g->category = category;
}

static void on_process(GtkWidget *v, gint64 process, struct got *g)
{
	g->processes++;
	g->process = process;
}

static void on_recentre(GtkWidget *v, gint64 process, struct got *g)
{
	g->recentres++;
	g->process = process;
}

static void on_selection(TimelineView *v, gint64 from, gint64 to, guint category, struct got *g)
{
	g->selections++;
	g->from = from;
	g->to = to;
	g->category = category;
}

static void settle(int ms)
{
	gint64 until = g_get_monotonic_time() + ms * 1000;

	while (g_get_monotonic_time() < until || gtk_events_pending()) {
		while (gtk_events_pending())
			gtk_main_iteration();
		g_usleep(2000);
	}
}

static GtkWidget *show(GtkWidget *view)
{
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);

	gtk_window_set_default_size(GTK_WINDOW(window), 1000, 560);
	gtk_container_add(GTK_CONTAINER(window), view);
	gtk_widget_show_all(window);
	gtk_widget_grab_focus(view);
	settle(150);
	return window;
}

static gboolean key_with(GtkWidget *view, guint value, GdkModifierType mods)
{
	GdkEvent *e = gdk_event_new(GDK_KEY_PRESS);
	gboolean handled = FALSE;

	e->key.window = g_object_ref(gtk_widget_get_window(view));
	e->key.keyval = value;
	e->key.state = mods;
	g_signal_emit_by_name(view, "key-press-event", e, &handled);
	gdk_event_free(e);
	return handled;
}

static gboolean key(GtkWidget *view, guint value)
{
	return key_with(view, value, 0);
}

static void button_of(GtkWidget *view, GdkEventType type, guint number, GdkModifierType mods, double x, double y)
{
	GdkEvent *e = gdk_event_new(type);
	gboolean handled;

	e->button.window = g_object_ref(gtk_widget_get_window(view));
	e->button.button = number;
	e->button.state = mods;
	e->button.x = x;
	e->button.y = y;
	g_signal_emit_by_name(view, type == GDK_BUTTON_RELEASE ? "button-release-event" : "button-press-event", e, &handled);
	gdk_event_free(e);
}

static void button(GtkWidget *view, GdkEventType type, double x, double y)
{
	button_of(view, type, GDK_BUTTON_PRIMARY, 0, x, y);
}

static void move_pointer(GtkWidget *view, double x, double y)
{
	GdkEvent *e = gdk_event_new(GDK_MOTION_NOTIFY);
	gboolean handled;

	e->motion.window = g_object_ref(gtk_widget_get_window(view));
	e->motion.x = x;
	e->motion.y = y;
	g_signal_emit_by_name(view, "motion-notify-event", e, &handled);
	gdk_event_free(e);
}

static void wheel(GtkWidget *view, double x, double y, GdkScrollDirection direction)
{
	GdkEvent *e = gdk_event_new(GDK_SCROLL);
	gboolean handled;

	e->scroll.window = g_object_ref(gtk_widget_get_window(view));
	e->scroll.direction = direction;
	e->scroll.x = x;
	e->scroll.y = y;
	g_signal_emit_by_name(view, "scroll-event", e, &handled);
	gdk_event_free(e);
}

static void give(TimelineView *v, const struct synthetic *s, const struct got *g)
{
	struct reader_timeline t = synthetic_timeline(s, (struct reader_range){ g->from, g->to }, g->bins);

	timeline_view_set_data(v, &t);
	synthetic_timeline_free(&t);
}

static GtkWidget *new_timeline(const struct synthetic *s, struct got *g)
{
	GtkWidget *view = timeline_view_new();

	g_signal_connect(view, "need-data", G_CALLBACK(on_need), g);
	g_signal_connect(view, "range-changed", G_CALLBACK(on_range), g);
	g_signal_connect(view, "mark-activated", G_CALLBACK(on_mark), g);
	g_signal_connect(view, "process-activated", G_CALLBACK(on_process), g);
	g_signal_connect(view, "selection-changed", G_CALLBACK(on_selection), g);
	timeline_view_set_subject(TIMELINE_VIEW(view), &s->process, s->range, s->gaps, s->n_gaps);
	return view;
}

static void asks_once_for_what_it_shows(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	struct reader_range seen = timeline_view_get_range(TIMELINE_VIEW(view));

	assert_int_equal(g.needs, 1);
	assert_true(g.from <= s->range.from_ms && g.to >= s->range.to_ms && g.bins > 100 && g.bins <= READER_MAX_BINS);
	assert_true(seen.from_ms <= s->range.from_ms && seen.to_ms >= s->range.to_ms);
	give(TIMELINE_VIEW(view), s, &g);
	settle(150);
	assert_int_equal(g.needs, 1); /* satisfied */
	for (int i = 0; i < 40; i++)
		wheel(view, 600, 200, GDK_SCROLL_UP);
	settle(150);
	assert_true(g.needs >= 2 && g.needs <= 4); /* forty zooms, not forty questions */
	assert_true(g.ranges >= 40);
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void wheel_zooms_around_the_pointer(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	struct reader_range a = timeline_view_get_range(TIMELINE_VIEW(view)), b;
	int width = gtk_widget_get_allocated_width(view);
	double gutter = width, share;

	for (int i = 0; i < 3; i++)
		wheel(view, width - 1, 200, GDK_SCROLL_UP); /* the right edge stays */
	b = timeline_view_get_range(TIMELINE_VIEW(view));
	share = (double)(b.to_ms - b.from_ms) / (double)(a.to_ms - a.from_ms);
	assert_true(llabs(b.to_ms - a.to_ms) < 1000 && share < 0.6 && share > 0.4);
	for (int i = 0; i < 9; i++)
		wheel(view, gutter / 2, 200, GDK_SCROLL_DOWN);
	b = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(b.from_ms == a.from_ms && b.to_ms == a.to_ms); /* never past the bounds */
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void keyboard_reaches_everything(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	struct reader_range a, b;
	int walked = 0;

	give(TIMELINE_VIEW(view), s, &g);
	settle(20);
	a = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(key(view, GDK_KEY_plus));
	b = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(b.to_ms - b.from_ms < a.to_ms - a.from_ms);
	assert_true(key(view, GDK_KEY_Right));
	assert_true(timeline_view_get_range(TIMELINE_VIEW(view)).from_ms > b.from_ms);
	assert_true(key(view, GDK_KEY_Left));
	assert_true(llabs(timeline_view_get_range(TIMELINE_VIEW(view)).from_ms - b.from_ms) <= 1);
	assert_true(key(view, GDK_KEY_0));
	assert_true(timeline_view_get_range(TIMELINE_VIEW(view)).from_ms == a.from_ms);
	while (walked < 10000 && key(view, GDK_KEY_Tab)) {
		walked++;
		if (g.processes < 2 && key(view, GDK_KEY_Return))
			assert_true(g.processes > 0);
	}
	assert_true(walked > 20 && walked < 10000); /* and Tab leaves at the end */
	assert_int_equal(g.selections, walked - LANES); /* a lane is no selection */
	assert_true(g.processes >= 2);
	assert_true(key(view, GDK_KEY_Down));
	assert_true(key(view, GDK_KEY_A) && key(view, GDK_KEY_Up) && key(view, GDK_KEY_B));
	assert_true(key(view, GDK_KEY_Escape)); /* the focus, then the markers, then it is somebody else's */
	assert_true(key(view, GDK_KEY_Escape));
	assert_false(key(view, GDK_KEY_Escape));
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void accessible_children_have_names_and_places(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	AtkObject *access = gtk_widget_get_accessible(view);
	int n, shown = 0, marks = 0;

	give(TIMELINE_VIEW(view), s, &g);
	settle(20);
	n = atk_object_get_n_accessible_children(access);
	assert_true(n > 20);
	assert_string_equal(atk_object_get_name(access), "Timeline");
	assert_non_null(strstr(atk_object_get_description(access), "File: 960 events."));
	for (int i = 0; i < n; i++) {
		AtkObject *child = atk_object_ref_accessible_child(access, i);
		const char *name = atk_object_get_name(child);
		int x, y, w, h;

		assert_true(name && name[0]);
		assert_ptr_equal(atk_object_get_parent(child), access);
		assert_int_equal(atk_object_get_index_in_parent(child), i);
		atk_component_get_extents(ATK_COMPONENT(child), &x, &y, &w, &h, ATK_XY_WINDOW);
		shown += w > 0 && h > 0;
		if (strncmp(name, "Network: ", 9) == 0 && marks++ == 0) {
			assert_true(atk_action_do_action(ATK_ACTION(child), 0));
			assert_int_equal(g.marks, 1);
			assert_int_equal(g.category, EVENT_NETWORK);
		}
		g_object_unref(child);
	}
	assert_true(marks > 5 && shown > 20);
	assert_null(atk_object_ref_accessible_child(access, n));
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void pointer_selects_drags_and_opens(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	AtkObject *access = gtk_widget_get_accessible(view), *bar;
	struct reader_range a;
	int x, y, w, h, vx, vy;

	give(TIMELINE_VIEW(view), s, &g);
	for (int i = 0; i < 3; i++)
		wheel(view, 600, 300, GDK_SCROLL_UP);
	atk_component_get_extents(ATK_COMPONENT(access), &vx, &vy, &w, &h, ATK_XY_WINDOW);
	bar = atk_object_ref_accessible_child(access, 2); /* python, the widest segment */
	atk_component_get_extents(ATK_COMPONENT(bar), &x, &y, &w, &h, ATK_XY_WINDOW);
	g_object_unref(bar);
	x += w / 2 - vx;
	y += h / 2 - vy;
	button(view, GDK_BUTTON_PRESS, x, y);
	button(view, GDK_BUTTON_RELEASE, x, y);
	assert_int_equal(g.selections, 1);
	button(view, GDK_2BUTTON_PRESS, x, y);
	assert_true(g.processes == 1 && g.process == 1);
	a = timeline_view_get_range(TIMELINE_VIEW(view));
	button(view, GDK_BUTTON_PRESS, x, y);
	move_pointer(view, x - 50, y);
	button(view, GDK_BUTTON_RELEASE, x - 50, y);
	assert_int_equal(g.selections, 1); /* a drag is not a click */
	assert_true(timeline_view_get_range(TIMELINE_VIEW(view)).from_ms > a.from_ms);
	timeline_view_select(TIMELINE_VIEW(view), s->range.from_ms, s->range.from_ms + 5, EVENT_FILE);
	a = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(a.from_ms <= s->range.from_ms && a.to_ms > s->range.from_ms); /* brought into sight */
	assert_int_equal(g.selections, 1);
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void box_zooms(GtkWidget *view, guint number, GdkModifierType mods)
{
	struct reader_range a = timeline_view_get_range(TIMELINE_VIEW(view)), b;
	int w = gtk_widget_get_allocated_width(view);
	double share;

	button_of(view, GDK_BUTTON_PRESS, number, mods, w - 400, 200);
	move_pointer(view, w - 350, 220);
	move_pointer(view, w - 300, 240);
	button_of(view, GDK_BUTTON_RELEASE, number, mods, w - 300, 240);
	b = timeline_view_get_range(TIMELINE_VIEW(view));
	share = (double)(b.to_ms - b.from_ms) / (double)(a.to_ms - a.from_ms);
	assert_true(share > 0.05 && share < 0.25 && b.from_ms > a.from_ms && b.to_ms < a.to_ms);
	assert_true(key(view, GDK_KEY_0));
}

static void boxes_and_the_minimap_zoom(void **state)
{
	struct synthetic *s = synthetic_story();
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	int w = gtk_widget_get_allocated_width(view), h = gtk_widget_get_allocated_height(view);
	struct reader_range a;

	give(TIMELINE_VIEW(view), s, &g);
	box_zooms(view, GDK_BUTTON_SECONDARY, 0);
	box_zooms(view, GDK_BUTTON_PRIMARY, GDK_SHIFT_MASK);
	move_pointer(view, w - 400, 200); /* by keyboard: between the markers */
	assert_true(key(view, GDK_KEY_A));
	move_pointer(view, w - 300, 200);
	assert_true(key(view, GDK_KEY_B) && key(view, GDK_KEY_X));
	a = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(a.to_ms - a.from_ms < (s->range.to_ms - s->range.from_ms) / 4);
	assert_true(key(view, GDK_KEY_0));
	for (int i = 0; i < 6; i++)
		key(view, GDK_KEY_plus);
	button(view, GDK_BUTTON_PRESS, w - 3, h - 40); /* the end of the minimap */
	button(view, GDK_BUTTON_RELEASE, w - 3, h - 40);
	a = timeline_view_get_range(TIMELINE_VIEW(view));
	assert_true(a.to_ms > s->range.to_ms && a.from_ms > s->range.from_ms);
	button(view, GDK_BUTTON_PRESS, w - 5, h - 40); /* its window is held now */
	move_pointer(view, w - 100, h - 40);
	move_pointer(view, 300, h - 40);
	button(view, GDK_BUTTON_RELEASE, 300, h - 40);
	assert_true(timeline_view_get_range(TIMELINE_VIEW(view)).to_ms < a.from_ms);
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void on_find(TimelineView *v, int *n)
{
	++*n;
}

static void on_bookmark(TimelineView *v, gint64 ms, const char *before, const char *after, char *said)
{
	g_snprintf(said, 80, "%s → %s", before ? before : "none", after ? after : "none");
}

static void bookmarks_lanes_and_legend_by_keyboard(void **state)
{
	struct synthetic *s = synthetic_story();
	const int64_t times[] = { s->range.from_ms + 1000, s->range.from_ms + 99000 };
	const char *const names[] = { "first", "second" };
	char said[80] = "";
	struct got g = { 0 };
	GtkWidget *view = new_timeline(s, &g), *window = show(view);
	AtkObject *access = gtk_widget_get_accessible(view), *last;
	int n, finds = 0;

	g_signal_connect(view, "find-requested", G_CALLBACK(on_find), &finds);
	give(TIMELINE_VIEW(view), s, &g);
	n = atk_object_get_n_accessible_children(access);
	g_signal_connect(view, "bookmark-changed", G_CALLBACK(on_bookmark), &said);
	timeline_view_set_bookmarks(TIMELINE_VIEW(view), times, names, 2);
	assert_int_equal(atk_object_get_n_accessible_children(access), n + 2);
	assert_true(key(view, GDK_KEY_0) && key(view, GDK_KEY_N) && key(view, GDK_KEY_n));
	assert_true(g.selections >= 1 && g.from == s->range.from_ms + 99000);
	assert_true(key(view, GDK_KEY_F) && key(view, GDK_KEY_L) && finds == 1);
	assert_true(timeline_view_get_legend(TIMELINE_VIEW(view)));
	last = atk_object_ref_accessible_child(access, n + 1); /* the last lane */
	assert_non_null(strstr(atk_object_get_name(last), "Security: 3 events"));
	assert_true(atk_action_do_action(ATK_ACTION(last), 0));
	assert_non_null(strstr(atk_object_get_name(last), "folded"));
	g_object_unref(last);
	assert_true(key(view, GDK_KEY_S)); /* by count: the last lane is still the one with the fewest */
	last = atk_object_ref_accessible_child(access, atk_object_get_n_accessible_children(access) - 1);
	assert_true(strstr(atk_object_get_name(last), "events") != NULL);
	g_object_unref(last);
	assert_string_equal(said, "");
	assert_true(key(view, GDK_KEY_Escape) && key(view, GDK_KEY_M)); /* asks for its name */
	settle(50);
	assert_int_equal(atk_object_get_n_accessible_children(access), n + 3);
	assert_string_equal(said, "none → Bookmark 3");
	timeline_view_set_bookmarks(TIMELINE_VIEW(view), times, names, 1);
	assert_int_equal(atk_object_get_n_accessible_children(access), n + 1);
	assert_true(timeline_view_go_to_bookmark(TIMELINE_VIEW(view), times[0]));
	assert_true(g.from == times[0]);
	assert_false(timeline_view_go_to_bookmark(TIMELINE_VIEW(view), times[1]));
	timeline_view_remove_bookmark(TIMELINE_VIEW(view), times[0]);
	assert_string_equal(said, "first → none");
	assert_int_equal(atk_object_get_n_accessible_children(access), n);
	gtk_widget_destroy(window);
	synthetic_free(s);
}

static void on_more(TreeView *v, gboolean children, int *asked)
{
	asked[children]++;
}

/* What is not shown is opened by key, and by assistive technology. */
static void more_is_asked_for(GtkWidget *view, struct reader_tree *t)
{
	AtkObject *access = gtk_widget_get_accessible(view), *item;
	int asked[2] = { 0 }, n, found = 0;

	g_signal_connect(view, "more-requested", G_CALLBACK(on_more), asked);
	tree_view_set_tree(TREE_VIEW(view), t); /* the groups are closed */
	n = atk_object_get_n_accessible_children(access);
	t->peers_left_out = 3;
	t->children_left_out = 300;
	tree_view_set_tree(TREE_VIEW(view), t);
	assert_int_equal(atk_object_get_n_accessible_children(access), n + 2);
	for (int i = 0; i < n + 2; i++) {
		item = atk_object_ref_accessible_child(access, i);
		if (strstr(atk_object_get_name(item), "not shown")) {
			assert_true(atk_action_do_action(ATK_ACTION(item), 0));
			found++;
			assert_int_equal(asked[0] + asked[1], found);
			assert_int_not_equal(tree_view_get_above(TREE_VIEW(view)), 0);
			assert_int_equal(tree_view_get_selected(TREE_VIEW(view)), 0);
			assert_true(key(view, GDK_KEY_Return));
			assert_int_equal(asked[0] + asked[1], ++found);
		}
		g_object_unref(item);
	}
	assert_true(asked[0] == 2 && asked[1] == 2);
}

static void tree_walks_opens_and_recentres(void **state)
{
	struct reader_tree t = synthetic_tree(8, false);
	struct got g = { 0 };
	GtkWidget *view = tree_view_new(), *window;
	AtkObject *access = gtk_widget_get_accessible(view);
	int n;

	g_signal_connect(view, "process-activated", G_CALLBACK(on_process), &g);
	g_signal_connect(view, "recentre", G_CALLBACK(on_recentre), &g);
	tree_view_set_tree(TREE_VIEW(view), &t);
	window = show(view);
	n = atk_object_get_n_accessible_children(access);
	assert_int_equal(n, 4 + 3 + 8 + 1);
	assert_true(key(view, GDK_KEY_Return));
	assert_true(g.processes == 1 && g.process == 500);
	assert_true(key(view, GDK_KEY_Left) && key(view, GDK_KEY_space));
	assert_true(g.recentres == 1 && g.process == 3);
	assert_true(key(view, GDK_KEY_Home) && key(view, GDK_KEY_Right));
	for (int i = 0; i < 20; i++)
		key(view, GDK_KEY_Down); /* the group is last */
	assert_true(key(view, GDK_KEY_Return));
	assert_int_equal(atk_object_get_n_accessible_children(access), n + 37);
	assert_true(key(view, GDK_KEY_Return));
	assert_int_equal(atk_object_get_n_accessible_children(access), n);
	assert_true(key(view, GDK_KEY_Home) && key(view, GDK_KEY_Z)); /* everything below it is hidden, and comes back */
	settle(250);
	assert_int_equal(atk_object_get_n_accessible_children(access), 4 + 3);
	assert_true(key(view, GDK_KEY_Z));
	settle(250);
	assert_int_equal(atk_object_get_n_accessible_children(access), n);
	assert_int_equal(tree_view_find(TREE_VIEW(view), "10.0.0.9"), 1);
	assert_true(tree_view_find_step(TREE_VIEW(view), 1));
	tree_view_find(TREE_VIEW(view), "");
	assert_true(key(view, GDK_KEY_F));
	tree_view_select(TREE_VIEW(view), 1003);
	assert_true(key(view, GDK_KEY_Return) && g.process == 1003);
	assert_true(key(view, GDK_KEY_0) && key(view, GDK_KEY_plus) && key(view, GDK_KEY_minus));
	wheel(view, 100, 100, GDK_SCROLL_UP);
	more_is_asked_for(view, &t);
	tree_view_set_tree(TREE_VIEW(view), NULL);
	settle(20);
	assert_int_equal(atk_object_get_n_accessible_children(access), 0);
	gtk_widget_destroy(window);
	synthetic_tree_free(&t);
}

static void on_menu(GtkWidget *view, GtkMenu *menu, int *n)
{
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), gtk_menu_item_new_with_label("x"));
	++*n;
}

/* Where the accessible item of that name stands; height 0: there is none. */
static GdkRectangle place_of(GtkWidget *view, const char *name)
{
	AtkObject *access = gtk_widget_get_accessible(view);
	GdkRectangle r = { 0 };

	for (int i = 0; i < atk_object_get_n_accessible_children(access) && !r.height; i++) {
		g_autoptr(AtkObject) item = atk_object_ref_accessible_child(access, i);

		if (g_str_has_prefix(atk_object_get_name(item), name))
			atk_component_get_extents(ATK_COMPONENT(item), &r.x, &r.y, &r.width, &r.height, ATK_XY_WINDOW);
	}
	return r;
}

/* The group of 37 is opened: does what stands above it glide to its new place, or is it there at once? */
static gboolean opening_glides(GtkWidget *view, gboolean animations)
{
	GdkRectangle before, at_once, at_rest;

	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", animations, NULL);
	key(view, GDK_KEY_Home);
	key(view, GDK_KEY_Right);
	for (int i = 0; i < 20; i++)
		key(view, GDK_KEY_Down);
	before = place_of(view, "systemd");
	key(view, GDK_KEY_Return);
	at_once = place_of(view, "systemd");
	settle(300);
	at_rest = place_of(view, "systemd");
	key(view, GDK_KEY_Return);
	settle(300);
	assert_true(before.height && at_once.height && at_rest.height);
	return at_once.y != at_rest.y;
}

static void trees_glide_unless_nobody_wants_it(void **state)
{
	struct reader_tree t = synthetic_tree(8, false);
	GtkWidget *view = tree_view_new(), *window;

	tree_view_set_tree(TREE_VIEW(view), &t);
	window = show(view);
	assert_true(opening_glides(view, TRUE));
	assert_false(opening_glides(view, FALSE));
	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", TRUE, NULL);
	gtk_widget_destroy(window);
	synthetic_tree_free(&t);
}

static void trees_are_panned_by_keys(void **state)
{
	struct reader_tree t = synthetic_tree(8, false);
	GtkWidget *view = tree_view_new(), *window;
	GdkRectangle was, is;
	int menus = 0;

	tree_view_set_tree(TREE_VIEW(view), &t);
	g_signal_connect(view, "populate-menu", G_CALLBACK(on_menu), &menus);
	window = show(view);
	was = place_of(view, "bash");
	assert_true(was.width > 0 && was.height > 0);
	assert_true(key(view, GDK_KEY_Page_Down));
	is = place_of(view, "bash");
	assert_true(is.height == 0 || is.y < was.y); /* moved up, perhaps out of sight */
	assert_true(key(view, GDK_KEY_Page_Up));
	was = place_of(view, "bash");
	assert_true(was.height > 0 && (is.height == 0 || was.y > is.y));
	assert_true(key_with(view, GDK_KEY_Right, GDK_SHIFT_MASK));
	assert_true(place_of(view, "bash").x < was.x);
	assert_true(key_with(view, GDK_KEY_F10, GDK_SHIFT_MASK));
	assert_int_equal(menus, 1);
	gtk_widget_destroy(window);
	synthetic_tree_free(&t);
}

/* What fontconfig, GTK and their drivers keep to the end of the program is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libgtk-3\nleak:libgdk-3\nleak:libpango\nleak:librsvg\nleak:libgio\nleak:libX11\n";
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_once_for_what_it_shows),
		cmocka_unit_test(wheel_zooms_around_the_pointer),
		cmocka_unit_test(keyboard_reaches_everything),
		cmocka_unit_test(accessible_children_have_names_and_places),
		cmocka_unit_test(pointer_selects_drags_and_opens),
		cmocka_unit_test(boxes_and_the_minimap_zoom),
		cmocka_unit_test(bookmarks_lanes_and_legend_by_keyboard),
		cmocka_unit_test(tree_walks_opens_and_recentres),
		cmocka_unit_test(trees_glide_unless_nobody_wants_it),
		cmocka_unit_test(trees_are_panned_by_keys),
	};

	g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
	g_setenv("GTK_THEME", "Adwaita", TRUE);
	if (!gtk_init_check(&argc, &argv)) {
		printf("no display: skipped\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
