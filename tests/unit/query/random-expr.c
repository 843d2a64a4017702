#include "tests/unit/query/random-expr.h"

#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

static const char *const patterns[] = { "^/usr", "a.b", "[0-9]+$", "x|y|z", "curl", "TMP", "^$", "\\.sh$" };
static const char *const addresses[] = { "127.0.0.1", "10.1.2.3", "::1", "2001:db8::7", "::ffff:10.1.2.3", "192.0.2.9" };
static const char *const networks[] = { "10.0.0.0/8", "127.0.0.0/8", "::/0", "2001:db8::/32", "0.0.0.0/0", "192.0.2.9" };

static struct span pick(struct random_expr *r, const char *const *from, size_t n)
{
	return span_of(from[random_below(r, n)]);
}

/* A value of the field's type, written into out. */
static struct span random_value(struct random_expr *r, const struct field *f, enum expr_op op, char out[64])
{
	size_t n = 0;

	switch (f->type) {
	case FIELD_TEXT:
		if (op == EXPR_MATCHES)
			return pick(r, patterns, ARRAY_LEN(patterns));
		return pick(r, r->texts, r->n_texts);
	case FIELD_ADDRESS:
		return op == EXPR_CIDR ? pick(r, networks, ARRAY_LEN(networks)) : pick(r, addresses, ARRAY_LEN(addresses));
	case FIELD_ENUM:
		while (field_word_at(f, n))
			n++;
		return span_of(field_word_at(f, random_below(r, n)));
	case FIELD_BOOL:
		return random_below(r, 2) ? SPAN("true") : SPAN("false");
	case FIELD_TIME:
		if (!r->tame && random_below(r, 4) == 0)
			return random_below(r, 2) ? SPAN("-90s") : SPAN("now");
		clock_format(r->times_from + (int64_t)random_below(r, (uint64_t)(r->times_to - r->times_from)), out);
		return span_of(out);
	case FIELD_NUMBER:
		break;
	}
	snprintf(out, 64, "%lld", (long long)random_below(r, (uint64_t)r->numbers) - 2);
	return span_of(out);
}

struct expr *random_condition(struct random_expr *r, const struct field *f)
{
	struct expr_error error;
	enum expr_op op;
	struct expr *e;
	char out[64];

	do
		op = (enum expr_op)(EXPR_EQ + random_below(r, EXPR_EXISTS - EXPR_EQ + 1));
	while (!expr_op_applies(op, f->type));
	e = expr_condition(f, op, random_value(r, f, op, out));
	if (!e)
		return NULL;
	if (op == EXPR_IN)
		for (size_t n = random_below(r, 12); n; n--)
			if (expr_add_value(e, random_value(r, f, op, out), &error) < 0)
				abort();
	e->cased = expr_op_takes_case(op, f->type) && random_below(r, 3) == 0;
	return e;
}

struct expr *random_tree(struct random_expr *r, unsigned depth)
{
	size_t n = 0;
	struct expr *e;

	if (depth == 0 || random_below(r, 3) == 0) {
		while (field_at(n))
			n++;
		return random_condition(r, field_at(random_below(r, n)));
	}
	if (random_below(r, 20) == 0)
		return expr_new(EXPR_ALL);
	e = expr_new((enum expr_op)(EXPR_AND + random_below(r, 3)));
	if (!e)
		return NULL;
	n = e->op == EXPR_NOT ? 1 : 2 + random_below(r, 3);
	/* Now and then conditions on one field only, as lists of indicators are. */
	if (n > 1 && random_below(r, 4) == 0) {
		const struct field *f = field_at(random_below(r, 60));

		for (n += random_below(r, 12); f && n; n--)
			if (expr_add_kid(e, random_condition(r, f)) < 0)
				abort();
		return e;
	}
	while (n--)
		if (expr_add_kid(e, random_tree(r, depth - 1)) < 0)
			abort();
	return e;
}
