#include "recorder/query/expr-def.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/base/translate.h"
#include "recorder/query/address.h"
#include "recorder/query/field-def.h"
#include "recorder/query/match.h"

static const char *const op_words[] = {
	[EXPR_AND] = "and", [EXPR_OR] = "or", [EXPR_NOT] = "not",
	[EXPR_EQ] = "==", [EXPR_NE] = "!=", [EXPR_LT] = "<", [EXPR_LE] = "<=", [EXPR_GT] = ">", [EXPR_GE] = ">=",
	[EXPR_CONTAINS] = "contains", [EXPR_STARTSWITH] = "startswith", [EXPR_ENDSWITH] = "endswith",
	[EXPR_MATCHES] = "matches", [EXPR_IN] = "in", [EXPR_CIDR] = "cidr", [EXPR_EXISTS] = "exists",
};

const char *expr_op_word(enum expr_op op)
{
	return (size_t)op < ARRAY_LEN(op_words) ? op_words[op] : NULL;
}

#define BIT(op) (1u << (op))
#define EQUALITY (BIT(EXPR_EQ) | BIT(EXPR_NE) | BIT(EXPR_IN) | BIT(EXPR_EXISTS))
#define ORDER (BIT(EXPR_LT) | BIT(EXPR_LE) | BIT(EXPR_GT) | BIT(EXPR_GE))
#define TEXTUAL (BIT(EXPR_CONTAINS) | BIT(EXPR_STARTSWITH) | BIT(EXPR_ENDSWITH) | BIT(EXPR_MATCHES))

static const struct {
	unsigned ops;
	const char *operators;
} types[] = {
	[FIELD_TEXT] = { EQUALITY | TEXTUAL, "== != in contains startswith endswith matches exists" },
	[FIELD_NUMBER] = { EQUALITY | ORDER, "== != < <= > >= in exists" },
	[FIELD_TIME] = { EQUALITY | ORDER, "== != < <= > >= in exists" },
	[FIELD_ADDRESS] = { EQUALITY | BIT(EXPR_CIDR), "== != in cidr exists" },
	[FIELD_ENUM] = { EQUALITY, "== != in exists" },
	[FIELD_BOOL] = { BIT(EXPR_EQ) | BIT(EXPR_NE) | BIT(EXPR_EXISTS), "== != exists" },
};

bool expr_op_applies(enum expr_op op, enum field_type type) { return types[type].ops & BIT(op); }
const char *expr_type_operators(enum field_type type) { return types[type].operators; }

bool expr_op_takes_case(enum expr_op op, enum field_type type)
{
	return type == FIELD_TEXT && op != EXPR_EXISTS;
}

/* ---- memory ---- */

struct expr *expr_new(enum expr_op op)
{
	struct expr *e = calloc(1, sizeof(*e));

	if (e)
		e->op = op;
	return e;
}

void expr_free(struct expr *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_kids; i++)
		expr_free(e->kids[i]);
	for (size_t i = 0; i < e->n_values; i++)
		free((char *)e->values[i].text.p);
	free(e->kids);
	free(e->values);
	free(e);
}

/* Room for one more in an array that grows at powers of two. */
static void *grow(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : reallocarray(array, n ? n * 2 : 1, size);
}

int expr_add_kid(struct expr *e, struct expr *kid)
{
	struct expr **kids = grow(e->kids, e->n_kids, sizeof(*kids));

	if (!kids || !kid) {
		expr_free(kid);
		e->kids = kids ? kids : e->kids;
		return -ENOMEM;
	}
	e->kids = kids;
	e->kids[e->n_kids++] = kid;
	return 0;
}

/* ---- values ---- */

/* Takes the texts that the format asks for. */
static void keep_arguments(struct expr_error *e, const char *format, va_list args)
{
	size_t n = 0;

	for (const char *p = strstr(format, "%s"); p && n < EXPR_ERROR_ARGUMENTS; p = strstr(p + 2, "%s")) {
		struct span cut = text_cut(span_of(va_arg(args, const char *)), sizeof(e->arguments[n]) - 1);

		snprintf(e->arguments[n++], sizeof(e->arguments[0]), "%.*s", SPAN_FMT(cut));
	}
}

int expr_error_vsay(struct expr_error *e, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	keep_arguments(e, format, again);
	va_end(again);
	vsnprintf(e->message, sizeof(e->message), format, args);
	e->format = format;
	return -EINVAL;
}

