/* part: a file that comes in pieces, in a folder of files named by their SHA-256. While it is not whole it is hidden
 * (".part-KEY-…"), and stays when the program or the machine ends: whoever opens it again with the same key and identity
 * goes on where it was. With the same key and another identity the one before is removed: there is one for each key.
 *
 * What a part will need is reserved on the disk when it is opened, and counts at once. */
#pragma once

#include "agent/base/span.h"

struct part_place {
	const char *folder;  /* the caller's alone */
	uint64_t max_bytes;  /* of one file */
	uint64_t max_all;    /* of all in the folder together, as they lie on the disk */
	uint64_t min_free;   /* that the file system keeps */
};
enum { PART_KEY = 64, PART_NAME = 65 };

struct part;
/* key: letters, digits and '-', at most PART_KEY. size: what is expected. 0; -EFBIG: it is over max_bytes; -ENOSPC: over
 * another limit, or the disk is full; -EBUSY: somebody else is at it; or negative errno. */
int part_open(const struct part_place *place, const char *key, struct span identity, uint64_t size, struct part **ret);
const char *part_name(const struct part *p); /* of its file in the folder, for who looks at it before it is finished */
uint64_t part_size(const struct part *p);  /* what it has */
uint64_t part_limit(const struct part *p); /* what it may have */
/* Of what it has. 0 or negative errno. */
int part_read(const struct part *p, uint64_t offset, void *to, size_t n);
/* At its end. 0; -EFBIG over the limit; negative errno. */
int part_write(struct part *p, struct span content);
/* It is whole, and that is its SHA-256: on disk and there by its name when this returns, which is left in `name` (64 hex
 * digits). One of that name that is there already stays. 0 or negative errno. */
int part_finish(struct part *p, const unsigned char sha256[32], char name[PART_NAME]);
void part_close(struct part *p); /* what it has stays; NULL is fine */
/* That of a key, if there is one, with whatever identity: it is nobody's any more. */
void part_remove(const char *folder, const char *key);
/* Those that nobody is at and that nothing was added to for so long. */
void part_sweep(const char *folder, int64_t age_ms);
