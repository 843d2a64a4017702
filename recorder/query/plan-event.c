/* The SQL of conditions on events. Every piece is 1 or 0, never NULL: expr.h says what absent values do. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/event.h"
#include "recorder/query/functions.h"
#include "recorder/query/plan-def.h"

enum { AMONG_FROM = 6 }; /* so many numbers are looked up in a sorted list */

static int compare_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int64_t number_of(const struct plan *p, const struct expr_value *v)
{
	return v->relative ? v->number + p->now : v->number;
}

static int among(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q)
{
	struct functions_list *list = malloc(sizeof(*list) + e->n_values * sizeof(*list->numbers));
	int r;

	if (!list)
		return -ENOMEM;
	list->n = e->n_values;
	for (size_t i = 0; i < e->n_values; i++)
		list->numbers[i] = number_of(p, &e->values[i]);
	qsort(list->numbers, list->n, sizeof(*list->numbers), compare_numbers);
	r = plan_own(p, list, free);
	if (r < 0)
		return r;
	buf_printf(&q->text, "spoor_among(%s, ", value);
	r = plan_sql_pointer(q, FUNCTIONS_LIST, list);
	buf_add_char(&q->text, ')');
	return r;
}

static int one_of(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q)
{
	int r = 0;

	if (e->n_values >= AMONG_FROM)
		return among(p, e, value, q);
	buf_add_char(&q->text, '(');
	for (size_t i = 0; i < e->n_values && r == 0; i++) {
		buf_printf(&q->text, "%s%s IS ", i ? " OR " : "", value);
		r = plan_sql_number(q, number_of(p, &e->values[i]));
	}
	buf_add_char(&q->text, ')');
	return r;
}

int plan_value_condition(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q)
{
	static const char *const words[] = {
		[EXPR_EQ] = "IS", [EXPR_NE] = "IS NOT", [EXPR_LT] = "<", [EXPR_LE] = "<=", [EXPR_GT] = ">", [EXPR_GE] = ">=",
	};
	bool order = e->op >= EXPR_LT && e->op <= EXPR_GE;
	int r;

	if (e->op == EXPR_EXISTS) {
		buf_printf(&q->text, "(%s IS NOT NULL)", value);
		return 0;
	}
	if (e->op == EXPR_IN)
		return one_of(p, e, value, q);
	buf_printf(&q->text, "%s%s %s ", order ? "coalesce(" : "(", value, words[e->op]);
	r = plan_sql_number(q, number_of(p, &e->values[0]));
	buf_add_z(&q->text, order ? ", 0)" : ")");
	return r;
}

/* ---- where values are ---- */

#define IS_FILE "(e.action BETWEEN 200 AND 299 OR e.action = 103)"
#define IS_NETWORK "e.action BETWEEN 300 AND 399"
#define HAS_SOURCE "(e.action BETWEEN 300 AND 399 OR e.action BETWEEN 400 AND 402)"
#define ACCEPTED "(e.action = 303 OR e.action = 304 AND coalesce(e.flags, 0) & 64 <> 0)"
/* Of an accepted connection the other side is the source, of any other this side. */
#define SOURCE_SIDE(object, object2) "(CASE WHEN " ACCEPTED " THEN e." object " ELSE e." object2 " END)"

static const struct event_source {
	const char *applies; /* to which events; NULL all */
	const char *value;   /* a number, or the id of a text */
	const char *value2;  /* a second text */
} sources[] = {
	[SOURCE_EVENT_TIME] = { .value = "(e.id >> 14)" },
	[SOURCE_EVENT_ID] = { .value = "e.id" },
	[SOURCE_EVENT_CATEGORY] = { .value = "(e.action / 100)" },
	[SOURCE_EVENT_ACTION] = { .value = "e.action" },
	[SOURCE_EVENT_OUTCOME] = { .value =
		"(CASE WHEN e.action IN (103, 302) THEN 1 WHEN e.action = 300 THEN 2 WHEN e.action IN (101, 304) THEN 0 "
		"ELSE coalesce(e.result, 0) <> 0 END)" },
	[SOURCE_EVENT_COUNT] = { .value = "coalesce(e.count, 1)" },
	[SOURCE_EVENT_SERIAL] = { 0 }, /* plan-serial.c */
	[SOURCE_EVENT_PARTIAL] = { .value = "(coalesce(e.flags, 0) & 4 <> 0)" },
	[SOURCE_EVENT_PROVIDER] = { .value = "(CASE WHEN e.flags & 8 THEN e.action = 402 END)" },
	[SOURCE_ERROR_CODE] = { .applies = "e.action NOT IN (101, 304)", .value = "nullif(e.result, 0)" },
	[SOURCE_FILE] = { IS_FILE, "e.object", "e.object2" },
	[SOURCE_FILE_TARGET] = { .applies = "e.action BETWEEN 200 AND 299", .value = "e.object2" },
	[SOURCE_DRIVER] = { "e.action BETWEEN 500 AND 599", "e.object", "e.object2" },
	[SOURCE_TARGET_USER] = { .applies = "e.action BETWEEN 400 AND 404",
	                         .value = "(CASE WHEN e.action = 403 THEN e.object2 ELSE e.object END)" },
	[SOURCE_OBJECT] = { .applies = "(e.action IN (104, 105, 403) OR e.action BETWEEN 405 AND 499)",
	                    .value = "e.object" },
	[SOURCE_OPERATION] = { .applies = "(e.action IN (404, 405, 407))", .value = "e.object2" },
	[SOURCE_ATTRIBUTE] = { .applies = "e.action = 205", .value = "(nullif(e.port, 0) - 1)" },
	[SOURCE_TARGET_PID] = { .applies = "e.action = 104", .value = "nullif(e.port, 0)" },
	[SOURCE_REGISTRY] = { .applies = "e.action BETWEEN 600 AND 699", .value = "e.object" },
	[SOURCE_NET_SOURCE] = { .applies = HAS_SOURCE, .value = SOURCE_SIDE("object", "object2") },
	[SOURCE_NET_DESTINATION] = { .applies = IS_NETWORK, .value = SOURCE_SIDE("object2", "object") },
	[SOURCE_NET_SOURCE_PORT] = { .applies = IS_NETWORK, .value = "nullif(" SOURCE_SIDE("port", "port2") ", 0)" },
	[SOURCE_NET_DESTINATION_PORT] = { .applies = IS_NETWORK, .value = "nullif(" SOURCE_SIDE("port2", "port") ", 0)" },
	[SOURCE_NET_DIRECTION] = { .value = "(CASE WHEN " ACCEPTED " THEN 1 WHEN e.action BETWEEN 300 AND 302 OR "
	                                    "e.action = 304 AND e.image IS NOT NULL THEN 0 END)" },
	[SOURCE_NET_TRANSPORT] = { IS_NETWORK, "(CASE WHEN coalesce(e.flags, 0) & 16 THEN 0 WHEN coalesce(e.flags, 0) & 32 "
	                                       "THEN 1 END)", NULL },
	[SOURCE_DURATION] = { .applies = "e.action = 304",
	                      .value = "(CASE WHEN coalesce(e.result, 0) >= 0 THEN coalesce(e.result, 0) * 1000000 END)" },
	[SOURCE_NET_TYPE] = { IS_NETWORK, "e.object", "e.object2" },
};