int expr_error_say(struct expr_error *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	expr_error_vsay(e, format, args);
	va_end(args);
	return -EINVAL;
}

/* The text so that it fits into a message. */
static const char *shown(struct span s, char out[64])
{
	AUTO_BUF b = BUF_INIT;

	text_visible(&b, (struct span){ s.p, s.n < 30 ? s.n : 30 });
	snprintf(out, 64, "%.50s%s", b.p ? b.p : "", s.n > 30 ? "…" : "");
	return out;
}

static int set_number(const struct field *f, struct expr_value *v, struct expr_error *e)
{
	char word[64];
	uint64_t hex;
	int r = span_to_i64(v->text, &v->number);

	if (r == 0)
		return 0;
	if (v->text.n > 2 && v->text.n <= 17 && v->text.p[0] == '0' && (v->text.p[1] | 0x20) == 'x' &&
	    span_hex_to_u64((struct span){ v->text.p + 2, v->text.n - 2 }, &hex) == 0) {
		v->number = (int64_t)hex;
		return 0;
	}
	if (field_def(f)->source == SOURCE_ERROR_CODE && field_errno_number(v->text, &v->number) == 0)
		return 0;
	if (r == -ERANGE)
		return expr_error_say(e, N_("the number is too large"));
	return expr_error_say(e, N_("%s is a number, \"%s\" is not"), f->name, shown(v->text, word));
}

static int set_time(const struct field *f, struct expr_value *v, struct expr_error *e)
{
	char word[64];

	if (clock_parse(v->text, 0, &v->number) < 0)
		return expr_error_say(e, N_("%s is a time, \"%s\" is not: write 2026-11-20T08:55:01.204Z, 2026-11-20 or -1h"),
		                      f->name, shown(v->text, word));
	v->relative = span_eq(v->text, SPAN("now")) || v->text.p[0] == '-' || v->text.p[0] == '+';
	return 0;
}

