#include "server/peer.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"

static const struct message_limits limits = { WIRE_CONTROL_BYTES, WIRE_CONTROL_VALUES };

void peer_network(const struct link *l, char out[CONN_ADDRESS_TEXT])
{
	static const unsigned char v4[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char network[CONN_ADDRESS];

	memcpy(network, link_address(l), sizeof(network));
	if (memcmp(network, v4, sizeof(v4)) != 0)
		memset(network + 8, 0, 8);
	conn_address_text(network, out);
}

void peer_join(struct peer *p, const struct peer_class *class, struct server *s, struct link *l)
{
	p->class = class;
	p->server = s;
	p->link = l;
	p->next = s->peers;
	p->at = &s->peers;
	if (p->next)
		p->next->at = &p->next;
	s->peers = p;
	p->budget = PEER_BURST;
	conn_address_text(link_address(l), p->address);
	peer_network(l, p->network);
}

void peer_part(struct peer *p)
{
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
}

void peer_drop(struct peer *p, enum websocket_code code, const char *why)
{
	log_info("%s of %s: %s", p->class->name, p->address, why);
	link_close(p->link, code, why);
}

int peer_send(struct peer *p, const struct control *c)
{
	AUTO_BUF out = BUF_INIT;
	int r = control_put(&out, c);

	if (r == 0)
		r = link_send(p->link, WEBSOCKET_TEXT, buf_span(&out));
	if (r == -ENOBUFS)
		peer_drop(p, WEBSOCKET_POLICY, "it does not read what it is sent");
	else if (r < 0 && r != -EPIPE)
		peer_drop(p, WEBSOCKET_INTERNAL, strerror(-r));
	return r;
}

int peer_done(struct peer *p, uint64_t id)
{
	return peer_send(p, &(struct control){ .type = CONTROL_DONE, .id = id });
}

int peer_error(struct peer *p, uint64_t id, int error, const char *text)
{
	struct control c = { .type = CONTROL_ERROR, .id = id };

	c.error.error = span_of(error_name(error));
	c.error.text = text ? text_cut(span_of(text), 1000) : SPAN_NONE;
	return peer_send(p, &c);
}

/* ---- the greeting ---- */

static void refuse(struct peer *p, uint64_t id, const char *text)
{
	struct control c = { .type = CONTROL_UNWELCOME, .id = id };

	c.unwelcome.protocol_min = WIRE_PROTOCOL_MIN;
	c.unwelcome.protocol_max = WIRE_PROTOCOL_MAX;
	c.unwelcome.version = SPAN(SPOOR_VERSION);
	c.unwelcome.text = span_of(text);
	if (peer_send(p, &c) == 0)
		peer_drop(p, WEBSOCKET_POLICY, "no common protocol");
}

static void keep(char *to, size_t size, struct span s)
{
	snprintf(to, size, "%.*s", SPAN_FMT(s));
}

static void greet(struct peer *p, const struct control *c)
{
	struct control welcome = { .type = CONTROL_WELCOME, .id = c->id };
	char text[512];

	if (c->type != CONTROL_HELLO) {
		peer_drop(p, WEBSOCKET_PROTOCOL, "hello comes first");
		return;
	}
	keep(p->program, sizeof(p->program), c->hello.program);
	keep(p->version, sizeof(p->version), c->hello.version);
	keep(p->host, sizeof(p->host), c->hello.host);
	welcome.welcome.protocol = control_agree(c, WIRE_PROTOCOL_MIN, WIRE_PROTOCOL_MAX, text, sizeof(text));
	if (!welcome.welcome.protocol) {
		refuse(p, c->id, text);
		return;
	}
	welcome.welcome.program = SPAN("spoor-server");
	welcome.welcome.version = SPAN(SPOOR_VERSION);
	welcome.welcome.time = clock_now();
	if (peer_send(p, &welcome) < 0)
		return;
	p->greeted = true;
	link_set_due(p->link, 0);
	p->class->greeted(p);
}

void peer_ready(struct peer *p)
{
	link_set_due(p->link, PEER_GREETING_MS);
}

/* ---- messages ---- */

/* Which call a message of an unknown type belongs to tells whether it wants an answer. */
static void take(struct peer *p, struct message *m, struct arena *arena)
{
	struct control c;
	int r = control_get(m, p->class->side, arena, &c);

	if (r == -ENOSYS && p->greeted) {
		if (m->id)
			peer_error(p, m->id, ENOSYS, "this server does not know such a request");
	} else if (r < 0) {
		peer_drop(p, r == -ENOMEM ? WEBSOCKET_INTERNAL : WEBSOCKET_POLICY,
			  r == -ENOMEM ? "out of memory" : "it sent what makes no sense");
	} else if (p->greeted) {
		p->class->got(p, &c);
	} else {
		greet(p, &c);
	}
}

/* What was received with it still comes: at most some thousand. */
void peer_pay(struct peer *p, int cost)
{
	p->budget -= cost;
	if (p->budget > 0 || p->held)
		return;
	p->held = true;
	link_hold(p->link, true);
}

void peer_check(struct server *s)
{
	for (struct peer *p = s->peers; p; p = p->next) {
		if (p->budget < PEER_BURST - PEER_RATE)
			p->budget += PEER_RATE;
		else
			p->budget = PEER_BURST;
		if (!p->held || p->budget <= 0)
			continue;
		p->held = false;
		link_hold(p->link, false);
	}
}

void peer_message(struct peer *p, enum websocket_kind kind, struct span payload)
{
	struct arena arena = ARENA_INIT;
	struct message m;
	int r;

	if (p->greeted && p->class->raw) {
		p->class->raw(p, kind, payload);
		return;
	}
	peer_pay(p, 1);
	if (kind != WEBSOCKET_TEXT) {
		peer_drop(p, WEBSOCKET_UNSUPPORTED, "only text is taken here");
		return;
	}
	r = message_parse(payload, &limits, &m);
	if (r < 0) {
		peer_drop(p, r == -ENOMEM ? WEBSOCKET_INTERNAL : WEBSOCKET_POLICY, "no message");
		return;
	}
	take(p, &m, &arena);
	message_free(&m);
	arena_free(&arena);
}
