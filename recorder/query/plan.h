/* plan: an expression compiled for one database: a filter in SQL over table event with bound parameters, and the ranges
 * of event ids outside of which nothing can match. Internal to recorder/query.
 *
 * Whatever concerns texts or images is found out while compiling, into sets of ids; what is left to be asked of each
 * event is cheap. */
#pragma once

#include <sqlite3.h>

#include "agent/base/cancel.h"
#include "recorder/query/expr.h"
#include "recorder/query/idset.h"
#include "recorder/query/ranges.h"

struct plan;

/* SQL over `event e`: its audit serial, 0 for none. */
#define PLAN_SERIAL "coalesce(e.serial, (SELECT b.serial + ((e.id & 16383) >> 1) FROM serial_base b " \
                    "WHERE b.id <= e.id ORDER BY b.id DESC LIMIT 1), 0)"

/* `where` NULL or EXPR_ALL: everything. `now` is what relative times count from. Nothing of `where` is kept.
 * 0, -E2BIG (too many conditions for one statement), -ERANGE (a pattern hit its limit), -ECANCELED, -EBADMSG, -ENOMEM. */
int plan_new(sqlite3 *db, const struct expr *where, int64_t now, struct cancel *cancel, struct plan **ret);
/* The events of these images. Takes the set (malloc'd, rest false) over. */
int plan_new_images(sqlite3 *db, struct idset *set, struct plan **ret);
void plan_free(struct plan *p);
static inline void cleanup_plan(struct plan **p) { plan_free(*p); }
#define AUTO_PLAN __attribute__((cleanup(cleanup_plan))) struct plan

/* Where matches can be. */
const struct ranges *plan_ranges(const struct plan *p);
/* No condition at all. */
bool plan_is_all(const struct plan *p);
/* The filter asks of an event's action at most, so that table rollup can answer counts. */
bool plan_uses_actions_only(const struct plan *p);

/* Prepares `SELECT columns FROM TABLE e WHERE more AND filter order`, the plan's parameters bound; ?1 to ?3 are left to
 * the caller. `table` must have the columns that the filter uses. The statement must not outlive the plan. */
int plan_prepare(const struct plan *p, const char *columns, const char *table, const char *more, const char *order,
                 sqlite3_stmt **ret);

/* ---- the values of a field, in SQL ---- */

enum plan_value_is { PLAN_NUMBER, PLAN_TEXT_ID, PLAN_RAW_TEXT };
struct plan_value {
	enum plan_value_is is;
	bool twice;      /* an event may have two */
	bool of_actions; /* an event's action tells it */
};
struct plan_value plan_value_of(const struct field *f);
/* Appends two columns over `event e`: its values of the field, NULL where there is none. Not for fields of images. */
void plan_value_columns(const struct field *f, struct buf *out);
/* Appends a SELECT over `image i` that gives (image, value, value), without conditions. For fields of images. */
void plan_value_images(const struct field *f, struct buf *out);
