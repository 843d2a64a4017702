/* ini: files of [SECTION] and KEY = VALUE. Lines that begin with # or ; are comments; space around a key and a value is
 * not part of it. */
#pragma once

#include "agent/base/buf.h"
#include "agent/base/log.h"

struct ini_line {
	size_t number; /* 1: the first */
	struct span section;
	struct span key, value; /* SPAN_NONE: the line that begins the section */
};

/* Case is kept. 0, or -EINVAL with the reason appended to why, or other errno. */
typedef int ini_fn(const struct ini_line *line, struct buf *why, void *data);
/* 0; or the first fault, then with "LINE: reason" in why, cut at 512 bytes: -EINVAL for what is no such line. */
int ini_read(struct span text, ini_fn *fn, struct buf *why, void *data);

/* Names, and words that are values: their case does not matter. */
bool ini_is(struct span name, const char *z);

/* Values. 0, or -EINVAL with why. */
int ini_number(struct span value, int64_t least, int64_t most, struct buf *why, int64_t *ret);
int ini_choice(struct span value, struct buf *why, bool *ret); /* yes, no */
int ini_level(struct span value, struct buf *why, enum log_level *ret);
