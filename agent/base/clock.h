/* clock: times are int64_t milliseconds since 1970-01-01 UTC everywhere in Spoor. */
#pragma once

#include "agent/base/span.h"

#define MS_PER_SEC INT64_C(1000)
#define MS_PER_DAY INT64_C(86400000)
/* Years 0000 to 9999: what a time can be written as. */
#define CLOCK_MIN INT64_C(-62167219200000)
#define CLOCK_MAX INT64_C(253402300799999)

int64_t clock_now(void);       /* CLOCK_REALTIME */
int64_t clock_monotonic(void); /* CLOCK_MONOTONIC, for intervals */

enum { CLOCK_TEXT = 32 }; /* bytes that any of the formats needs, NUL included */
/* "2026-11-20 08:55:01.204+00:00"; times outside the writable years are clamped to them. Returns out. */
char *clock_format(int64_t ms, char out[CLOCK_TEXT]);
/* "2026-11-20T08:55:01.204Z" */
char *clock_format_iso(int64_t ms, char out[CLOCK_TEXT]);
/* "2026_11_20T08.55.01.204Z", for file names */
char *clock_format_name(int64_t ms, char out[CLOCK_TEXT]);

/* Absolute: YYYY-MM-DD[(T| )HH:MM[:SS[.fff]][Z|(+|-)HH[:]MM]], no zone = UTC; date alone = its first instant.
 * Relative to now: -1h, -90s, -15m, -7d, -2w, +1h, now. 0 or -EINVAL; *ret_ms untouched on failure. */
int clock_parse(struct span s, int64_t now, int64_t *ret_ms);

struct clock_fields {
	int year, month, day, hour, minute, second, ms, weekday; /* month 1-12, weekday 0 = Sunday */
};
struct clock_fields clock_split(int64_t ms);
/* The reverse; fields may be out of range (month 13, day 0) and carry over. */
int64_t clock_join(struct clock_fields f);
