/* vaultcopy: a private copy of a database that has a WAL beside it, with the WAL worked in. Inside recorder/store only. */
#pragma once

#include <stdint.h>

#include "recorder/store/vault.h"

/* When PATH has a "-wal" that is not empty: replaces *fd and *size by those of a copy without a name, closes the old
 * descriptor, and sets *ret_share to the part of progress that took; else changes nothing. The originals are only read.
 * 0, -ECANCELED, -EAGAIN (it changed all the while), or negative errno. */
int vaultcopy_with_wal(const char *path, struct cancel *cancel, vault_progress_fn *progress, void *data, int *fd,
                       int64_t *size, double *ret_share);
