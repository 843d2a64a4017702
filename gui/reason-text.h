/* reason-text: what a reader's completeness means, in the user's language. What recorder/query/complete.h says in English. */
#pragma once

#include <glib.h>

#include "recorder/query/complete.h"

/* One reason: its cause, when, how many. */
char *reason_text(const struct reader_reason *r);
/* The verdict, and what it rests on, a line each. */
char *reason_text_all(const struct reader_completeness *c);