static int set_word(const struct field *f, struct expr_value *v, struct expr_error *e)
{
	char word[64], list[126] = "";
	size_t n = 0;
	const char *w;

	if (field_word_number(f, v->text, &v->number) == 0)
		return 0;
	for (size_t i = 0; (w = field_word_at(f, i)) && n + strlen(w) + 12 < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", w);
	if (w)
		snprintf(list + n, sizeof(list) - n, ", …");
	return expr_error_say(e, N_("%s is never \"%s\": it is one of %s"), f->name, shown(v->text, word), list);
}

static int set_bool(const struct field *f, struct expr_value *v, struct expr_error *e)
{
	char word[64];
	struct span s = v->text;

	if ((s.n == 4 && strncasecmp(s.p, "true", 4) == 0) || span_eq(s, SPAN("1")))
		v->number = 1;
	else if ((s.n == 5 && strncasecmp(s.p, "false", 5) == 0) || span_eq(s, SPAN("0")))
		v->number = 0;
	else
		return expr_error_say(e, N_("%s is true or false, not \"%s\""), f->name, shown(s, word));
	return 0;
}

static int check_address(enum expr_op op, const struct expr_value *v, struct expr_error *e)
{
	struct address_network network;
	struct address address;
	char word[64];

	if (op == EXPR_CIDR)
		return address_network_parse(v->text, &network) == 0 ? 0 :
		       expr_error_say(e, N_("\"%s\" is not a network: write 10.0.0.0/8 or 2001:db8::/32"),
		                      shown(v->text, word));
	return address_parse(v->text, &address) == 0 ? 0 :
	       expr_error_say(e, N_("\"%s\" is not an IP address"), shown(v->text, word));
}

static int check_pattern(const struct expr_value *v, struct expr_error *e)
{
	char message[128], place[24];
	size_t offset = 0;
	int r = match_check_pattern(v->text, &offset, message, sizeof(message));

	if (r != -EINVAL)
		return r;
	e->column = offset;
	snprintf(place, sizeof(place), "%zu", offset);
	return expr_error_say(e, N_("the pattern is wrong at its byte %s: %s"), place, message);
}

static int set_value(const struct expr *e, struct expr_value *v, struct expr_error *error)
{
	switch (e->field->type) {
	case FIELD_NUMBER: return set_number(e->field, v, error);
	case FIELD_TIME: return set_time(e->field, v, error);
	case FIELD_ENUM: return set_word(e->field, v, error);
	case FIELD_BOOL: return set_bool(e->field, v, error);
	case FIELD_ADDRESS: return check_address(e->op, v, error);
	case FIELD_TEXT: return e->op == EXPR_MATCHES ? check_pattern(v, error) : 0;
	}
	return -EINVAL;
}

int expr_add_value(struct expr *e, struct span text, struct expr_error *ret_error)
{
	struct expr_value *values = grow(e->values, e->n_values, sizeof(*values)), v = { 0 };
	AUTO_FREE char *copy = malloc(text.n + 1);
	int r;

	if (values)
		e->values = values;
	if (!values || !copy)
		return -ENOMEM;
	if (text.n)
		memcpy(copy, text.p, text.n);
	copy[text.n] = 0;
	v.text = (struct span){ copy, text.n };
	r = set_value(e, &v, ret_error);
	if (r < 0)
		return r;
	copy = NULL;
	e->values[e->n_values++] = v;
	return 0;
}

/* ---- comparing ---- */

static bool value_equal(enum field_type type, const struct expr_value *a, const struct expr_value *b)
{
	if (type == FIELD_TEXT || type == FIELD_ADDRESS)
		return span_eq(a->text, b->text);
	return a->number == b->number && a->relative == b->relative;
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
	if (a->op != b->op || a->field != b->field || a->cased != b->cased || a->n_kids != b->n_kids ||
	    a->n_values != b->n_values)
		return false;
	for (size_t i = 0; i < a->n_kids; i++)
		if (!expr_equal(a->kids[i], b->kids[i]))
			return false;
	for (size_t i = 0; i < a->n_values; i++)
		if (!value_equal(a->field->type, &a->values[i], &b->values[i]))
			return false;
	return true;
}

/* ---- builders ---- */

struct expr *expr_condition(const struct field *f, enum expr_op op, struct span value)
{
	struct expr_error error;
	AUTO_EXPR *e = NULL;

	if (!f || !expr_op_applies(op, f->type))
		return NULL;
	e = expr_new(op);
	if (!e)
		return NULL;
	e->field = f;
	if (op != EXPR_EXISTS && expr_add_value(e, value, &error) < 0)
		return NULL;
	return STEAL(e);
}

struct expr *expr_not(struct expr *e)
{
	struct expr *n;

	if (!e)
		return NULL;
	if (e->op == EXPR_NOT && e->n_kids == 1) {
		n = e->kids[0];
		e->n_kids = 0;
		expr_free(e);
		return n;
	}
	n = expr_new(EXPR_NOT);
	if (!n) {
		expr_free(e);
		return NULL;
	}
	if (expr_add_kid(n, e) < 0) {
		expr_free(n);
		return NULL;
	}
	return n;
}

/* Moves e, or e's kids when it is an `op` itself, into `to`. Takes e over. */
static int absorb(struct expr *to, struct expr *e)
{
	int r = 0;

	if (e->op != to->op)
		return expr_add_kid(to, e);
	for (size_t i = 0; i < e->n_kids; i++) {
		int one = expr_add_kid(to, e->kids[i]);

		r = r < 0 ? r : one;
	}
	e->n_kids = 0;
	expr_free(e);
	return r;
}

static struct expr *join(enum expr_op op, struct expr *a, struct expr *b)
{
	struct expr *e = a && b ? expr_new(op) : NULL;
	int first, second;

	if (!e) {
		expr_free(a);
		expr_free(b);
		return NULL;
	}
	first = absorb(e, a);
	second = absorb(e, b);
	if (first == 0 && second == 0)
		return e;
	expr_free(e);
	return NULL;
}

struct expr *expr_and(struct expr *a, struct expr *b)
{
	if (a && b && (a->op == EXPR_ALL || b->op == EXPR_ALL)) {
		struct expr *neutral = a->op == EXPR_ALL ? a : b, *other = neutral == a ? b : a;

		expr_free(neutral);
		return other;
	}
	return join(EXPR_AND, a, b);
}

struct expr *expr_or(struct expr *a, struct expr *b)
{
	if (a && b && (a->op == EXPR_ALL || b->op == EXPR_ALL)) {
		struct expr *all = a->op == EXPR_ALL ? a : b, *other = all == a ? b : a;

		expr_free(other);
		return all;
	}
	return join(EXPR_OR, a, b);
}

void expr_resolve(struct expr *e, int64_t now)
{
	for (size_t i = 0; i < e->n_kids; i++)
		expr_resolve(e->kids[i], now);
	for (size_t i = 0; i < e->n_values; i++) {
		if (!e->values[i].relative)
			continue;
		e->values[i].number += now;
		e->values[i].relative = false;
	}
}
