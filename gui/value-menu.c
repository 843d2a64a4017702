#include "gui/value-menu.h"

#include "agent/base/cleanup.h"
#include "gui/i18n.h"
#include "recorder/query/expr.h"

enum { LABEL_CHARS = 44 };

static void activate(GtkWidget *item)
{
	GtkWidget *from = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));
	GtkWidget *window = from ? gtk_widget_get_toplevel(from) : NULL;
	const char *expression = g_object_get_data(G_OBJECT(item), "expression");

	if (G_IS_ACTION_GROUP(window))
		g_action_group_activate_action(G_ACTION_GROUP(window), g_object_get_data(G_OBJECT(item), "action"),
		                               g_variant_new_string(expression));
}

static void add(GtkWidget *menu, const char *label, const char *action, const char *expression)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	gtk_widget_set_sensitive(item, expression && *expression);
	g_object_set_data(G_OBJECT(item), "action", (gpointer)action);
	g_object_set_data_full(G_OBJECT(item), "expression", g_strdup(expression), g_free);
	g_signal_connect(item, "activate", G_CALLBACK(activate), NULL);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

char *value_menu_label(const char *verb, const char *value)
{
	g_autofree char *part = g_utf8_strlen(value, -1) > LABEL_CHARS ? g_utf8_substring(value, 0, LABEL_CHARS) : NULL;
	g_auto(GStrv) pieces = g_strsplit(part ? part : value, "_", -1);
	g_autofree char *safe = g_strjoinv("__", pieces);

	return *value ? g_strdup_printf("%s “%s%s”", verb, safe, part ? "…" : "") : g_strdup(verb);
}

char *value_menu_expression(const char *field, const char *value, gboolean negate)
{
	const struct field *f = field_find(span_of(field));
	AUTO_BUF out = BUF_INIT;
	AUTO_EXPR *e = f && *value ? expr_condition(f, negate ? EXPR_NE : EXPR_EQ, span_of(value)) : NULL;

	if (!e)
		return NULL;
	expr_print(e, &out);
	return out.failed ? NULL : g_strndup(out.p, out.n);
}

char *value_menu_opposite(const char *expression)
{
	AUTO_BUF out = BUF_INIT;
	AUTO_EXPR *e = NULL, *opposite = NULL;
	struct expr_error fault;

	if (expr_parse(span_of(expression), &e, &fault) < 0)
		return NULL;
	opposite = expr_not(STEAL(e));
	if (opposite)
		expr_print(opposite, &out);
	return !opposite || out.failed ? NULL : g_strndup(out.p, out.n);
}

void value_menu_add_filters(GtkWidget *menu, const char *value, const char *expression, const char *negated)
{
	g_autofree char *in = value_menu_label(_("_Filter in"), value), *out = value_menu_label(_("Filter _out"), value);
	g_autofree char *only = value_menu_label(_("O_nly"), value);

	add(menu, in, "filter-by", expression);
	add(menu, out, "filter-by", negated);
	add(menu, only, "ask-for", expression);
}

void value_menu_add_views(GtkWidget *menu, const char *expression)
{
	add(menu, _("This value over _time"), "value-over-time", expression);
	add(menu, _("Proce_sses that touched it"), "value-processes", expression);
}

static void copy(GtkWidget *item, const char *text)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(item, GDK_SELECTION_CLIPBOARD), text, -1);
}

static void add_copy(GtkWidget *menu, const char *label, const char *text)
{
	GtkWidget *item = gtk_menu_item_new_with_mnemonic(label);

	gtk_widget_set_sensitive(item, text && *text);
	g_signal_connect_data(item, "activate", G_CALLBACK(copy), g_strdup(text), (GClosureNotify)(GCallback)g_free, 0);
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

void value_menu_add_value(GtkWidget *menu, const char *value, const char *text, const char *expression)
{
	g_autofree char *opposite = expression ? value_menu_opposite(expression) : NULL;

	value_menu_add_filters(menu, value, expression, opposite);
	value_menu_add_views(menu, expression);
	value_menu_add_separator(menu);
	add_copy(menu, _("_Copy value"), text);
	add_copy(menu, _("Copy as e_xpression"), expression);
	value_menu_add_separator(menu);
}

void value_menu_add_separator(GtkWidget *menu)
{
	gtk_menu_shell_append(GTK_MENU_SHELL(menu), gtk_separator_menu_item_new());
}
