/* file: whole files. */
#pragma once

#include "agent/base/buf.h"

/* Appends what the regular file has; a link is followed, a FIFO is not waited for. 0; -EISDIR, -EINVAL it is no regular file;
 * -EFBIG it has more than max bytes; -ENOMEM; or another errno. On failure a part may have been appended. */
int file_read(const char *path, size_t max, struct buf *out);
