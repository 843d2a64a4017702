#include "gui/explorer-private.h"

#include "gui/i18n.h"
#include "gui/time-range.h"

static Source *get_source(Page *page)
{
	return SPOOR_EXPLORER(page)->source;
}

static void focus(Page *page)
{
	explorer_focus_grid(SPOOR_EXPLORER(page));
}

static gboolean copy(Page *page, gboolean whole_row)
{
	return explorer_copy(SPOOR_EXPLORER(page), whole_row);
}

static void save(Page *page, GVariantDict *into)
{
	const struct explorer_state *s = &SPOOR_EXPLORER(page)->state;

	if (s->category)
		g_variant_dict_insert(into, "category", "s", event_category_name(s->category));
	g_variant_dict_insert(into, "expression", "s", s->expression);
	if (*s->view)
		g_variant_dict_insert(into, "view", "s", s->view);
	if (time_range_is_all(s->range))
		return;
	g_variant_dict_insert(into, "from", "x", s->range.from_ms);
	g_variant_dict_insert(into, "to", "x", s->range.to_ms);
}

void explorer_page_init(PageInterface *iface)
{
	iface->title = N_("Explorer");
	iface->help = "explorer";
	iface->get_source = get_source;
	iface->focus = focus;
	iface->copy = copy;
	iface->kind = "explorer";
	iface->save = save;
}
