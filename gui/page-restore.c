#include "gui/page-restore.h"

#include "gui/compare-page.h"
#include "gui/distribution-page.h"
#include "gui/explorer.h"
#include "gui/process-page.h"
#include "gui/story-page.h"
#include "gui/timeline-page.h"

static GtkWidget *restore_explorer(GVariant *saved, Source *source, GSettings *settings)
{
	const char *category = "", *expression = "", *view = "";
	struct explorer_state state = { .range = READER_ALL_TIME };
	GtkWidget *page = explorer_new(source, settings);

	g_variant_lookup(saved, "category", "&s", &category);
	g_variant_lookup(saved, "expression", "&s", &expression);
	g_variant_lookup(saved, "view", "&s", &view);
	g_strlcpy(state.view, view, sizeof(state.view));
	g_variant_lookup(saved, "from", "x", &state.range.from_ms);
	g_variant_lookup(saved, "to", "x", &state.range.to_ms);
	for (int i = 0; i < EVENT_CATEGORY_COUNT; i++)
		if (g_strcmp0(event_category_name((enum event_category)i), category) == 0)
			state.category = (enum event_category)i;
	state.expression = g_strdup(expression);
	explorer_set_state(SPOOR_EXPLORER(page), &state);
	explorer_state_clear(&state);
	return page;
}

static GtkWidget *restore_process(GVariant *saved, Source *source, GSettings *settings)
{
	gint64 process;

	return g_variant_lookup(saved, "process", "x", &process) ? process_page_new(source, process, settings) : NULL;
}

static GtkWidget *restore_story(GVariant *saved, Source *source, GSettings *settings)
{
	gint64 process;

	return g_variant_lookup(saved, "process", "x", &process) ? story_page_new(source, process) : NULL;
}

static GtkWidget *restore_timeline(GVariant *saved, Source *source, GSettings *settings)
{
	const char *expression = NULL, *lanes = NULL;
	GtkWidget *page;

	g_variant_lookup(saved, "expression", "&s", &expression);
	page = timeline_page_new(source, expression);
	if (g_variant_lookup(saved, "lanes", "&s", &lanes))
		timeline_page_set_lanes(TIMELINE_PAGE(page), lanes);
	return page;
}

static GtkWidget *restore_compare(GVariant *saved, Source *source, GSettings *settings)
{
	const char *path = NULL;

	return g_variant_lookup(saved, "path", "^&ay", &path) && *path ? compare_page_new(source, path) : NULL;
}

static GtkWidget *restore_distribution(GVariant *saved, Source *source, GSettings *settings)
{
	return distribution_page_new(source);
}

static const struct {
	const char *kind;
	GtkWidget *(*restore)(GVariant *saved, Source *source, GSettings *settings);
} kinds[] = {
	{ "compare", restore_compare },
	{ "distribution", restore_distribution },
	{ "explorer", restore_explorer },
	{ "process", restore_process },
	{ "story", restore_story },
	{ "timeline", restore_timeline },
};

GtkWidget *page_restore(GVariant *saved, Source *source, GSettings *settings)
{
	const char *kind = NULL;

	if (!g_variant_is_of_type(saved, G_VARIANT_TYPE_VARDICT) || !g_variant_lookup(saved, "kind", "&s", &kind))
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kind, kinds[i].kind) == 0)
			return kinds[i].restore(saved, source, settings);
	return NULL;
}
