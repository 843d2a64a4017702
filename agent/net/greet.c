#include "agent/net/greet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/net/dial.h"
#include "agent/wire/wire.h"

struct greet {
	struct greet_config config;
	char *name, *address, *target, *program, *host;
	struct dial *dial;
	struct link *link;
	bool silent;        /* greet_free was called: there is nobody to tell */
	char refusal[GREET_TEXT]; /* of an "unwelcome", or what was wrong with the answer */
};

static void destroy(struct greet *g)
{
	dial_free(g->dial);
	free(g->name);
	free(g->address);
	free(g->target);
	free(g->program);
	free(g->host);
	free(g);
}

static void fail(struct greet *g, const struct greet_end *why)
{
	if (!g->silent)
		g->config.done(NULL, why, g->config.data);
	destroy(g);
}

/* ---- why ---- */

const char *greet_explain_dial(int error)
{
	return error == -ENOENT ? "no such name" : error == -ETIMEDOUT ? "no answer" : strerror(-error);
}

/* RFC 5246 section 7.2, RFC 8446 section 6.2: those that say something of our certificate. */
static bool is_of_certificate(unsigned alert)
{
	return (alert >= 41 && alert <= 49) || alert == 116;
}

static void explain_tls(const struct link *l, enum tls_fault fault, char *text)
{
	unsigned alert = fault == TLS_REFUSED ? tls_alert(link_tls(l)) : 0;

	if (is_of_certificate(alert))
		snprintf(text, GREET_TEXT, "it does not accept this endpoint's certificate (alert %u)", alert);
	else if (fault == TLS_REFUSED)
		snprintf(text, GREET_TEXT, "it ended the TLS handshake (alert %u)", alert);
	else
		snprintf(text, GREET_TEXT, "%s", tls_fault_text(fault));
}

const char *greet_explain(const struct link *l, const struct link_end *end, char text[GREET_TEXT])
{
	AUTO_BUF reason = BUF_INIT;

	text_visible(&reason, span_of(end->reason));
	if (end->fault != TLS_SOUND)
		explain_tls(l, end->fault, text);
	else if (end->status && end->status != 101)
		snprintf(text, GREET_TEXT, "it answered with HTTP status %u", end->status);
	else if (end->code && reason.n && !reason.failed)
		snprintf(text, GREET_TEXT, "it closed the connection: %s", reason.p);
	else if (end->code)
		snprintf(text, GREET_TEXT, "it closed the connection (code %u)", end->code);
	else
		snprintf(text, GREET_TEXT, "%s", end->error == -ETIMEDOUT ? "no answer" :
			 end->error == -ECONNRESET ? "the connection was cut" :
			 end->error < 0 ? strerror(-end->error) : "it closed the connection");
	return text;
}

/* ---- the link ---- */

static void on_ready(struct link *l, void *data)
{
	struct greet *g = data;
	AUTO_BUF out = BUF_INIT;
	struct control hello = { .type = CONTROL_HELLO, .id = 1, .hello = {
		WIRE_PROTOCOL_MIN, WIRE_PROTOCOL_MAX, span_of(g->program), SPAN(SPOOR_VERSION), span_of(g->host) } };
	int r = control_put(&out, &hello);

	link_set_due(l, GREET_MS);
	if (r == 0)
		r = link_send(l, WEBSOCKET_TEXT, buf_span(&out));
	if (r < 0)
		link_abort(l, r);
}

/* 0: welcome. */
static int judge(struct greet *g, const struct control *c)
{
	AUTO_BUF shown = BUF_INIT;

	if (c->type == CONTROL_WELCOME)
		return c->welcome.protocol >= WIRE_PROTOCOL_MIN && c->welcome.protocol <= WIRE_PROTOCOL_MAX ? 0 : -EPROTO;
	if (c->type != CONTROL_UNWELCOME && c->type != CONTROL_ERROR)
		return -EPROTO;
	text_visible(&shown, c->type == CONTROL_UNWELCOME ? c->unwelcome.text : c->error.text);
	snprintf(g->refusal, sizeof(g->refusal), "%s", shown.n && !shown.failed ? shown.p : "it refuses us");
	return c->type == CONTROL_UNWELCOME ? -EPROTONOSUPPORT : -EACCES;
}

static int read_answer(struct greet *g, enum websocket_kind kind, struct span payload)
{
	static const struct message_limits limits = { WIRE_GREETING_BYTES, WIRE_CONTROL_VALUES };
	struct arena arena = { 0 };
	struct control c;
	struct message m;
	int r = kind == WEBSOCKET_TEXT ? message_parse(payload, &limits, &m) : -EPROTO;

	if (r < 0)
		return r;
	r = control_get(&m, CONTROL_SERVER, &arena, &c);
	if (r == 0)
		r = judge(g, &c);
	message_free(&m);
	arena_free(&arena);
	return r;
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	struct greet *g = data;
	int r = read_answer(g, kind, payload);

	if (r < 0) {
		if (!*g->refusal)
			snprintf(g->refusal, sizeof(g->refusal), "its answer makes no sense");
		link_abort(l, r);
		return;
	}
	link_set_due(l, 0);
	g->config.done(l, NULL, g->config.data);
	destroy(g);
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct greet *g = data;
	char text[GREET_TEXT];
	struct greet_end why = { end->error ? end->error : -ECONNRESET, end->fault, end->status, end->code, true, text };

	greet_explain(l, end, text);
	if (*g->refusal)
		why.text = g->refusal;
	fail(g, &why);
}

static const struct link_handler handler = { .ready = on_ready, .message = on_message, .closed = on_closed };

/* ---- the connection ---- */

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct greet *g = data;
	struct link_config config = {
		.policy = g->config.policy, .name = g->name, .target = g->target, .limits = CONN_LIMITS,
		.max_message = WIRE_GREETING_BYTES, .handler = &handler, .data = g,
	};
	int r = fd;

	g->dial = NULL;
	dial_free(d);
	if (fd >= 0)
		r = link_new(g->config.fdm, fd, &config, &g->link);
	if (r < 0)
		fail(g, &(struct greet_end){ .error = r, .text = fd < 0 ? greet_explain_dial(r) : strerror(-r) });
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int greet_new(const struct greet_config *config, struct greet **ret)
{
	struct greet *g = calloc(1, sizeof(*g));
	struct dial_place place;
	int r = -ENOMEM;

	if (!g)
		return r;
	g->config = *config;
	g->name = copy(config->name);
	g->address = copy(config->address ? config->address : config->name);
	g->target = copy(config->target);
	g->program = copy(config->program);
	g->host = copy(config->host);
	place = (struct dial_place){ g->address, config->port };
	if (g->name && g->address && g->target && g->program && g->host)
		r = dial_new(config->fdm, &place, 1, GREET_MS, on_dialled, g, &g->dial);
	if (r < 0) {
		destroy(g);
		return r;
	}
	*ret = g;
	return 0;
}

void greet_free(struct greet *g)
{
	if (!g)
		return;
	g->silent = true;
	if (g->link)
		link_abort(g->link, -ECANCELED);
	else
		destroy(g);
}
