#include "gui/window-private.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/files-page.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/session.h"
#include "gui/sidebar.h"
#include "gui/snapshots-page.h"
#include "gui/time-range.h"

G_DEFINE_FINAL_TYPE(SpoorWindow, spoor_window, HDY_TYPE_APPLICATION_WINDOW)

static char *subtitle_of(Source *source)
{
	const struct reader_info *info = source_get_info(source);
	g_autofree char *n = event_number(info->events), *from = event_time(info->recorded_ms);
	g_autofree char *to = event_time(info->last_ms), *zone = time_range_zone(info->last_ms), *events = NULL;
	g_autofree char *name = info->host.n ? g_strdup_printf("%s · ", source_get_name(source)) : g_strdup("");

	if (!info->events)
		return g_strconcat(name, _("no events"), NULL);
	from[19] = to[19] = '\0';
	events = g_strdup_printf(ngettext("%s event", "%s events", info->events), n);
	return g_strdup_printf("%s%s · %s – %s %s", name, events, from, strncmp(from, to, 11) == 0 ? to + 11 : to, zone);
}

void window_update(SpoorWindow *self)
{
	Page *page = window_pages_current(self);
	Source *source = page ? page_get_source(page) : NULL;
	g_autofree char *host = source ? event_text(source_get_info(source)->host) : NULL;
	g_autofree char *subtitle = source ? subtitle_of(source) : NULL;

	hdy_header_bar_set_title(HDY_HEADER_BAR(self->header), source ? *host ? host : source_get_name(source) : _("Spoor"));
	hdy_header_bar_set_subtitle(HDY_HEADER_BAR(self->header), subtitle);
	gtk_window_set_title(GTK_WINDOW(self), source ? source_get_name(source) : _("Spoor"));
	sidebar_select(SPOOR_SIDEBAR(self->sidebar), page ? NULL : gtk_stack_get_visible_child_name(GTK_STACK(self->stack)),
	               source);
	window_actions_update(self, page);
	session_touch();
}

void window_show_area(SpoorWindow *self, const char *area)
{
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), area);
	window_update(self);
}

const char *spoor_window_help(SpoorWindow *self)
{
	Page *page = window_pages_current(self);

	return page ? page_get_help(page) : gtk_stack_get_visible_child_name(GTK_STACK(self->stack));
}

/* ---- the window ---- */

static gboolean is_last(SpoorWindow *self)
{
	guint n = 0;

	for (GList *l = gtk_application_get_windows(gtk_window_get_application(GTK_WINDOW(self))); l; l = l->next)
		n += SPOOR_IS_WINDOW(l->data);
	return n < 2;
}

static gboolean on_delete(SpoorWindow *self)
{
	int width, height;

	gtk_window_get_size(GTK_WINDOW(self), &width, &height);
	if (!gtk_window_is_maximized(GTK_WINDOW(self)))
		g_settings_set(self->settings, "window-size", "(ii)", width, height);
	g_settings_set_boolean(self->settings, "window-maximized", gtk_window_is_maximized(GTK_WINDOW(self)));
	if (is_last(self))
		session_end(); /* with this window as it is */
	return FALSE;
}

static void spoor_window_dispose(GObject *object)
{
	SpoorWindow *self = SPOOR_WINDOW(object);

	if (self->tabs)
		g_signal_handlers_disconnect_by_data(self->tabs, self);
	self->tabs = NULL;
	G_OBJECT_CLASS(spoor_window_parent_class)->dispose(object);
	g_clear_object(&self->settings);
	g_clear_pointer(&self->waiting, g_ptr_array_unref);
}

#define BIND(name) gtk_widget_class_bind_template_child(widget, SpoorWindow, name)

static void spoor_window_class_init(SpoorWindowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = spoor_window_dispose;
	g_type_ensure(SIDEBAR_TYPE);
	gtk_widget_class_set_template_from_resource(widget, "/org/spoor/Investigator/window.ui");
	BIND(header);
	BIND(messages);
	BIND(flap);
	BIND(sidebar);
	BIND(stack);
	BIND(home);
	BIND(tabs);
	BIND(recent);
	BIND(recent_place);
	BIND(recent_button);
	BIND(menu_button);
	BIND(tab_menu);
}

