#include "gui/timeline-page.h"

#include "gui/event-column.h"
#include "gui/export-page.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/page.h"
#include "gui/timeline-pane.h"

struct _TimelinePage {
	GtkBox parent;
	Source *source;
	char *expression; /* NULL: everything */
	GtkWidget *pane, *groups;
};
static void page_init(PageInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimelinePage, timeline_page, GTK_TYPE_BOX, G_IMPLEMENT_INTERFACE(PAGE_TYPE, page_init))

enum { SIGNAL_OPEN_PROCESS, SIGNAL_EXPLORE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* In the order of the choice. */
static const struct {
	enum reader_group by;
	const char *id, *label;
} groups[] = {
	{ READER_BY_KIND, "kind", N_("Lanes by kind") },
	{ READER_BY_USER, "user", N_("Lanes by user") },
	{ READER_BY_EXECUTABLE, "program", N_("Lanes by program") },
	{ READER_BY_CONTAINER, "container", N_("Lanes by container or unit") },
	{ READER_BY_PROCESS, "process", N_("Lanes by process") },
};

static void on_groups(TimelinePage *self)
{
	int i = gtk_combo_box_get_active(GTK_COMBO_BOX(self->groups));

	timeline_pane_set_groups(TIMELINE_PANE(self->pane), groups[MAX(i, 0)].by);
}

/* ---- into the explorer ---- */

static void explore(TimelinePage *self, char *expression)
{
	if (expression)
		g_signal_emit(self, signals[SIGNAL_EXPLORE], 0, expression);
	g_free(expression);
}

static void on_mark(TimelinePage *self, gint64 process, gint64 from, gint64 to, guint category)
{
	explore(self, timeline_pane_mark_expression(TIMELINE_PANE(self->pane), (enum event_category)category, from, to));
}

static void on_lane(TimelinePage *self, gint64 key, const char *name, gint64 from, gint64 to)
{
	int i = gtk_combo_box_get_active(GTK_COMBO_BOX(self->groups));

	if (i > 0 && groups[i].by == READER_BY_PROCESS)
		g_signal_emit(self, signals[SIGNAL_OPEN_PROCESS], 0, key);
	else if (i > 0)
		explore(self, timeline_pane_lane_expression(TIMELINE_PANE(self->pane), key, name, from, to));
}

/* ---- the page ---- */

static void timeline_page_focus(TimelinePage *self)
{
	look_focus(GTK_WIDGET(timeline_pane_get_view(TIMELINE_PANE(self->pane))));
}

static Source *get_source(Page *page)
{
	return TIMELINE_PAGE(page)->source;
}

static void focus(Page *page)
{
	timeline_page_focus(TIMELINE_PAGE(page));
}

static void save(Page *page, GVariantDict *into)
{
	TimelinePage *self = TIMELINE_PAGE(page);

	if (self->expression)
		g_variant_dict_insert(into, "expression", "s", self->expression);
	if (gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->groups)))
		g_variant_dict_insert(into, "lanes", "s", gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->groups)));
}

static void page_init(PageInterface *iface)
{
	iface->title = N_("Timeline");
	iface->help = "timeline";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->kind = "timeline";
	iface->save = save;
}

static void timeline_page_dispose(GObject *object)
{
	TimelinePage *self = TIMELINE_PAGE(object);

	if (self->pane)
		timeline_pane_stop(TIMELINE_PANE(self->pane));
	self->pane = NULL;
	g_clear_object(&self->source);
	G_OBJECT_CLASS(timeline_page_parent_class)->dispose(object);
}

static void timeline_page_finalize(GObject *object)
{
	g_free(TIMELINE_PAGE(object)->expression);
	G_OBJECT_CLASS(timeline_page_parent_class)->finalize(object);
}

static void timeline_page_class_init(TimelinePageClass *class)
{
	GType type = TIMELINE_TYPE_PAGE;

	G_OBJECT_CLASS(class)->dispose = timeline_page_dispose;
	G_OBJECT_CLASS(class)->finalize = timeline_page_finalize;
	signals[SIGNAL_OPEN_PROCESS] = g_signal_new("open-process", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                            G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SIGNAL_EXPLORE] = g_signal_new("explore", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                       G_TYPE_STRING);
}

static void timeline_page_init(TimelinePage *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
}

static void on_shown(gpointer page, struct export_shown *ret)
{
	TimelinePage *self = page;

	ret->source = self->source;
	ret->expression = g_strdup(self->expression);
}

static GtkWidget *heading(TimelinePage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *name, *what;
	GtkWidget *export = export_page_button_new(_("Write the events of the timeline into a file for other programs"));
	const struct reader_info *info = source_get_info(self->source);
	g_autofree char *n = event_number(info->events);
	g_autofree char *words = self->expression ? g_strdup(self->expression) :
	                         g_strdup_printf(ngettext("%s event", "%s events", info->events), n);

	name = gtk_label_new(self->expression ? _("Timeline of what matches") : _("The whole recording"));
	what = gtk_label_new(words);
	gtk_style_context_add_class(gtk_widget_get_style_context(name), "process-name");
	gtk_style_context_add_class(gtk_widget_get_style_context(what), self->expression ? "detail-value" : "dim-label");
	gtk_label_set_ellipsize(GTK_LABEL(what), PANGO_ELLIPSIZE_END);
	gtk_widget_set_tooltip_text(what, words);
	g_object_set(box, "margin-start", 12, "margin-end", 12, "margin-top", 8, "margin-bottom", 8, NULL);
	gtk_box_pack_start(GTK_BOX(box), name, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), what, FALSE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(box), export, FALSE, FALSE, 0);
	export_page_add(GTK_WIDGET(self), GTK_MENU_BUTTON(export), on_shown);
	return box;
}

GtkWidget *timeline_page_new(Source *source, const char *expression)
{
	TimelinePage *self = g_object_new(TIMELINE_TYPE_PAGE, NULL);
	GtkWidget *view;

	self->source = g_object_ref(source);
	self->expression = expression && *expression ? g_strdup(expression) : NULL;
	self->pane = timeline_pane_new(source);
	self->groups = gtk_combo_box_text_new();
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
		gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->groups), groups[i].id, _(groups[i].label));
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->groups), 0);
	atk_object_set_name(gtk_widget_get_accessible(self->groups), _("Lanes"));
	timeline_pane_add_tool(TIMELINE_PANE(self->pane), self->groups);
	gtk_box_pack_start(GTK_BOX(self), heading(self), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->pane, TRUE, TRUE, 0);
	view = GTK_WIDGET(timeline_pane_get_view(TIMELINE_PANE(self->pane)));
	g_signal_connect_swapped(self->groups, "changed", G_CALLBACK(on_groups), self);
	g_signal_connect_swapped(view, "mark-activated", G_CALLBACK(on_mark), self);
	g_signal_connect_swapped(view, "lane-activated", G_CALLBACK(on_lane), self);
	timeline_pane_set_recording(TIMELINE_PANE(self->pane), self->expression);
	gtk_widget_show_all(GTK_WIDGET(self));
	return GTK_WIDGET(self);
}

void timeline_page_set_lanes(TimelinePage *self, const char *id)
{
	gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->groups), id);
}
