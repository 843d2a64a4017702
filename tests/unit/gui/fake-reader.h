/* fake-reader: a reader over rows that are computed, not stored: any number of them at no cost. Row i (oldest first) has
 * id 1000 + 7 i and time FAKE_READER_START + 250 i. An expression, whatever it says, matches every tenth row. */
#pragma once

#include <stdatomic.h>

#include "recorder/query/reader.h"

#define FAKE_READER_START INT64_C(1763600000000)

struct fake_reader_stats {
	atomic_uint counts, pages, cells, cancelled; /* calls made */
	atomic_uint hold_counts;              /* counts wait while this is set (and not cancelled) */
	atomic_uint fail;                     /* every call fails with -EBADMSG */
	atomic_uint lost;                     /* every call fails with -EPIPE */
	atomic_uint grown;                    /* rows that came since */
};

/* `stats` may be NULL and must outlive the reader. */
struct reader *fake_reader_new(uint64_t n_rows, struct fake_reader_stats *stats);
