/* match: one condition on a text, made ready to be asked of many. Internal to recorder/query.
 *
 * Regular expressions are PCRE2 without JIT, never across limits of steps, heap and depth: a pattern that would need
 * more ends the query with an error. */
#pragma once

#include "recorder/query/expr.h"

struct match;

enum { MATCH_MAX_PATTERN = 4096 };

/* From a condition with one of the operators on text: EQ and IN (NE is the caller's negation), CONTAINS, STARTSWITH,
 * ENDSWITH, MATCHES. 0, -EINVAL (pattern), -ENOMEM. */
int match_new(const struct expr *condition, struct match **ret);
void match_free(struct match *m);
static inline void cleanup_match(struct match **m) { match_free(*m); }
#define AUTO_MATCH __attribute__((cleanup(cleanup_match))) struct match

/* 1, 0, -ERANGE when the pattern hit a limit, -ENOMEM. */
int match_text(const struct match *m, struct span text);

/* Does the pattern compile? 0, -EINVAL with the byte offset and a message, -ENOMEM. */
int match_check_pattern(struct span pattern, size_t *ret_offset, char *ret_message, size_t size);
