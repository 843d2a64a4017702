/* complete-place: what could be written where the cursor of an entry stands: the word of an expression, or a value of
 * some field. No widgets. */
#pragma once

#include <glib.h>

#include "recorder/query/field.h"

struct complete_place {
	enum { COMPLETE_NOTHING, COMPLETE_WORD, COMPLETE_VALUE } is;
	const struct field *field; /* VALUE: whose */
	char *part;                /* what is there of it so far, without quotes; g_free */
	gsize from, to;            /* bytes that it stands in */
	gboolean quotes;           /* VALUE: written as the language writes it */
};
void complete_place_clear(struct complete_place *p);

/* In an expression of the language, at a byte of it. */
struct complete_place complete_place_of(const char *text, gsize cursor);
/* The value as it is put there; NULL where that is not possible. g_free. */
char *complete_place_written(const struct complete_place *p, struct span value);
