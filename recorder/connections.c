#include "recorder/connections.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "recorder/connections-table.h"

enum { LOOK_FIRST_MS = 50, LOOK_LAST_MS = 5000, ATTEMPT_MAX_MS = 150000 }; /* TCP tries for 127 s (tcp(7)) */
enum { MISSED_TCP = 1, MISSED_UDP = 2 };
enum { CANDIDATES_MAX = 512 };

struct closed {
	int64_t time_ms;
	struct sockdiag_socket socket;
};

struct connections {
	struct emit *emit;
	const struct recording_config *config;
	uint32_t pass;
	struct closed *ring;
	size_t cap, first, n;
	struct table table;
};

int connections_new(struct emit *emit, const struct recording_config *config, struct connections **ret)
{
	struct connections *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->emit = emit;
	c->config = config;
	table_init(&c->table);
	*ret = c;
	return 0;
}

void connections_free(struct connections *c)
{
	if (c)
		free(c->ring);
	free(c);
}

/* ---- rows ---- */

static int32_t transport_of(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? EVENT_FLAG_TCP : protocol == IPPROTO_UDP ? EVENT_FLAG_UDP : 0;
}

static struct event *row(struct connections *c, enum event_action action, int64_t time_ms,
                         const struct endpoint_pair *ends, uint8_t protocol)
{
	struct arena *arena = emit_arena(c->emit);
	struct item *item = arena ? emit_item(c->emit, ITEM_EVENT) : NULL;

	if (!item)
		return NULL;
	item->event.action = action;
	item->event.time_ms = time_ms;
	item->event.object = endpoint_text(&ends->remote, arena);
	item->event.port = ends->remote.port;
	if (!endpoint_is_any(&ends->local))
		item->event.object2 = endpoint_text(&ends->local, arena);
	item->event.port2 = ends->local.port;
	item->event.flags = transport_of(protocol);
	return &item->event;
}

static struct event *row_of(struct connections *c, const struct table_entry *e, enum event_action action, int64_t time_ms)
{
	struct event *event = row(c, action, time_ms, &e->told.ends, e->protocol);

	if (!event)
		return NULL;
	event->image = e->told.image;
	event->flags |= e->told.flags;
	return event;
}

static void tell_connected(struct connections *c, struct table_entry *e, int64_t time_ms, uint64_t serial)
{
	struct event *event;

	e->attempt = false;
	table_move(&c->table, e, LIST_OPEN);
	event = row_of(c, e, ACTION_NETWORK_CONNECT, time_ms > e->told.time_ms ? time_ms : e->told.time_ms);
	if (event)
		event->serial = serial;
}

/* The row that its record asked for, if it was not made before. */
static void tell(struct connections *c, struct table_entry *e)
{
	struct event *event;

	if (e->list != LIST_HELD)
		return;
	event = row_of(c, e, e->told.action, e->told.time_ms);
	if (event)
		event->serial = e->told.serial;
	table_move(&c->table, e, e->attempt ? LIST_PENDING : LIST_OPEN);
	if (e->success_ms)
		tell_connected(c, e, e->success_ms, e->success_serial);
}

static int32_t duration(int64_t from_ms, int64_t to_ms)
{
	return to_ms <= from_ms ? 0 : to_ms - from_ms > INT32_MAX ? INT32_MAX : (int32_t)(to_ms - from_ms);
}

static void tell_end(struct connections *c, const struct table_entry *e, int64_t time_ms)
{
	struct event *event = row_of(c, e, ACTION_NETWORK_DISCONNECT, time_ms);

	if (!event)
		return;
	event->flags &= ~EVENT_FLAG_PARTIAL;
	event->flags |= e->told.action == ACTION_NETWORK_ACCEPT ? EVENT_FLAG_ACCEPTED : 0;
	event->result = e->told.time_ms ? duration(e->told.time_ms, time_ms) : EVENT_DURATION_UNKNOWN;
}

/* ---- what records tell ---- */

/* Room for one more: what is oldest goes, those first whose row was made. */
static struct table_entry *take(struct connections *c)
{
	static const enum table_list order[] = { LIST_OPEN, LIST_PENDING, LIST_HELD };
	struct table_entry *e = table_take(&c->table);

