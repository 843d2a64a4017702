#include "gui/bar-list.h"

#include <string.h>

#include "gui/i18n.h"
#include "gui/look.h"
#include "timeline/view/view-access.h"

enum { ROW = 24, EDGE = 12, GAP = 10, SHAPE = 9, INDENT = 20, BAR = 10, LEAST_BAR = 40, MOST_BAR = 420, NONE = G_MAXUINT };

struct _BarList {
	GtkDrawingArea parent;
	struct bar_row *rows;
	guint n, hover, selected; /* NONE: none */
	int amount_width, share_width;
	char *empty;
};
G_DEFINE_FINAL_TYPE(BarList, bar_list, GTK_TYPE_DRAWING_AREA)

enum { SIGNAL_ROW_ACTIVATED, SIGNAL_ROW_FOCUSED, SIGNAL_ROW_MENU, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- drawing ---- */

struct pen {
	BarList *self;
	cairo_t *cr;
	PangoLayout *layout;
	struct theme theme;
	int width;
	gboolean picture;
};

static void draw_text(struct pen *p, const char *text, double x, double y, int width, gboolean right, struct theme_colour c)
{
	int w, h;

	if (!text || width <= 0)
		return;
	pango_layout_set_text(p->layout, text, -1);
	pango_layout_set_width(p->layout, width * PANGO_SCALE);
	pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_MIDDLE);
	pango_layout_set_alignment(p->layout, right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_get_pixel_size(p->layout, &w, &h);
	theme_set(p->cr, c, 1);
	cairo_move_to(p->cr, x, y + (ROW - h) / 2.0);
	pango_cairo_show_layout(p->cr, p->layout);
}

static void set_weight(struct pen *p, PangoWeight weight)
{
	PangoAttrList *list = pango_attr_list_new();

	pango_attr_list_insert(list, pango_attr_weight_new(weight));
	pango_attr_list_insert(list, pango_attr_font_features_new("tnum=1"));
	pango_layout_set_attributes(p->layout, list);
	pango_attr_list_unref(list);
}

static void draw_back(struct pen *p, guint i, double y)
{
	GtkWidget *widget = GTK_WIDGET(p->self);

	if (p->picture || (i != p->self->hover && i != p->self->selected))
		return;
	theme_set(p->cr, i == p->self->selected ? p->theme.accent : p->theme.front, i == p->self->selected ? 0.16 : 0.06);
	cairo_rectangle(p->cr, 0, y, p->width, ROW);
	cairo_fill(p->cr);
	if (i == p->self->selected && gtk_widget_has_visible_focus(widget))
		gtk_render_focus(gtk_widget_get_style_context(widget), p->cr, 1, y + 1, p->width - 2, ROW - 2);
}

static void draw_bar(struct pen *p, const struct bar_row *r, double x, double y, double width)
{
	struct theme_colour c = r->category && r->category < EVENT_CATEGORY_COUNT ? p->theme.kinds[r->category]
	                                                                         : p->theme.accent;
	double w = MAX(width * CLAMP(r->part, 0, 1), 1);

	theme_set(p->cr, c, r->heading ? 0.45 : 0.85);
	theme_rounded(p->cr, x, y + (ROW - BAR) / 2.0, w, BAR, MIN(2, w / 2));
	cairo_fill(p->cr);
}

static void draw_row(struct pen *p, guint i)
{
	BarList *self = p->self;
	const struct bar_row *r = &self->rows[i];
	double y = i * ROW, x = EDGE + (r->heading || !r->category ? 0 : INDENT);
	int numbers = self->amount_width + (self->share_width ? self->share_width + GAP : 0), right = p->width - EDGE - numbers;
	int bar = CLAMP((right - EDGE) * 2 / 5, LEAST_BAR, MOST_BAR), label = right - GAP - bar - GAP - (int)x;

	draw_back(p, i, y);
	set_weight(p, r->heading ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
	if (r->heading && r->category) {
		theme_shape(p->cr, (enum event_category)r->category, x + SHAPE / 2.0, y + ROW / 2.0, SHAPE);
		theme_set(p->cr, p->theme.kinds[r->category % EVENT_CATEGORY_COUNT], 1);
		cairo_fill(p->cr);
		x += INDENT;
		label -= INDENT;
	}
	draw_text(p, r->label, x, y, label, FALSE, p->theme.front);
	draw_bar(p, r, right - GAP - bar, y, bar);
	draw_text(p, r->amount, right, y, self->amount_width, TRUE, p->theme.front);
	draw_text(p, r->share, right + self->amount_width + GAP, y, self->share_width, TRUE, p->theme.dim);
}

static void draw_all(BarList *self, cairo_t *cr, struct theme theme, gboolean picture)
{
	GtkWidget *widget = GTK_WIDGET(self);
	g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, NULL);
	struct pen p = { self, cr, layout, theme, gtk_widget_get_allocated_width(widget), picture };
	double x, top, right, bottom;

	cairo_clip_extents(cr, &x, &top, &right, &bottom);
	if (picture) {
		theme_set(cr, theme.back, 1);
		cairo_paint(cr);
	}
	if (self->n == 0)
		draw_text(&p, self->empty, EDGE, ROW / 2.0, p.width - 2 * EDGE, FALSE, theme.dim);
	for (guint i = (guint)MAX(top, 0) / ROW; i < self->n && i * ROW < bottom; i++)
		draw_row(&p, i);
}

static gboolean list_draw(GtkWidget *widget, cairo_t *cr)
{
	draw_all(BAR_LIST(widget), cr, look_theme(widget), FALSE);
	return GDK_EVENT_PROPAGATE;
}

void bar_list_draw_picture(BarList *self, cairo_t *cr, gboolean paper)
{
	struct theme theme = look_theme(GTK_WIDGET(self));

	if (paper)
		theme_init(&theme, false);
	draw_all(self, cr, theme, TRUE);
}

/* ---- choosing ---- */

static void show_row(BarList *self, guint i)
{
	GtkWidget *scrolled = gtk_widget_get_ancestor(GTK_WIDGET(self), GTK_TYPE_SCROLLED_WINDOW);

	if (scrolled)
		gtk_adjustment_clamp_page(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled)), i * ROW,
		                          (i + 1) * ROW);
}

