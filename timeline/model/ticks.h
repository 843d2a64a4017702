/* ticks: where the strokes of a time axis stand and what is written at them, at every zoom from centuries to 1 ms.
 *
 * Two lines of text: a label at each long stroke ("08:55", "01.204", "11-20", "2026"), and above it the context that
 * all labels from there on share ("2026-11-20"), given once for the left edge and again wherever it changes. UTC.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "timeline/model/scale.h"

enum { TICKS_MAX = 2048, TICKS_TEXT = 24 };

struct tick {
	int64_t ms;
	bool labelled;            /* a long stroke with `label`; the others are short and bare */
	char label[12];
	char context[TICKS_TEXT]; /* not empty: from here on the context is this */
};

struct ticks {
	char context[TICKS_TEXT]; /* of the left edge; empty when labels say all (months, years) */
	size_t n;                 /* oldest first */
	struct tick at[TICKS_MAX];
};

/* char_px: width of one digit. Labels are at least two digits apart. */
void ticks_fill(const struct scale *s, double char_px, struct ticks *ret);
