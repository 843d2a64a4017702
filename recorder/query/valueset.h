/* valueset: the different values of one field, as a walk over events meets them, with how often. What SQL gives for a
 * value (plan_value) goes in, text for people and expressions comes out. Bounded: past VALUESET_MAX values, or
 * VALUESET_BYTES of texts, new ones are not told apart any more. Internal to recorder/query. */
#pragma once

#include "recorder/query/dictionary.h"
#include "recorder/query/match.h"
#include "recorder/query/plan.h"

enum { VALUESET_MAX = 1 << 20, VALUESET_BYTES = 64 << 20 };

struct valueset_value {
	int64_t key;      /* number, or id of a text; not used where text is there */
	struct span text;
	uint64_t rows, events;
	uint32_t next;    /* index + 1 of another value whose text has the same hash */
};

struct valueset {
	sqlite3 *db;
	const struct field *field;
	struct plan_value form;
	struct match *part;    /* only texts that it matches; NULL: all */
	bool by_text;          /* told apart by text: several keys may give the same, or none */
	struct map of_key, of_hash;
	struct valueset_value *v;
	size_t n, cap;
	struct arena texts, looked_up;
	struct dictionary dictionary;
	bool full;             /* there are more than are here */
};

/* `part` (or NULL) is asked of every value that is a text and must outlive the set. 0 or negative errno; free it in any
 * case. */
int valueset_init(struct valueset *s, sqlite3 *db, const struct field *field, struct match *part);
void valueset_free(struct valueset *s);

/* The values in columns `at` and `at` + 1: indexes in v, each once. Returns how many (0 to 2), or negative errno. */
int valueset_take(struct valueset *s, sqlite3_stmt *row, int at, size_t ret[2]);
/* The same of a number. 1, 0 when it cannot be told apart any more, or negative errno. */
int valueset_number(struct valueset *s, int64_t number, size_t *ret);
/* Value i of an enum's field is one of its words. */
bool valueset_has_word(const struct valueset *s, size_t i);
/* Appends value i as an expression takes it. 0 or negative errno. */
int valueset_text(struct valueset *s, size_t i, struct buf *out);
