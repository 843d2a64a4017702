/* supervise: keeps a table of children running, each a process of its own. One that ends is started again, sooner or later
 * (back-off), and none is touched by what becomes of another.
 *
 * SIGTERM and SIGINT end all and then supervise_run; SIGHUP is passed on to every child, and starts those that rest. A
 * child dies with its supervisor (SIGTERM by prctl(2), PR_SET_PDEATHSIG).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In the child, with the signals as they were before; what it returns is its exit status. */
typedef int supervise_child_fn(void *data);

struct supervise_child {
	const char *name; /* also the name of its process, cut at 15 bytes */
	supervise_child_fn *run;
	void *data;
};

enum supervise_event { SUPERVISE_STARTED, SUPERVISE_ENDED, SUPERVISE_NOT_STARTED, SUPERVISE_KILLED };
/* What happened, for a log. status: as wait(2) has it, of SUPERVISE_ENDED; a negative errno of SUPERVISE_NOT_STARTED.
 * SUPERVISE_KILLED: it did not end in time. pause_ms: until it is started again, -1 never. */
typedef void supervise_tell_fn(const struct supervise_child *c, enum supervise_event event, pid_t pid, int status,
                               int64_t pause_ms);

enum {
	SUPERVISE_CHILDREN_MAX = 8,
	SUPERVISE_REST = 64,            /* exit status of a child with nothing to do: not started again before SIGHUP */
	SUPERVISE_AGAIN = 65,           /* of one that wants to begin anew: started again after a short pause */
	SUPERVISE_PAUSE_MS = 1000,      /* before the first new start; doubles up to the next */
	SUPERVISE_PAUSE_MAX_MS = 60000,
	SUPERVISE_STEADY_MS = 60000,    /* one that ran so long starts with a short pause again */
	SUPERVISE_END_MS = 60000,       /* how long the end of a child is waited for before SIGKILL */
};

/* Until SIGTERM or SIGINT. 0, or negative errno when it could not begin. Call before any thread is made. */
int supervise_run(const struct supervise_child *children, size_t n, supervise_tell_fn *tell);

/* The pause before the next start, after `ran_ms` of running and the pause before. */
int64_t supervise_next_pause(int64_t pause_ms, int64_t ran_ms);
