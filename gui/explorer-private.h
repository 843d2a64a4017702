/* explorer-private: what the files of the explorer share. */
#pragma once

#include "gui/explorer.h"
#include "gui/event-grid.h"
#include "gui/event-model.h"
#include "gui/page.h"
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
	GtkWidget *recording, *spinner, *stack, *grid, *empty, *empty_clear;
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

/* What is asked has changed by the user's hand. */
void explorer_moved(Explorer *self);

/* ---- explorer-range.c ---- */
void explorer_range_add(Explorer *self);
void explorer_range_begin(Explorer *self);
void explorer_range_show(Explorer *self);
void explorer_range_open(Explorer *self);
/* What is asked: the expression, and the kind. */
char *explorer_expression(Explorer *self);

/* ---- explorer-goto.c ---- */
void explorer_goto_open(Explorer *self);
