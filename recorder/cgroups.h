/* cgroups: which control group a process runs in, from /proc/PID/cgroup (cgroups(7)). */
#pragma once

#include <sys/types.h>

#include "agent/base/arena.h"
#include "agent/base/map.h"

enum { CGROUPS_NAMES_MAX = 8192, CGROUPS_PIDS_MAX = 65536 };

struct cgroups {
	struct arena names;
	struct map by_name; /* hash → struct span in `names` */
	struct map by_pid;  /* → the same: what was found for processes met lately */
};

/* The path of a process that begins to run a program; of one that is gone already its parent's, which it began with.
 * Absent when neither is known. Valid as long as c. */
struct span cgroups_of(struct cgroups *c, int64_t pid, int64_t parent);
void cgroups_free(struct cgroups *c);

/* For tests: what one line of it says best: the path in the v2 tree, or where that is the root, in systemd's own, or the
 * longest of the other v1 trees. Absent when the text is none. */
struct span cgroups_parse(struct span text);
