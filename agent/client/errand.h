/* errand: one "agent.dial" of the server: dials /data/TICKET there, waits until the other end is there too, and gives the link
 * to its task (task.h). */
#pragma once

#include "agent/client/task.h"
#include "agent/net/greet.h"

struct errand;

struct errand_config {
	struct greet_config greet; /* of the server: fdm, policy, name, address, port, program, host */
	const struct task_env *env;
	const struct control *dial; /* CONTROL_AGENT_DIAL: copied */
	/* Dialled and welcomed (0), or not: then the errand is over, and freed when this returns. */
	void (*dialled)(struct errand *e, uint64_t call, int error, const char *text, void *data);
	/* It is over, and freed when this returns. text: NULL, or why it failed. */
	void (*ended)(struct errand *e, const char *text, void *data);
	void *data;
};

/* 0; -ENOSYS no such task here; -EINVAL no ticket; negative errno. Nothing is called from here. */
int errand_new(const struct errand_config *config, struct errand **ret);
const char *errand_name(const struct errand *e);
void errand_check(struct errand *e, int64_t now); /* about once a second; may end it */
/* Ends it: `ended` (or `dialled`) follows, perhaps at once. */
void errand_stop(struct errand *e, enum websocket_code code, const char *why);
