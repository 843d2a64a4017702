#include "gui/story-page.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/export-page.h"
#include "gui/i18n.h"
#include "gui/time-range.h"
#include "gui/look.h"
#include "gui/page.h"
#include "gui/timeline-pane.h"
#include "gui/tree-pane.h"

enum { MAX_PROCESSES = 10000 };

struct _StoryPage {
	GtkBox parent;
	Source *source;
	gint64 process, session;
	GtkWidget *name, *summary, *explore, *timeline_pane, *tree_pane, *panes;
	GCancellable *life;
};
static void page_init(PageInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(StoryPage, story_page, GTK_TYPE_BOX, G_IMPLEMENT_INTERFACE(PAGE_TYPE, page_init))

enum { SIGNAL_OPEN_PROCESS, SIGNAL_EXPLORE, SIGNAL_TITLED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- words ---- */

char *story_page_title(const struct reader_story *s)
{
	g_autofree char *user = s->user.n ? event_text(s->user) : NULL;
	g_autofree char *source = s->source.n ? event_text(s->source) : NULL;
	gboolean number = user && strspn(user, "0123456789") == strlen(user); /* an account that had no name */
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)s->auid), *who = NULL;

	if (number || (!user && s->auid >= 0))
		who = g_strdup_printf(_("user %s"), number ? user : id);
	else
		who = g_strdup(user ? user : _("an unknown user"));
	/* Translators: user, address */
	return source ? g_strdup_printf(_("%s from %s"), who, source) : g_steal_pointer(&who);
}

static void add_part(GString *out, const char *part)
{
	if (out->len)
		g_string_append(out, " · ");
	g_string_append(out, part);
}

static char *processes_text(const struct reader_story *s)
{
	gulong all = s->tree.n + s->left_out;
	g_autofree char *n = event_number(all), *left = event_number(s->left_out);

	if (s->left_out)
		return g_strdup_printf(ngettext("%s process, %s of them not shown", "%s processes, %s of them not shown", all), n,
		                       left);
	return g_strdup_printf(ngettext("%s process", "%s processes", all), n);
}

char *story_page_summary(const struct reader_story *s)
{
	GString *out = g_string_new(NULL);
	g_autofree char *type = event_text(s->type), *terminal = event_text(s->terminal), *processes = processes_text(s);
	g_autofree char *on = g_strdup_printf(_("terminal %s"), terminal), *time = event_time(s->logon_ms);
	g_autofree char *zone = time_range_zone(s->logon_ms), *when = g_strdup_printf("%s %s", time, zone);
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)s->session);
	g_autofree char *session = g_strdup_printf(_("session %s"), number);

	if (*type)
		add_part(out, type);
	if (*terminal)
		add_part(out, on);
	add_part(out, s->logon_ms ? when : _("the logon itself was not recorded"));
	add_part(out, session);
	add_part(out, processes);
	return g_string_free(out, FALSE);
}

/* ---- the story ---- */

static void show(StoryPage *self, const struct reader_story *s)
{
	g_autofree char *title = story_page_title(s), *summary = story_page_summary(s);
	g_autofree char *source = s->source.n ? event_text(s->source) : NULL;
	g_autofree char *note = source ? g_strdup_printf(_("from %s"), source) : NULL;

	self->session = s->session;
	gtk_label_set_text(GTK_LABEL(self->name), title);
	gtk_label_set_text(GTK_LABEL(self->summary), summary);
	gtk_widget_set_tooltip_text(self->summary, summary);
	gtk_widget_set_sensitive(self->explore, TRUE);
	tree_view_set_note(tree_pane_get_view(TREE_PANE(self->tree_pane)), note);
	timeline_view_set_note(timeline_pane_get_view(TIMELINE_PANE(self->timeline_pane)), note);
	tree_pane_show_tree(TREE_PANE(self->tree_pane), &s->tree);
	timeline_pane_set_story(TIMELINE_PANE(self->timeline_pane), s);
	g_signal_emit(self, signals[SIGNAL_TITLED], 0, title);
}

static void on_story(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(StoryPage) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_story s;

	if (!source_story_finish(SPOOR_SOURCE(object), result, &s, &error)) {
		if (!self->source)
			return;
		gtk_label_set_text(GTK_LABEL(self->name), _("No login story"));
		gtk_label_set_text(GTK_LABEL(self->summary), error->message);
		gtk_widget_hide(self->panes);
		return;
	}
	if (self->source)
		show(self, &s);
	reader_story_free(&s);
}

static char *expression_of(StoryPage *self)
{
	return g_strdup_printf("auditd.session == %" G_GINT64_FORMAT, self->session);
}

static void on_explore(StoryPage *self)
{
	g_autofree char *expression = expression_of(self);

	g_signal_emit(self, signals[SIGNAL_EXPLORE], 0, expression);
}

static void open_process(StoryPage *self, gint64 process)
{
	g_signal_emit(self, signals[SIGNAL_OPEN_PROCESS], 0, process);
}

/* ---- the page ---- */

static void story_page_focus(StoryPage *self)
{
	look_focus(GTK_WIDGET(tree_pane_get_view(TREE_PANE(self->tree_pane))));
}

