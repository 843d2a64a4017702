#include "server/login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"
#include "server/checker.h"
#include "server/ratelimit.h"
#include "server/secret.h"

enum { MOST_OF_ONE = 16 }; /* connections of one user */

/* ---- limits ---- */

static void key_of(struct buf *out, const char *kind, const char *text)
{
	buf_printf(out, "%s ", kind);
	text_fold(out, span_of(text)); /* as the depot compares names */
}

typedef void count_fn(struct ratelimit *r, struct span key, int64_t now);

static void forgive(struct ratelimit *r, struct span key, int64_t now)
{
	ratelimit_succeeded(r, key);
}

/* Counts for the user, if one is named, and for the address. */
static void count(struct server *s, const char *user, const char *address, count_fn *fn)
{
	AUTO_BUF by_user = BUF_INIT;
	AUTO_BUF by_address = BUF_INIT;
	int64_t now = clock_monotonic();

	key_of(&by_user, "user", user);
	if (*user)
		fn(s->logins, buf_span(&by_user), now);
	key_of(&by_address, "address", address);
	fn(s->logins, buf_span(&by_address), now);
}

static int64_t wait_of(struct server *s, const char *user, const char *address)
{
	AUTO_BUF by_user = BUF_INIT;
	AUTO_BUF by_address = BUF_INIT;
	int64_t now = clock_monotonic(), a, b;

	key_of(&by_user, "user", user);
	key_of(&by_address, "address", address);
	a = *user ? ratelimit_wait(s->logins, buf_span(&by_user), now) : 0;
	b = ratelimit_wait(s->logins, buf_span(&by_address), now);
	return a > b ? a : b;
}

/* ---- a login that succeeded ---- */

static void welcome(struct app *a, uint64_t call, const struct who *w, const char *token)
{
	struct control c = { .type = CONTROL_APP_WELCOME, .id = call };

	c.app_welcome.user = span_of(a->name);
	c.app_welcome.token = span_of(token);
	c.app_welcome.role = (unsigned)w->may.role - AUTHORISE_VIEWER;
	c.app_welcome.expires = a->expires_ms;
	link_set_max_message(a->peer.link, WIRE_CONTROL_BYTES);
	link_set_due(a->peer.link, 0);
	link_vouch(a->peer.link);
	peer_send(&a->peer, &c);
}

static int room_for(const struct app *a, const struct who *w)
{
	unsigned n = 0;

	for (const struct app *other = a->peer.server->apps; other; other = other->next)
		n += other != a && !other->asked && other->user == w->may.user;
	return n < MOST_OF_ONE ? 0 : -EMFILE;
}

static int make_token(struct app *a, int64_t user, char text[SECRET_TEXT])
{
	struct server *s = a->peer.server;
	unsigned char hash[SECRET_HASH];
	struct depot_token t = { .hash = hash, .kind = DEPOT_LOGIN, .user = user, .created_ms = clock_now() };
	int r = secret_new(text);

	t.expires_ms = t.created_ms + s->conf.login_ms;
	if (r == 0)
		r = secret_hash(span_of(text), hash);
	if (r == 0)
		r = depot_token_put(s->depot, &t, &a->token);
	if (r == 0)
		a->expires_ms = t.expires_ms;
	return r;
}

/* The password was right: is there still such a user? */
static int let_in(struct app *a)
{
	struct server *s = a->peer.server;
	char token[SECRET_TEXT];
	struct who w;
	int r = who_load(s->depot, a->name, a->user, &w);

	if (r < 0)
		return r == -ENOENT ? -EACCES : r;
	r = w.may.disabled ? -EACCES : room_for(a, &w);
	if (r == 0)
		r = make_token(a, w.may.user, token);
	if (r == 0)
		welcome(a, a->call, &w, token);
	explicit_bzero(token, sizeof(token));
	who_free(&w);
	return r;
}

static const char too_many[] = "this user has too many connections";

static void on_checked(int result, void *data)
{
	struct app *a = data;
	struct server *s = a->peer.server;
	int r = result == 0 ? let_in(a) : result;

	a->asked = false;
	server_note(s, r == 0 ? a->user : 0, a->peer.address, "log in", a->name, r == 0 ? "ok" : error_name(r));
	if (r == 0) {
		count(s, a->name, a->peer.network, forgive);
		return;
	}
	a->user = 0;
	peer_error(&a->peer, a->call, r, r == -EACCES ? "wrong user or password" : r == -EMFILE ? too_many :
		   "the server failed: see its log");
}

/* ---- asking for one ---- */

struct found {
	int64_t id;
	char name[DEPOT_NAME_MAX + 1];
	char *password;
};

static int find(const struct depot_user *u, void *data)
{
	struct found *f = data;

	f->password = strdup(u->password);
	if (!f->password)
		return -ENOMEM;
	f->id = u->id;
	snprintf(f->name, sizeof(f->name), "%s", u->name);
	return 0;
}

static int ask(struct app *a, const char *user, const char *password)
{
	struct found f = { 0 };
	int r = depot_user_each(a->peer.server->depot, user, find, &f);

	snprintf(a->name, sizeof(a->name), "%s", f.id ? f.name : user);
	if (r == 0)
		r = checker_ask(a->peer.server->checker, password, f.password, on_checked, a);
	a->user = r == 0 ? f.id : 0;
	a->asked = r == 0;
	free(f.password);
	return r;
}

