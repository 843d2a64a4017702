#include "gui/explorer-private.h"
#include "gui/search-panel.h"

static void action_undo(GSimpleAction *a, GVariant *unused, gpointer explorer)
{
	explorer_notes_undo(explorer);
}

static void action_redo(GSimpleAction *a, GVariant *unused, gpointer explorer)
{
	Explorer *self = explorer;

	if (!search_panel_redo(SEARCH_PANEL(self->search)))
		notes_redo(self->notes);
}

static void action_build(GSimpleAction *a, GVariant *unused, gpointer explorer)
{
	search_panel_toggle_builder(SEARCH_PANEL(SPOOR_EXPLORER(explorer)->search));
}

static void action_range(GSimpleAction *a, GVariant *unused, gpointer explorer)
{
	explorer_range_open(explorer);
}

static void action_goto(GSimpleAction *a, GVariant *unused, gpointer explorer)
{
	explorer_goto_open(explorer);
}

static const GActionEntry actions[] = {
	{ "undo", action_undo, NULL, NULL, NULL, { 0 } },
	{ "redo", action_redo, NULL, NULL, NULL, { 0 } },
	{ "build", action_build, NULL, NULL, NULL, { 0 } },
	{ "goto", action_goto, NULL, NULL, NULL, { 0 } },
	{ "range", action_range, NULL, NULL, NULL, { 0 } },
};

void explorer_actions_add(Explorer *self)
{
	g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();

	g_action_map_add_action_entries(G_ACTION_MAP(group), actions, G_N_ELEMENTS(actions), self);
	gtk_widget_insert_action_group(GTK_WIDGET(self), "explorer", G_ACTION_GROUP(group));
}