static Source *get_source(Page *page)
{
	return STORY_PAGE(page)->source;
}

static void focus(Page *page)
{
	story_page_focus(STORY_PAGE(page));
}

static void save(Page *page, GVariantDict *into)
{
	g_variant_dict_insert(into, "process", "x", STORY_PAGE(page)->process);
}

static void page_init(PageInterface *iface)
{
	iface->title = N_("Login story");
	iface->help = "story";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->kind = "story";
	iface->save = save;
}

static void story_page_dispose(GObject *object)
{
	StoryPage *self = STORY_PAGE(object);

	g_cancellable_cancel(self->life);
	g_clear_object(&self->life);
	if (self->tree_pane) {
		tree_pane_stop(TREE_PANE(self->tree_pane));
		timeline_pane_stop(TIMELINE_PANE(self->timeline_pane));
	}
	self->tree_pane = NULL;
	g_clear_object(&self->source);
	G_OBJECT_CLASS(story_page_parent_class)->dispose(object);
}

static void story_page_class_init(StoryPageClass *class)
{
	GType type = STORY_TYPE_PAGE;

	G_OBJECT_CLASS(class)->dispose = story_page_dispose;
	signals[SIGNAL_OPEN_PROCESS] = g_signal_new("open-process", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                            G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SIGNAL_EXPLORE] = g_signal_new("explore", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                       G_TYPE_STRING);
	signals[SIGNAL_TITLED] = g_signal_new("titled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                      G_TYPE_STRING);
}

static void on_shown(gpointer page, struct export_shown *ret)
{
	StoryPage *self = page;

	if (!gtk_widget_get_sensitive(self->explore))
		return;
	ret->source = self->source;
	ret->expression = expression_of(self);
}

static void build_heading(StoryPage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *export = export_page_button_new(_("Write the events of this session into a file for other programs"));

	self->name = gtk_label_new(_("Login story"));
	self->summary = gtk_label_new(_("reading…"));
	self->explore = gtk_button_new_with_label(_("Show in explorer"));
	gtk_widget_set_tooltip_text(self->explore, _("Show the events of this session among all others"));
	gtk_widget_set_sensitive(self->explore, FALSE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->name), "process-name");
	gtk_style_context_add_class(gtk_widget_get_style_context(self->summary), "dim-label");
	gtk_label_set_ellipsize(GTK_LABEL(self->summary), PANGO_ELLIPSIZE_END);
	gtk_label_set_xalign(GTK_LABEL(self->summary), 0);
	g_object_set(box, "margin-start", 12, "margin-end", 12, "margin-top", 8, "margin-bottom", 8, NULL);
	gtk_box_pack_start(GTK_BOX(box), self->name, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->summary, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(box), export, FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(box), self->explore, FALSE, FALSE, 0);
	export_page_add(GTK_WIDGET(self), GTK_MENU_BUTTON(export), on_shown);
	gtk_box_pack_start(GTK_BOX(self), box, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL), FALSE, FALSE, 0);
	g_signal_connect_swapped(self->explore, "clicked", G_CALLBACK(on_explore), self);
}

static void story_page_init(StoryPage *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->life = g_cancellable_new();
	build_heading(self);
	self->panes = gtk_paned_new(GTK_ORIENTATION_VERTICAL);
	gtk_box_pack_start(GTK_BOX(self), self->panes, TRUE, TRUE, 0);
}

/* A choice in one is shown in the other. */
static void on_tree_selected(StoryPage *self, gint64 process)
{
	timeline_view_point_at(timeline_pane_get_view(TIMELINE_PANE(self->timeline_pane)), process);
}

GtkWidget *story_page_new(Source *source, gint64 process)
{
	StoryPage *self = g_object_new(STORY_TYPE_PAGE, NULL);
	GtkWidget *tree, *timeline;

	self->source = g_object_ref(source);
	self->process = process;
	self->tree_pane = tree_pane_new(source);
	self->timeline_pane = timeline_pane_new(source);
	gtk_paned_pack1(GTK_PANED(self->panes), self->timeline_pane, TRUE, FALSE);
	gtk_paned_pack2(GTK_PANED(self->panes), self->tree_pane, TRUE, FALSE);
	gtk_paned_set_position(GTK_PANED(self->panes), 340);
	tree = GTK_WIDGET(tree_pane_get_view(TREE_PANE(self->tree_pane)));
	timeline = GTK_WIDGET(timeline_pane_get_view(TIMELINE_PANE(self->timeline_pane)));
	g_signal_connect_swapped(tree, "process-activated", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(tree, "recentre", G_CALLBACK(open_process), self);
	g_signal_connect_swapped(tree, "selection-changed", G_CALLBACK(on_tree_selected), self);
	g_signal_connect_swapped(timeline, "process-activated", G_CALLBACK(open_process), self);
	source_story_async(source, process, MAX_PROCESSES, self->life, on_story, g_object_ref(self));
	gtk_widget_show_all(GTK_WIDGET(self));
	return GTK_WIDGET(self);
}

gint64 story_page_get_process(StoryPage *self)
{
	return self->process;
}
