#include "gui/tree-pane.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/time-range.h"
#include "gui/find-text.h"
#include "gui/view-bar.h"
#include "gui/value-menu.h"
#include "gui/view-export.h"
#include "timeline/view/tree-stage.h"

enum { PEERS = 200, CHILDREN = 500, TIMES_MORE = 4, MOST = 100000 }; /* siblings that are brought */
enum { SMALL_TREE = 12, DEPTH = 2, DEPTH_MOST = 16, MOST_COLOURED = READER_MAX_LANES, SLIDER_STEPS = 1000 };

struct _TreePane {
	GtkBox parent;
	Source *source; /* NULL once stopped */
	GtkWidget *bar, *view, *depth, *depth_place, *colour, *instant, *slider, *time;
	gint64 process;
	guint peers, children; /* how many are brought */
	gint64 after;          /* more was asked for below this one; 0 not */
	gint64 from, to;      /* of the slider */
	gint64 *shown;        /* processes of the tree */
	guint n_shown;
	gboolean small;       /* is always seen whole */
	GCancellable *tree_call, *colour_call;
};
G_DEFINE_FINAL_TYPE(TreePane, tree_pane, GTK_TYPE_BOX)

static GCancellable *renew(GCancellable **call)
{
	g_cancellable_cancel(*call);
	g_clear_object(call);
	*call = g_cancellable_new();
	return *call;
}

/* ---- colours ---- */

static enum event_category most_of(const uint64_t by_category[EVENT_CATEGORY_COUNT])
{
	int most = EVENT_NONE;

	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT; c++)
		most = by_category[c] > by_category[most] ? c : most;
	return (enum event_category)most;
}

static const char *colour_wanted(TreePane *self)
{
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->colour));

	return id ? id : "plain";
}

static void on_lanes(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TreePane) self = data;
	g_autoptr(GError) error = NULL;
	g_autofree struct tree_tally *tallies = NULL;
	struct reader_lanes l;
	gboolean hits = strcmp(colour_wanted(self), "hits") == 0;

	if (!source_lanes_finish(SPOOR_SOURCE(object), result, &l, &error))
		return;
	tallies = g_new0(struct tree_tally, l.n + 1);
	for (size_t i = 0; i < l.n; i++)
		tallies[i] = (struct tree_tally){ .process = l.lanes[i].key, .kind = most_of(l.lanes[i].by_category),
			                          .events = hits ? 0 : l.lanes[i].total, .hits = hits ? l.lanes[i].total : 0 };
	if (self->source)
		tree_view_set_tallies(TREE_VIEW(self->view), tallies, l.n);
	reader_lanes_free(&l);
}

/* Of the processes shown, what they did, or what of it is looked for. */
static void ask_colours(TreePane *self)
{
	const char *by = colour_wanted(self);
	gboolean hits = strcmp(by, "hits") == 0;
	g_autoptr(GString) within = g_string_new("process.entity_id in (");
	g_autofree char *found = NULL;
	struct source_query q = { NULL, READER_ALL_TIME };

	renew(&self->colour_call);
	tree_view_set_colour(TREE_VIEW(self->view), by);
	tree_view_set_tallies(TREE_VIEW(self->view), NULL, 0);
	if (!self->source || !self->n_shown || (!hits && strcmp(by, "kind") != 0))
		return;
	for (guint i = 0; i < MIN(self->n_shown, MOST_COLOURED); i++)
		g_string_append_printf(within, "%s%" G_GINT64_FORMAT, i ? ", " : "", self->shown[i]);
	g_string_append_c(within, ')');
	q.expression = within->str;
	if (hits) {
		found = find_text_expression(view_bar_get_text(VIEW_BAR(self->bar)), within->str, NULL);
		if (!found) {
			view_bar_find(VIEW_BAR(self->bar));
			return;
		}
		q.expression = found;
	}
	source_lanes_async(self->source, &q, READER_BY_PROCESS, 0, READER_MAX_LANES, self->colour_call, on_lanes,
	                   g_object_ref(self));
}

/* ---- finding ---- */

static void on_find_changed(TreePane *self, const char *text)
{
	size_t n = tree_view_find(TREE_VIEW(self->view), text);
	g_autofree char *number = event_number(n);
	g_autofree char *words = g_strdup_printf(ngettext("%s process found", "%s processes found", n), number);

	view_bar_set_found(VIEW_BAR(self->bar), *text ? n ? words : _("no process found") : "");
	if (strcmp(colour_wanted(self), "hits") == 0 && *text)
		ask_colours(self);
}

static void on_find_step(TreePane *self, int by)
{
	tree_view_find_step(TREE_VIEW(self->view), by);
}

static void on_find_closed(TreePane *self)
{
	gtk_widget_grab_focus(self->view);
}

static void on_find(TreePane *self) { view_bar_find(VIEW_BAR(self->bar)); }
static void on_fit(TreePane *self) { tree_view_fit(TREE_VIEW(self->view)); }
static void on_nearer(TreePane *self) { tree_view_zoom(TREE_VIEW(self->view), 1.25); }
static void on_farther(TreePane *self) { tree_view_zoom(TREE_VIEW(self->view), 1 / 1.25); }

