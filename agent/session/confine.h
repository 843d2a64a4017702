/* confine: opens a recording in a confined child process (see README.md, "Opening a file").
 *
 * The child is this program started again with CONFINE_ARGUMENT as its first argument: main() must call
 * confine_child_main first thing. It opens the file, drops to no network, no new files and few system calls
 * (seccomp, rlimits), and serves a reader on the socket. */
#pragma once

#include <sys/types.h>

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

#define CONFINE_ARGUMENT "--confined-reader"

/* Never returns when argv[1] is CONFINE_ARGUMENT; else does nothing. */
void confine_child_main(int argc, char **argv);

/* Opens PATH in a new child. Blocks (worker thread) until it is open: progress of the check is reported, `cancel` ends
 * it. 0 with a reader that also ends the child when closed, or a negative errno with one malloc'd line in *ret_error:
 * "PATH: what: why". `flags`: vault_flags. */
int confine_open(const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress, void *data,
                 struct reader **ret, char **ret_error);
/* The child of a reader from confine_open, 0 for others. */
pid_t confine_pid(const struct reader *r);
