#include "server/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/wire/wire.h"
#include "server/agent.h"
#include "server/app.h"
#include "server/certificate.h"
#include "server/data.h"
#include "server/enrol.h"
#include "server/place.h"
#include "server/revoked.h"
#include "server/status.h"
#include "server/upload.h"

/* A port stands for those connections that are nobody yet: what its links have as data is a peer without a class. */
struct port {
	struct peer nobody;
	struct gate *gate;
	bool agents;
	struct link_server *links;
};

/* What connections may still point to stays until the end: there are as many as there were changes of certificates. */
struct trust {
	struct trust *before;
	struct tls_identity *identity;
	struct tls_authority *authority;
	char *text, *authority_text; /* what they were made of */
};

struct gate {
	struct server *server;
	struct port apps, agents;
	struct trust *trust;
};

/* ---- who is let in where ---- */

static const char *key_of(struct link *l, char out[DEPOT_KEY + 1])
{
	const unsigned char *key = tls_peer_key(link_tls(l));

	for (size_t i = 0; key && i < TLS_KEY; i++)
		snprintf(out + 2 * i, 3, "%02x", key[i]);
	return key ? out : NULL;
}

static unsigned route(struct port *p, struct link *l, struct span target, struct peer **ret)
{
	static const struct span data = SPAN("/data/");
	struct server *s = p->gate->server;
	char key[DEPOT_KEY + 1];
	const char *whose = p->agents ? key_of(l, key) : NULL;

	if (s->stopping)
		return 503;
	if (span_starts(target, data)) {
		struct span ticket = { target.p + data.n, target.n - data.n };

		return p->agents && !whose ? 403 : data_accept(s, l, ticket, whose, ret);
	}
	if (!p->agents)
		return span_eq(target, SPAN("/app")) ? app_accept(s, l, ret) : 404;
	if (span_eq(target, SPAN("/enrol")))
		return enrol_accept(s, l, ret);
	return span_eq(target, SPAN("/agent")) ? agent_accept(s, l, whose, ret) : 404;
}

static unsigned on_upgrade(struct link *l, const struct http_head *head, void *data)
{
	struct peer *peer = NULL;
	unsigned status = route(data, l, head->target, &peer);
	char address[CONN_ADDRESS_TEXT];

	if (status)
		log_info("%s: refused with %u", conn_address_text(link_address(l), address), status);
	else
		link_set_data(l, peer);
	return status;
}

/* ---- plain requests ---- */

/* Nothing but an upload has one. */
static void refuse_body(struct link *l)
{
	AUTO_BUF out = BUF_INIT;

	http_put_response(&out, 413, NULL, SPAN(""), true, "");
	link_answer(l, buf_span(&out));
}

static void on_request(struct link *l, const struct http_event *e, struct buf *out, void *data)
{
	struct port *p = data;
	bool close = !e->head->keep_alive;

	if (e->kind == HTTP_HEAD && !p->agents && span_starts(e->head->target, SPAN(UPLOAD_TARGET)))
		upload_begin(p->gate->server, l, e->head, out);
	else if (e->kind == HTTP_HEAD && (e->head->chunked || e->head->length))
		refuse_body(l);
	if (e->kind != HTTP_END)
		return;
	if (!span_eq(e->head->target, SPAN("/status")))
		http_put_response(out, 404, NULL, SPAN(""), close, "");
	else if (e->head->method != HTTP_GET)
		http_put_response(out, 405, NULL, SPAN(""), close, "Allow: GET\r\n");
	else
		status_answer(p->gate->server, close, out);
}

/* ---- what peers get ---- */

static void on_ready(struct link *l, void *data)
{
	peer_ready(data);
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	peer_message(data, kind, payload);
}

static void on_piece(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last, void *data)
{
	struct peer *p = data;

	p->class->piece(p, kind, payload, first, last);
}

static void on_drained(struct link *l, void *data)
{
	struct peer *p = data;

	if (p->class->drained)
		p->class->drained(p);
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct peer *p = data;

	if (p->class)
		p->class->gone(p, end);
}

static const struct link_handler handler = {
	on_upgrade, on_request, on_ready, on_message, on_drained, on_closed, on_piece,
};

static void on_refused(int error, enum tls_fault fault, void *data)
{
	if (fault != TLS_SOUND)
		log_debug("a connection was refused: %s", tls_fault_text(fault));
}

/* ---- certificates ---- */

static void trust_free(struct trust *t)
{
	if (!t)
		return;
	tls_identity_free(t->identity);
	tls_authority_free(t->authority);
	if (t->text)
		explicit_bzero(t->text, strlen(t->text));
	free(t->text);
	free(t->authority_text);
	free(t);
}
DEFINE_CLEANUP(struct trust, trust_free)

