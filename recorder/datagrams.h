/* datagrams: what the kernel tells on a netlink socket, many messages a call (netlink(7), recvmmsg(2)). */
#pragma once

#include "agent/base/span.h"

enum { DATAGRAMS_MOST = 1024 }; /* bytes of a message; of a longer one only its beginning is handed on */

/* Valid during the call, aligned for a struct nlmsghdr. */
typedef void datagrams_fn(struct span message, void *data);
/* Hands what waits to fn, except for what another process sent: how many messages there were, 0 none, -ENOBUFS: the
 * socket overflowed (go on), or another negative errno. */
int datagrams_receive(int fd, datagrams_fn *fn, void *data);
