#include "timeline/view/view-access.h"

#include <glib/gi18n.h>

enum { MAX_ITEMS = 10000 }; /* what a screen reader can be asked to walk */

static GQuark calls_quark(void)
{
	return g_quark_from_static_string("view-access-calls");
}

static const struct view_access_calls *calls_of(GtkWidget *view)
{
	return g_type_get_qdata(G_OBJECT_TYPE(view), calls_quark());
}

/* ---- an item ---- */

#define VIEW_TYPE_ACCESS_ITEM (view_access_item_get_type())
G_DECLARE_FINAL_TYPE(ViewAccessItem, view_access_item, VIEW, ACCESS_ITEM, AtkObject)

struct _ViewAccessItem {
	AtkObject parent_instance;
	GtkWidget *view; /* weak: NULL once it is gone */
	size_t number;
	char *name;
};

static void item_component(AtkComponentIface *iface);
static void item_action(AtkActionIface *iface);

G_DEFINE_TYPE_WITH_CODE(ViewAccessItem, view_access_item, ATK_TYPE_OBJECT,
                        G_IMPLEMENT_INTERFACE(ATK_TYPE_COMPONENT, item_component)
                        G_IMPLEMENT_INTERFACE(ATK_TYPE_ACTION, item_action))

static const char *item_get_name(AtkObject *object)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(object);
	AUTO_BUF b = BUF_INIT;

	if (!self->view)
		return "";
	calls_of(self->view)->name(self->view, self->number, &b);
	g_free(self->name);
	self->name = g_utf8_make_valid(b.p ? b.p : "", (gssize)b.n);
	return self->name;
}

static AtkObject *item_get_parent(AtkObject *object)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(object);

	return self->view ? gtk_widget_get_accessible(self->view) : NULL;
}

static int item_get_index(AtkObject *object)
{
	return (int)VIEW_ACCESS_ITEM(object)->number;
}

static AtkRole item_get_role(AtkObject *object)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(object);

	return self->view ? calls_of(self->view)->item_role : ATK_ROLE_UNKNOWN;
}

static AtkStateSet *item_ref_states(AtkObject *object)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(object);
	AtkStateSet *set = ATK_OBJECT_CLASS(view_access_item_parent_class)->ref_state_set(object);
	cairo_rectangle_t r;

	if (!self->view) {
		atk_state_set_add_state(set, ATK_STATE_DEFUNCT);
		return set;
	}
	atk_state_set_add_state(set, ATK_STATE_ENABLED);
	atk_state_set_add_state(set, ATK_STATE_SENSITIVE);
	atk_state_set_add_state(set, ATK_STATE_FOCUSABLE);
	atk_state_set_add_state(set, ATK_STATE_SELECTABLE);
	if (calls_of(self->view)->place(self->view, self->number, &r)) {
		atk_state_set_add_state(set, ATK_STATE_VISIBLE);
		atk_state_set_add_state(set, ATK_STATE_SHOWING);
	}
	if (calls_of(self->view)->focused(self->view) == self->number) {
		atk_state_set_add_state(set, ATK_STATE_FOCUSED);
		atk_state_set_add_state(set, ATK_STATE_SELECTED);
	}
	return set;
}

static void item_extents(AtkComponent *component, int *x, int *y, int *w, int *h, AtkCoordType type)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(component);
	cairo_rectangle_t r = { 0 };
	int vx = 0, vy = 0, vw, vh;

	*x = *y = G_MININT;
	*w = *h = 0;
	if (!self->view || !calls_of(self->view)->place(self->view, self->number, &r))
		return;
	atk_component_get_extents(ATK_COMPONENT(gtk_widget_get_accessible(self->view)), &vx, &vy, &vw, &vh, type);
	*x = vx + (int)r.x;
	*y = vy + (int)r.y;
	*w = (int)r.width;
	*h = (int)r.height;
}

static void item_component(AtkComponentIface *iface)
{
	iface->get_extents = item_extents;
}

static gboolean item_do_action(AtkAction *action, int i)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(action);

	return i == 0 && self->view && calls_of(self->view)->activate(self->view, self->number);
}

static int item_n_actions(AtkAction *action)
{
	return 1;
}

static const char *item_action_name(AtkAction *action, int i)
{
	return i == 0 ? "activate" : NULL;
}

static void item_action(AtkActionIface *iface)
{
	iface->do_action = item_do_action;
	iface->get_n_actions = item_n_actions;
	iface->get_name = item_action_name;
}

