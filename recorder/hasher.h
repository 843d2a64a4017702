/* hasher: MD5 and SHA-256 of what runs, read through /proc/PID/exe, on a thread of its own with the lowest priority.
 *
 * A file is known by device, inode, size and times: hashed once, as long as these stay. The file is opened when the
 * image is met, so that what is hashed is what ran, also when it was deleted. Of a process that is gone the file by that
 * name in its parent's root is taken, if it is the very inode that the exec's record names and has not changed since.
 */
#pragma once

#include "recorder/recording.h"

struct hasher;

enum { HASHER_MAX_BYTES = 100 * 1024 * 1024 }; /* the default for max_bytes */

/* 0, -ENOMEM, -EAGAIN. */
int hasher_new(int64_t max_bytes, struct hasher **ret);
/* Fills hash or hash_reason of an image that pid began to run; HASH_NOT_YET: hasher_take tells later. Never reads the
 * file. `parent`: the parent's pid, 0 unknown. */
void hasher_ask(struct hasher *h, int64_t pid, int64_t parent, struct image_start *image, struct arena *arena);
/* What was hashed since. false: nothing more. */
bool hasher_take(struct hasher *h, struct image_hash *ret);
/* Gives what waits a last moment, then ends the thread; take once more after it. */
void hasher_end(struct hasher *h);
void hasher_free(struct hasher *h); /* NULL is fine */
