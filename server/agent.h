/* agent: an agent's control connection. It stays as long as the agent runs; its certificate's key says which endpoint it
 * is. Of two with one key the newer counts. */
#pragma once

#include "server/peer.h"

struct agent {
	struct peer peer;
	struct agent *next, **at;  /* of server->agents, once it has greeted; at NULL before */
	int64_t endpoint;
	char key[DEPOT_KEY + 1];
	uint64_t last_call;
	bool recording;
	int64_t first, last;       /* of its recording; 0: not told */
	uint64_t bytes;
};

/* The one that is here, or NULL. */
struct agent *agent_find(const struct server *s, const char *key);
/* What it is to dial for (wire.h, "agent.dial"). */
struct agent_order {
	const char *ticket;
	enum control_task task;
	struct span path;
	uint64_t process, max_bytes;
};
/* Asks it to dial. The answer is session_answered's, capture_answered's or save_answered's, by *ret_call. 0, or as peer_send. */
int agent_dial(struct agent *a, const struct agent_order *order, uint64_t *ret_call);
/* Its client's log, as the configuration has it. */
void agent_tell_level(struct agent *a);

unsigned agent_accept(struct server *s, struct link *l, const char *key, struct peer **ret);
/* Lets those go that may not be here any more. */
void agent_recheck(struct server *s);
