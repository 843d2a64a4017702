/* logfile: an audit log as runs of whole lines, whatever it is stored as: plain, gzip or zstd (told by their first
 * bytes, never by the name), a regular file, a pipe or standard input. Blocking; one thread at a time.
 *
 * Errors are one malloc'd line "PATH: why" in *ret_error, with a negative errno: -EISDIR, -ENOENT, -EACCES …;
 * -ENOTSUP: not text, or compressed in a way that is not known here; -EBADMSG: damaged or truncated compressed data.
 */
#pragma once

#include "agent/base/span.h"

struct logfile;

/* "-" is standard input. */
int logfile_open(const char *path, struct logfile **ret, char **ret_error);
void logfile_close(struct logfile *f); /* NULL is fine */

/* The next run of whole lines, each with its newline; only the last line of the log may lack one, and a line longer
 * than LOGFILE_LINE_MAX comes in pieces. Valid until the next call. 1 with lines, 0 at the end, or negative errno. */
int logfile_read(struct logfile *f, struct span *ret_lines, char **ret_error);
enum { LOGFILE_LINE_MAX = 128 * 1024 };

const char *logfile_path(const struct logfile *f);
/* Bytes as stored (compressed ones where it is), for progress: size is 0 when it is not known beforehand. */
int64_t logfile_size(const struct logfile *f);
int64_t logfile_consumed(const struct logfile *f);
/* Time of the first record in the beginning of the log, to put rotated logs in order; INT64_MIN when there is none.
 * Reads the first run of lines ahead; it may fail as logfile_read does. */
int logfile_first_time(struct logfile *f, int64_t *ret_ms, char **ret_error);