static bool uses_action_only(enum field_source s)
{
	return s == SOURCE_EVENT_CATEGORY || s == SOURCE_EVENT_ACTION;
}

/* Any of the texts is in the set; without a set: there is a text. */
static int text_condition(struct plan *p, const struct expr *e, const struct event_source *s, struct plan_sql *q)
{
	struct idset *set = plan_text_set(p, e, 0);
	int r = 0;

	buf_add_char(&q->text, '(');
	for (int i = 0; i < 2 && r == 0; i++) {
		const char *value = i ? s->value2 : s->value;

		if (!value)
			continue;
		buf_add_z(&q->text, i ? " OR " : "");
		if (set)
			r = plan_sql_in(q, value, set);
		else
			buf_printf(&q->text, "%s IS NOT NULL", value);
	}
	buf_add_char(&q->text, ')');
	return r;
}

static int detail_condition(struct plan *p, const struct expr *e, struct plan_sql *q)
{
	static const struct event_source source = { .value = "d.value" };
	int r;

	buf_printf(&q->text, "EXISTS (SELECT 1 FROM detail d WHERE d.event = e.id AND d.field = %d AND ",
	           field_def(e->field)->detail);
	r = text_condition(p, e, &source, q);
	buf_add_char(&q->text, ')');
	return r;
}

static bool is_text(const struct field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_ADDRESS || field_def(f)->source == SOURCE_NET_TYPE;
}

int plan_event_condition(struct plan *p, const struct expr *e, struct plan_sql *q)
{
	enum field_source source = field_def(e->field)->source;
	const struct event_source *s = &sources[source];
	struct expr positive = *e;
	int r;

	p->actions_only = p->actions_only && uses_action_only(source);
	/* != is the negation of == also where the event has no such value at all. */
	if (e->op == EXPR_NE) {
		positive.op = EXPR_EQ;
		buf_add_z(&q->text, "NOT ");
	}
	buf_add_char(&q->text, '(');
	if (source != SOURCE_DETAIL && s->applies)
		buf_printf(&q->text, "%s AND ", s->applies);
	if (source == SOURCE_DETAIL)
		r = detail_condition(p, e, q);
	else if (source == SOURCE_EVENT_SERIAL)
		r = plan_serial_condition(p, &positive, q);
	else if (is_text(e->field))
		r = text_condition(p, e, s, q);
	else
		r = plan_value_condition(p, &positive, s->value, q);
	buf_add_char(&q->text, ')');
	return r;
}

/* ---- the values themselves ---- */

struct plan_value plan_value_of(const struct field *f)
{
	enum field_source source = field_def(f)->source;

	if (f->level == FIELD_OF_IMAGE || f->level == FIELD_OF_PARENT)
		return plan_image_value_of(f);
	return (struct plan_value){
		source == SOURCE_DETAIL || is_text(f) ? PLAN_TEXT_ID : PLAN_NUMBER,
		source != SOURCE_DETAIL && sources[source].value2 != NULL, uses_action_only(source),
	};
}

void plan_value_columns(const struct field *f, struct buf *out)
{
	enum field_source source = field_def(f)->source;
	const struct event_source *s = &sources[source];

	if (source == SOURCE_DETAIL)
		buf_printf(out, "CASE WHEN %u = 0 OR %u >> e.action / 100 & 1 THEN "
		           "(SELECT d.value FROM detail d WHERE d.event = e.id AND d.field = %d) END, NULL", f->categories,
		           f->categories, field_def(f)->detail);
	else if (source == SOURCE_EVENT_SERIAL)
		buf_add_z(out, "nullif(" PLAN_SERIAL ", 0), NULL");
	else if (s->applies)
		buf_printf(out, "CASE WHEN %s THEN %s END, CASE WHEN %s THEN %s END", s->applies, s->value, s->applies,
		           s->value2 ? s->value2 : "NULL");
	else
		buf_printf(out, "%s, %s", s->value, s->value2 ? s->value2 : "NULL");
}
