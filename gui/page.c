#include "gui/page.h"

#include "gui/i18n.h"

G_DEFINE_INTERFACE(Page, page, GTK_TYPE_WIDGET)

static void page_default_init(PageInterface *iface)
{
	iface->title = iface->help = "";
}

const char *page_get_title(Page *self)
{
	const char *title = SPOOR_PAGE_GET_IFACE(self)->title;

	return *title ? _(title) : "";
}

const char *page_get_help(Page *self)
{
	return SPOOR_PAGE_GET_IFACE(self)->help;
}

Source *page_get_source(Page *self)
{
	return SPOOR_PAGE_GET_IFACE(self)->get_source(self);
}

void page_focus(Page *self)
{
	SPOOR_PAGE_GET_IFACE(self)->focus(self);
}

gboolean page_copy(Page *self, gboolean whole_row)
{
	PageInterface *iface = SPOOR_PAGE_GET_IFACE(self);

	return iface->copy && iface->copy(self, whole_row);
}

GVariant *page_save(Page *self)
{
	PageInterface *iface = SPOOR_PAGE_GET_IFACE(self);
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

	if (!iface->kind)
		return NULL;
	g_variant_dict_insert(&dict, "kind", "s", iface->kind);
	iface->save(self, &dict);
	return g_variant_dict_end(&dict);
}
