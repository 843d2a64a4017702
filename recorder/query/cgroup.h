/* cgroup: what the path of a control group says of who runs in it: which container, which unit of systemd. Read from
 * the right, since the innermost is what is asked for. Everybody who may make a group may name it: this is what the path
 * says, no more.
 *
 * Containers: Docker, Podman, CRI-O, containerd and nerdctl (their ids, from 12 hexadecimal digits on), LXC and
 * systemd-nspawn (names). What only watches a container (conmon, lxc.monitor) is not in it.
 */
#pragma once

#include "agent/base/span.h"

/* "4f0c…" (64 digits), "web" of LXC; as the path has it, so systemd's "\x2d" stays. Absent: in no container. */
struct span cgroup_container(struct span path);
/* "ssh.service", "session-3.scope": the innermost that is not a slice. Absent: none. */
struct span cgroup_unit(struct span path);
