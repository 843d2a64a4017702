/* What the explorer shows, for its export. */
#include "gui/explorer-private.h"
#include "gui/export-page.h"

static void on_shown(gpointer page, struct export_shown *ret)
{
	Explorer *self = page;

	ret->source = self->source;
	ret->expression = explorer_expression(self);
	ret->range = self->state.range;
	ret->order = event_model_get_order(self->model);
	ret->fields = event_grid_get_fields(EVENT_GRID(self->grid));
	ret->grid = EVENT_GRID(self->grid);
}

void explorer_export_add(Explorer *self)
{
	export_page_add(GTK_WIDGET(self), GTK_MENU_BUTTON(self->export), on_shown);
}