	for (size_t i = 0; !e && i < sizeof(order) / sizeof(*order); i++) {
		e = table_first(&c->table, order[i]);
		if (e)
			tell(c, e);
	}
	return e;
}

static struct table_entry *add(struct connections *c, const struct connection *told, uint64_t inode, enum table_list list)
{
	struct table_entry *e = take(c);

	if (!e)
		return NULL;
	table_move(&c->table, e, LIST_FREE); /* forgets how it was found */
	e->told = *told;
	e->inode = inode;
	e->look_ms = told->time_ms + LOOK_FIRST_MS;
	e->pause_ms = LOOK_FIRST_MS;
	e->bound = told->ends.local;
	e->mixed = false;
	e->protocol = e->missed = 0;
	e->found = false;
	e->pass = 0;
	e->success_ms = 0;
	e->success_serial = 0;
	e->attempt = told->action == ACTION_NETWORK_CONNECT_ATTEMPT;
	e->noticed = false;
	table_move(&c->table, e, list);
	table_show(&c->table, e, KEY_ENDS);
	table_show(&c->table, e, KEY_DESCRIPTOR);
	if (inode)
		table_show(&c->table, e, KEY_INODE);
	if (table_knows_local(e))
		table_show(&c->table, e, KEY_PORT);
	return e;
}

static void forget_inode(struct connections *c, struct table_entry *e)
{
	table_hide(&c->table, e, KEY_INODE);
	e->inode = 0;
}

/* A socket is its last connection's: if others were taken for it, their descriptor was used again before we looked. */
static void take_inode_from_others(struct connections *c, uint64_t inode)
{
	struct table_entry like = { .inode = inode }, *e, *next;

	for (e = table_find(&c->table, KEY_INODE, &like, NULL); e; e = next) {
		next = table_find(&c->table, KEY_INODE, &like, e);
		if (e->inode != inode)
			continue;
		forget_inode(c, e);
		if (!e->found)
			continue;
		if (e->noticed)
			e->success_ms = 0;
		e->found = e->noticed = false;
		e->told.ends.local = e->bound;
		table_hide(&c->table, e, KEY_PORT);
		table_show(&c->table, e, KEY_ENDS);
	}
}

static struct table_entry *by_descriptor(const struct connections *c, const struct connection *told)
{
	struct table *t = (struct table *)&c->table;
	struct table_entry like = { .told = *told }, *e = NULL;

	while ((e = table_find(t, KEY_DESCRIPTOR, &like, e)))
		if (e->told.boot == told->boot && e->told.pid == told->pid && e->told.fd == told->fd)
			return e; /* the youngest stands first */
	return NULL;
}

static struct table_entry *same(const struct connections *c, const struct connection *told)
{
	struct table_entry *e = by_descriptor(c, told);

	return e && endpoint_equal(&e->told.ends.remote, &told->ends.remote) ? e : NULL;
}

void connections_add(struct connections *c, const struct connection *told)
{
	const struct recording_config *config = c->config;
	uint64_t inode = config->inode ? config->inode(told->pid, told->fd, config->data) : 0;
	bool waits = (inode && config->sockets) || config->closes;
	struct table_entry *before = by_descriptor(c, told), *e;

	if (before && before->protocol == IPPROTO_UDP && inode && before->inode == inode)
		table_move(&c->table, before, LIST_FREE); /* a UDP socket may be connected again, to somebody else */
	else if (before)
		table_hide(&c->table, before, KEY_DESCRIPTOR);
	if (inode)
		take_inode_from_others(c, inode);
	e = add(c, told, inode, LIST_HELD);
	if (!e || waits)
		return;
	tell(c, e);
	if (!e->attempt)
		table_move(&c->table, e, LIST_FREE);
}

bool connections_is_pending(const struct connections *c, const struct connection *told)
{
	const struct table_entry *e = same(c, told);

	return e && e->attempt;
}

