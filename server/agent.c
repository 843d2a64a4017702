#include "server/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/wire/wire.h"
#include "server/capture.h"
#include "server/contacts.h"
#include "server/endpoints.h"
#include "server/save.h"
#include "server/session.h"

static uint64_t prefix_of(const char *key)
{
	uint64_t prefix = 0;

	return strlen(key) == DEPOT_KEY && span_hex_to_u64((struct span){ key, 16 }, &prefix) == 0 ? prefix : 0;
}

/* Of two whose keys begin alike only one is in the map, if that was not made to be so: then they are looked for. */
struct agent *agent_find(const struct server *s, const char *key)
{
	const uint64_t *at = map_get(&s->agents_by_key, prefix_of(key));
	struct agent *a = at ? (struct agent *)(uintptr_t)*at : NULL;

	if (!a || strcmp(a->key, key) == 0)
		return a;
	for (a = s->agents; a && strcmp(a->key, key) != 0;)
		a = a->next;
	return a;
}

/* Another whose key begins alike takes its place. */
static void forget_key(struct agent *a)
{
	struct server *s = a->peer.server;
	uint64_t prefix = prefix_of(a->key);
	uint64_t *at = map_get(&s->agents_by_key, prefix);

	if (!at || *at != (uintptr_t)a)
		return;
	map_remove(&s->agents_by_key, prefix);
	for (struct agent *other = s->agents; other; other = other->next) {
		if (memcmp(other->key, a->key, 16) == 0) {
			map_put(&s->agents_by_key, prefix, (uintptr_t)other); /* there is room: one just went */
			return;
		}
	}
}

static void leave(struct agent *a)
{
	if (!a->at)
		return;
	*a->at = a->next;
	if (a->next)
		a->next->at = a->at;
	a->at = NULL;
	a->peer.server->n_agents--;
	forget_key(a);
	session_close_key(a->peer.server, a->key, -ECONNRESET, "the endpoint's connection was lost");
	capture_lost(a->peer.server, a->key);
	save_lost(a->peer.server, a->key);
}

static void keep_contact(struct agent *a)
{
	if (contacts_put(a->peer.server->contacts, a->endpoint, clock_now(), a->peer.host, a->peer.address, a->peer.version) < 0)
		log_warning("agent of %s: its contact is not kept: out of memory", a->peer.address);
}

/* NULL: it may be here, as the depot has it now, or that cannot be read; else why not. */
static const char *why_not(struct agent *a)
{
	struct endpoints_one e;
	int r = endpoints_find(a->peer.server->depot, a->key, &e);

	if (r < 0)
		return r == -ENOENT ? "it is not known any more" : NULL;
	free(e.name);
	return e.revoked ? "its key is revoked" : NULL;
}

static void on_greeted(struct peer *p)
{
	struct agent *a = (struct agent *)p, *before = agent_find(p->server, a->key);
	const char *why = why_not(a); /* it may have been let in a while ago */

	if (why) {
		peer_drop(p, WEBSOCKET_POLICY, why);
		return;
	}
	if (before) {
		leave(before);
		peer_drop(&before->peer, WEBSOCKET_POLICY, "another connection came with its key");
	}
	if (!map_get(&p->server->agents_by_key, prefix_of(a->key)) &&
	    map_put(&p->server->agents_by_key, prefix_of(a->key), (uintptr_t)a) < 0) {
		peer_drop(p, WEBSOCKET_TRY_LATER, "out of memory");
		return;
	}
	a->next = p->server->agents;
	a->at = &p->server->agents;
	if (a->next)
		a->next->at = &a->next;
	p->server->agents = a;
	p->server->n_agents++;
	link_set_max_message(p->link, WIRE_GREETING_BYTES);
	keep_contact(a);
	log_debug("agent of %s: here", p->address);
	agent_tell_level(a);
	capture_go_on(p->server, a->key);
}

static void on_state(struct agent *a, const struct control *c)
{
	a->recording = c->state.recording;
	a->first = c->state.first;
	a->last = c->state.last;
	a->bytes = c->state.bytes;
}

static void on_refused(struct agent *a, const struct control *c)
{
	session_answered(a->peer.server, a->key, c->id, c->error.error.p, c->error.text.p);
	capture_answered(a->peer.server, a->key, c->id, c->error.error.p, c->error.text.p);
	save_answered(a->peer.server, a->key, c->id, c->error.error.p, c->error.text.p);
}

static void on_got(struct peer *p, const struct control *c)
{
	struct agent *a = (struct agent *)p;

	if (c->type == CONTROL_AGENT_STATE)
		on_state(a, c);
	else if (c->type == CONTROL_DONE)
		session_answered(p->server, a->key, c->id, NULL, NULL);
	else if (c->type == CONTROL_ERROR)
		on_refused(a, c);
	else if (c->id)
		peer_error(p, c->id, ENOSYS, "not here");
}

static void on_gone(struct peer *p, const struct link_end *end)
{
	struct agent *a = (struct agent *)p;

	if (p->greeted)
		keep_contact(a);
	leave(a);
	peer_part(p);
	free(a);
}

static const struct peer_class class = {
	.name = "agent", .side = CONTROL_AGENT, .greeted = on_greeted, .got = on_got, .gone = on_gone,
};

unsigned agent_accept(struct server *s, struct link *l, const char *key, struct peer **ret)
{
	struct endpoints_one e;
	struct agent *a;
	int r = key ? endpoints_find(s->depot, key, &e) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 403 : 503;
	free(e.name);
	if (e.revoked)
		return 403;
	a = calloc(1, sizeof(*a));
	if (!a)
		return 503;
	a->endpoint = e.id;
	memcpy(a->key, key, DEPOT_KEY);
	peer_join(&a->peer, &class, s, l);
	link_vouch(l);
	*ret = &a->peer;
	return 0;
}

int agent_dial(struct agent *a, const struct agent_order *order, uint64_t *ret_call)
{
	struct control c = { .type = CONTROL_AGENT_DIAL, .id = ++a->last_call };
	int r;

	c.dial.ticket = span_of(order->ticket);
	c.dial.task = order->task;
	c.dial.path = order->path;
	c.dial.process = order->process;
	c.dial.max_bytes = order->max_bytes;
	r = peer_send(&a->peer, &c);
	if (r == 0)
		*ret_call = c.id;
	return r;
}

void agent_tell_level(struct agent *a)
{
	struct control c = { .type = CONTROL_AGENT_LOG };

	c.log.level = a->peer.server->conf.agents_level;
	if (a->peer.server->conf.tells_agents)
		peer_send(&a->peer, &c);
}

void agent_recheck(struct server *s)
{
	for (struct agent *a = s->agents, *next; a; a = next) {
		const char *why = why_not(a);

		next = a->next;
		if (why) {
			peer_drop(&a->peer, WEBSOCKET_POLICY, why);
			leave(a);
		}
	}
}
