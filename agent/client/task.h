/* task: what a server may ask of an endpoint by "agent.dial" (agent/wire/wire.h): one file for each, task-NAME.c, which
 * defines its struct task_kind; task.c lists them.
 *
 * A task has a link of its own to the server, that is welcomed and whose other end is there ("data.ready" came). What it asks
 * for is checked by the one who does it: the server is a stranger. */
#pragma once

#include "agent/client/client-conf.h"
#include "agent/net/link.h"
#include "agent/wire/control.h"

struct asker;

/* What all have in common; outlives them. */
struct task_env {
	struct fdm *fdm;
	const char *database;
	const struct client_conf *conf;
	struct asker *asker; /* opens what we may not; NULL: nobody does */
};

struct task_order {
	enum control_task task;
	struct span path;   /* bytes, absent for none; the order's own */
	uint64_t process, max_bytes;
};

struct task; /* each kind has its own */

/* It is over and freed; the link is closed. text: NULL, or why it failed, for the log. */
typedef void task_done_fn(const char *text, void *data);

struct task_kind {
	enum control_task task;
	const char *name; /* for the log */
	/* Takes the link over (link_set_handler). 0; negative errno, and the link is as before: it is closed with the error's
	 * name. `done` is never called from here. `order` lives until done. */
	int (*start)(const struct task_env *env, struct link *link, const struct task_order *order, task_done_fn *done,
		     void *data, struct task **ret);
	/* About once a second (clock_monotonic); may end it. NULL: nothing to look at. */
	void (*check)(struct task *t, int64_t now);
	/* Ends it: `done` follows, perhaps at once. */
	void (*stop)(struct task *t, enum websocket_code code, const char *why);
};

extern const struct task_kind task_reader, task_capture, task_file;

/* NULL: this endpoint cannot do that. */
const struct task_kind *task_find(enum control_task task);
