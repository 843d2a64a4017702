#include "agent/client/enrol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/net/greet.h"
#include "agent/wire/wire.h"

enum { ANSWER_MS = 30000, MACHINE_MAX = 64 };

struct enrol {
	const struct enrol_request *request;
	struct fdm *fdm;
	struct tls_authority *authority;
	struct buf key, public; /* the key is wiped */
	bool is_over;           /* the server answered, or the link ended */
	int result;
	struct buf why;
};

/* The first reason stays. */
static void end(struct enrol *e, int result, const char *why)
{
	if (!e->is_over) {
		e->is_over = true;
		e->result = result;
		buf_add_z(&e->why, why);
	}
}

static struct span read_machine(char out[MACHINE_MAX + 1])
{
	AUTO_CLOSE int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, MACHINE_MAX);

	out[n < 0 ? 0 : n] = 0;
	out[strcspn(out, "\n")] = 0;
	return text_is_utf8(span_of(out)) ? span_of(out) : SPAN("");
}

static void ask(struct enrol *e, struct link *l)
{
	char machine[MACHINE_MAX + 1];
	AUTO_SECRET_BUF out = BUF_INIT;
	struct control c = { .type = CONTROL_AGENT_ENROL, .id = 2, .enrol = {
		e->request->token, buf_span(&e->public), span_of(e->request->host), read_machine(machine) } };
	int r;

	buf_reserve(&out, WIRE_GREETING_BYTES);
	r = control_put(&out, &c);
	if (r == -EINVAL) {
		end(e, r, "the token or the name is too long");
		link_close(l, WEBSOCKET_NORMAL, "");
		return;
	}
	if (r == 0)
		r = link_send(l, WEBSOCKET_TEXT, buf_span(&out));
	if (r < 0)
		link_abort(l, r);
}

static void take_enrolled(struct enrol *e, const struct control *c)
{
	const struct enrol_request *q = e->request;
	int r = enrolment_save(q->path, q->server, q->foreign, buf_span(&e->key), c->enrolled.certificate, q->authority);

	if (r == -EKEYREJECTED)
		end(e, r, "the certificate that it made is for another key");
	else if (r == -EINVAL)
		end(e, r, "the certificate that it made is none");
	else
		end(e, r, r < 0 ? strerror(-r) : "");
}

static void take(struct enrol *e, const struct control *c)
{
	AUTO_BUF text = BUF_INIT;

	if (c->type == CONTROL_AGENT_ENROLLED) {
		take_enrolled(e, c);
	} else if (c->type == CONTROL_ERROR) {
		text_visible(&text, c->error.text.n ? c->error.text : c->error.error);
		buf_add_z(&e->why, "refused: ");
		end(e, -EACCES, text.failed || !text.n ? "no reason given" : text.p);
	} else {
		end(e, -EPROTO, "its answer makes no sense");
	}
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	static const struct message_limits limits = { WIRE_GREETING_BYTES, WIRE_CONTROL_VALUES };
	struct enrol *e = data;
	struct arena arena = ARENA_INIT;
	struct control c;
	struct message m;
	int r = kind == WEBSOCKET_TEXT ? message_parse(payload, &limits, &m) : -EPROTO;

	if (r == 0) {
		r = control_get(&m, CONTROL_SERVER, &arena, &c);
		if (r == 0)
			take(e, &c);
		message_free(&m);
	}
	arena_free(&arena);
	if (r < 0)
		end(e, r, "its answer makes no sense");
	link_close(l, WEBSOCKET_NORMAL, "");
}

static void on_closed(struct link *l, const struct link_end *why, void *data)
{
	struct enrol *e = data;
	char text[GREET_TEXT];

	end(e, why->error ? why->error : -ECONNRESET, greet_explain(l, why, text));
	fdm_quit(e->fdm);
}

static const struct link_handler handler = { .message = on_message, .closed = on_closed };

static void on_greeted(struct link *l, const struct greet_end *why, void *data)
{
	struct enrol *e = data;

	if (l) {
		link_set_handler(l, &handler, e);
		link_set_due(l, ANSWER_MS);
		ask(e, l);
	} else if (why->fault == TLS_WRONG_USE) {
		end(e, why->error, "its certificate is not one for a server of Spoor's own authority (is FILE another authority's? "
		                   "then --foreign-ca)");
	} else {
		end(e, why->error, why->text);
	}
	if (!l)
		fdm_quit(e->fdm);
}

static int converse(struct enrol *e)
{
	const struct enrol_request *q = e->request;
	struct greet *g;
	struct greet_config config = {
		.fdm = e->fdm, .policy = { .authority = e->authority, .unit = q->foreign ? NULL : "server" },
		.name = q->server->name, .address = *q->server->address ? q->server->address : NULL, .port = q->server->port,
		.target = "/enrol", .program = "spoor-agent", .host = q->host, .done = on_greeted, .data = e,
	};
	int r = greet_new(&config, &g);

	return r < 0 ? r : fdm_run(e->fdm);
}

static int prepare(struct enrol *e, char **ret_error)
{
	int r = tls_authority_parse(e->request->authority, &e->authority);

	if (r == -EINVAL)
		*ret_error = strdup("--ca: no certificate in PEM form");
	if (r == 0)
		r = tls_key_new(&e->key, &e->public);
	if (r == 0 && !(e->fdm = fdm_new()))
		r = -ENOMEM;
	return r;
}

int enrol_run(const struct enrol_request *request, char **ret_error)
{
	struct enrol e = { .request = request };
	AUTO_BUF line = BUF_INIT;
	int r;

	*ret_error = NULL;
	r = prepare(&e, ret_error);
	if (r == 0)
		r = converse(&e);
	if (r == 0)
		r = e.result;
	if (r < 0 && !*ret_error) {
		buf_printf(&line, "%s:%u: %s", request->server->name, request->server->port,
		           e.why.n && !e.why.failed ? e.why.p : strerror(-r));
		*ret_error = buf_steal(&line);
	}
	fdm_free(e.fdm);
	tls_authority_free(e.authority);
	buf_wipe(&e.key);
	buf_free(&e.public);
	buf_free(&e.why);
	return r;
}
