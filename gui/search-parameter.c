#include "gui/search-parameter.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/event-column.h"
#include "gui/fault-text.h"
#include "gui/i18n.h"

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
	{ N_("File path"), "file.path", NULL, ANY | FILES },
	{ N_("File name"), "file.name", NULL, FILES },
	{ N_("Directory"), "file.directory", NULL, FILES },
	{ N_("File extension"), "file.extension", NULL, FILES },
	{ N_("New path or link target"), "file.target_path", NULL, FILES },
	{ N_("Changed attribute"), "file.attribute", NULL, FILES },
	{ N_("IP address"), "source.ip", "destination.ip", ANY | NETWORK },
	{ N_("Port"), "source.port", "destination.port", ANY | NETWORK },
	{ N_("Destination address"), "destination.ip", NULL, NETWORK },
	{ N_("Destination port"), "destination.port", NULL, NETWORK },
	{ N_("Source address"), "source.ip", NULL, NETWORK | SECURITY },
	{ N_("Source port"), "source.port", NULL, NETWORK },
	{ N_("Direction"), "network.direction", NULL, NETWORK },
	{ N_("Address family"), "network.type", NULL, NETWORK },
	{ N_("Socket path"), "destination.address", NULL, NETWORK },
	{ N_("Account"), "user.target.name", NULL, SECURITY },
	{ N_("Logon type"), "user.logon_type", NULL, SECURITY },
	{ N_("Source host"), "source.domain", NULL, SECURITY },
	{ N_("Denied or changed"), "event.object", NULL, SECURITY },
	{ N_("What was done"), "event.operation", NULL, SECURITY },
	{ N_("Module path"), "driver.path", NULL, DRIVER },
	{ N_("Module name"), "driver.name", NULL, DRIVER },
	{ N_("Signature"), "driver.code_signature.status", NULL, DRIVER },
	{ N_("Signer"), "driver.code_signature.subject_name", NULL, DRIVER },
	{ N_("Module hash (SHA-256)"), "driver.hash.sha256", NULL, DRIVER },
	{ N_("Key value"), "registry.path", NULL, REGISTRY },
	{ N_("Process name"), "process.name", NULL, ALL },
	{ N_("Process path"), "process.executable", NULL, ALL },
	{ N_("Command line"), "process.command_line", NULL, ALL },
	{ N_("PID"), "process.pid", NULL, ALL },
	{ N_("User"), "user.name", NULL, ALL },
	{ N_("Logged in as"), "user.audit.name", NULL, ALL },
	{ N_("Operation"), "event.action", NULL, ALL },
	{ N_("Event type"), "event.category", NULL, ANY },
	{ N_("Outcome"), "event.outcome", NULL, ALL },
	{ N_("Parent path"), "process.parent.executable", NULL, ANY | PROCESS },
	{ N_("Parent command line"), "process.parent.command_line", NULL, PROCESS },
	{ N_("Hash (SHA-256)"), "process.hash.sha256", NULL, ANY | PROCESS },
	{ N_("Hash (MD5)"), "process.hash.md5", NULL, ANY | PROCESS },
	{ N_("Working directory"), "process.working_directory", NULL, PROCESS },
	{ N_("Exit code"), "process.exit_code", NULL, PROCESS },
	{ N_("Login session"), "auditd.session", NULL, PROCESS | SECURITY },
	{ N_("Container or unit"), "process.cgroup", NULL, ANY | PROCESS },
	{ N_("Error"), "error.code", NULL, FILES | NETWORK | SECURITY },
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
		struct search_parameter p = { _(usual[i].label), field_find(span_of(usual[i].field)),
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
			return _(usual[i].label);
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
	{ { N_("contains"), EXPR_CONTAINS, FALSE }, TEXT },
	{ { N_("is"), EXPR_EQ, FALSE }, EVERY },
	{ { N_("is not"), EXPR_NE, FALSE }, EVERY },
	{ { N_("does not contain"), EXPR_CONTAINS, TRUE }, TEXT },
	{ { N_("starts with"), EXPR_STARTSWITH, FALSE }, TEXT },
	{ { N_("ends with"), EXPR_ENDSWITH, FALSE }, TEXT },
	{ { N_("does not start with"), EXPR_STARTSWITH, TRUE }, TEXT },
	{ { N_("does not end with"), EXPR_ENDSWITH, TRUE }, TEXT },
	{ { N_("matches pattern"), EXPR_MATCHES, FALSE }, TEXT },
	{ { N_("is in network"), EXPR_CIDR, FALSE }, T(FIELD_ADDRESS) },
	{ { N_("is not in network"), EXPR_CIDR, TRUE }, T(FIELD_ADDRESS) },
	{ { N_("is at least"), EXPR_GE, FALSE }, ORDERED },
	{ { N_("is more than"), EXPR_GT, FALSE }, ORDERED },
	{ { N_("is at most"), EXPR_LE, FALSE }, ORDERED },
	{ { N_("is less than"), EXPR_LT, FALSE }, ORDERED },
	{ { N_("is one of"), EXPR_IN, FALSE }, EVERY & ~T(FIELD_BOOL) },
	{ { N_("is none of"), EXPR_IN, TRUE }, EVERY & ~T(FIELD_BOOL) },
	{ { N_("is known"), EXPR_EXISTS, FALSE }, EVERY },
	{ { N_("is not known"), EXPR_EXISTS, TRUE }, EVERY },
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
		*ret_why = *fault.message ? fault_text_of_expression(&fault) : g_strdup(_("out of memory"));
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
