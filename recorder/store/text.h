/* text: the index that finds a stored text by its whole value (schema.sql, text_hash). */
#pragma once

#include <sqlite3.h>

#include "agent/base/buf.h"

/* Numbers of column text.kind: stored, only append. */
enum text_kind { TEXT_OTHER, TEXT_PATH, TEXT_DIRECTORY, TEXT_COMMAND_LINE, TEXT_ADDRESS };

typedef int text_found_fn(int64_t id, void *data);
/* For readers. Calls fn with the id of every text whose whole value (path with its directory) may equal `value` ignoring
 * case: all that do, and by chance a few others that differ, never a scan. `value` must be ASCII (-EINVAL: compare
 * every text; a text that equals an ASCII value only by folding a letter from outside ASCII is not found either).
 * 0, what fn returned when not 0, or as vault_error. */
int text_find(sqlite3 *db, struct span value, text_found_fn *fn, void *data);

/* The whole text of a row of table text, in `value` itself or in *out, which is emptied first. `dir`: the value of the
 * text that column dir names, absent for none. Nonsense of a damaged database is given as it is. 0 or -ENOMEM. */
int text_whole(int kind, struct span dir, struct span value, struct buf *out, struct span *ret);

/* ---- inside recorder/store ---- */

/* The hash is SipHash-1-3 (Aumasson, Bernstein) under a random key of the database: whoever names files cannot aim at
 * one bucket. Stored in meta 'text_key', 16 bytes. */
enum { TEXT_KEY_SIZE = 16, TEXT_BUCKET_BITS = 14 };
struct text_key {
	uint64_t k[2];
};
/* 0, -EBADMSG when it is not there. */
int text_key_load(sqlite3 *db, struct text_key *ret);
/* Over the value with ASCII letters in lower case. */
uint64_t text_hash(const struct text_key *key, struct span value);
/* The same over the bytes as they are, for caches. */
uint64_t text_hash_exact(const struct text_key *key, struct span value);

static inline int64_t text_bucket(uint64_t hash) { return (int64_t)(hash >> (64 - TEXT_BUCKET_BITS)); }
static inline unsigned char text_tag(uint64_t hash) { return (unsigned char)hash; }

/* Cuts the next entry off *rest. *id: 0 at the start, the entry's id afterwards. False at the end or at nonsense. */
bool text_bucket_next(struct span *rest, int64_t *id, unsigned char *ret_tag);
/* Appends an entry. id > last_id, the greatest id in the bucket (0: empty). */
void text_bucket_add(struct buf *bucket, int64_t last_id, int64_t id, uint64_t hash);
