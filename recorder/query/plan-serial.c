/* Audit serials. Most events have none of their own: table serial_base tells it, which is held in memory, as every event
 * may be asked for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/query/functions.h"
#include "recorder/query/plan-def.h"
#include "recorder/query/statement.h"

static void free_bases(void *data)
{
	struct functions_bases *b = data;

	free(b->v);
	free(b);
}

static int load(sqlite3 *db, struct functions_bases *b)
{
	AUTO_STATEMENT *s = NULL;
	size_t cap = 0;
	int r = statement_prepare(db, "SELECT id, serial FROM serial_base ORDER BY id", &s);

	while (r == 0 && (r = statement_step(s)) == 1) {
		if (b->n == cap) {
			struct functions_base *v = reallocarray(b->v, cap = cap ? cap * 2 : 64, sizeof(*v));

			if (!v)
				return -ENOMEM;
			b->v = v;
		}
		b->v[b->n++] = (struct functions_base){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
		r = 0;
	}
	return r;
}

int plan_serial_condition(struct plan *p, const struct expr *e, struct plan_sql *q)
{
	struct functions_bases *b = calloc(1, sizeof(*b));
	char value[64];
	size_t number;
	int r = b ? plan_own(p, b, free_bases) : -ENOMEM;

	if (r == 0)
		r = load(p->db, b);
	if (r == 0)
		r = plan_sql_hold(q, FUNCTIONS_BASES, b, &number);
	if (r < 0)
		return r;
	snprintf(value, sizeof(value), "spoor_serial(e.serial, e.id, ?%zu)", number);
	return plan_value_condition(p, e, value, q);
}
