#include "gui/search-parameter.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/event-column.h"

#define ANY (1u << EVENT_NONE)
#define PROCESS (1u << EVENT_PROCESS)
#define FILES (1u << EVENT_FILE)
#define NETWORK (1u << EVENT_NETWORK)
#define SECURITY (1u << EVENT_SECURITY)
#define DRIVER (1u << EVENT_DRIVER)
#define REGISTRY (1u << EVENT_REGISTRY)
#define ALL (ANY | PROCESS | FILES | NETWORK | SECURITY | DRIVER | REGISTRY)

/* In the order shown; `kinds`: with which buttons it is one of the usual ones. */
static const struct {
	const char *label, *field, *other;
	unsigned kinds;
} usual[] = {
	{ "File path", "file.path", NULL, ANY | FILES },
	{ "File name", "file.name", NULL, FILES },
	{ "Directory", "file.directory", NULL, FILES },
	{ "File extension", "file.extension", NULL, FILES },
	{ "New path or link target", "file.target_path", NULL, FILES },
	{ "Changed attribute", "file.attribute", NULL, FILES },
	{ "IP address", "source.ip", "destination.ip", ANY | NETWORK },
	{ "Port", "source.port", "destination.port", ANY | NETWORK },
	{ "Destination address", "destination.ip", NULL, NETWORK },
	{ "Destination port", "destination.port", NULL, NETWORK },
	{ "Source address", "source.ip", NULL, NETWORK | SECURITY },
	{ "Source port", "source.port", NULL, NETWORK },
	{ "Direction", "network.direction", NULL, NETWORK },
	{ "Address family", "network.type", NULL, NETWORK },
	{ "Socket path", "destination.address", NULL, NETWORK },
	{ "Account", "user.target.name", NULL, SECURITY },
	{ "Logon type", "user.logon_type", NULL, SECURITY },
	{ "Source host", "source.domain", NULL, SECURITY },
	{ "Denied or changed", "event.object", NULL, SECURITY },
	{ "What was done", "event.operation", NULL, SECURITY },
	{ "Module path", "driver.path", NULL, DRIVER },
	{ "Module name", "driver.name", NULL, DRIVER },
	{ "Signature", "driver.code_signature.status", NULL, DRIVER },
	{ "Signer", "driver.code_signature.subject_name", NULL, DRIVER },
	{ "Module hash (SHA-256)", "driver.hash.sha256", NULL, DRIVER },
	{ "Key value", "registry.path", NULL, REGISTRY },
	{ "Process name", "process.name", NULL, ALL },
	{ "Process path", "process.executable", NULL, ALL },
	{ "Command line", "process.command_line", NULL, ALL },
	{ "PID", "process.pid", NULL, ALL },
	{ "User", "user.name", NULL, ALL },
	{ "Logged in as", "user.audit.name", NULL, ALL },
	{ "Operation", "event.action", NULL, ALL },
	{ "Event type", "event.category", NULL, ANY },
	{ "Outcome", "event.outcome", NULL, ALL },
	{ "Parent path", "process.parent.executable", NULL, ANY | PROCESS },
	{ "Parent command line", "process.parent.command_line", NULL, PROCESS },
	{ "Hash (SHA-256)", "process.hash.sha256", NULL, ANY | PROCESS },
	{ "Hash (MD5)", "process.hash.md5", NULL, ANY | PROCESS },
	{ "Working directory", "process.working_directory", NULL, PROCESS },
	{ "Exit code", "process.exit_code", NULL, PROCESS },
	{ "Login session", "auditd.session", NULL, PROCESS | SECURITY },
	{ "Container or unit", "process.cgroup", NULL, ANY | PROCESS },
	{ "Error", "error.code", NULL, FILES | NETWORK | SECURITY },
};

static gboolean is_listed(GArray *list, const struct field *f)
{
	for (guint i = 0; i < list->len; i++) {
		const struct search_parameter *p = &g_array_index(list, struct search_parameter, i);

		if (p->field == f && !p->other)
			return TRUE;
	}
	return FALSE;
}

GArray *search_parameter_list(enum event_category kind, guint *ret_usual)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct search_parameter));
	const struct field *f;

	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++) {
		struct search_parameter p = { usual[i].label, field_find(span_of(usual[i].field)),
			                      usual[i].other ? field_find(span_of(usual[i].other)) : NULL };

		if (usual[i].kinds & 1u << kind)
			g_array_append_val(list, p);
	}
	*ret_usual = list->len;
	for (size_t i = 0; (f = field_at(i)); i++) {
		struct search_parameter p = { f->name, f, NULL };

		if ((!f->categories || !kind || f->categories & 1u << kind) && !is_listed(list, f))
			g_array_append_val(list, p);
	}
	return list;
}

const char *search_parameter_label(const struct field *f)
{
	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
		if (!usual[i].other && strcmp(usual[i].field, f->name) == 0)
			return usual[i].label;
	return f->name;
}

/* ---- operands ---- */

#define T(type) (1u << (type))
#define TEXT T(FIELD_TEXT)
#define ORDERED (T(FIELD_NUMBER) | T(FIELD_TIME))
#define EVERY (TEXT | ORDERED | T(FIELD_ADDRESS) | T(FIELD_ENUM) | T(FIELD_BOOL))

