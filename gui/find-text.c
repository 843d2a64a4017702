#include "gui/find-text.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "recorder/query/expr.h"

/* Where plain text is looked for. */
static const char *const fields[] = {
	"process.executable", "process.command_line", "file.path", "file.target_path", "source.address",
	"destination.address", "user.name", "user.target.name", "event.object", "driver.path",
};

static struct expr *text_condition(struct span text)
{
	struct expr *any = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		struct expr *one = expr_condition(field_find(span_of(fields[i])), EXPR_CONTAINS, text);

		any = i ? expr_or(any, one) : one;
		if (!any)
			return NULL;
	}
	return any;
}

static struct expr *parse(struct span text)
{
	struct expr_error fault;
	struct expr *e = NULL;

	return expr_parse(text, &e, &fault) == 0 ? e : NULL;
}

char *find_text_expression(const char *typed, const char *within, gboolean *ret_text)
{
	g_autofree char *text = g_strstrip(g_strdup(typed ? typed : ""));
	AUTO_EXPR *where = NULL;
	AUTO_BUF out = BUF_INIT;
	bool as_text;

	if (!*text)
		return NULL;
	where = parse(span_of(text));
	as_text = !where;
	if (as_text)
		where = text_condition(span_of(text));
	if (where && within && *within)
		where = expr_and(parse(span_of(within)), where);
	if (!where)
		return NULL;
	expr_print(where, &out);
	if (ret_text)
		*ret_text = as_text;
	return out.failed ? NULL : g_strndup(out.p ? out.p : "", out.n);
}