static int say(char **ret_error, const char *path, int error)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s", path, error == -EINVAL ? "no certificate and key that can be used" :
		   error == -EKEYREJECTED ? "the key is not the certificate's" : strerror(-error));
	*ret_error = buf_steal(&line);
	return error;
}

static int read_trust(const struct gate *g, struct trust *t, char **ret_error)
{
	const char *folder = g->server->folder;
	AUTO_FREE char *own = place_path(folder, "tls/server.pem");
	AUTO_FREE char *authority = place_path(folder, "tls/authority.pem");
	int r = own && authority ? place_read(own, &t->text) : -ENOMEM;

	if (r == 0)
		r = tls_identity_parse(span_of(t->text), span_of(t->text), &t->identity);
	if (r < 0)
		return say(ret_error, own ? own : folder, r);
	r = place_read(authority, &t->authority_text);
	if (r == 0)
		r = tls_authority_parse(span_of(t->authority_text), &t->authority);
	return r < 0 ? say(ret_error, authority, r) : 0;
}

static bool is_revoked(const unsigned char key[TLS_KEY], void *data)
{
	return revoked_has(((struct server *)data)->revoked, key);
}

static struct tls_policy policy_of(const struct gate *g, bool agents)
{
	if (!agents)
		return (struct tls_policy){ .identity = g->trust->identity };
	return (struct tls_policy){ .identity = g->trust->identity, .authority = g->trust->authority, .may_show_none = true,
				    .unit = CERTIFICATE_AGENT, .is_revoked = is_revoked, .data = g->server };
}

static bool same(const struct trust *a, const struct trust *b)
{
	return a && strcmp(a->text, b->text) == 0 && strcmp(a->authority_text, b->authority_text) == 0;
}

int gate_reload(struct gate *g, char **ret_error)
{
	CLEANUP(cleanup_trust_free) struct trust *t = calloc(1, sizeof(*t));
	int r = t ? read_trust(g, t, ret_error) : -ENOMEM;
	struct tls_policy policy;

	if (r < 0 || same(g->trust, t))
		return r;
	t->before = g->trust;
	g->trust = STEAL(t);
	for (int agents = 0; agents < 2; agents++) {
		struct port *p = agents ? &g->agents : &g->apps;

		policy = policy_of(g, agents);
		if (p->links)
			listener_set_policy(link_server_listener(p->links), &policy);
	}
	return 0;
}

/* ---- the ports ---- */

static int open_port(struct gate *g, struct port *p, bool agents, char **ret_error)
{
	const struct conf *conf = &g->server->conf;
	uint16_t number = (uint16_t)(agents ? conf->agent_port : conf->app_port);
	struct conn_limits limits = CONN_LIMITS;
	struct link_server_config config = { .max_message = WIRE_GREETING_BYTES, .max_body = agents ? 0 : INT64_MAX,
					     .handler = &handler, .data = p, .refused = on_refused };
	AUTO_BUF line = BUF_INIT;
	int r;

	*p = (struct port){ .gate = g, .agents = agents };
	config.listener = (struct listener_config){
		.policy = policy_of(g, agents), .limits = limits, .max_connections = (unsigned)conf->connections,
		.max_unopened = (unsigned)conf->unopened, .max_strangers = (unsigned)conf->strangers,
	};
	r = link_server_new(g->server->fdm, conf->address, number, &config, &p->links);
	if (r == 0)
		return 0;
	buf_printf(&line, "port %u: %s", number, r == -EINVAL ? "the address to listen on is none" : strerror(-r));
	*ret_error = buf_steal(&line);
	return r;
}

int gate_new(struct server *s, struct gate **ret, char **ret_error)
{
	struct gate *g = calloc(1, sizeof(*g));
	int r = g ? 0 : -ENOMEM;

	if (r == 0) {
		g->server = s;
		r = gate_reload(g, ret_error);
	}
	if (r == 0)
		r = open_port(g, &g->apps, false, ret_error);
	if (r == 0)
		r = open_port(g, &g->agents, true, ret_error);
	if (r < 0) {
		gate_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

void gate_stop(struct gate *g)
{
	listener_stop(link_server_listener(g->apps.links));
	listener_stop(link_server_listener(g->agents.links));
}

unsigned gate_connections(const struct gate *g)
{
	return listener_group(link_server_listener(g->apps.links))->n + listener_group(link_server_listener(g->agents.links))->n;
}

uint16_t gate_app_port(const struct gate *g)
{
	return listener_port(link_server_listener(g->apps.links));
}

uint16_t gate_agent_port(const struct gate *g)
{
	return listener_port(link_server_listener(g->agents.links));
}

void gate_free(struct gate *g)
{
	if (!g)
		return;
	link_server_free(g->apps.links);
	link_server_free(g->agents.links);
	while (g->trust) {
		struct trust *t = g->trust;

		g->trust = t->before;
		trust_free(t);
	}
	free(g);
}
