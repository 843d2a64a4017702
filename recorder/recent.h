/* recent: what was said lately of things that later records name by number only: files by device and inode, sockets by
 * descriptor. A cache of fixed size: what is not there is not known. */
#pragma once

#include "agent/base/span.h"

struct recent;

/* NULL when memory is out. */
struct recent *recent_new(void);
void recent_free(struct recent *r); /* NULL is fine */

/* A file that was opened for writing. Paths of more than 247 bytes are not kept. */
void recent_add_file(struct recent *r, int64_t boot, uint64_t inode, struct span device, struct span path);
/* Valid until the next addition; absent when not known. */
struct span recent_file(const struct recent *r, int64_t boot, uint64_t inode, struct span device);

/* The address that a process's socket was bound to. */
void recent_add_socket(struct recent *r, int64_t boot, int64_t pid, uint64_t fd, struct span address, int32_t port);
/* Absent when not known. */
struct span recent_socket(const struct recent *r, int64_t boot, int64_t pid, uint64_t fd, int32_t *ret_port);
