#include "timeline/view/tree-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "agent/base/buf.h"
#include "timeline/view/tree-stage.h"
#include "timeline/view/view-access.h"
#include "timeline/view/view-pointer.h"
#include "timeline/view/words.h"

enum { MIN_W = 200, MIN_H = 120, PAN = 60, GLIDE_US = 140000 };

struct _TreeView {
	GtkDrawingArea parent_instance;
	struct tree_stage *stage;
	struct view_pointer pointer;
	guint tick;        /* of an animation that runs, 0 none */
	gint64 began_us;
};

G_DEFINE_TYPE(TreeView, tree_view, GTK_TYPE_DRAWING_AREA)

enum { PROCESS_ACTIVATED, RECENTRE, SELECTION_CHANGED, MORE_REQUESTED, FIND_REQUESTED, POPULATE_MENU, N_SIGNALS };
static guint signals[N_SIGNALS];

static void changed(TreeView *self)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
	view_access_changed(GTK_WIDGET(self));
}

static gboolean view_draw(GtkWidget *widget, cairo_t *cr)
{
	tree_draw(TREE_VIEW(widget)->stage, cr);
	return GDK_EVENT_PROPAGATE;
}

static void take_look(TreeView *self)
{
	struct theme theme;
	PangoContext *context = view_pointer_look(GTK_WIDGET(self), &theme);

	tree_stage_set_look(self->stage, &theme, context);
	g_object_unref(context);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void view_style_updated(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(tree_view_parent_class)->style_updated(widget);
	take_look(TREE_VIEW(widget));
}

static void view_size_allocate(GtkWidget *widget, GtkAllocation *a)
{
	GTK_WIDGET_CLASS(tree_view_parent_class)->size_allocate(widget, a);
	tree_stage_set_size(TREE_VIEW(widget)->stage, a->width, a->height);
	changed(TREE_VIEW(widget));
}

static void view_preferred_width(GtkWidget *widget, int *least, int *natural)
{
	*least = MIN_W;
	*natural = MIN_W * 2;
}

static void view_preferred_height(GtkWidget *widget, int *least, int *natural)
{
	*least = MIN_H;
	*natural = MIN_H * 2;
}

/* ---- doing ---- */

static const struct treelayout_item *item_at(const TreeView *self, uint32_t i)
{
	return i < self->stage->layout.n ? &self->stage->layout.items[i] : NULL;
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
	TreeView *self = TREE_VIEW(widget);
	gint64 now = gdk_frame_clock_get_frame_time(clock);
	double part;

	if (!self->began_us)
		self->began_us = now;
	part = (double)(now - self->began_us) / GLIDE_US;
	tree_stage_animate(self->stage, part);
	gtk_widget_queue_draw(widget);
	if (part < 1)
		return G_SOURCE_CONTINUE;
	self->tick = 0;
	view_access_changed(widget);
	return G_SOURCE_REMOVE;
}

/* After the layout has changed: the stage has put things where they were, if they are to glide. */
static void glide(TreeView *self)
{
	self->began_us = 0;
	if (self->stage->from_y && !self->tick)
		self->tick = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_tick, NULL, NULL);
	changed(self);
}

static void want_animation(TreeView *self)
{
	gboolean wanted = FALSE;

	g_object_get(gtk_widget_get_settings(GTK_WIDGET(self)), "gtk-enable-animations", &wanted, NULL);
	self->stage->animated = wanted && gtk_widget_get_mapped(GTK_WIDGET(self));
}

static gboolean toggle(TreeView *self, uint32_t i)
{
	if (!tree_stage_can_fold(self->stage, i))
		return FALSE;
	want_animation(self);
	tree_stage_toggle(self->stage, i);
	glide(self);
	return TRUE;
}

/* Groups open, nodes open their page, or (recentre) become the middle. */
static gboolean activate(TreeView *self, uint32_t i, gboolean recentre)
{
	const struct treelayout_item *it = item_at(self, i);
	int64_t process;

	if (!it)
		return FALSE;
	if (it->role == TREELAYOUT_MORE) {
		self->stage->selected = i;
		g_signal_emit(self, signals[MORE_REQUESTED], 0, it->column > item_at(self, self->stage->layout.self)->column);
		return TRUE;
	}
	if (it->role == TREELAYOUT_GROUP)
		return toggle(self, i);
	process = self->stage->tree.nodes[it->node].process;
	g_signal_emit(self, signals[recentre && it->role != TREELAYOUT_SELF ? RECENTRE : PROCESS_ACTIVATED], 0, process);
	return TRUE;
}

