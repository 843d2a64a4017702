/* explorer-private: what the files of the explorer share. */
#pragma once

#include "gui/explorer.h"
#include "gui/event-grid.h"
#include "gui/event-model.h"
#include "gui/grid-pane.h"
#include "gui/page.h"
#include "gui/notes.h"
#include "gui/pivot-menu.h"

struct _Explorer {
	GtkBox parent;
	Source *source;
	GSettings *settings;
	EventModel *model;
	struct explorer_state state;
	struct reader_range bounds;
	struct pivot_menu_actions actions;
	GCancellable *histogram_call, *counts_call, *goto_call, *complete_call;
	struct reader_completeness completeness; /* of what is asked; verdict 0: not known yet */

	GtkWidget *kinds, *filter, *search, *histogram, *complete, *complete_icon, *range, *range_clear, *results, *stop;
	Notes *notes;
	char *view_asked; /* the expression of state.view that the rows are of; NULL none */
	gint64 searched;  /* when the search was changed last, for undo; 0: not since it was taken back */
	GtkWidget *notes_button, *export;
	GtkWidget *follow, *waiting; /* of a live source; else NULL */
	guint gentle;
	GtkWidget *recording, *spinner, *stack, *pane, *tools, *grid, *empty, *empty_clear;
};

/* ---- explorer-actions.c: the group "explorer", for keys and menus ---- */
void explorer_actions_add(Explorer *self);

/* Says so where nothing matches. */
void explorer_show_empty(Explorer *self);

/* ---- explorer-complete.c: whether everything that happened is there ---- */
void explorer_complete_ask(Explorer *self, const struct source_query *q);
void explorer_complete_show(Explorer *self);
/* For an empty result: one sentence. */
const char *explorer_complete_nothing(Explorer *self);
void explorer_complete_clear(Explorer *self);

/* ---- explorer-page.c: what a window asks of it ---- */
void explorer_page_init(PageInterface *iface);

/* Asks for what is to be shown. */
void explorer_ask_again(Explorer *self);
/* What is asked has changed by the user's hand. */
void explorer_moved(Explorer *self);

/* ---- explorer-range.c ---- */
void explorer_range_add(Explorer *self);
void explorer_range_begin(Explorer *self);
void explorer_range_show(Explorer *self);
void explorer_range_open(Explorer *self);

/* ---- explorer-follow.c: of a live source ---- */
void explorer_follow_add(Explorer *self);
void explorer_follow_stop(Explorer *self);
/* Counts and histogram again, of what is asked: it has grown. */
void explorer_ask_counts(Explorer *self);

/* ---- explorer-notes.c: which rows are shown by what is said of them ---- */
void explorer_notes_add(Explorer *self);
void explorer_notes_show(Explorer *self);
void explorer_notes_clear(Explorer *self);
/* The expression with that of the view: what is asked but for the kind. */
char *explorer_notes_join(Explorer *self, const char *expression);
/* What was changed last is taken back: a note, or the search. */
void explorer_notes_undo(Explorer *self);

/* ---- explorer-export.c ---- */
void explorer_export_add(Explorer *self);

/* ---- explorer-goto.c ---- */
void explorer_goto_open(Explorer *self);
