/* told-place: a database of what a test tells, with a reader over it, as cmocka's fixture. */
#pragma once

#include "recorder/query/reader.h"

struct told_place {
	char path[64];
	struct reader *reader;
};

/* Fills *state with a told_place; -1 where that fails. told_place_end frees it. */
int told_place_begin(void (*tell)(struct batch *b), void **state);
int told_place_end(void **state);
