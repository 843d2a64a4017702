/* keep: the snapshot of the database that a server fetches: made once for each capture, in a folder beside the database,
 * and kept until it was fetched, so that a transfer that broke goes on with the same content. There is one at a time. */
#pragma once

#include <stdint.h>

enum { KEEP_WHY = 256, KEEP_NAME = 64, KEEP_AGE_MS = 86400000, KEEP_FREE = 256 << 20 };

/* name: of the capture, letters, digits and '-'. Makes its snapshot when it is not there; those of other names go. Waits
 * for one that is being made. 0 with a descriptor for reading and the file's name; or negative errno with a line for people:
 * -ENOSPC: less than KEEP_FREE bytes would be free. */
int keep_open(const char *database, const char *name, int *ret_fd, char file[256], char why[KEEP_WHY]);
/* It was fetched. */
void keep_drop(const char *database, const char *name);
/* Removes those that are older than that. */
void keep_sweep(const char *database, int64_t age_ms);
