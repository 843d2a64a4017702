/* Lists of indicators are long ORs of equalities: one lookup in a set is worth thousands of comparisons. */
#include <errno.h>

#include "recorder/query/plan-def.h"

static void *zeroed(struct arena *a, size_t n, size_t size)
{
	void *p = arena_alloc(a, n * size);

	if (p)
		memset(p, 0, n * size);
	return p;
}

static bool is_equality(const struct expr *e)
{
	return (e->op == EXPR_EQ || e->op == EXPR_IN) && e->field->type != FIELD_BOOL;
}

/* The kid among the first n that e can be joined to. */
static struct expr *partner(struct expr *const *kids, size_t n, const struct expr *e)
{
	for (size_t i = 0; i < n; i++)
		if (kids[i]->field == e->field && kids[i]->cased == e->cased && is_equality(kids[i]))
			return kids[i];
	return NULL;
}

/* Gives the kid room for the values of all that may join it. `rest`: e and what follows it in the OR. */
static int make_room(struct arena *a, struct expr *kid, struct expr *const *rest, size_t n)
{
	struct expr_value *values;
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (rest[i]->field == kid->field && rest[i]->cased == kid->cased && is_equality(rest[i]))
			total += rest[i]->n_values;
	values = zeroed(a, total, sizeof(*values));
	if (!values)
		return -ENOMEM;
	memcpy(values, kid->values, kid->n_values * sizeof(*values));
	kid->values = values;
	return 0;
}

static void join(struct expr *kid, const struct expr *e)
{
	memcpy(kid->values + kid->n_values, e->values, e->n_values * sizeof(*e->values));
	kid->n_values += e->n_values;
	kid->op = EXPR_IN;
}

static int merge_kids(struct arena *a, const struct expr *e, struct expr *copy)
{
	for (size_t i = 0; i < e->n_kids; i++) {
		const struct expr *kid = e->kids[i];
		bool equality = e->op == EXPR_OR && kid->field && is_equality(kid);
		struct expr *other = equality ? partner(copy->kids, copy->n_kids, kid) : NULL, *mine;

		if (other) {
			join(other, kid);
			continue;
		}
		mine = plan_merge(a, kid);
		if (!mine || (equality && make_room(a, mine, e->kids + i, e->n_kids - i) < 0))
			return -ENOMEM;
		copy->kids[copy->n_kids++] = mine;
	}
	return 0;
}

struct expr *plan_merge(struct arena *a, const struct expr *e)
{
	struct expr *copy = zeroed(a, 1, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *e;
	if (e->field)
		return copy;
	copy->n_kids = 0;
	copy->kids = zeroed(a, e->n_kids, sizeof(*copy->kids));
	if (!copy->kids || merge_kids(a, e, copy) < 0)
		return NULL;
	return e->op == EXPR_OR && copy->n_kids == 1 ? copy->kids[0] : copy;
}
