#include "gui/snapshots-page.h"

#define HANDY_USE_UNSTABLE_API
#include <handy.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/snapshots-box.h"
#include "gui/time-range.h"

enum { WIDEST = 720 };

struct _SnapshotsPage {
	GtkStack parent;
	GtkWidget *list, *open, *remote;
};
G_DEFINE_FINAL_TYPE(SnapshotsPage, snapshots_page, GTK_TYPE_STACK)

enum { SIGNAL_SOURCE, SIGNAL_ENDPOINT, SIGNAL_DOWNLOADED, N_SIGNALS };
static guint signals[N_SIGNALS];

static Source *source_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "source");
}

static const char *host_of(GtkListBoxRow *row)
{
	return g_object_get_data(G_OBJECT(row), "host");
}

/* ---- by host ---- */

static gint compare(GtkListBoxRow *a, GtkListBoxRow *b, gpointer unused)
{
	gint64 at = source_get_info(source_of(a))->last_ms, bt = source_get_info(source_of(b))->last_ms;
	int by_host = g_utf8_collate(host_of(a), host_of(b));

	return by_host ? by_host : (at > bt) - (at < bt);
}

static guint count_host(SnapshotsPage *self, const char *host)
{
	GtkListBoxRow *row;
	guint n = 0;

	for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), i)); i++)
		n += strcmp(host_of(row), host) == 0;
	return n;
}

static void update_header(GtkListBoxRow *row, GtkListBoxRow *before, gpointer page)
{
	g_autofree char *text = NULL;
	GtkWidget *label;

	if (before && strcmp(host_of(before), host_of(row)) == 0) {
		gtk_list_box_row_set_header(row, NULL);
		return;
	}
	text = g_strdup_printf("%s (%u)", host_of(row), count_host(page, host_of(row)));
	label = gtk_label_new(text);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "host-name");
	gtk_widget_show(label);
	gtk_list_box_row_set_header(row, label);
}

/* ---- rows ---- */

static char *interval(const struct reader_info *info)
{
	g_autofree char *from = event_time(info->recorded_ms), *to = event_time(info->last_ms);
	g_autofree char *n = event_number(info->events), *zone = time_range_zone(info->last_ms);

	if (!info->events)
		return g_strdup(_("no events"));
	from[19] = to[19] = '\0';
	return g_strdup_printf(ngettext("%s event · %s – %s %s", "%s events · %s – %s %s", (gulong)info->events), n, from, to,
	                       zone);
}

static GtkWidget *make_row(Source *source)
{
	const struct reader_info *info = source_get_info(source);
	g_autofree char *host = event_text(info->host), *text = interval(info);
	GtkWidget *row = hdy_action_row_new();

	hdy_preferences_row_set_title(HDY_PREFERENCES_ROW(row), source_get_name(source));
	hdy_action_row_set_subtitle(HDY_ACTION_ROW(row), text);
	hdy_action_row_set_title_lines(HDY_ACTION_ROW(row), 1);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
	atk_object_set_name(gtk_widget_get_accessible(row), source_get_name(source));
	g_object_set_data_full(G_OBJECT(row), "source", g_object_ref(source), g_object_unref);
	g_object_set_data_full(G_OBJECT(row), "host", g_strdup(*host ? host : _("Unknown host")), g_free);
	gtk_widget_show(row);
	return row;
}

static GtkListBoxRow *find(SnapshotsPage *self, Source *source)
{
	GtkListBoxRow *row;

	for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), i)); i++)
		if (source_of(row) == source)
			return row;
	return NULL;
}

static void update(SnapshotsPage *self)
{
	gboolean any = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), 0) != NULL;
	GtkListBoxRow *row;

	/* Headers are not there for assistive technology: the rows say it. */
	for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(self->list), i)); i++) {
		g_autofree char *text = g_strdup_printf("%s (%u) · %s", host_of(row), count_host(self, host_of(row)),
		                                        hdy_action_row_get_subtitle(HDY_ACTION_ROW(row)));

		atk_object_set_description(gtk_widget_get_accessible(GTK_WIDGET(row)), text);
	}
	gtk_list_box_invalidate_headers(GTK_LIST_BOX(self->list));
	gtk_widget_set_visible(self->open, any);
	gtk_stack_set_visible_child_name(GTK_STACK(self), any || snapshots_box_any(SNAPSHOTS_BOX(self->remote)) ? "list" :
	                                                  "empty");
}

