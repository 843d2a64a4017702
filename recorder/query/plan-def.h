/* plan-def: what the files of the compiler share. Internal to recorder/query. */
#pragma once

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/map.h"
#include "recorder/query/field-def.h"
#include "recorder/query/idset.h"
#include "recorder/query/plan.h"
#include "recorder/query/textset.h"

struct plan_param {
	const char *type; /* of the pointer; NULL: number */
	void *pointer;
	int64_t number;
};

/* A piece of SQL and its parameters, numbered from PLAN_FIRST_PARAM on. */
struct plan_sql {
	struct buf text;
	struct plan_param *params;
	size_t n, cap;
};
enum { PLAN_FIRST_PARAM = 4 };

/* What an image's conditions join beside table image i. */
enum plan_join {
	JOIN_PROCESS = 1, JOIN_CREDENTIAL = 2, JOIN_BOOT = 4, JOIN_HASH = 8,
	JOIN_PARENT = 16, JOIN_PARENT_PROCESS = 32, JOIN_PARENT_HASH = 64,
};

struct plan {
	sqlite3 *db;
	struct cancel *cancel;
	int64_t now;
	struct plan_sql filter;
	struct ranges ranges;
	bool is_all, actions_only;
	/* Only while compiling: */
	struct textset *texts;
	size_t n_texts;
	struct map text_of;   /* condition's address * 2 + slot → index in texts */
	unsigned joins;       /* of the image conditions being compiled */
	/* What parameters point to: */
	struct plan_owned *owned;
};

/* Keeps p until the plan is freed; frees it at once (and returns -ENOMEM) when that cannot be. */
int plan_own(struct plan *p, void *pointer, void (*destroy)(void *));

/* ---- plan-sql.c ---- */
void plan_sql_free(struct plan_sql *q);
int plan_sql_bind(const struct plan_sql *q, sqlite3_stmt *s);
/* Append "?N". 0 or -ENOMEM. */
int plan_sql_number(struct plan_sql *q, int64_t number);
int plan_sql_pointer(struct plan_sql *q, const char *type, void *pointer);
/* A parameter that no text refers to yet; *ret: its N. */
int plan_sql_hold(struct plan_sql *q, const char *type, void *pointer, size_t *ret);
/* "spoor_in(COLUMN, ?N)" */
int plan_sql_in(struct plan_sql *q, const char *column, struct idset *set);

/* ---- plan-text.c ---- */
/* Collects the text conditions below e into p->texts. 0 or -ENOMEM. */
int plan_text_collect(struct plan *p, const struct expr *e);
/* The answer for a condition's text, NULL when it needed none. Slot 1: the second of process.name (comm). */
struct idset *plan_text_set(const struct plan *p, const struct expr *e, int slot);

/* ---- plan-merge.c ---- */
/* The same expression, with the equalities of one field in an OR made one `in`. In the arena, its texts are e's.
 * NULL when memory is out. */
struct expr *plan_merge(struct arena *a, const struct expr *e);

/* ---- plan-event.c, plan-image.c ---- */
/* SQL that is 1 or 0 for the condition, over `event e`, or over `image i` with p->joins. */
int plan_event_condition(struct plan *p, const struct expr *e, struct plan_sql *q);
int plan_image_condition(struct plan *p, const struct expr *e, struct plan_sql *q);
/* A condition on a value that SQL computes, of any type but text. `value` is SQL, NULL where absent. */
int plan_value_condition(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q);
/* All of e concerns images only: finds those that fulfil it. *ret is the plan's. */
int plan_image_set(struct plan *p, const struct expr *e, struct idset **ret);
/* Frees a malloc'd struct idset. */
void plan_destroy_set(void *set);
struct plan_value plan_image_value_of(const struct field *f);
bool plan_is_image_level(const struct expr *e);
/* What the expression says of an event without image. */
bool plan_absent_answer(const struct expr *e);

/* ---- plan-serial.c ---- */
/* A condition on event.serial. */
int plan_serial_condition(struct plan *p, const struct expr *e, struct plan_sql *q);

/* ---- plan-narrow.c ---- */
/* Each leaves *ret alone (everything) or makes it smaller; `ret` is initialised. 0 or negative errno. */
int plan_narrow_images(struct plan *p, const struct idset *set, struct ranges *ret);
int plan_narrow_condition(struct plan *p, const struct expr *e, struct ranges *ret);