static void open_path(GtkWidget *window, gpointer path)
{
	window_open_path(SPOOR_WINDOW(window), path);
}

static void on_downloaded(SpoorWindow *self, const char *path)
{
	g_autofree char *name = g_filename_display_basename(path), *text = g_strdup_printf(_("%s is downloaded."), name);

	window_messages_ask(self, text, _("_Open"), open_path, g_strdup(path), g_free);
}

static void add_areas(SpoorWindow *self)
{
	const char *name;

	for (guint i = 0; (name = sidebar_status_page_at(i)); i++) {
		GtkWidget *page = sidebar_status_page(name);

		if (strcmp(name, "snapshots") == 0)
			page = self->snapshots = snapshots_page_new(page);
		if (strcmp(name, "files") == 0)
			page = files_page_new(page);
		if (strcmp(name, "live") == 0)
			page = window_live_init(self, page);
		gtk_stack_add_named(GTK_STACK(self->stack), page, name);
	}
	g_signal_connect_swapped(self->snapshots, "source-chosen", G_CALLBACK(window_pages_show_explorer), self);
	g_signal_connect_swapped(self->snapshots, "endpoint-chosen", G_CALLBACK(window_live_choose), self);
	g_signal_connect_swapped(self->snapshots, "downloaded", G_CALLBACK(on_downloaded), self);
}

/* ---- the sidebar: where a page needs its room it goes, which is no choice to be kept ---- */

static void on_revealed(SpoorWindow *self)
{
	HdyFlap *flap = HDY_FLAP(self->flap);

	if (!self->narrow && !hdy_flap_get_folded(flap))
		g_settings_set_boolean(self->settings, "sidebar", hdy_flap_get_reveal_flap(flap));
}

/* By now the flap has hidden or shown itself. */
static void on_folded(SpoorWindow *self)
{
	self->narrow = hdy_flap_get_folded(HDY_FLAP(self->flap));
	if (!self->narrow)
		hdy_flap_set_reveal_flap(HDY_FLAP(self->flap), g_settings_get_boolean(self->settings, "sidebar"));
}

static void add_sidebar(SpoorWindow *self)
{
	g_autoptr(GPropertyAction) sidebar = g_property_action_new("sidebar", self->flap, "reveal-flap");

	g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(sidebar));
	g_settings_bind(self->settings, "sidebar", self->flap, "reveal-flap", G_SETTINGS_BIND_GET);
	g_signal_connect_object(self->flap, "notify::reveal-flap", G_CALLBACK(on_revealed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->flap, "notify::folded", G_CALLBACK(on_folded), self, G_CONNECT_SWAPPED);
}

static void spoor_window_init(SpoorWindow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	window_actions_add(self);
	add_areas(self);
	look_describe(self->home, hdy_status_page_get_title(HDY_STATUS_PAGE(self->home)),
	              hdy_status_page_get_description(HDY_STATUS_PAGE(self->home)));
	g_signal_connect(self, "size-allocate", G_CALLBACK(session_touch), NULL);
	g_signal_connect(self, "delete-event", G_CALLBACK(on_delete), NULL);
	g_signal_connect_swapped(self->sidebar, "page-chosen", G_CALLBACK(window_show_area), self);
	g_signal_connect_swapped(self->sidebar, "source-chosen", G_CALLBACK(window_pages_show_explorer), self);
	window_open_init(self);
	window_pages_init(self);
}

GtkWidget *spoor_window_new(GtkApplication *app, GSettings *settings)
{
	SpoorWindow *self = g_object_new(SPOOR_WINDOW_TYPE, "application", app, NULL);
	int width, height;

	self->settings = g_object_ref(settings);
	g_signal_connect_object(settings, "changed::local-time", G_CALLBACK(window_update), self, G_CONNECT_SWAPPED);
	add_sidebar(self);
	g_settings_get(settings, "window-size", "(ii)", &width, &height);
	gtk_window_set_default_size(GTK_WINDOW(self), width, height);
	if (g_settings_get_boolean(settings, "window-maximized"))
		gtk_window_maximize(GTK_WINDOW(self));
	window_update(self);
	return GTK_WIDGET(self);
}
