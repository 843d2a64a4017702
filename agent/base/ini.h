/* ini: files of [SECTION] and KEY = VALUE. Lines that begin with # or ; are comments; space around a key and a value is not
 * part of it. */
#pragma once

#include "agent/base/buf.h"

/* A key and its value in that section, case kept. 0, or -EINVAL with the reason appended to why, or other errno. */
typedef int ini_fn(struct span section, struct span key, struct span value, struct buf *why, void *data);
/* 0; or the first fault, then with "LINE: reason" in why: -EINVAL for what is no such line. */
int ini_read(struct span text, ini_fn *fn, struct buf *why, void *data);

/* Values. 0, or -EINVAL with why. */
int ini_number(struct span value, int64_t least, int64_t most, struct buf *why, int64_t *ret);
int ini_choice(struct span value, struct buf *why, bool *ret); /* yes, no */
