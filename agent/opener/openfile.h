/* openfile: opens a file that somebody far away named, on a machine that may be an attacker's. Nothing is opened before it
 * was seen to be a regular file of a real file system: opening a FIFO waits, a device's opening does things.
 *
 * A symbolic link is followed where it is root's and lies in a folder that only root can write to, so that /bin/sh is
 * found; any other could lead somebody's file to what the investigator did not mean, and is refused. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum { OPENFILE_WHY = 160 };

/* For reading. 0 with the descriptor; or a negative errno with one line for people in `why`: -ENOENT, -ELOOP a link, -EINVAL
 * no regular file, -EFBIG, -EACCES, … */
int openfile(const char *path, uint64_t max_bytes, int *ret_fd, char why[OPENFILE_WHY]);
/* The executable of a process that runs, also when it was deleted. start_ms: when it began; path: what it was called, both
 * as recorded: another process, or one that has become another program, is -ESRCH. */
int openfile_executable(pid_t pid, int64_t start_ms, const char *path, uint64_t max_bytes, int *ret_fd,
			char why[OPENFILE_WHY]);
