/* expr-def: what the files of the language share. Internal to recorder/query. */
#pragma once

#include <stdarg.h>

#include "recorder/query/expr.h"

/* A node without kids or values; NULL when memory is out. */
struct expr *expr_new(enum expr_op op);
/* Appends, taking kid over also on failure. 0 or -ENOMEM. */
int expr_add_kid(struct expr *e, struct expr *kid);
/* Appends a value of e->field as written in `text`. 0, -EINVAL with a message (and the offset within the text), -ENOMEM. */
int expr_add_value(struct expr *e, struct span text, struct expr_error *ret_error);
/* Fills what a fault says, not where. The format is marked N_(), and every argument is a text: %s. -EINVAL. */
int expr_error_say(struct expr_error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
int expr_error_vsay(struct expr_error *e, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* May `op` be asked of a field of this type? */
bool expr_op_applies(enum expr_op op, enum field_type type);
/* The operators that apply, for messages: "== != in …". */
const char *expr_type_operators(enum field_type type);
/* May `cased` stand before the values? */
bool expr_op_takes_case(enum expr_op op, enum field_type type);