static gboolean focus_row(BarList *self, guint i)
{
	if (self->n == 0)
		return GDK_EVENT_PROPAGATE;
	self->selected = MIN(i, self->n - 1);
	show_row(self, self->selected);
	gtk_widget_queue_draw(GTK_WIDGET(self));
	view_access_focus_moved(GTK_WIDGET(self));
	g_signal_emit(self, signals[SIGNAL_ROW_FOCUSED], 0, self->rows[self->selected].about);
	return GDK_EVENT_STOP;
}

static gboolean activate(BarList *self, guint i)
{
	if (i >= self->n)
		return GDK_EVENT_PROPAGATE;
	g_signal_emit(self, signals[SIGNAL_ROW_ACTIVATED], 0, self->rows[i].id);
	return GDK_EVENT_STOP;
}

static gboolean popup(BarList *self, guint i, GdkEvent *event)
{
	GdkRectangle place = { EDGE, (int)i * ROW, INDENT, ROW };
	GtkWidget *menu;
	g_autoptr(GList) items = NULL;

	if (i >= self->n)
		return GDK_EVENT_PROPAGATE;
	menu = gtk_menu_new();
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	g_signal_emit(self, signals[SIGNAL_ROW_MENU], 0, self->rows[i].id, menu);
	items = gtk_container_get_children(GTK_CONTAINER(menu));
	if (!items) {
		gtk_widget_destroy(menu);
		return GDK_EVENT_PROPAGATE;
	}
	gtk_widget_show_all(menu);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_rect(GTK_MENU(menu), gtk_widget_get_window(GTK_WIDGET(self)), &place, GDK_GRAVITY_SOUTH_WEST,
		                       GDK_GRAVITY_NORTH_WEST, NULL);
	return GDK_EVENT_STOP;
}

/* ---- pointer and keys ---- */

