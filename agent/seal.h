/* seal: takes from the recording process what recording does not need. Nothing is ever given back.
 * (capabilities(7), prctl(2), seccomp(2).) */
#pragma once

#include <sys/types.h>

/* No new privileges. Of the capabilities, only: audit (control and read), reading files and /proc of others
 * (CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE), and large netlink buffers (CAP_NET_ADMIN). Sockets of the families unix and
 * netlink only, so no network; none of the calls that change the kernel, mounts, namespaces, other processes or the
 * clock; no calls of another architecture. For the calling thread and those it will make. 0 or negative errno: go no
 * further then. */
int seal_recorder(void);
/* The same for the opener (agent/opener/ask.h): of the capabilities only those for reading, and no sockets but unix ones. */
int seal_opener(void);

/* The same for the client, which talks to strangers: it becomes that user and group, without others, loses every capability,
 * and has sockets of the families unix, IPv4 and IPv6 only. Its memory is bounded, softly: what it starts may have more. Who
 * is not root stays who it is. */
int seal_client(uid_t uid, gid_t gid);