void login_begin(struct app *a, const struct control *c)
{
	struct server *s = a->peer.server;
	char text[128], user[DEPOT_NAME_MAX + 1];
	int64_t wait;
	int r;

	snprintf(user, sizeof(user), "%.*s", SPAN_FMT(c->login.user));
	wait = wait_of(s, user, a->peer.network);
	if (wait > 0) {
		snprintf(text, sizeof(text), "too many failed logins: try again in %lld s", (long long)(wait + 999) / 1000);
		peer_error(&a->peer, c->id, -EBUSY, text);
		return;
	}
	count(s, user, a->peer.network, ratelimit_failed);
	a->call = c->id;
	r = ask(a, user, c->login.password.p);
	if (r < 0)
		peer_error(&a->peer, c->id, r, r == -EBUSY ? "many log in at this moment: try again" : "the server failed");
}

void login_cancel(struct app *a)
{
	if (a->asked)
		checker_forget(a->peer.server->checker, a);
	a->asked = false;
}

/* ---- by the token of an earlier one ---- */

struct owner {
	int64_t id;
	char name[DEPOT_NAME_MAX + 1];
	bool found;
};

static int find_owner(const struct depot_user *u, void *data)
{
	struct owner *o = data;

	if (u->id == o->id) {
		snprintf(o->name, sizeof(o->name), "%s", u->name);
		o->found = true;
	}
	return 0;
}

static int find_holder(struct server *s, struct span token, struct login_holder *ret)
{
	unsigned char hash[SECRET_HASH];
	struct depot_token t;
	struct owner o = { 0 };
	int r;

	if (secret_hash(token, hash) < 0)
		return -EACCES;
	r = depot_token_take(s->depot, DEPOT_LOGIN, hash, clock_now(), &t);
	if (r < 0)
		return r == -ENOENT || r == -ETIMEDOUT ? -EACCES : r;
	o.id = t.user;
	r = depot_user_each(s->depot, NULL, find_owner, &o);
	if (r == 0 && !o.found)
		r = -EACCES;
	if (r == 0)
		r = who_load(s->depot, o.name, o.id, &ret->who);
	if (r < 0)
		return r;
	if (ret->who.may.disabled) {
		who_free(&ret->who);
		return -EACCES;
	}
	snprintf(ret->name, sizeof(ret->name), "%s", o.name);
	ret->user = o.id;
	ret->token = t.id;
	ret->expires_ms = t.expires_ms;
	return 0;
}

int login_find(struct server *s, const char *network, struct span token, struct login_holder *ret)
{
	int r;

	/* 160 random bits are not guessed: what limits an address keeps the depot from being asked without end. */
	if (wait_of(s, "", network) > 0)
		return -EBUSY;
	r = find_holder(s, token, ret);
	if (r < 0)
		count(s, "", network, ratelimit_failed);
	return r == -EBUSY ? -EIO : r;
}

static void take_over(struct app *a, const struct login_holder *h)
{
	snprintf(a->name, sizeof(a->name), "%s", h->name);
	a->user = h->user;
	a->token = h->token;
	a->expires_ms = h->expires_ms;
}

void login_resume(struct app *a, const struct control *c)
{
	struct server *s = a->peer.server;
	struct login_holder h;
	int r = login_find(s, a->peer.network, c->resume.token, &h);

	if (r < 0) {
		peer_error(&a->peer, c->id, r, r == -EBUSY ? "too many failed logins: try again later" :
			   "the login has ended: log in anew");
		return;
	}
	r = room_for(a, &h.who);
	if (r < 0) {
		count(s, "", a->peer.network, ratelimit_failed);
		peer_error(&a->peer, c->id, r, too_many);
	} else {
		take_over(a, &h);
		welcome(a, c->id, &h.who, c->resume.token.p);
		server_note(s, a->user, a->peer.address, "resume", a->name, "ok");
	}
	who_free(&h.who);
}

void login_end(struct app *a, const struct control *c)
{
	struct server *s = a->peer.server;
	int r = depot_delete(s->depot, DEPOT_A_LOGIN_TOKEN, a->token);

	server_note(s, a->user, a->peer.address, "log out", a->name, r == 0 || r == -ENOENT ? "ok" : error_name(r));
	peer_done(&a->peer, c->id);
	link_close(a->peer.link, WEBSOCKET_NORMAL, "logged out");
}

/* ---- old ones ---- */

struct old {
	int64_t now, ids[256];
	size_t n;
};

static int find_old(const struct depot_token *t, void *data)
{
	struct old *o = data;

	if (t->expires_ms <= o->now)
		o->ids[o->n++] = t->id;
	return o->n == sizeof(o->ids) / sizeof(*o->ids);
}

void login_sweep(struct server *s)
{
	struct old o = { .now = clock_now() };

	if (depot_token_each(s->depot, DEPOT_LOGIN, find_old, &o) < 0)
		return;
	for (size_t i = 0; i < o.n; i++)
		depot_delete(s->depot, DEPOT_A_LOGIN_TOKEN, o.ids[i]);
}
