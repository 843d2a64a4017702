#include "gui/fault-text.h"

#include <string.h>

#include "gui/i18n.h"

/* ---- expressions ---- */

/* Which argument stands here: "%s" the next, "%2$s" the second. The number of bytes that name it, 0 for none. */
static gsize place_at(const char *p, guint *next, guint *ret_argument)
{
	if (p[0] != '%')
		return 0;
	if (p[1] == 's') {
		*ret_argument = (*next)++;
		return 2;
	}
	if (p[1] >= '1' && p[1] <= '9' && p[2] == '$' && p[3] == 's') {
		*ret_argument = (guint)(p[1] - '1');
		return 4;
	}
	return 0;
}

char *fault_text_of_expression(const struct expr_error *fault)
{
	GString *out = g_string_new(NULL);
	guint next = 0, argument = 0;

	for (const char *p = fault->format ? _(fault->format) : ""; *p;) {
		gsize n = place_at(p, &next, &argument);

		if (n && argument < EXPR_ERROR_ARGUMENTS)
			g_string_append(out, fault->arguments[argument]);
		else if (n == 0)
			g_string_append_c(out, *p);
		p += MAX(n, 1);
	}
	if (!out->len)
		g_string_append(out, fault->message);
	return g_string_free(out, FALSE);
}

/* ---- reading and writing ---- */

/* gettext("") is the catalogue's header. */
static const char *translated(const char *text)
{
	return *text ? _(text) : text;
}

const char *fault_text_of_reader(const struct reader *r, int error)
{
	return translated(reader_error_text(r, error));
}

static char *reason_text(const char *reason)
{
	const char *known = translated(reason), *colon = strstr(reason, ": ");

	if (strcmp(known, reason) == 0 && colon && g_str_has_prefix(reason, N_("it is damaged")))
		return g_strdup_printf(_("it is damaged: %s"), colon + 2);
	return g_strdup(known);
}

/* Cuts a line at what failed. NULL when that is not in it. */
static char *cut_at(const char *line, const char *what, char **ret_reason)
{
	const char *at = strstr(line, what);

	if (!at)
		return NULL;
	*ret_reason = reason_text(at + strlen(what));
	return g_strndup(line, (gsize)(at - line));
}

/* "WHAT: why" where all of "why" is known: WHAT may have colons itself. */
static char *known_line(const char *line)
{
	for (const char *colon = strstr(line, ": "); colon; colon = strstr(colon + 2, ": ")) {
		const char *why = colon + 2, *there = translated(why);

		if (strcmp(there, why) != 0)
			return g_strdup_printf("%.*s: %s", (int)(colon - line), line, there);
	}
	return NULL;
}

char *fault_text_of_line(const char *line)
{
	g_autofree char *what = NULL, *why = NULL;
	char *known;

	if ((what = cut_at(line, ": cannot open: ", &why)))
		return g_strdup_printf(_("%s: cannot open: %s"), what, why);
	known = known_line(line);
	if (known)
		return known;
	if ((what = cut_at(line, ": cannot export: ", &why)))
		return g_strdup_printf(_("%s: cannot export: %s"), what, why);
	if ((what = cut_at(line, ": cannot start a process to read it: ", &why)))
		return g_strdup_printf(_("%s: cannot start a process to read it: %s"), what, why);
	return g_strdup(line);
}
