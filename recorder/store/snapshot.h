/* snapshot: a consistent copy of a database in one file, also while a recorder writes it. */
#pragma once

#include "recorder/store/vault.h"

/* Copies the database at `path` into the folder `dir` as HOST_YYYY_MM_DDTHH.MM.SS.mmmZ.db: host and time of the copy
 * (UTC). It holds everything committed at one moment, needs no other file, and is there complete and durable or not at
 * all. 0 with the new file's malloc'd path, or -ENOENT, -ENOTDIR, -EEXIST, -ENOSPC, -ECANCELED, … or as vault_open,
 * with one malloc'd line "PATH: what: why" in *ret_error. `cancel` and `progress` may be NULL. */
int snapshot_take(const char *path, const char *dir, struct cancel *cancel, vault_progress_fn *progress, void *data,
                  char **ret_path, char **ret_error);
