/* socketlook: asks the kernel which ends a process's sockets have, while they are open. A descriptor leads to an inode
 * (/proc/PID/fd), one list of all sockets from there to the addresses (sockdiag_list). Listing takes time in proportion to
 * how many sockets the machine has: it is refused while it would take more than a hundredth of one processor. */
#pragma once

#include "recorder/sockdiag.h"

struct socketlook {
	int64_t not_before_ns; /* CLOCK_MONOTONIC */
};

/* The inode of the socket under a descriptor; 0: there is none (any more), or /proc does not show it to us. */
uint64_t socketlook_inode(int64_t pid, uint64_t fd);
/* Every socket of the protocol that has, or is making, a connection. 0, -EAGAIN: not now, or negative errno. */
int socketlook_list(struct socketlook *l, uint8_t protocol, sockdiag_fn *fn, void *data);
