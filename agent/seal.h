/* seal: takes from the recording process what recording does not need. Nothing is ever given back.
 * (capabilities(7), prctl(2), seccomp(2).) */
#pragma once

/* No new privileges. Of the capabilities, only: audit (control and read), reading files and /proc of others
 * (CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE), and large netlink buffers (CAP_NET_ADMIN). Sockets of the families unix and
 * netlink only, so no network; none of the calls that change the kernel, mounts, namespaces, other processes or the
 * clock; no calls of another architecture. For the calling thread and those it will make. 0 or negative errno: go no
 * further then. */
int seal_recorder(void);