bool connections_succeeded(struct connections *c, const struct connection *told)
{
	const struct recording_config *config = c->config;
	struct table_entry *e = same(c, told);
	bool noticed;

	if (!e)
		return false;
	if (e->attempt && e->list == LIST_HELD) {
		e->attempt = e->noticed = false;
		e->success_ms = told->time_ms;
		e->success_serial = told->serial;
		return true;
	}
	if (e->attempt) {
		tell_connected(c, e, told->time_ms, told->serial);
		if (!config->sockets && !config->closes)
			table_move(&c->table, e, LIST_FREE);
		return true;
	}
	/* We have said so already. (A new connection of who does not wait for it would have been begun again.) */
	noticed = e->noticed;
	e->noticed = false;
	return noticed;
}

void connections_failed(struct connections *c, const struct connection *told, struct endpoint *local)
{
	struct table_entry *e = same(c, told);

	if (!e || !e->attempt)
		return;
	tell(c, e);
	if (table_knows_local(e))
		*local = e->told.ends.local;
	table_move(&c->table, e, LIST_FREE);
}

void connections_known(struct connections *c, const struct connection *before, uint64_t inode)
{
	struct table_entry *e = add(c, before, inode, LIST_OPEN);

	if (e)
		e->protocol = IPPROTO_TCP;
}

/* ---- looking ---- */

static bool wants_look(const struct table_entry *e, int64_t now_ms)
{
	if (!e->inode)
		return false;
	return (e->list == LIST_HELD && !e->found) || (e->list == LIST_PENDING && now_ms >= e->look_ms);
}

struct looking {
	struct connections *c;
	int64_t now_ms;
};

static void found(struct connections *c, struct table_entry *e, const struct sockdiag_socket *s, int64_t now_ms)
{
	struct endpoint remote = endpoint_reached(&e->told.ends.remote);

	e->pass = c->pass;
	if (!wants_look(e, now_ms))
		return;
	if (!endpoint_equal(&remote, &s->ends.remote)) { /* the descriptor was another's by the time we looked */
		forget_inode(c, e);
		return;
	}
	e->told.ends.local = s->ends.local;
	e->protocol = s->protocol;
	table_show(&c->table, e, KEY_ENDS);
	table_show(&c->table, e, KEY_PORT);
	e->found = e->list == LIST_HELD;
	if (!e->attempt)
		return;
	if (s->state == SOCKDIAG_ESTABLISHED) {
		e->noticed = true;
		if (e->found)
			e->success_ms = now_ms;
		else
			tell_connected(c, e, now_ms, 0);
		return;
	}
	e->pause_ms = e->pause_ms * 2 < LOOK_LAST_MS ? e->pause_ms * 2 : LOOK_LAST_MS;
	e->look_ms = now_ms + e->pause_ms;
}

static void on_socket(const struct sockdiag_socket *s, void *data)
{
	struct looking *l = data;
	struct table_entry like = { .inode = s->inode }, *e = NULL, *next;

	if (!s->inode)
		return;
	for (e = table_find(&l->c->table, KEY_INODE, &like, NULL); e; e = next) {
		next = table_find(&l->c->table, KEY_INODE, &like, e);
		if (e->inode == s->inode)
			found(l->c, e, s, l->now_ms);
	}
}

/* Looked up at an earlier turn: records of all that was done before that have been interpreted since. */
static void tell_found(struct connections *c)
{
	struct table_entry *e, *next;

	for (e = table_first(&c->table, LIST_HELD); e; e = next) {
		next = table_next(&c->table, e);
		if (!e->found)
			continue;
		tell(c, e);
		if (e->list == LIST_OPEN)
			table_hide(&c->table, e, KEY_INODE);
	}
}

static void note_missed(struct connections *c, enum table_list list, uint8_t missed, int64_t now_ms)
{
	struct table_entry *e, *next;

	for (e = table_first(&c->table, list); e; e = next) {
		next = table_next(&c->table, e);
		if (e->pass == c->pass || !wants_look(e, now_ms))
			continue;
		e->missed |= missed;
		if (e->missed == (MISSED_TCP | MISSED_UDP) || e->attempt)
			forget_inode(c, e); /* closed, failed, or of another network namespace */
	}
}