/* ---- the instant ---- */

static gint64 instant_of(TreePane *self)
{
	double part = gtk_range_get_value(GTK_RANGE(self->slider)) / SLIDER_STEPS;

	return self->from + (gint64)((double)(self->to - self->from) * part);
}

static void on_instant(TreePane *self)
{
	gboolean on = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->instant));
	g_autofree char *time = on ? event_time(instant_of(self)) : NULL, *zone = on ? time_range_zone(instant_of(self)) : NULL;
	g_autofree char *words = on ? g_strdup_printf("%s %s", time, zone) : g_strdup(_("all of the recording"));

	gtk_widget_set_sensitive(self->slider, on);
	gtk_label_set_text(GTK_LABEL(self->time), words);
	atk_object_set_description(gtk_widget_get_accessible(self->slider), words);
	tree_view_set_instant(TREE_VIEW(self->view), on ? instant_of(self) : G_MAXINT64);
}

/* ---- the tree ---- */

/* A small tree is always seen whole. */
static void fit(TreePane *self)
{
	if (self->small && gtk_widget_get_allocated_width(self->view) > 1)
		tree_view_fit(TREE_VIEW(self->view));
}

void tree_pane_show_tree(TreePane *self, const struct reader_tree *tree)
{
	g_free(self->shown);
	self->shown = g_new(gint64, tree->n + 1);
	self->n_shown = (guint)tree->n;
	for (size_t i = 0; i < tree->n; i++)
		self->shown[i] = tree->nodes[i].process;
	gtk_widget_set_visible(self->depth_place, self->process != 0);
	tree_view_set_tree(TREE_VIEW(self->view), tree);
	self->small = tree->n <= SMALL_TREE;
	fit(self);
	if (!tree_view_get_span(TREE_VIEW(self->view), &self->from, &self->to))
		self->from = self->to = 0;
	if (self->source && source_get_info(self->source))
		self->to = MAX(self->to, MIN(source_get_info(self->source)->last_ms, G_MAXINT64));
	on_instant(self);
	on_find_changed(self, view_bar_get_text(VIEW_BAR(self->bar)));
	ask_colours(self);
}

static void on_tree(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TreePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_tree t;

	if (!source_tree_finish(SPOOR_SOURCE(object), result, &t, &error))
		return;
	if (self->source)
		tree_pane_show_tree(self, &t);
	if (self->source && self->after)
		tree_view_select(TREE_VIEW(self->view), self->after);
	reader_tree_free(&t);
}

static void ask_tree(TreePane *self)
{
	struct reader_tree_limits limits = { .depth_up = 64, .max_peers = self->peers, .max_children = self->children };

	if (!self->source || !self->process)
		return;
	limits.depth_down = (uint32_t)gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(self->depth));
	source_tree_async(self->source, self->process, limits, renew(&self->tree_call), on_tree, g_object_ref(self));
}

void tree_pane_show_process(TreePane *self, gint64 process)
{
	if (!process)
		return;
	if (process != self->process) {
		self->peers = PEERS;
		self->children = CHILDREN;
	}
	self->after = 0;
	self->process = process;
	ask_tree(self);
}

/* "300 more are not shown" */
static void on_more(TreePane *self, gboolean children)
{
	guint *most = children ? &self->children : &self->peers;

	if (!self->process || *most == MOST) {
		gtk_widget_error_bell(self->view);
		return;
	}
	*most = MIN(*most * TIMES_MORE, MOST);
	self->after = tree_view_get_above(TREE_VIEW(self->view));
	ask_tree(self);
}

static void on_depth(TreePane *self)
{
	ask_tree(self);
}

/* ---- the pane ---- */

static void build_tools(TreePane *self)
{
	static const char *const colours[][2] = { { "plain", N_("No colours") }, { "user", N_("Colour by user") },
		                                  { "kind", N_("Colour by kind") }, { "hits", N_("Colour by what is found") } };
	ViewBar *bar = VIEW_BAR(self->bar);

	view_bar_add(bar, "zoom-out-symbolic", _("Zoom out (−)"), G_CALLBACK(on_farther), self);
	view_bar_add(bar, "zoom-in-symbolic", _("Zoom in (+)"), G_CALLBACK(on_nearer), self);
	view_bar_add(bar, "zoom-fit-best-symbolic", _("Show everything (0)"), G_CALLBACK(on_fit), self);
	view_bar_add(bar, "edit-find-symbolic", _("Find in the tree (F)"), G_CALLBACK(on_find), self);
	self->depth_place = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
	self->depth = gtk_spin_button_new_with_range(1, DEPTH_MOST, 1);
	gtk_spin_button_set_value(GTK_SPIN_BUTTON(self->depth), DEPTH);
	gtk_widget_set_tooltip_text(self->depth, _("How many generations below the process"));
	atk_object_set_name(gtk_widget_get_accessible(self->depth), _("Generations below"));
	gtk_container_add(GTK_CONTAINER(self->depth_place), gtk_label_new(_("Depth")));
	gtk_container_add(GTK_CONTAINER(self->depth_place), self->depth);
	self->colour = gtk_combo_box_text_new();
	for (guint i = 0; i < G_N_ELEMENTS(colours); i++)
		gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->colour), colours[i][0], _(colours[i][1]));
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->colour), 0);
	atk_object_set_name(gtk_widget_get_accessible(self->colour), _("Colours of the tree"));
	view_bar_pack(bar, self->colour, TRUE);
	view_bar_pack(bar, self->depth_place, TRUE);
	g_signal_connect_swapped(self->depth, "value-changed", G_CALLBACK(on_depth), self);
	g_signal_connect_swapped(self->colour, "changed", G_CALLBACK(ask_colours), self);
}