static const struct {
	struct search_operand operand;
	unsigned types;
} operands[] = {
	{ { "contains", EXPR_CONTAINS, FALSE }, TEXT },
	{ { "is", EXPR_EQ, FALSE }, EVERY },
	{ { "is not", EXPR_NE, FALSE }, EVERY },
	{ { "does not contain", EXPR_CONTAINS, TRUE }, TEXT },
	{ { "starts with", EXPR_STARTSWITH, FALSE }, TEXT },
	{ { "ends with", EXPR_ENDSWITH, FALSE }, TEXT },
	{ { "does not start with", EXPR_STARTSWITH, TRUE }, TEXT },
	{ { "does not end with", EXPR_ENDSWITH, TRUE }, TEXT },
	{ { "matches pattern", EXPR_MATCHES, FALSE }, TEXT },
	{ { "is in network", EXPR_CIDR, FALSE }, T(FIELD_ADDRESS) },
	{ { "is not in network", EXPR_CIDR, TRUE }, T(FIELD_ADDRESS) },
	{ { "is at least", EXPR_GE, FALSE }, ORDERED },
	{ { "is more than", EXPR_GT, FALSE }, ORDERED },
	{ { "is at most", EXPR_LE, FALSE }, ORDERED },
	{ { "is less than", EXPR_LT, FALSE }, ORDERED },
	{ { "is one of", EXPR_IN, FALSE }, EVERY & ~T(FIELD_BOOL) },
	{ { "is none of", EXPR_IN, TRUE }, EVERY & ~T(FIELD_BOOL) },
	{ { "is known", EXPR_EXISTS, FALSE }, EVERY },
	{ { "is not known", EXPR_EXISTS, TRUE }, EVERY },
};

const struct search_operand *search_operand_at(const struct field *f, guint at)
{
	for (size_t i = 0; i < G_N_ELEMENTS(operands); i++)
		if (operands[i].types & T(f->type) && at-- == 0)
			return &operands[i].operand;
	return NULL;
}

const struct search_operand *search_operand_of(const struct expr *e, gboolean negated)
{
	const struct search_operand *o;

	for (guint i = 0; e->field && (o = search_operand_at(e->field, i)); i++)
		if (o->op == e->op && o->negated == negated)
			return o;
	return NULL;
}

/* ---- conditions ---- */

static void add_quoted(GString *out, const char *value)
{
	g_string_append_c(out, '"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *value);
	}
	g_string_append_c(out, '"');
}

/* "a, b" → "a", "b". A comma in a value is written \, */
static void add_list(GString *out, const char *value, gboolean cased)
{
	g_autoptr(GString) one = g_string_new(NULL);
	gboolean first = TRUE;

	g_string_append(out, cased ? "cased (" : "(");
	for (;; value++) {
		if (*value && *value != ',' && !(*value == '\\' && value[1] == ',')) {
			g_string_append_c(one, *value);
			continue;
		}
		if (*value == '\\') {
			g_string_append_c(one, *++value);
			continue;
		}
		g_strstrip(one->str);
		if (*one->str || first) {
			g_string_append(out, first ? "" : ", ");
			add_quoted(out, one->str);
			first = FALSE;
		}
		g_string_truncate(one, 0);
		if (!*value)
			break;
	}
	g_string_append_c(out, ')');
}

static struct expr *condition(const struct field *f, const struct search_operand *o, const char *value,
                              gboolean cased, char **ret_why)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct expr_error fault = { 0 };
	struct expr *e = NULL;

	cased = cased && f->type == FIELD_TEXT && o->op != EXPR_EXISTS;
	g_string_printf(text, "%s%s %s ", o->negated ? "not " : "", f->name, expr_op_word(o->op));
	if (o->op == EXPR_IN) {
		add_list(text, value, cased);
	} else if (o->op != EXPR_EXISTS) {
		g_string_append(text, cased ? "cased " : "");
		add_quoted(text, value);
	}
	if (expr_parse((struct span){ text->str, text->len }, &e, &fault) == 0)
		return e;
	if (ret_why)
		*ret_why = g_strdup(*fault.message ? fault.message : "out of memory");
	return NULL;
}

struct expr *search_parameter_condition(const struct search_parameter *p, const struct search_operand *o,
                                        const char *value, gboolean cased, char **ret_why)
{
	struct expr *e = condition(p->field, o, value, cased, ret_why), *other;
	gboolean denies = o->negated || o->op == EXPR_NE;

	if (!e || !p->other)
		return e;
	other = condition(p->other, o, value, cased, NULL);
	return denies ? expr_and(e, other) : expr_or(e, other);
}

char *search_parameter_value(const struct expr *e)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < e->n_values; i++) {
		const struct expr_value *v = &e->values[i];
		g_autofree char *shown = event_text(v->text);
		g_auto(GStrv) parts = e->op == EXPR_IN ? g_strsplit(shown, ",", -1) : NULL;
		g_autofree char *escaped = parts ? g_strjoinv("\\,", parts) : NULL;

		if (!span_eq(v->text, span_of(shown))) {
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append_printf(out, "%s%s", i ? ", " : "", escaped ? escaped : shown);
	}
	return g_string_free(out, FALSE);
}
