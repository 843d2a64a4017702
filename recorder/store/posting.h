/* posting: collects (term, bucket) pairs in memory and writes each once, sorted. Inside recorder/store only. */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct posting;

int posting_new(sqlite3 *db, struct posting **ret);
int posting_add(struct posting *p, int64_t term, int64_t bucket);
/* Writes what is new. Pairs are remembered a while longer, so that the next commits need not write them again. */
int posting_flush(struct posting *p);
/* After a rollback. */
void posting_reset(struct posting *p);
/* Pairs that wait to be written. */
size_t posting_waiting(const struct posting *p);
void posting_free(struct posting *p);
