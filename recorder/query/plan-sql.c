#include <errno.h>
#include <stdlib.h>

#include "recorder/query/functions.h"
#include "recorder/query/plan-def.h"
#include "recorder/query/statement.h"

void plan_sql_free(struct plan_sql *q)
{
	buf_free(&q->text);
	free(q->params);
	*q = (struct plan_sql){ .text = BUF_INIT };
}

static int hold(struct plan_sql *q, struct plan_param param, size_t *ret)
{
	if (q->n == q->cap) {
		size_t cap = q->cap ? q->cap * 2 : 16;
		struct plan_param *params = reallocarray(q->params, cap, sizeof(*params));

		if (!params)
			return -ENOMEM;
		q->params = params;
		q->cap = cap;
	}
	q->params[q->n++] = param;
	*ret = q->n - 1 + PLAN_FIRST_PARAM;
	return 0;
}

static int add(struct plan_sql *q, struct plan_param param)
{
	size_t number;
	int r = hold(q, param, &number);

	if (r == 0)
		buf_printf(&q->text, "?%zu", number);
	return r;
}

int plan_sql_hold(struct plan_sql *q, const char *type, void *pointer, size_t *ret)
{
	return hold(q, (struct plan_param){ type, pointer, 0 }, ret);
}

int plan_sql_number(struct plan_sql *q, int64_t number)
{
	return add(q, (struct plan_param){ NULL, NULL, number });
}

int plan_sql_pointer(struct plan_sql *q, const char *type, void *pointer)
{
	return add(q, (struct plan_param){ type, pointer, 0 });
}

int plan_sql_in(struct plan_sql *q, const char *column, struct idset *set)
{
	int r;

	buf_printf(&q->text, "spoor_in(%s, ", column);
	r = plan_sql_pointer(q, FUNCTIONS_SET, set);
	buf_add_char(&q->text, ')');
	return r;
}

int plan_sql_bind(const struct plan_sql *q, sqlite3_stmt *s)
{
	int r = SQLITE_OK;

	for (size_t i = 0; i < q->n && r == SQLITE_OK; i++) {
		const struct plan_param *p = &q->params[i];
		int at = (int)i + PLAN_FIRST_PARAM;

		r = p->type ? sqlite3_bind_pointer(s, at, p->pointer, p->type, NULL) : sqlite3_bind_int64(s, at, p->number);
	}
	return statement_error(r);
}
