/* window-private: what the files of the window share. */
#pragma once

#include "gui/live-endpoint.h"
#include "gui/page.h"
#include "gui/trail.h"
#include "gui/window.h"

struct _SpoorWindow {
	HdyApplicationWindow parent;
	GSettings *settings;
	gboolean retracing;   /* Back or Forward is moving us */
	Page *menu_page;      /* whose tab has its menu open */
	GtkWidget *header, *messages, *flap, *sidebar, *stack, *home, *tabs, *recent, *recent_place, *recent_button;
	GtkWidget *menu_button, *snapshots;
	GMenu *tab_menu;
	GPtrArray *waiting; /* tabs to be restored when their file is open: window-session.c */
	int waiting_for;    /* the one to be shown */
	gboolean narrow;    /* the sidebar has no room beside the page */
};

/* ---- window.c ---- */
/* Title, sidebar and actions say what is shown now. */
void window_update(SpoorWindow *self);
void window_show_area(SpoorWindow *self, const char *area);

/* ---- window-actions.c ---- */
void window_actions_add(SpoorWindow *self);
void window_actions_update(SpoorWindow *self, Page *page);

/* ---- window-compare.c ---- */
void window_compare_choose(SpoorWindow *self);

/* ---- window-live.c: endpoints that are read live ---- */
/* The page "live"; `empty` as of live-page.h. */
GtkWidget *window_live_init(SpoorWindow *self, GtkWidget *empty);
/* Shows it, as soon as it can be read. */
void window_live_choose(SpoorWindow *self, LiveEndpoint *e);
/* The window has no page of the source any more: a snapshot at a server is closed where no window has. */
void window_live_left(Source *source);
/* Asks whether these (live-endpoint.h) are to be connected to again. */
void window_live_offer(SpoorWindow *self, char **paths);

/* ---- window-messages.c ---- */
/* A line that stays until it is closed; the oldest go. */
void window_messages_tell(SpoorWindow *self, const char *text, const char *tooltip);
/* With a button, which does this once; `data` is freed with the line. */
typedef void window_messages_fn(GtkWidget *window, gpointer data);
void window_messages_ask(SpoorWindow *self, const char *text, const char *button, window_messages_fn *answer,
                         gpointer data, GDestroyNotify free_data);

/* ---- window-open.c ---- */
void window_open_init(SpoorWindow *self);
/* The file that the user opened: the source of a log is a recording made from it. */
const char *window_open_origin(Source *source);
void window_open_path(SpoorWindow *self, const char *path);
void window_open_uri(SpoorWindow *self, const char *uri);
/* Tells of damage and loss as long as the window has a tab of the source. */
void window_open_watch(SpoorWindow *self, Source *source);
void window_open_unwatch(SpoorWindow *self, Source *source);

/* ---- window-pages.c: what is in the tabs ---- */
void window_pages_init(SpoorWindow *self);
/* NULL where an area is shown instead. */
Page *window_pages_current(SpoorWindow *self);
Source *window_pages_source(SpoorWindow *self);
int window_pages_count(SpoorWindow *self);
Page *window_pages_nth(SpoorWindow *self, int i);
Page *window_pages_numbered(SpoorWindow *self, guint number);
const char *window_pages_title(SpoorWindow *self, Page *page);
/* In a tab of its own, beside `from` (NULL: at the end), shown at once unless the user's hand asks for "behind". */
void window_pages_add(SpoorWindow *self, Page *page, Page *from);
void window_pages_show(SpoorWindow *self, Page *page);
/* Beside the others, not shown. */
void window_pages_insert(SpoorWindow *self, Page *page, int at);
/* By so many tabs, round at the ends; moves the tab itself. */
void window_pages_turn(SpoorWindow *self, int by);
void window_pages_shift(SpoorWindow *self, int by);
/* The explorer of the source, made where there is none. */
Page *window_pages_explorer(SpoorWindow *self, Source *source);
void window_pages_show_explorer(SpoorWindow *self, Source *source);
void window_pages_open_process(SpoorWindow *self, gint64 process, Page *from);
void window_pages_open_story(SpoorWindow *self, gint64 process);
void window_pages_open_timeline(SpoorWindow *self);
/* Of what the expression is true for; lanes as of timeline_page_set_lanes. */
void window_pages_open_timeline_of(SpoorWindow *self, const char *expression, const char *lanes);
/* In the explorer of the current page's source: beside what it asks for, or instead. */
void window_pages_ask(SpoorWindow *self, const char *expression, gboolean beside);
void window_pages_open_distribution(SpoorWindow *self);
/* The page whose tab has its menu open, or the one shown. */
Page *window_pages_meant(SpoorWindow *self);
void window_pages_close(SpoorWindow *self, Page *page);
void window_pages_close_others(SpoorWindow *self, Page *page);
void window_pages_duplicate(SpoorWindow *self);
void window_pages_to_new_window(SpoorWindow *self);
void window_pages_close_source(SpoorWindow *self, Source *source);

/* ---- window-session.c: what it was, for the next start ---- */
GVariant *window_session_save(SpoorWindow *self);
gboolean window_session_has_tabs(GVariant *saved);
/* Opens the files of its tabs again but for those in `suspects`. */
void window_session_restore(SpoorWindow *self, GVariant *saved, GHashTable *suspects);
/* The file is open: its tabs are made. FALSE where none was waited for. */
gboolean window_session_opened(SpoorWindow *self, const char *path, Source *source);
void window_session_gave_up(SpoorWindow *self, const char *path);
/* Closes a source that does not answer any more, and opens its file again with the tabs that it had. */
void window_session_reopen(SpoorWindow *self, Source *source);

/* ---- window-trail.c: Back and Forward ---- */
/* A page has a trail from the moment that it has a tab; `from` NULL: nothing led to it. */
void window_trail_begin(Page *page, Page *from);
guint window_trail_number(Page *page);
/* The page that led to this one, where it is still there. */
Page *window_trail_origin(SpoorWindow *self, Page *page);
/* The page asks for something else now. `from` (NULL: the page itself) led to it. */
void window_trail_add(SpoorWindow *self, Page *page, Page *from);
gboolean window_trail_can_go(SpoorWindow *self, int by);
void window_trail_go(SpoorWindow *self, int by);
