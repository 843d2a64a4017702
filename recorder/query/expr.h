/* expr: the expression language: text ↔ tree. (Grammar and examples: README.md, "Expressions".)
 *
 *   expression := or-list; and binds tighter than or; not binds tightest; ( ) group
 *   condition  := FIELD OP VALUE | FIELD "in" ( VALUE, … ) | FIELD "exists" | FIELD OP cased "text"
 *   OP         := == != < <= > >= contains startswith endswith matches cidr
 *   VALUE      := "text with \" \\ \n \t \r \xNN \u{…} escapes" | 'text without escapes' | bare-word | number | time
 *
 * In "…" a backslash before any other character stays: "\d+\.log" needs no doubling.
 * An empty expression matches everything, and so does `()`. Keywords and field names ignore case; text ignores case
 * unless `cased` stands before the value: process.name == cased "Xorg".
 *
 * A field may be absent (no port, an unknown parent) and a few may have several values (file.path of a rename). Every
 * condition is true or false, never "unknown": it is true when any of the values fulfils it, so it is false where the
 * value is absent. `!=` is `not ==`: true where the value is absent. `not` is plain negation.
 * Only `exists` asks whether there is a value. Empty text is a value.
 */
#pragma once

#include "agent/base/buf.h"
#include "recorder/query/field.h"

enum expr_op {
	EXPR_ALL, /* the empty expression */
	EXPR_AND, EXPR_OR, EXPR_NOT,
	EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE,
	EXPR_CONTAINS, EXPR_STARTSWITH, EXPR_ENDSWITH, EXPR_MATCHES,
	EXPR_IN, EXPR_CIDR, EXPR_EXISTS,
};

enum { EXPR_MAX_DEPTH = 64, EXPR_MAX_NODES = 20000, EXPR_MAX_TEXT = 1 << 20 };

struct expr_value {
	struct span text;  /* unescaped, as written: always there */
	int64_t number;    /* FIELD_NUMBER, FIELD_BOOL (0, 1), FIELD_TIME (ms, relative ones resolved by expr_resolve) */
	bool relative;     /* FIELD_TIME: number is an offset to now */
};

struct expr {
	enum expr_op op;
	struct expr **kids;  /* AND, OR: two or more; NOT: one */
	size_t n_kids;
	const struct field *field;
	struct expr_value *values; /* one; IN: one or more; EXISTS: none */
	size_t n_values;
	bool cased;
	size_t from, to;     /* byte columns in the source text, for marking */
};

enum { EXPR_ERROR_ARGUMENTS = 3 };
struct expr_error {
	size_t column;       /* byte offset, 0-based, where the fault is */
	size_t length;       /* how far it reaches, ≥ 1 at the end of the text too */
	char message[200];   /* one line without the column: "unknown field proces.name, did you mean process.name?" */
	const char *format;  /* what that was made of, for another language: a sentence with only %s, or NULL */
	char arguments[EXPR_ERROR_ARGUMENTS][128];
};

/* 0, -EINVAL with *ret_error filled, -E2BIG (also filled) past the limits, -ENOMEM. The tree owns its memory. */
int expr_parse(struct span text, struct expr **ret, struct expr_error *ret_error);
void expr_free(struct expr *e);
static inline void cleanup_expr(struct expr **e) { expr_free(*e); }
#define AUTO_EXPR __attribute__((cleanup(cleanup_expr))) struct expr

/* Appends text that parses to an equal tree. */
void expr_print(const struct expr *e, struct buf *out);
/* The same of one condition on a field by name; nothing when there is no such field. */
void expr_print_text(const char *field, enum expr_op op, bool cased, struct span text, struct buf *out);
bool expr_equal(const struct expr *a, const struct expr *b);

/* Makes relative times absolute. Readers do it themselves with the clock's time. */
void expr_resolve(struct expr *e, int64_t now);

/* Builders, for pivots and the search builder. They take what they are given also when they fail (NULL). */
struct expr *expr_condition(const struct field *f, enum expr_op op, struct span value);
struct expr *expr_not(struct expr *e);
/* a AND b; ALL is the neutral one. */
struct expr *expr_and(struct expr *a, struct expr *b);
struct expr *expr_or(struct expr *a, struct expr *b);
/* The word for an operator: "==", "contains", …; NULL for others. */
const char *expr_op_word(enum expr_op op);
