/* hashes: the table file_hash, each hash once, and which image has which. Private to the store. */
#pragma once

#include <sqlite3.h>

#include "recorder/event.h"

struct hashes;

int hashes_new(sqlite3 *db, struct hashes **ret);
void hashes_free(struct hashes *h); /* NULL is fine */
/* The row of that hash, made when it is new. 0, -EIO, -ENOSPC … */
int hashes_id(struct hashes *h, const struct file_hash *hash, int64_t *ret);
/* An image that is there gets its hash, or the reason why not. */
int hashes_set(struct hashes *h, const struct image_hash *hash);
