#include "server/app.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"
#include "server/browse.h"
#include "server/captures.h"
#include "server/endpoints.h"
#include "server/fetch.h"
#include "server/files.h"
#include "server/login.h"
#include "server/save.h"
#include "server/session.h"
#include "server/who.h"

enum { LOGIN_MS = 600000, MAX_STRANGERS = 256 }; /* LOGIN_MS: a person may have to type a password */

int app_may(struct app *a, enum authorise_request request, const struct authorise_what *what, const char *about)
{
	struct server *s = a->peer.server;
	struct who w;
	int r = who_load(s->depot, a->name, a->user, &w);

	if (r < 0)
		return r == -ENOENT ? -EACCES : r;
	r = authorise(&w.may, request, what);
	who_free(&w);
	if (r < 0)
		server_note(s, a->user, a->peer.address, authorise_request_name(request), about, error_name(r));
	return r;
}

bool app_allows(struct app *a, uint64_t call, enum authorise_request request, const struct authorise_what *what,
		const char *about)
{
	int r = app_may(a, request, what, about);

	if (r < 0)
		peer_error(&a->peer, call, r, r == -EACCES ? "your role does not allow that" :
			   r == -ENOENT ? "there is none" : "the server failed");
	return r == 0;
}

/* ---- requests ---- */

static void on_list(struct app *a, const struct control *c)
{
	peer_pay(&a->peer, APP_LIST_COST);
	if (app_allows(a, c->id, AUTHORISE_LIST_ENDPOINTS, NULL, ""))
		endpoints_answer(a, c);
}

static void on_open(struct app *a, const struct control *c)
{
	session_open(a, c->id, c->endpoint.endpoint.p);
}

static void note_others(struct app *a, const struct session *s)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s of %s", s->host, s->app->name);
	server_note(a->peer.server, a->user, a->peer.address, "close session", about.n ? about.p : s->host, "ok");
}

static void on_close(struct app *a, const struct control *c)
{
	struct session *s = session_find(a->peer.server, c->session.session);
	struct authorise_what what = { .owner = s ? s->user : 0, .group = s ? s->computers : 0 };

	if (!app_allows(a, c->id, AUTHORISE_CLOSE_SESSION, &what, s ? s->host : ""))
		return;
	peer_done(&a->peer, c->id);
	if (s && s->user != a->user)
		note_others(a, s);
	if (s)
		session_close(s, 0, NULL);
}

typedef void request_fn(struct app *a, const struct control *c);
static request_fn *const requests[CONTROL_TYPES] = {
	[CONTROL_APP_LOGOUT] = login_end,
	[CONTROL_ENDPOINT_LIST] = on_list,
	[CONTROL_LIVE_OPEN] = on_open,
	[CONTROL_LIVE_CLOSE] = on_close,
	[CONTROL_FILE_SAVE] = files_save,
	[CONTROL_FILE_LIST] = files_list,
	[CONTROL_FILE_FETCH] = files_fetch,
	[CONTROL_FILE_DELETE] = files_delete,
	[CONTROL_CAPTURE_START] = captures_start,
	[CONTROL_CAPTURE_PAUSE] = captures_pause,
	[CONTROL_CAPTURE_RESUME] = captures_resume,
	[CONTROL_CAPTURE_DELETE] = captures_delete,
	[CONTROL_CAPTURE_LIST] = captures_list,
	[CONTROL_CAPTURE_OPEN] = captures_open,
	[CONTROL_CAPTURE_FETCH] = captures_fetch,
};

static void on_got(struct peer *p, const struct control *c)
{
	struct app *a = (struct app *)p;
	bool logs_in = c->type == CONTROL_APP_LOGIN || c->type == CONTROL_APP_RESUME;

	if (a->asked)
		peer_error(p, c->id, EBUSY, "the login is under way");
	else if (logs_in && a->user)
		peer_error(p, c->id, EBUSY, "already logged in");
	else if (!logs_in && !a->user)
		peer_error(p, c->id, EACCES, "log in first");
	else if (logs_in)
		(c->type == CONTROL_APP_LOGIN ? login_begin : login_resume)(a, c);
	else if (requests[c->type])
		requests[c->type](a, c);
	else
		peer_error(p, c->id, ENOSYS, "this server does not do that");
}

/* ---- coming and going ---- */

static void on_greeted(struct peer *p)
{
	link_set_due(p->link, LOGIN_MS);
}

static void on_gone(struct peer *p, const struct link_end *end)
{
	struct app *a = (struct app *)p;

	login_cancel(a);
	session_close_app(a);
	fetch_close_app(a);
	save_close_app(a);
	browse_close_app(a);
	*a->at = a->next;
	if (a->next)
		a->next->at = a->at;
	p->server->n_apps--;
	peer_part(p);
	free(a);
}

static const struct peer_class class = {
	.name = "app", .side = CONTROL_APP, .greeted = on_greeted, .got = on_got, .gone = on_gone,
};

/* When too many have not logged in the oldest of them goes. */
static void make_room(struct server *s)
{
	struct app *oldest = NULL;
	unsigned n = 0;

	for (struct app *a = s->apps; a; a = a->next) {
		if (a->user || a->dropped)
			continue;
		oldest = a;
		n++;
	}
	if (n < MAX_STRANGERS)
		return;
	oldest->dropped = true;
	peer_drop(&oldest->peer, WEBSOCKET_TRY_LATER, "too many have not logged in");
}

unsigned app_accept(struct server *s, struct link *l, struct peer **ret)
{
	struct app *a = calloc(1, sizeof(*a));

	if (!a)
		return 503;
	make_room(s);
	peer_join(&a->peer, &class, s, l);
	a->next = s->apps;
	a->at = &s->apps;
	if (a->next)
		a->next->at = &a->next;
	s->apps = a;
	s->n_apps++;
	*ret = &a->peer;
	return 0;
}

/* ---- who may not be here any more ---- */

struct wanted {
	int64_t id;
	bool found;
};

static int is_it(const struct depot_token *t, void *data)
{
	struct wanted *w = data;

	w->found |= t->id == w->id;
	return 0;
}

/* Whoever changes a user takes the tokens of its logins away, so that the token tells all. */
static bool is_logged_in(struct app *a)
{
	struct wanted w = { a->token, false };

	return depot_token_each(a->peer.server->depot, DEPOT_LOGIN, is_it, &w) < 0 || w.found;
}

void app_check(struct server *s, bool recheck)
{
	int64_t now = clock_now();

	for (struct app *a = s->apps; a; a = a->next)
		if (a->user && !a->asked && (now >= a->expires_ms || (recheck && !is_logged_in(a))))
			peer_drop(&a->peer, WEBSOCKET_POLICY, "its login has ended");
}
