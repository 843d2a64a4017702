/* value-menu: what can be done with a value wherever it stands (a cell, a detail, a node of a tree): ask for it in the
 * explorer of its source, see it over time, see which processes had to do with it. Actions of the window do it. */
#pragma once

#include <gtk/gtk.h>

/* Items, to a menu that is attached to a widget of the window. `expression` is what the value means (NULL or "": the
 * items are there, and insensitive), `negated` its opposite. `value` names it, safe to show. */
void value_menu_add_filters(GtkWidget *menu, const char *value, const char *expression, const char *negated);
void value_menu_add_views(GtkWidget *menu, const char *expression);
/* All of these, and "Copy value" (`text`) and "Copy as expression": for what is drawn and not a cell. */
void value_menu_add_value(GtkWidget *menu, const char *value, const char *text, const char *expression);
void value_menu_add_separator(GtkWidget *menu);
/* "FIELD == value" as the language writes it, or its opposite; NULL where it cannot be asked for. Newly allocated. */
char *value_menu_expression(const char *field, const char *value, gboolean negate);
/* What an expression is not true for; NULL where it is none. Newly allocated. */
char *value_menu_opposite(const char *expression);
/* "Verb “value”": the value, short, and no mnemonic where it has an underscore. Newly allocated. */
char *value_menu_label(const char *verb, const char *value);
