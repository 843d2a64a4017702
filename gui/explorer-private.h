/* explorer-private: what the files of the explorer share. */
#pragma once

#include "gui/explorer.h"
#include "gui/event-model.h"
#include "gui/pivot-menu.h"

struct _Explorer {
	GtkBox parent;
	Source *source;
	GSettings *settings;
	EventModel *model;
	struct explorer_state state;
	struct reader_range bounds;
	struct pivot_menu_actions actions;
	GCancellable *histogram_call, *counts_call;

	GtkWidget *kinds, *filter, *search, *histogram, *complete, *complete_icon, *range, *range_label, *results, *stop;
	GtkWidget *recording, *spinner, *stack, *grid, *empty, *empty_clear;
};

/* ---- explorer-actions.c: the group "explorer", for keys and menus ---- */
void explorer_actions_add(Explorer *self);