static guint row_at(BarList *self, double y)
{
	return y < 0 || y >= self->n * (double)ROW ? NONE : (guint)y / ROW;
}

static gboolean list_motion(GtkWidget *widget, GdkEventMotion *e)
{
	BarList *self = BAR_LIST(widget);
	guint hover = row_at(self, e->y);

	if (hover != self->hover) {
		self->hover = hover;
		gtk_widget_queue_draw(widget);
	}
	return GDK_EVENT_PROPAGATE;
}

static gboolean list_leave(GtkWidget *widget, GdkEventCrossing *e)
{
	BAR_LIST(widget)->hover = NONE;
	gtk_widget_queue_draw(widget);
	return GDK_EVENT_PROPAGATE;
}

static gboolean list_button_press(GtkWidget *widget, GdkEventButton *e)
{
	BarList *self = BAR_LIST(widget);
	guint i = row_at(self, e->y);

	gtk_widget_grab_focus(widget);
	if (i == NONE)
		return GDK_EVENT_PROPAGATE;
	focus_row(self, i);
	if (e->type == GDK_2BUTTON_PRESS && e->button == GDK_BUTTON_PRIMARY)
		return activate(self, i);
	return gdk_event_triggers_context_menu((GdkEvent *)e) ? popup(self, i, (GdkEvent *)e) : GDK_EVENT_STOP;
}

static gboolean list_key_press(GtkWidget *widget, GdkEventKey *e)
{
	BarList *self = BAR_LIST(widget);
	guint at = self->selected == NONE ? 0 : self->selected, page = 10;

	if (e->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK))
		return GDK_EVENT_PROPAGATE;
	switch (e->keyval) {
	case GDK_KEY_Up: case GDK_KEY_KP_Up: return focus_row(self, at ? at - 1 : 0);
	case GDK_KEY_Down: case GDK_KEY_KP_Down: return focus_row(self, self->selected == NONE ? 0 : at + 1);
	case GDK_KEY_Page_Up: return focus_row(self, at > page ? at - page : 0);
	case GDK_KEY_Page_Down: return focus_row(self, at + page);
	case GDK_KEY_Home: return focus_row(self, 0);
	case GDK_KEY_End: return focus_row(self, G_MAXINT);
	case GDK_KEY_Return: case GDK_KEY_KP_Enter: return activate(self, self->selected);
	case GDK_KEY_Menu: return popup(self, self->selected, NULL);
	default: return GDK_EVENT_PROPAGATE;
	}
}

static gboolean list_popup_menu(GtkWidget *widget)
{
	return popup(BAR_LIST(widget), BAR_LIST(widget)->selected, NULL);
}

static gboolean list_focus(GtkWidget *widget, GdkEventFocus *e)
{
	BarList *self = BAR_LIST(widget);

	if (e->in && self->selected == NONE && self->n)
		self->selected = 0;
	gtk_widget_queue_draw(widget);
	return GDK_EVENT_PROPAGATE;
}

static gboolean list_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
	BarList *self = BAR_LIST(widget);
	guint i = keyboard ? self->selected : row_at(self, y);
	GdkRectangle area = { 0, (int)i * ROW, gtk_widget_get_allocated_width(widget), ROW };

	if (i >= self->n || !self->rows[i].about)
		return FALSE;
	gtk_tooltip_set_text(tooltip, self->rows[i].about);
	gtk_tooltip_set_tip_area(tooltip, &area);
	return TRUE;
}

/* ---- assistive technology ---- */

static size_t access_n(GtkWidget *view)
{
	return BAR_LIST(view)->n;
}

static void access_name(GtkWidget *view, size_t i, struct buf *out)
{
	BarList *self = BAR_LIST(view);

	if (i < self->n)
		buf_add_z(out, self->rows[i].about ? self->rows[i].about : self->rows[i].label);
}

static gboolean access_place(GtkWidget *view, size_t i, cairo_rectangle_t *ret)
{
	*ret = (cairo_rectangle_t){ 0, (double)i * ROW, gtk_widget_get_allocated_width(view), ROW };
	return i < BAR_LIST(view)->n;
}

