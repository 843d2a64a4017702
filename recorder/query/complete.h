/* complete: what a reader's completeness means, in words; and which time and kinds an expression asks for. */
#pragma once

#include "recorder/query/expr.h"
#include "recorder/query/reader.h"

/* "kernel backlog overflow", "recording had not begun", … */
const char *complete_why(int why);
/* Appends one line: "fully recorded", "not fully recorded: 212 events lost between … and … (kernel backlog overflow)". */
void complete_words(const struct reader_completeness *c, struct buf *out);
/* Is it no loss but a choice, of a filter, of the host whose log this is, or of the way records come? */
bool complete_is_choice(int why);
/* Is something of that kind never recorded here, whether or not anything was lost? */
bool complete_is_lack(int why);
/* Appends one reason: its cause, when, how many. */
void complete_reason_words(const struct reader_reason *r, struct buf *out);

/* Narrows range and kinds (bits 1 << enum event_category) to what an event must have to match: never too far. NULL: as
 * it is. Relative times count from `now`. */
void complete_extent(const struct expr *e, int64_t now, struct reader_range *range, unsigned *kinds);
