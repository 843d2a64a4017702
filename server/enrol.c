#include "server/enrol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/error.h"
#include "server/certificate.h"
#include "server/endpoints.h"
#include "server/ratelimit.h"
#include "server/secret.h"

enum { ENROL_MS = 30000, COMMON_NAME_MAX = 64 };

/* A name that certificates take: what is else in a host's name is left out. */
static void common_name(struct span host, char out[COMMON_NAME_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < host.n && n < COMMON_NAME_MAX; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", host.p[i]) && host.p[i])
			out[n++] = host.p[i];
	out[n] = '\0';
	if (n == 0)
		snprintf(out, COMMON_NAME_MAX + 1, "endpoint");
}

static int take_token(struct server *s, struct span text, struct depot_token *ret)
{
	unsigned char hash[SECRET_HASH];

	return secret_hash(text, hash) < 0 ? -ENOENT : depot_token_take(s->depot, DEPOT_ENROL, hash, clock_now(), ret);
}

/* A key that is known already gets a new certificate: its old one may have expired. */
static int keep(struct server *s, const char *key, const char *host, const struct depot_token *t)
{
	struct depot_endpoint e = { .key = key, .name = host, .computers = t->computers, .enrolled_ms = clock_now(),
				    .address = "", .agent = "" };
	struct endpoints_one known;
	int r = endpoints_find(s->depot, key, &known);

	if (r == 0) {
		free(known.name);
		return known.revoked ? -EPERM : 0;
	}
	return r == -ENOENT ? depot_endpoint_put(s->depot, &e, NULL) : r;
}

static int issue(struct server *s, const struct control *c, char **ret_pem, char key[CERTIFICATE_KEY_ID], char **ret_error)
{
	char name[COMMON_NAME_MAX + 1];
	int r;

	common_name(c->enrol.host, name);
	r = certificate_agent_new(s->authority, s->authority_key, c->enrol.key, name, clock_now(),
				  (int)s->conf.certificate_days, ret_pem, ret_error);
	return r < 0 ? r : certificate_key_id(*ret_pem, key);
}

static int enrol(struct peer *p, const struct control *c, char **ret_pem, char key[CERTIFICATE_KEY_ID], char **ret_error)
{
	struct depot_token t;
	int r = certificate_agent_key_check(c->enrol.key, ret_error); /* before a use of the token is gone */

	if (r == 0)
		r = take_token(p->server, c->enrol.token, &t);
	if (r == -ENOENT || r == -ETIMEDOUT)
		return -EACCES;
	if (r == 0)
		r = issue(p->server, c, ret_pem, key, ret_error);
	return r == 0 ? keep(p->server, key, c->enrol.host.p, &t) : r;
}

static const char *reason(int error)
{
	return error == -EACCES ? "the token is not known, used up or expired" : error == -EPERM ? "its key is revoked" :
	       error == -EINVAL ? "its key is none that can be taken" : "the server failed: see its log";
}

static void answer(struct peer *p, uint64_t id, const char *certificate)
{
	struct control c = { .type = CONTROL_AGENT_ENROLLED, .id = id };

	c.enrolled.certificate = span_of(certificate);
	c.enrolled.authority = span_of(p->server->authority);
	if (peer_send(p, &c) == 0)
		link_close(p->link, WEBSOCKET_NORMAL, "enrolled");
}

static bool must_wait(struct peer *p, uint64_t id, struct span limit)
{
	int64_t wait = ratelimit_wait(p->server->logins, limit, clock_monotonic());
	char text[96];

	if (wait <= 0)
		return false;
	snprintf(text, sizeof(text), "too many enrolments failed: try again in %lld s", (long long)(wait + 999) / 1000);
	peer_error(p, id, EBUSY, text);
	return true;
}

static void on_got(struct peer *p, const struct control *c)
{
	AUTO_FREE char *pem = NULL;
	AUTO_FREE char *error = NULL;
	AUTO_BUF about = BUF_INIT;
	AUTO_BUF limit = BUF_INIT;
	char key[CERTIFICATE_KEY_ID] = "";
	int r;

	if (c->type != CONTROL_AGENT_ENROL) {
		peer_error(p, c->id, ENOSYS, "enrolling is all that can be done here");
		return;
	}
	buf_printf(&limit, "enrol %s", p->network);
	if (must_wait(p, c->id, buf_span(&limit)))
		return;
	r = enrol(p, c, &pem, key, &error);
	if (r < 0)
		ratelimit_failed(p->server->logins, buf_span(&limit), clock_monotonic());
	buf_printf(&about, "%.*s %s", SPAN_FMT(c->enrol.host), key);
	server_note(p->server, 0, p->address, "enrol", about.n ? about.p : "", r == 0 ? "ok" : error_name(r));
	if (r == 0)
		answer(p, c->id, pem);
	else
		peer_error(p, c->id, r, error ? error : reason(r));
}

static void on_greeted(struct peer *p)
{
	link_set_due(p->link, ENROL_MS);
}

static void on_gone(struct peer *p, const struct link_end *end)
{
	peer_part(p);
	free(p);
}

static const struct peer_class class = {
	.name = "enrolment", .side = CONTROL_AGENT, .greeted = on_greeted, .got = on_got, .gone = on_gone,
};

unsigned enrol_accept(struct server *s, struct link *l, struct peer **ret)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		return 503;
	peer_join(p, &class, s, l);
	*ret = p;
	return 0;
}