static void select_item(TreeView *self, uint32_t i)
{
	const struct treelayout_item *it = item_at(self, i);

	self->stage->selected = i;
	changed(self);
	view_access_focus_moved(GTK_WIDGET(self));
	if (it && it->role != TREELAYOUT_GROUP && it->role != TREELAYOUT_MORE)
		g_signal_emit(self, signals[SELECTION_CHANGED], 0, self->stage->tree.nodes[it->node].process);
}

/* ---- pointer ---- */

static gboolean view_scroll(GtkWidget *widget, GdkEventScroll *e)
{
	TreeView *self = TREE_VIEW(widget);
	double dx, dy;

	view_pointer_wheel(e, &dx, &dy);
	if (e->state & GDK_SHIFT_MASK)
		tree_stage_pan(self->stage, -dx * 60, -dy * 60);
	else if (fabs(dx) > fabs(dy))
		tree_stage_pan(self->stage, -dx * 60, 0);
	else
		tree_stage_zoom(self->stage, e->x, e->y, pow(1.2, -dy));
	changed(self);
	return GDK_EVENT_STOP;
}

static gboolean on_sign(const TreeView *self, uint32_t i, double x, double y)
{
	cairo_rectangle_t r;

	return tree_stage_fold_place(self->stage, i, &r) && x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
}

/* The sign reaches a little past its node. */
static uint32_t sign_at(const TreeView *self, double x, double y)
{
	uint32_t i = tree_stage_hit(self->stage, x, y);

	i = i == TREELAYOUT_NONE ? tree_stage_hit(self->stage, x - 8, y) : i;
	return i != TREELAYOUT_NONE && on_sign(self, i, x, y) ? i : TREELAYOUT_NONE;
}

