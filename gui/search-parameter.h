/* search-parameter: what the search builder offers to choose from: parameters (fields under the names people use), the
 * operands that each can be asked with, and the condition made of the choices. No widgets. */
#pragma once

#include <glib.h>

#include "recorder/event.h"
#include "recorder/query/expr.h"

struct search_parameter {
	const char *label;          /* "IP address", or the field's own name */
	const struct field *field;
	const struct field *other;  /* where either of two fields is meant, or NULL */
};

struct search_operand {
	const char *words;          /* "is", "does not contain" */
	enum expr_op op;
	gboolean negated;
};

/* Those that can have a value where that kind of event is looked at, EVENT_NONE: any. The usual ones first; *ret_usual
 * says how many these are; then every other field by its name. */
GArray *search_parameter_list(enum event_category kind, guint *ret_usual);
/* The usual name of a field, or its own. */
const char *search_parameter_label(const struct field *f);

/* NULL past the end. */
const struct search_operand *search_operand_at(const struct field *f, guint i);
/* The operand that this condition was made with; NULL when it is none. */
const struct search_operand *search_operand_of(const struct expr *e, gboolean negated);

/* The condition, or NULL with what is wrong with the value in *ret_why (g_free). A list is written with commas. */
struct expr *search_parameter_condition(const struct search_parameter *p, const struct search_operand *o,
                                        const char *value, gboolean cased, char **ret_why);
/* The value of a condition as it is written into the builder's entry; NULL where it holds what an entry cannot show. */
char *search_parameter_value(const struct expr *e);
