/* eval: decides about one event in memory what a search over a recording would say of it. For filters: what is asked
 * before an event is stored. Agrees with the compiler to SQL (plan.h); what is not known then cannot be asked. */
#pragma once

#include "recorder/event.h"
#include "recorder/query/expr.h"

struct eval;

/* An event and who did it. All but the event may be NULL: not known. */
struct eval_subject {
	const struct event *event;
	const struct image_start *image, *parent_image;
	const struct process_start *process, *parent;
	const struct boot_seen *boot;
};

/* Keeps e, which must outlive it. 0, -ENOMEM, or -EINVAL with *ret_error: a field that has no value yet when an event
 * is stored (numbers of rows, ends of processes, hashes), or a time relative to now. */
int eval_new(const struct expr *e, struct eval **ret, struct expr_error *ret_error);
/* 1, 0; -ERANGE a pattern needed too many steps, -ENOMEM. */
int eval_event(const struct eval *v, const struct eval_subject *s);
void eval_free(struct eval *v); /* NULL is fine */
