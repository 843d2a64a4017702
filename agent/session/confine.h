/* confine: opens a recording in a confined child process (see README.md, "Opening a file").
 *
 * The child is this program started again with CONFINE_ARGUMENT as its first argument: main() must call
 * confine_child_main first thing. It opens the file, drops to no network, no new files and few system calls
 * (seccomp, rlimits), and serves a reader on the socket. It is killed when it takes more than CONFINE_MEMORY, and when it
 * says or does nothing for too long (wire.h): calls then fail for good, as remote.h says. */
#pragma once

#include <sys/types.h>

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

#define CONFINE_ARGUMENT "--confined-reader"

/* Bytes of its own (no file is behind them): SQLite's cache, and 256 MB. A sanitizer needs more for itself. */
#define CONFINE_CACHE (UINT64_C(16) << 20)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINE_MEMORY (CONFINE_CACHE + (UINT64_C(2048) << 20))
#else
#define CONFINE_MEMORY (CONFINE_CACHE + (UINT64_C(256) << 20))
#endif

/* Never returns when argv[1] is CONFINE_ARGUMENT; else does nothing. */
void confine_child_main(int argc, char **argv);

/* Opens PATH in a new child. Blocks (worker thread) until it is open: progress of the check is reported, `cancel` ends
 * it. 0 with a reader that also ends the child when closed, or a negative errno with one malloc'd line in *ret_error:
 * "PATH: what: why". `flags`: vault_flags. */
int confine_open(const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress, void *data,
                 struct reader **ret, char **ret_error);
/* A child that serves the live database PATH on a socket whose other end is *ret_fd (frames of agent/wire/frame.h around
 * reader calls): for a peer that is no part of this program. It opens the database at once; where it cannot, it says so
 * to every call. A call that takes longer than WIRE_CALL_MS is ended with ETIMEDOUT. 0 or negative errno. */
int confine_serve_live(const char *path, int *ret_fd, pid_t *ret_pid);
/* The same of a file that nobody writes any more, wherever it came from. */
int confine_serve_kept(const char *path, int *ret_fd, pid_t *ret_pid);
/* Ends such a child, and waits until it is gone: it only reads, there is nothing for it to finish. */
void confine_end(pid_t pid);
/* Bytes that a process has in memory and no file has; 0 where that cannot be seen. */
uint64_t confine_memory(pid_t pid);

/* The child of a reader from confine_open, 0 for others. */
pid_t confine_pid(const struct reader *r);
