/* ValuePanel: groups what is asked for by a field: its values with how many events have each, the most frequent or the
 * rarest first, each with its share of all that are asked for. It has a reader of its own while it is seen, so that
 * nothing else waits; what takes long shows how far it is, and can be stopped. Signals:
 *   "filter" (const char *expression)   click, Enter: only these; with Shift: without these
 *   "closed"
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define VALUE_PANEL_TYPE (value_panel_get_type())
G_DECLARE_FINAL_TYPE(ValuePanel, value_panel, VALUE, PANEL, GtkBox)

GtkWidget *value_panel_new(void);
void value_panel_set_source(ValuePanel *self, Source *source);
/* Of which events. Asked as soon as it is shown. */
void value_panel_set_query(ValuePanel *self, const struct source_query *q);
void value_panel_group(ValuePanel *self, const struct field *f);
void value_panel_focus(ValuePanel *self);
/* Stops what runs. */
void value_panel_stop(ValuePanel *self);