static bool any_wants(struct connections *c, int64_t now_ms, uint8_t missed)
{
	static const enum table_list lists[] = { LIST_HELD, LIST_PENDING };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (struct table_entry *e = table_first(&c->table, lists[i]); e; e = table_next(&c->table, e))
			if (wants_look(e, now_ms) && e->missed == missed)
				return true;
	return false;
}

/* Most are TCP: only what is not found there is looked for among UDP. */
static void look(struct connections *c, int64_t now_ms)
{
	static const struct { uint8_t protocol, before, missed; } turns[] = {
		{ IPPROTO_TCP, 0, MISSED_TCP }, { IPPROTO_UDP, MISSED_TCP, MISSED_UDP },
	};
	struct looking l = { c, now_ms };

	for (size_t i = 0; i < sizeof(turns) / sizeof(*turns); i++) {
		if (!any_wants(c, now_ms, turns[i].before))
			continue;
		c->pass++;
		if (c->config->sockets(turns[i].protocol, on_socket, &l, c->config->data) < 0)
			continue;
		note_missed(c, LIST_HELD, turns[i].missed, now_ms);
		note_missed(c, LIST_PENDING, turns[i].missed, now_ms);
	}
}

/* ---- ends ---- */

static int grow(struct connections *c)
{
	size_t cap = c->cap ? c->cap * 2 : 64;
	struct closed *ring;

	if (cap > CONNECTIONS_CLOSED_MAX)
		return -ENOBUFS;
	ring = calloc(cap, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		ring[i] = c->ring[(c->first + i) % c->cap];
	free(c->ring);
	c->ring = ring;
	c->cap = cap;
	c->first = 0;
	return 0;
}

int connections_closed(struct connections *c, int64_t time_ms, const struct sockdiag_socket *s)
{
	int r = c->n == c->cap ? grow(c) : 0;

	if (r < 0)
		return r;
	c->ring[(c->first + c->n++) % c->cap] = (struct closed){ time_ms, *s };
	return 0;
}

/* The one with these ends. */
static struct table_entry *by_ends(struct connections *c, const struct closed *end)
{
	struct table_entry like = { .told = { .ends = end->socket.ends } }, *e = NULL;
	struct endpoint remote;

	while ((e = table_find(&c->table, KEY_ENDS, &like, e))) {
		remote = endpoint_reached(&e->told.ends.remote);
		if (table_knows_local(e) && endpoint_equal(&e->told.ends.local, &end->socket.ends.local) &&
		    endpoint_equal(&remote, &end->socket.ends.remote))
			return e;
	}
	return NULL;
}

static bool may_be(const struct table_entry *e, const struct closed *end)
{
	const struct endpoint *local = &e->told.ends.local;
	struct endpoint remote = endpoint_reached(&e->told.ends.remote);

	int64_t age = end->time_ms - e->told.time_ms;

	return !table_knows_local(e) && endpoint_equal(&remote, &end->socket.ends.remote) && age >= 0 &&
	       age <= (e->attempt ? ATTEMPT_MAX_MS : CONNECTIONS_HELD_MS) &&
	       (!local->port || local->port == end->socket.ends.local.port);
}

/* One whose local side nobody has seen: it was short. Of several of one program the first is taken for its end, but its own
 * row does not get this local side: ends come in no strict order. Which of several programs it was nobody knows, and then
 * none of them can be told from the others later. */
static struct table_entry *by_remote(struct connections *c, const struct closed *end)
{
	struct table_entry like = { .told = { .ends.remote = end->socket.ends.remote } };
	struct table_entry *e = NULL, *oldest = NULL, *candidates[CANDIDATES_MAX];
	bool doubt = false;
	size_t n = 0;

	while ((e = table_find(&c->table, KEY_ENDS, &like, e))) {
		if (!may_be(e, end))
			continue;
		if (n == CANDIDATES_MAX)
			return NULL;
		doubt = doubt || (oldest && oldest->told.image != e->told.image);
		if (!oldest || e->told.time_ms <= oldest->told.time_ms)
			oldest = e;
		candidates[n++] = e;
	}
	for (size_t i = 0; n > 1 && i < n; i++) {
		candidates[i]->mixed = true;
		if (doubt)
			table_hide(&c->table, candidates[i], KEY_ENDS);
	}
	if (oldest && oldest->mixed && !doubt)
		tell(c, oldest);
	return doubt ? NULL : oldest;
}

/* One that its own process has reset: only the local port is left. */
static struct table_entry *by_port(struct connections *c, const struct closed *end)
{
	struct table_entry like = { .told = { .ends.local = end->socket.ends.local } }, *e = NULL, *found_one = NULL;

	while ((e = table_find(&c->table, KEY_PORT, &like, e))) {
		if (e->told.ends.local.port != end->socket.ends.local.port || e->protocol == IPPROTO_UDP ||
		    (!endpoint_is_any(&end->socket.ends.local) &&
		     !endpoint_equal(&e->told.ends.local, &end->socket.ends.local)))
			continue;
		if (found_one)
			return NULL;
		found_one = e;
	}
	return found_one;
}

static void tell_nobodys(struct connections *c, const struct closed *end)
{
	struct event *event = row(c, ACTION_NETWORK_DISCONNECT, end->time_ms, &end->socket.ends, IPPROTO_TCP);

	if (event)
		event->result = EVENT_DURATION_UNKNOWN;
}

static void end_of(struct connections *c, struct table_entry *e, const struct closed *end)
{
	const struct sockdiag_socket *s = &end->socket;

	if (s->ends.remote.port)
		e->told.ends.local = s->ends.local;
	if (s->protocol)
		e->protocol = s->protocol;
	tell(c, e);
	if (e->attempt && s->established)
		tell_connected(c, e, e->told.time_ms, 0);
	if (e->attempt)
		row_of(c, e, ACTION_NETWORK_CONNECT_FAILED, end->time_ms);
	else if (s->protocol != IPPROTO_UDP)
		tell_end(c, e, end->time_ms);
	table_move(&c->table, e, LIST_FREE);
}

static void on_closed(struct connections *c, const struct closed *end)
{
	struct table_entry *e = NULL;

	if (end->socket.ends.remote.port) {
		e = by_ends(c, end);
		if (!e)
			e = by_remote(c, end);
	} else {
		e = by_port(c, end);
	}
	if (e)
		end_of(c, e, end);
	else if (end->socket.protocol != IPPROTO_UDP && end->socket.established && end->socket.ends.remote.port)
		tell_nobodys(c, end);
}

void connections_release(struct connections *c, int64_t until_ms)
{
	while (c->n && c->ring[c->first].time_ms <= until_ms) {
		on_closed(c, &c->ring[c->first]);
		c->first = (c->first + 1) % c->cap;
		c->n--;
	}
}

/* ---- time ---- */

/* Without their local side, those whose record is older. */
static void give_up(struct connections *c, int64_t until_ms)
{
	struct table_entry *e, *next;

	for (e = table_first(&c->table, LIST_HELD); e; e = next) {
		next = table_next(&c->table, e);
		if (e->told.time_ms > until_ms)
			continue;
		tell(c, e);
		if (!e->attempt && !table_knows_local(e))
			table_move(&c->table, e, LIST_FREE);
	}
}

static void give_up_attempts(struct connections *c, int64_t until_ms)
{
	struct table_entry *e;

	while ((e = table_first(&c->table, LIST_PENDING)) && e->told.time_ms <= until_ms)
		table_move(&c->table, e, table_knows_local(e) ? LIST_OPEN : LIST_FREE);
}

void connections_tick(struct connections *c, int64_t now_ms)
{
	if (c->config->sockets && c->config->inode) {
		tell_found(c);
		look(c, now_ms);
	}
	connections_release(c, now_ms - CONNECTIONS_QUIET_MS);
	give_up(c, now_ms - CONNECTIONS_HELD_MS);
	if (c->config->sockets || c->config->closes)
		give_up_attempts(c, now_ms - ATTEMPT_MAX_MS);
}

void connections_finish(struct connections *c)
{
	connections_release(c, INT64_MAX);
	give_up(c, INT64_MAX);
}