static GtkWidget *build_instant(TreePane *self)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);

	self->instant = gtk_check_button_new_with_label(_("As it was at"));
	self->slider = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, SLIDER_STEPS, 1);
	self->time = gtk_label_new("");
	gtk_scale_set_draw_value(GTK_SCALE(self->slider), FALSE);
	gtk_range_set_value(GTK_RANGE(self->slider), SLIDER_STEPS);
	gtk_widget_set_hexpand(self->slider, TRUE);
	gtk_label_set_ellipsize(GTK_LABEL(self->time), PANGO_ELLIPSIZE_START);
	gtk_label_set_width_chars(GTK_LABEL(self->time), 22);
	gtk_label_set_xalign(GTK_LABEL(self->time), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->time), "results");
	atk_object_set_name(gtk_widget_get_accessible(self->slider), _("Instant shown in the tree"));
	g_object_set(row, "margin-start", 8, "margin-end", 8, NULL);
	gtk_container_add(GTK_CONTAINER(row), self->instant);
	gtk_container_add(GTK_CONTAINER(row), self->slider);
	gtk_container_add(GTK_CONTAINER(row), self->time);
	g_signal_connect_swapped(self->instant, "toggled", G_CALLBACK(on_instant), self);
	g_signal_connect_swapped(self->slider, "value-changed", G_CALLBACK(on_instant), self);
	gtk_widget_show_all(row);
	return row;
}

void tree_pane_stop(TreePane *self)
{
	g_cancellable_cancel(self->tree_call);
	g_cancellable_cancel(self->colour_call);
	g_clear_object(&self->tree_call);
	g_clear_object(&self->colour_call);
	g_clear_object(&self->source);
}

static void tree_pane_dispose(GObject *object)
{
	tree_pane_stop(TREE_PANE(object));
	G_OBJECT_CLASS(tree_pane_parent_class)->dispose(object);
}

static void tree_pane_finalize(GObject *object)
{
	g_free(TREE_PANE(object)->shown);
	G_OBJECT_CLASS(tree_pane_parent_class)->finalize(object);
}

static void tree_pane_class_init(TreePaneClass *class)
{
	G_OBJECT_CLASS(class)->dispose = tree_pane_dispose;
	G_OBJECT_CLASS(class)->finalize = tree_pane_finalize;
}

/* What can be done with the process of the node. */
static void on_populate(TreeView *view, GtkWidget *menu)
{
	gint64 process = tree_view_get_selected(view);
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, process);
	g_autofree char *means = process ? value_menu_expression("process.entity_id", number, FALSE) : NULL;
	g_autofree char *words = process ? tree_view_describe_selected(view) : NULL;

	if (process)
		value_menu_add_value(menu, words, words, means);
}

static void tree_pane_init(TreePane *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->bar = view_bar_new(_("Find in the tree: name, argument, user, PID"));
	self->view = tree_view_new();
	atk_object_set_name(gtk_widget_get_accessible(self->view), _("Tree"));
	gtk_box_pack_start(GTK_BOX(self), self->bar, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->view, TRUE, TRUE, 0);
	build_tools(self);
	gtk_box_pack_end(GTK_BOX(self), build_instant(self), FALSE, FALSE, 0);
	on_instant(self);
	g_signal_connect_object(self->view, "size-allocate", G_CALLBACK(fit), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	g_signal_connect(self->view, "populate-menu", G_CALLBACK(on_populate), NULL);
	g_signal_connect(self->view, "populate-menu", G_CALLBACK(view_export_fill_menu), NULL);
	g_signal_connect_swapped(self->view, "more-requested", G_CALLBACK(on_more), self);
	g_signal_connect_swapped(self->view, "find-requested", G_CALLBACK(on_find), self);
	g_signal_connect_swapped(self->bar, "find-changed", G_CALLBACK(on_find_changed), self);
	g_signal_connect_swapped(self->bar, "find-step", G_CALLBACK(on_find_step), self);
	g_signal_connect_swapped(self->bar, "find-closed", G_CALLBACK(on_find_closed), self);
	gtk_widget_show(self->view);
	gtk_widget_show(GTK_WIDGET(self));
}

GtkWidget *tree_pane_new(Source *source)
{
	TreePane *self = g_object_new(TREE_TYPE_PANE, NULL);

	self->source = g_object_ref(source);
	return GTK_WIDGET(self);
}

TreeView *tree_pane_get_view(TreePane *self)
{
	return TREE_VIEW(self->view);
}
