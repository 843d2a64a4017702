/* file: whole files. */
#pragma once

#include <sys/types.h>

#include "agent/base/buf.h"

/* Appends what the regular file has; a link is followed, a FIFO is not waited for. 0; -EISDIR, -EINVAL it is no regular file;
 * -EFBIG it has more than max bytes; -ENOMEM; or another errno. On failure a part may have been appended. */
int file_read(const char *path, size_t max, struct buf *out);

/* All of it, whatever interrupts. 0 or negative errno. */
int file_write_all(int fd, struct span bytes);
/* What happened to names in the folder of path is on the disk: after a rename. 0 or negative errno. */
int file_sync_folder(const char *path);
/* A file with these bytes appears whole or not at all, on the disk, and replaces what is there. mode: less the umask.
 * 0 or negative errno. */
int file_replace(const char *path, struct span bytes, mode_t mode);