static gboolean access_activate(GtkWidget *view, size_t i)
{
	return activate(BAR_LIST(view), (guint)i);
}

static size_t access_focused(GtkWidget *view)
{
	return BAR_LIST(view)->selected == NONE ? SIZE_MAX : BAR_LIST(view)->selected;
}

static void access_about(GtkWidget *view, struct buf *out)
{
	BarList *self = BAR_LIST(view);

	if (self->n == 0 && self->empty)
		buf_add_z(out, self->empty);
}

static const struct view_access_calls access_calls = {
	.role_name = N_("Bars"), .role = ATK_ROLE_LIST, .item_role = ATK_ROLE_LIST_ITEM, .n_items = access_n, .name = access_name,
	.place = access_place, .activate = access_activate, .focused = access_focused, .about = access_about,
};

/* ---- the type ---- */

static void clear_rows(BarList *self)
{
	for (guint i = 0; i < self->n; i++) {
		g_free(self->rows[i].label);
		g_free(self->rows[i].amount);
		g_free(self->rows[i].share);
		g_free(self->rows[i].about);
	}
	g_clear_pointer(&self->rows, g_free);
	self->n = 0;
}

static void list_finalize(GObject *object)
{
	clear_rows(BAR_LIST(object));
	g_free(BAR_LIST(object)->empty);
	G_OBJECT_CLASS(bar_list_parent_class)->finalize(object);
}

static void bar_list_class_init(BarListClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	GType type = G_OBJECT_CLASS_TYPE(class);

	G_OBJECT_CLASS(class)->finalize = list_finalize;
	widget->draw = list_draw;
	widget->motion_notify_event = list_motion;
	widget->leave_notify_event = list_leave;
	widget->button_press_event = list_button_press;
	widget->key_press_event = list_key_press;
	widget->popup_menu = list_popup_menu;
	widget->focus_in_event = list_focus;
	widget->focus_out_event = list_focus;
	widget->query_tooltip = list_tooltip;
	signals[SIGNAL_ROW_ACTIVATED] = g_signal_new("row-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                             G_TYPE_NONE, 1, G_TYPE_UINT);
	signals[SIGNAL_ROW_FOCUSED] = g_signal_new("row-focused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                           G_TYPE_STRING);
	signals[SIGNAL_ROW_MENU] = g_signal_new("row-menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
	                                        G_TYPE_UINT, GTK_TYPE_MENU);
	view_access_install(widget, &access_calls);
}

static void bar_list_init(BarList *self)
{
	GtkWidget *widget = GTK_WIDGET(self);

	self->hover = self->selected = NONE;
	gtk_widget_set_can_focus(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	gtk_widget_add_events(widget, GDK_BUTTON_PRESS_MASK | GDK_POINTER_MOTION_MASK | GDK_LEAVE_NOTIFY_MASK |
	                              GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
}

GtkWidget *bar_list_new(const char *name)
{
	GtkWidget *self = g_object_new(BAR_TYPE_LIST, NULL);

	atk_object_set_name(gtk_widget_get_accessible(self), name);
	return self;
}

static int width_of(BarList *self, const char *text)
{
	g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
	int w, h;

	pango_layout_get_pixel_size(layout, &w, &h);
	return w + w / 6; /* headings are bolder */
}

void bar_list_set_rows(BarList *self, const struct bar_row *rows, guint n, const char *empty)
{
	clear_rows(self);
	self->rows = g_memdup2(rows, n * sizeof(*rows));
	self->n = n;
	self->hover = self->selected = NONE;
	self->amount_width = self->share_width = 0;
	for (guint i = 0; i < n; i++) {
		self->amount_width = MAX(self->amount_width, width_of(self, rows[i].amount));
		if (rows[i].share)
			self->share_width = MAX(self->share_width, width_of(self, rows[i].share));
	}
	g_free(self->empty);
	self->empty = g_strdup(empty);
	gtk_widget_set_size_request(GTK_WIDGET(self), 280, (int)MAX(n, 2) * ROW);
	gtk_widget_queue_draw(GTK_WIDGET(self));
	view_access_changed(GTK_WIDGET(self));
}