static void item_finalize(GObject *object)
{
	ViewAccessItem *self = VIEW_ACCESS_ITEM(object);

	if (self->view)
		g_object_remove_weak_pointer(G_OBJECT(self->view), (gpointer *)&self->view);
	g_free(self->name);
	G_OBJECT_CLASS(view_access_item_parent_class)->finalize(object);
}

static void view_access_item_class_init(ViewAccessItemClass *class)
{
	AtkObjectClass *atk = ATK_OBJECT_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = item_finalize;
	atk->get_name = item_get_name;
	atk->get_parent = item_get_parent;
	atk->get_index_in_parent = item_get_index;
	atk->get_role = item_get_role;
	atk->ref_state_set = item_ref_states;
}

static void view_access_item_init(ViewAccessItem *self)
{
}

static AtkObject *item_new(GtkWidget *view, size_t number)
{
	ViewAccessItem *self = g_object_new(VIEW_TYPE_ACCESS_ITEM, NULL);

	self->view = view;
	self->number = number;
	g_object_add_weak_pointer(G_OBJECT(view), (gpointer *)&self->view);
	return ATK_OBJECT(self);
}

/* ---- the view ---- */

struct _ViewAccess {
	GtkWidgetAccessible parent_instance;
	char *description;
};

G_DEFINE_TYPE(ViewAccess, view_access, GTK_TYPE_WIDGET_ACCESSIBLE)

static int access_n_children(AtkObject *object)
{
	GtkWidget *view = gtk_accessible_get_widget(GTK_ACCESSIBLE(object));
	size_t n = view ? calls_of(view)->n_items(view) : 0;

	return (int)MIN(n, MAX_ITEMS);
}

static AtkObject *access_ref_child(AtkObject *object, int i)
{
	GtkWidget *view = gtk_accessible_get_widget(GTK_ACCESSIBLE(object));

	return i >= 0 && i < access_n_children(object) ? item_new(view, (size_t)i) : NULL;
}

static const char *access_description(AtkObject *object)
{
	ViewAccess *self = VIEW_ACCESS(object);
	GtkWidget *view = gtk_accessible_get_widget(GTK_ACCESSIBLE(object));
	AUTO_BUF b = BUF_INIT;

	if (!view)
		return NULL;
	calls_of(view)->about(view, &b);
	g_free(self->description);
	self->description = g_utf8_make_valid(b.p ? b.p : "", (gssize)b.n);
	return self->description;
}

static void access_initialize(AtkObject *object, gpointer data)
{
	ATK_OBJECT_CLASS(view_access_parent_class)->initialize(object, data);
	atk_object_set_role(object, calls_of(data)->role);
}

static const char *access_name(AtkObject *object)
{
	GtkWidget *view = gtk_accessible_get_widget(GTK_ACCESSIBLE(object));
	const char *given = ATK_OBJECT_CLASS(view_access_parent_class)->get_name(object);

	return given ? given : view ? _(calls_of(view)->role_name) : NULL;
}

static void access_finalize(GObject *object)
{
	g_free(VIEW_ACCESS(object)->description);
	G_OBJECT_CLASS(view_access_parent_class)->finalize(object);
}

static void view_access_class_init(ViewAccessClass *class)
{
	AtkObjectClass *atk = ATK_OBJECT_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = access_finalize;
	atk->initialize = access_initialize;
	atk->get_n_children = access_n_children;
	atk->ref_child = access_ref_child;
	atk->get_name = access_name;
	atk->get_description = access_description;
}

static void view_access_init(ViewAccess *self)
{
}

void view_access_install(GtkWidgetClass *class, const struct view_access_calls *calls)
{
	/* GObject keeps the pointer untyped and never writes through it. */
	g_type_set_qdata(G_OBJECT_CLASS_TYPE(class), calls_quark(), (gpointer)(uintptr_t)calls);
	gtk_widget_class_set_accessible_type(class, VIEW_TYPE_ACCESS);
}

void view_access_changed(GtkWidget *view)
{
	AtkObject *access = gtk_widget_get_accessible(view);

	if (VIEW_IS_ACCESS(access))
		g_signal_emit_by_name(access, "visible-data-changed");
}

void view_access_focus_moved(GtkWidget *view)
{
	AtkObject *access = gtk_widget_get_accessible(view);
	size_t at = calls_of(view)->focused(view);
	g_autoptr(AtkObject) item = NULL;

	if (!VIEW_IS_ACCESS(access) || at == SIZE_MAX)
		return;
	item = item_new(view, at);
	g_signal_emit_by_name(access, "active-descendant-changed", item);
}
