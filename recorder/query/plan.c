#include "recorder/query/plan-def.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/statement.h"

struct plan_owned {
	struct plan_owned *next;
	void *pointer;
	void (*destroy)(void *);
};

int plan_own(struct plan *p, void *pointer, void (*destroy)(void *))
{
	struct plan_owned *o = malloc(sizeof(*o));

	if (!o) {
		destroy(pointer);
		return -ENOMEM;
	}
	*o = (struct plan_owned){ p->owned, pointer, destroy };
	p->owned = o;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_texts; i++)
		textset_free(&p->texts[i]);
	while (p->owned) {
		struct plan_owned *o = p->owned;

		p->owned = o->next;
		o->destroy(o->pointer);
		free(o);
	}
	free(p->texts);
	map_free(&p->text_of);
	plan_sql_free(&p->filter);
	ranges_free(&p->ranges);
	free(p);
}

/* ---- the tree ---- */

/* Emits SQL for e, and intersects *where with where it can be true. `where` NULL: below a negation, where that tells
 * nothing. */
static int tree(struct plan *p, const struct expr *e, struct ranges *where);

static int images(struct plan *p, const struct expr *e, struct ranges *where)
{
	struct idset *set;
	int r = plan_image_set(p, e, &set);

	p->actions_only = false;
	if (r == 0)
		r = plan_sql_in(&p->filter, "e.image", set);
	return r < 0 || !where ? r : plan_narrow_images(p, set, where);
}

/* One kid of an OR: what it says of `where` is added to *sum. */
static int alternative(struct plan *p, const struct expr *e, struct ranges *sum)
{
	struct ranges own = RANGES_INIT;
	int r;

	if (!sum)
		return tree(p, e, NULL);
	r = ranges_all(&own);

	if (r == 0)
		r = tree(p, e, &own);
	if (r == 0)
		r = ranges_union(sum, &own);
	ranges_free(&own);
	return r;
}

static int chain(struct plan *p, struct expr *const *kids, size_t n, enum expr_op op, struct ranges *where)
{
	int r;

	if (n == 1)
		return op == EXPR_OR ? alternative(p, kids[0], where) : tree(p, kids[0], where);
	buf_add_char(&p->filter.text, '(');
	r = chain(p, kids, n / 2, op, where);
	buf_add_z(&p->filter.text, op == EXPR_AND ? " AND " : " OR ");
	if (r == 0)
		r = chain(p, kids + n / 2, n - n / 2, op, where);
	buf_add_char(&p->filter.text, ')');
	return r;
}

static int any(struct plan *p, struct expr *const *kids, size_t n, struct ranges *where)
{
	struct ranges sum = RANGES_INIT;
	int r = chain(p, kids, n, EXPR_OR, where ? &sum : NULL);

	if (r == 0 && where)
		r = ranges_intersect(where, &sum);
	ranges_free(&sum);
	return r;
}

/* Kids that concern images only are answered together, as one set. */
static int connective(struct plan *p, const struct expr *e, struct ranges *where)
{
	AUTO_FREE struct expr **sorted = calloc(e->n_kids + 1, sizeof(*sorted));
	AUTO_FREE struct expr **of_images = calloc(e->n_kids + 1, sizeof(*of_images));
	struct expr together = { .op = e->op, .kids = of_images };
	size_t n = 0;

	if (!sorted || !of_images)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_kids; i++) {
		if (plan_is_image_level(e->kids[i]))
			of_images[together.n_kids++] = e->kids[i];
		else
			sorted[n++] = e->kids[i];
	}
	if (together.n_kids)
		sorted[n++] = together.n_kids == 1 ? of_images[0] : &together;
	if (n == 1)
		return tree(p, sorted[0], where);
	return e->op == EXPR_OR ? any(p, sorted, n, where) : chain(p, sorted, n, EXPR_AND, where);
}

static int negation(struct plan *p, const struct expr *e)
{
	int r;

	buf_add_z(&p->filter.text, "NOT (");
	r = tree(p, e->kids[0], NULL);
	buf_add_char(&p->filter.text, ')');
	return r;
}

static int tree(struct plan *p, const struct expr *e, struct ranges *where)
{
	int r;

	if (p->cancel && atomic_load(&p->cancel->requested))
		return -ECANCELED;
	if (plan_is_image_level(e))
		return images(p, e, where);
	switch (e->op) {
	case EXPR_ALL:
		buf_add_char(&p->filter.text, '1');
		return 0;
	case EXPR_AND: case EXPR_OR:
		return connective(p, e, where);
	case EXPR_NOT:
		return negation(p, e);
	default:
		break;
	}
	r = plan_event_condition(p, e, &p->filter);
	return r < 0 || !where ? r : plan_narrow_condition(p, e, where);
}

static int compile(struct plan *p, const struct expr *where)
{
	int r = plan_text_collect(p, where);

	if (r == 0 && p->n_texts)
		r = textset_fill(p->db, p->cancel, p->texts, p->n_texts);
	if (r == 0)
		r = tree(p, where, &p->ranges);
	return r < 0 ? r : p->filter.text.failed ? -ENOMEM : 0;
}

int plan_new(sqlite3 *db, const struct expr *where, int64_t now, struct cancel *cancel, struct plan **ret)
{
	AUTO_PLAN *p = calloc(1, sizeof(*p));
	struct arena arena = ARENA_INIT;
	const struct expr *merged;
	int r;

	if (!p)
		return -ENOMEM;
	p->db = db;
	p->cancel = cancel;
	p->now = now;
	p->actions_only = true;
	p->is_all = !where || where->op == EXPR_ALL;
	r = ranges_all(&p->ranges);
	if (r == 0 && !p->is_all) {
		merged = plan_merge(&arena, where);
		r = merged ? compile(p, merged) : -ENOMEM;
	}
	arena_free(&arena);
	p->cancel = NULL;
	if (r < 0)
		return r;
	*ret = STEAL(p);
	return 0;
}

int plan_new_images(sqlite3 *db, struct idset *set, struct plan **ret)
{
	AUTO_PLAN *p = calloc(1, sizeof(*p));
	int r;

	if (!p) {
		plan_destroy_set(set);
		return -ENOMEM;
	}
	p->db = db;
	r = plan_own(p, set, plan_destroy_set);
	if (r == 0)
		r = ranges_all(&p->ranges);
	if (r == 0)
		r = plan_sql_in(&p->filter, "e.image", set);
	if (r == 0)
		r = plan_narrow_images(p, set, &p->ranges);
	if (r < 0)
		return r;
	*ret = STEAL(p);
	return 0;
}

const struct ranges *plan_ranges(const struct plan *p)
{
	return &p->ranges;
}

bool plan_is_all(const struct plan *p)
{
	return p->is_all;
}

bool plan_uses_actions_only(const struct plan *p)
{
	return p->actions_only;
}

int plan_prepare(const struct plan *p, const char *columns, const char *table, const char *more, const char *order,
                 sqlite3_stmt **ret)
{
	AUTO_BUF sql = BUF_INIT;
	AUTO_STATEMENT *s = NULL;
	int r;

	buf_printf(&sql, "SELECT %s FROM %s e WHERE %s", columns, table, more);
	if (!p->is_all) {
		buf_add_z(&sql, " AND ");
		buf_add_span(&sql, buf_span(&p->filter.text));
	}
	buf_printf(&sql, " %s", order);
	r = sql.failed ? -ENOMEM : statement_prepare(p->db, sql.p, &s);
	if (r == 0)
		r = plan_sql_bind(&p->filter, s);
	if (r < 0)
		return r;
	*ret = STEAL(s);
	return 0;
}