static void popup_menu(TreeView *self, const GdkEvent *event)
{
	GtkWidget *menu = gtk_menu_new();

	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_emit(self, signals[POPULATE_MENU], 0, menu);
	g_signal_connect_after(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	gtk_widget_show_all(menu);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(GTK_MENU(menu), GTK_WIDGET(self), GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}

/* By the first click. */
static gboolean opens_at_once(const struct treelayout_item *it)
{
	return it->role == TREELAYOUT_GROUP || it->role == TREELAYOUT_MORE;
}

static gboolean view_button_press(GtkWidget *widget, GdkEventButton *e)
{
	TreeView *self = TREE_VIEW(widget);
	uint32_t i = tree_stage_hit(self->stage, e->x, e->y);
	const struct treelayout_item *it = item_at(self, i);

	if (e->button == GDK_BUTTON_SECONDARY && e->type == GDK_BUTTON_PRESS) {
		gtk_widget_grab_focus(widget);
		if (it)
			select_item(self, i);
		popup_menu(self, (const GdkEvent *)e);
		return GDK_EVENT_STOP;
	}
	if (e->button != GDK_BUTTON_PRIMARY)
		return GDK_EVENT_PROPAGATE;
	view_pointer_press(&self->pointer, widget, e);
	if (e->type == GDK_2BUTTON_PRESS && it && !opens_at_once(it) && !on_sign(self, i, e->x, e->y))
		activate(self, i, TRUE);
	return GDK_EVENT_STOP;
}

static gboolean view_button_release(GtkWidget *widget, GdkEventButton *e)
{
	TreeView *self = TREE_VIEW(widget);
	uint32_t sign = sign_at(self, e->x, e->y), i = tree_stage_hit(self->stage, e->x, e->y);
	const struct treelayout_item *it = item_at(self, i);

	if (!view_pointer_release(&self->pointer, widget, e))
		return GDK_EVENT_PROPAGATE;
	if (self->pointer.dragged || (!it && sign == TREELAYOUT_NONE))
		return GDK_EVENT_STOP;
	if (sign != TREELAYOUT_NONE) {
		toggle(self, sign);
		return GDK_EVENT_STOP;
	}
	select_item(self, i);
	if (opens_at_once(it))
		activate(self, i, FALSE);
	return GDK_EVENT_STOP;
}

static gboolean view_motion(GtkWidget *widget, GdkEventMotion *e)
{
	TreeView *self = TREE_VIEW(widget);
	double dx, dy;
	uint32_t hover;

	if (view_pointer_drag(&self->pointer, widget, e, "grabbing", &dx, &dy)) {
		tree_stage_pan(self->stage, dx, dy);
		changed(self);
	}
	hover = tree_stage_hit(self->stage, e->x, e->y);
	if (hover != self->stage->hover) {
		self->stage->hover = hover;
		gtk_widget_queue_draw(widget);
	}
	return GDK_EVENT_STOP;
}

static gboolean view_leave(GtkWidget *widget, GdkEventCrossing *e)
{
	TREE_VIEW(widget)->stage->hover = TREELAYOUT_NONE;
	gtk_widget_queue_draw(widget);
	return GDK_EVENT_PROPAGATE;
}

static gboolean view_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
	TreeView *self = TREE_VIEW(widget);
	uint32_t i = keyboard ? self->stage->selected : tree_stage_hit(self->stage, x, y);
	AUTO_BUF b = BUF_INIT;

	if (i >= self->stage->layout.n || self->pointer.button)
		return FALSE;
	tree_stage_describe(self->stage, i, true, &b);
	view_pointer_tip(tip, &b, tree_stage_place(self->stage, i));
	return TRUE;
}

/* ---- keyboard ---- */

static gboolean walk(TreeView *self, enum tree_step step)
{
	uint32_t to = tree_stage_step(self->stage, self->stage->selected, step);

	if (to != TREELAYOUT_NONE) {
		select_item(self, to);
		tree_stage_reveal(self->stage, to);
	}
	return GDK_EVENT_STOP;
}

static gboolean zoom_key(TreeView *self, double factor)
{
	struct tree_stage *t = self->stage;
	double x = t->width / 2.0, y = t->height / 2.0;

	if (t->selected < t->layout.n) {
		cairo_rectangle_t r = tree_stage_place(t, t->selected);

		if (r.x >= 0 && r.x < t->width && r.y >= 0 && r.y < t->height) {
			x = r.x + r.width / 2;
			y = r.y + r.height / 2;
		}
	}
	tree_stage_zoom(t, x, y, factor);
	changed(self);
	return GDK_EVENT_STOP;
}

static gboolean pan(TreeView *self, double dx, double dy)
{
	tree_stage_pan(self->stage, dx, dy);
	changed(self);
	return GDK_EVENT_STOP;
}

/* Moves what is seen, not what is chosen. */
static gboolean pan_key(TreeView *self, guint value, gboolean shift)
{
	double page = self->stage->height * 0.8;

	switch (value) {
	case GDK_KEY_Page_Up: case GDK_KEY_KP_Page_Up: return pan(self, 0, page);
	case GDK_KEY_Page_Down: case GDK_KEY_KP_Page_Down: return pan(self, 0, -page);
	case GDK_KEY_Left: return shift ? pan(self, PAN, 0) : GDK_EVENT_PROPAGATE;
	case GDK_KEY_Right: return shift ? pan(self, -PAN, 0) : GDK_EVENT_PROPAGATE;
	case GDK_KEY_Up: return shift ? pan(self, 0, PAN) : GDK_EVENT_PROPAGATE;
	case GDK_KEY_Down: return shift ? pan(self, 0, -PAN) : GDK_EVENT_PROPAGATE;
	default: return GDK_EVENT_PROPAGATE;
	}
}

static gboolean view_key_press(GtkWidget *widget, GdkEventKey *e)
{
	TreeView *self = TREE_VIEW(widget);
	GdkModifierType mods = e->state & gtk_accelerator_get_default_mod_mask();

	if (gdk_keyval_to_lower(e->keyval) == GDK_KEY_f && !(mods & ~(guint)(GDK_SHIFT_MASK | GDK_CONTROL_MASK))) {
		g_signal_emit(self, signals[FIND_REQUESTED], 0);
		return GDK_EVENT_STOP;
	}
	if (mods & ~(guint)GDK_SHIFT_MASK)
		return GDK_EVENT_PROPAGATE;
	if (e->keyval == GDK_KEY_F10 && mods == GDK_SHIFT_MASK) {
		popup_menu(self, NULL);
		return GDK_EVENT_STOP;
	}
	if (pan_key(self, e->keyval, mods == GDK_SHIFT_MASK))
		return GDK_EVENT_STOP;
	switch (e->keyval) {
	case GDK_KEY_z: case GDK_KEY_Z: return toggle(self, self->stage->selected);
	case GDK_KEY_Menu: popup_menu(self, NULL); return GDK_EVENT_STOP;
	case GDK_KEY_Left: case GDK_KEY_KP_Left: return walk(self, TREE_LEFT);
	case GDK_KEY_Right: case GDK_KEY_KP_Right: return walk(self, TREE_RIGHT);
	case GDK_KEY_Up: case GDK_KEY_KP_Up: return walk(self, TREE_UP);
	case GDK_KEY_Down: case GDK_KEY_KP_Down: return walk(self, TREE_DOWN);
	case GDK_KEY_Home: case GDK_KEY_KP_Home:
		select_item(self, self->stage->layout.self);
		tree_stage_centre(self->stage, self->stage->layout.self);
		return GDK_EVENT_STOP;
	case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add: return zoom_key(self, 1.25);
	case GDK_KEY_minus: case GDK_KEY_KP_Subtract: return zoom_key(self, 1 / 1.25);
	case GDK_KEY_0: case GDK_KEY_KP_0: tree_view_fit(self); return GDK_EVENT_STOP;
	case GDK_KEY_Return: case GDK_KEY_KP_Enter: return activate(self, self->stage->selected, FALSE);
	case GDK_KEY_space: return activate(self, self->stage->selected, TRUE);
	case GDK_KEY_Escape:
		if (self->stage->selected == self->stage->layout.self)
			return GDK_EVENT_PROPAGATE;
		select_item(self, self->stage->layout.self);
		tree_stage_reveal(self->stage, self->stage->layout.self);
		return GDK_EVENT_STOP;
	default: return GDK_EVENT_PROPAGATE;
	}
}

static gboolean view_focus_change(GtkWidget *widget, GdkEventFocus *e)
{
	TREE_VIEW(widget)->stage->has_focus = e->in != 0;
	gtk_widget_queue_draw(widget);
	return GDK_EVENT_PROPAGATE;
}

/* ---- assistive technology ---- */

static size_t access_n(GtkWidget *view)
{
	return TREE_VIEW(view)->stage->layout.n;
}

static void access_item_name(GtkWidget *view, size_t i, struct buf *out)
{
	tree_stage_describe(TREE_VIEW(view)->stage, (uint32_t)i, false, out);
}

static gboolean access_place(GtkWidget *view, size_t i, cairo_rectangle_t *ret)
{
	const struct tree_stage *t = TREE_VIEW(view)->stage;

	if (i >= t->layout.n)
		return FALSE;
	*ret = tree_stage_place(t, (uint32_t)i);
	return ret->x < t->width && ret->x + ret->width > 0 && ret->y < t->height && ret->y + ret->height > 0;
}

static gboolean access_activate(GtkWidget *view, size_t i)
{
	return activate(TREE_VIEW(view), (uint32_t)i, FALSE);
}

static size_t access_focused(GtkWidget *view)
{
	uint32_t i = TREE_VIEW(view)->stage->selected;

	return i == TREELAYOUT_NONE ? SIZE_MAX : i;
}

static void access_about(GtkWidget *view, struct buf *out)
{
	const struct tree_stage *t = TREE_VIEW(view)->stage;
	uint64_t ancestors = t->tree.n_ancestors, peers = t->tree.n_peers + t->tree.peers_left_out;

	if (t->layout.n == 0) {
		buf_add_z(out, _("No process chosen."));
		return;
	}
	tree_stage_describe(t, t->layout.self, false, out);
	buf_add_z(out, ". ");
	buf_printf(out, ngettext("%s ancestor.", "%s ancestors.", ancestors), WORDS_NUMBER(ancestors));
	buf_add_char(out, ' ');
	buf_printf(out, ngettext("%s peer.", "%s peers.", peers), WORDS_NUMBER(peers));
}

static const struct view_access_calls access_calls = {
	.role_name = N_("Process tree"), .role = ATK_ROLE_TREE, .item_role = ATK_ROLE_TREE_ITEM, .n_items = access_n,
	.name = access_item_name, .place = access_place, .activate = access_activate, .focused = access_focused,
	.about = access_about,
};

/* ---- the type ---- */

static void view_finalize(GObject *object)
{
	tree_stage_free(TREE_VIEW(object)->stage);
	G_OBJECT_CLASS(tree_view_parent_class)->finalize(object);
}

static void tree_view_class_init(TreeViewClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	GType type = G_OBJECT_CLASS_TYPE(class);

	G_OBJECT_CLASS(class)->finalize = view_finalize;
	widget->draw = view_draw;
	widget->style_updated = view_style_updated;
	widget->size_allocate = view_size_allocate;
	widget->get_preferred_width = view_preferred_width;
	widget->get_preferred_height = view_preferred_height;
	widget->scroll_event = view_scroll;
	widget->button_press_event = view_button_press;
	widget->button_release_event = view_button_release;
	widget->motion_notify_event = view_motion;
	widget->leave_notify_event = view_leave;
	widget->key_press_event = view_key_press;
	widget->focus_in_event = view_focus_change;
	widget->focus_out_event = view_focus_change;
	widget->query_tooltip = view_tooltip;
	signals[PROCESS_ACTIVATED] = g_signal_new("process-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[RECENTRE] = g_signal_new("recentre", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                 G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SELECTION_CHANGED] = g_signal_new("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[MORE_REQUESTED] = g_signal_new("more-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
	signals[FIND_REQUESTED] = g_signal_new("find-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[POPULATE_MENU] = g_signal_new("populate-menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                      1, GTK_TYPE_MENU);
	view_access_install(widget, &access_calls);
}

static void tree_view_init(TreeView *self)
{
	self->stage = tree_stage_new();
	view_pointer_init(GTK_WIDGET(self));
	take_look(self);
}

GtkWidget *tree_view_new(void)
{
	return g_object_new(TREE_TYPE_VIEW, NULL);
}

void tree_view_set_tree(TreeView *self, const struct reader_tree *tree)
{
	tree_stage_set_tree(self->stage, tree);
	changed(self);
}

int64_t tree_view_get_selected(TreeView *self)
{
	const struct treelayout_item *it = item_at(self, self->stage->selected);

	return it && it->role != TREELAYOUT_GROUP && it->role != TREELAYOUT_MORE ? self->stage->tree.nodes[it->node].process : 0;
}

char *tree_view_describe_selected(TreeView *self)
{
	AUTO_BUF words = BUF_INIT;

	tree_stage_describe(self->stage, self->stage->selected, false, &words);
	return g_strndup(words.n ? words.p : "", words.n);
}

int64_t tree_view_get_above(TreeView *self)
{
	const struct tree_stage *t = self->stage;
	const struct treelayout_item *it = item_at(self, t->selected), *above;

	if (!it || t->selected <= t->layout.columns[it->column].first)
		return 0;
	above = &t->layout.items[t->selected - 1];
	return above->role == TREELAYOUT_MORE ? 0 : t->tree.nodes[above->node].process;
}

void tree_view_select(TreeView *self, int64_t process)
{
	uint32_t i = self->stage->tree.n ? treelayout_find(&self->stage->layout, &self->stage->tree, process)
	                                 : TREELAYOUT_NONE;

	if (i == TREELAYOUT_NONE)
		return;
	if (i == self->stage->selected)
		return;
	self->stage->selected = i;
	tree_stage_reveal(self->stage, i);
	changed(self);
}

void tree_view_zoom(TreeView *self, double factor)
{
	tree_stage_zoom(self->stage, self->stage->width / 2.0, self->stage->height / 2.0, factor);
	changed(self);
}

void tree_view_fit(TreeView *self)
{
	tree_stage_fit(self->stage);
	changed(self);
}

void tree_view_set_instant(TreeView *self, int64_t ms)
{
	want_animation(self);
	tree_stage_set_instant(self->stage, ms == G_MAXINT64 ? TREELAYOUT_ALWAYS : ms);
	glide(self);
}

size_t tree_view_find(TreeView *self, const char *text)
{
	size_t n = tree_stage_find(self->stage, text);

	changed(self);
	return n;
}

gboolean tree_view_find_step(TreeView *self, int by)
{
	gboolean there;

	self->stage->animated = FALSE;
	there = tree_stage_find_step(self->stage, by);
	changed(self);
	if (there)
		select_item(self, self->stage->selected);
	return there;
}

void tree_view_set_colour(TreeView *self, const char *by)
{
	static const char *const names[] = { "plain", "user", "kind", "hits" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_strcmp0(by, names[i]) == 0)
			self->stage->colour = (enum tree_colour)i;
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void tree_view_set_tallies(TreeView *self, const struct tree_tally *tallies, size_t n)
{
	tree_stage_set_tallies(self->stage, tallies, n);
	changed(self);
}

void tree_view_set_note(TreeView *self, const char *note)
{
	g_free(self->stage->note);
	self->stage->note = g_strdup(note);
	changed(self);
}

gboolean tree_view_get_span(TreeView *self, int64_t *ret_from, int64_t *ret_to)
{
	const struct reader_tree *t = &self->stage->tree;
	int64_t from = INT64_MAX, to = INT64_MIN;

	for (size_t i = 0; i < t->n; i++) {
		from = MIN(from, t->nodes[i].start_ms);
		to = MAX(to, MAX(t->nodes[i].start_ms, t->nodes[i].end_ms));
	}
	if (from > to)
		return FALSE;
	*ret_from = from;
	*ret_to = to;
	return TRUE;
}

void tree_view_draw_picture(TreeView *self, cairo_t *cr, gboolean paper)
{
	struct tree_stage *t = self->stage;
	struct theme theme = t->theme;
	uint32_t hover = t->hover;
	bool focus = t->has_focus;

	t->hover = TREELAYOUT_NONE;
	t->has_focus = false;
	if (paper)
		theme_init(&t->theme, false);
	tree_draw(t, cr);
	t->theme = theme;
	t->hover = hover;
	t->has_focus = focus;
}