void snapshots_page_add(SnapshotsPage *self, Source *source)
{
	if (!find(self, source))
		gtk_container_add(GTK_CONTAINER(self->list), make_row(source));
	update(self);
}

void snapshots_page_remove(SnapshotsPage *self, Source *source)
{
	GtkListBoxRow *row = find(self, source);

	if (row)
		gtk_widget_destroy(GTK_WIDGET(row));
	update(self);
}

static void on_activated(SnapshotsPage *self, GtkListBoxRow *row)
{
	g_signal_emit(self, signals[SIGNAL_SOURCE], 0, source_of(row));
}

/* ---- the page ---- */

static void snapshots_page_class_init(SnapshotsPageClass *class)
{
	signals[SIGNAL_SOURCE] = g_signal_new("source-chosen", SNAPSHOTS_PAGE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, SOURCE_TYPE);
	signals[SIGNAL_ENDPOINT] = g_signal_new("endpoint-chosen", SNAPSHOTS_PAGE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                        G_TYPE_NONE, 1, LIVE_ENDPOINT_TYPE);
	signals[SIGNAL_DOWNLOADED] = g_signal_new("downloaded", SNAPSHOTS_PAGE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void on_downloaded(SnapshotsPage *self, const char *path)
{
	g_signal_emit(self, signals[SIGNAL_DOWNLOADED], 0, path);
}

static void on_endpoint(SnapshotsPage *self, LiveEndpoint *e)
{
	g_signal_emit(self, signals[SIGNAL_ENDPOINT], 0, e);
}

/* The recordings that are open. */
static GtkWidget *make_open(SnapshotsPage *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *label = gtk_label_new(_("Open recordings"));

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "heading");
	gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->list, FALSE, FALSE, 0);
	gtk_widget_show_all(box);
	gtk_widget_set_no_show_all(box, TRUE);
	return box;
}

static void snapshots_page_init(SnapshotsPage *self)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL), *clamp = hdy_clamp_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 24);

	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_list_box_set_sort_func(GTK_LIST_BOX(self->list), compare, NULL, NULL);
	gtk_list_box_set_header_func(GTK_LIST_BOX(self->list), update_header, self, NULL);
	gtk_widget_set_valign(self->list, GTK_ALIGN_START);
	atk_object_set_name(gtk_widget_get_accessible(self->list), _("Open recordings"));
	hdy_clamp_set_maximum_size(HDY_CLAMP(clamp), WIDEST);
	g_object_set(clamp, "margin", 24, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	self->open = make_open(self);
	self->remote = snapshots_box_new();
	gtk_box_pack_start(GTK_BOX(box), self->open, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->remote, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(clamp), box);
	gtk_container_add(GTK_CONTAINER(scrolled), clamp);
	gtk_widget_show_all(scrolled);
	gtk_stack_add_named(GTK_STACK(self), scrolled, "list");
	g_signal_connect_swapped(self->list, "row-activated", G_CALLBACK(on_activated), self);
	g_signal_connect_swapped(self->remote, "endpoint-chosen", G_CALLBACK(on_endpoint), self);
	g_signal_connect_swapped(self->remote, "downloaded", G_CALLBACK(on_downloaded), self);
	g_signal_connect_object(self->remote, "changed", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
}

GtkWidget *snapshots_page_new(GtkWidget *empty)
{
	SnapshotsPage *self = g_object_new(SNAPSHOTS_PAGE_TYPE, "visible", TRUE, NULL);

	gtk_stack_add_named(GTK_STACK(self), empty, "empty");
	update(self);
	return GTK_WIDGET(self);
}
