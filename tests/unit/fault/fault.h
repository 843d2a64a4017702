/* fault: the Nth call fails that asks for memory, or for a file. Linked into a test program, in which its malloc, write, …
 * stand before those of libc, for our code and for SQLite's alike.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
	FAULT_MEMORY, /* malloc, calloc, realloc */
	FAULT_FULL,   /* what takes space on a disk: ENOSPC; opening: EMFILE */
	FAULT_IO,     /* reading, writing, syncing, renaming, opening …: EIO */
	FAULT_KINDS,
};
extern const char *const fault_names[FAULT_KINDS];

/* From now on calls of that kind are counted, on all threads; number nth (from 1) fails, and with `lasting` all after it. */
void fault_arm(enum fault_kind kind, uint64_t nth, bool lasting);
/* Nothing fails any more. How many calls were counted. */
uint64_t fault_disarm(void);
/* Whether a call failed since fault_arm. */
bool fault_struck(void);
/* Blocks of memory that are not freed yet; 0 under a sanitizer, which counts itself. */
int64_t fault_blocks(void);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { FAULT_SANITIZED = 1 };
#else
enum { FAULT_SANITIZED = 0 };
#endif
