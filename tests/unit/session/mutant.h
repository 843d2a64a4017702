/* mutant: a sound recording with damage that only its number decides: bits, pages, lengths, the database header, free
 * lists, pointer maps, cells, words of the schema, values. What is tested on them: test-mutants.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"

/* Writes mutant number n of `sound` (a whole database file) to PATH, and what may lie beside it (PATH-wal). 0, or -1 with
 * errno. */
int mutant_make(const struct buf *sound, uint64_t n, const char *path);
/* Of the last one: what was done, in words. */
const char *mutant_words(void);
