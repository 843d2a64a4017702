#include "server/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "server/who.h"

/* ---- one of them ---- */

struct wanted {
	struct stored *it;
	bool found;
};

static int keep_one(const struct depot_object *o, void *data)
{
	struct wanted *w = data;

	if (o->id != w->it->id)
		return 0;
	w->it->computers = o->computers;
	w->it->user = o->user;
	snprintf(w->it->sha256, sizeof(w->it->sha256), "%s", o->sha256);
	snprintf(w->it->name, sizeof(w->it->name), "%s", o->name);
	snprintf(w->it->host, sizeof(w->it->host), "%s", o->host);
	w->found = true;
	return 1;
}

bool stored_find(struct app *a, uint64_t call, enum depot_object_kind kind, struct span id,
		 enum authorise_request request, struct stored *ret)
{
	struct authorise_what what = { .group = -1 }; /* nobody's: the role is still what it is judged by */
	struct wanted w = { ret, false };
	int r = span_to_i64(id, &ret->id) < 0 ? 0 : depot_object_each(a->peer.server->depot, kind, NULL, keep_one, &w);

	if (w.found)
		what = (struct authorise_what){ .owner = ret->user, .group = ret->computers };
	if (r < 0)
		peer_error(&a->peer, call, r, "the server failed");
	if (r < 0 || !app_allows(a, call, request, &what, w.found ? ret->host : id.p))
		return false;
	if (!w.found)
		peer_error(&a->peer, call, ENOENT, "there is none");
	return w.found;
}

void stored_note(struct app *a, enum authorise_request request, const struct stored *it)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s: %s", it->host, *it->name ? it->name : "under way");
	server_note(a->peer.server, a->user, a->peer.address, authorise_request_name(request), about.n ? about.p : it->host,
		    "ok");
}

int stored_delete(struct server *s, const struct stored *it)
{
	AUTO_BUF path = BUF_INIT;
	bool last;
	int r = depot_object_delete(s->depot, it->id, &last);

	if (r < 0 || !last)
		return r;
	buf_printf(&path, "%s/%s", s->objects, it->sha256);
	if (!path.failed && unlink(path.p) < 0 && errno != ENOENT)
		log_error("%s: is not removed: %s", path.p, strerror(errno));
	return 0;
}

int stored_open(struct server *s, const struct stored *it)
{
	AUTO_BUF path = BUF_INIT;
	int fd;

	buf_printf(&path, "%s/%s", s->objects, it->sha256);
	if (path.failed)
		return -ENOMEM;
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void stored_answer(struct app *a, uint64_t call, int r, const char *text)
{
	if (r < 0)
		peer_error(&a->peer, call, r, text);
	else
		peer_done(&a->peer, call);
}

/* ---- lists of them ---- */

static int keep_name(struct stored_list *l, struct stored_names *to, int64_t id, const char *text)
{
	struct stored_name *more = reallocarray(to->all, to->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	to->all = more;
	more[to->n] = (struct stored_name){ id, arena_copy(&l->arena, span_of(text)) };
	return more[to->n++].text.p ? 0 : -ENOMEM;
}

static int keep_user(const struct depot_user *u, void *data)
{
	struct stored_list *l = data;

	return keep_name(l, &l->users, u->id, u->name);
}

static int keep_endpoint(const struct depot_endpoint *e, void *data)
{
	struct stored_list *l = data;

	return keep_name(l, &l->keys, e->id, e->key);
}

static struct span name_of(const struct stored_names *names, int64_t id)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->all[i].id == id)
			return names->all[i].text;
	return SPAN("");
}

struct span stored_user(const struct stored_list *l, int64_t id)
{
	return name_of(&l->users, id);
}

struct span stored_endpoint(const struct stored_list *l, int64_t id)
{
	return name_of(&l->keys, id);
}

struct span stored_copy(struct stored_list *l, const char *text, size_t most)
{
	return arena_copy(&l->arena, text_cut(span_of(text), most));
}

static int take(const struct depot_object *o, void *data)
{
	struct stored_list *l = data;
	struct authorise_what what = { .owner = o->user, .group = o->computers };

	if (l->after) {
		if (o->id == l->after)
			l->after = 0;
		return 0;
	}
	if ((l->whole && !*o->sha256) || authorise(l->who, l->request, &what) < 0)
		return 0;
	l->more = l->n == l->most;
	if (!l->more)
		l->fill(l, o, l->rows + l->n++ * l->row);
	return l->more;
}

static int collect(struct stored_list *l, const struct control *c)
{
	struct depot *d = l->app->peer.server->depot;
	int r;

	l->most = c->list.n;
	if (c->list.after.p && span_to_i64(c->list.after, &l->after) < 0)
		return -EINVAL;
	l->rows = calloc(l->most, l->row);
	if (!l->rows)
		return -ENOMEM;
	r = depot_user_each(d, NULL, keep_user, l);
	if (r >= 0)
		r = depot_endpoint_each(d, NULL, keep_endpoint, l);
	if (r >= 0)
		r = depot_object_each(d, l->kind, c->list.match.p, take, l);
	return r < 0 ? r : l->arena.failed ? -ENOMEM : 0;
}

void stored_list(struct stored_list *l, const struct control *c, enum authorise_request may, enum control_type type)
{
	struct control told = { .type = type, .id = c->id };
	struct app *a = l->app;
	struct who w;
	int r;

	peer_pay(&a->peer, APP_LIST_COST);
	if (!app_allows(a, c->id, may, NULL, ""))
		return;
	r = who_load(a->peer.server->depot, a->name, a->user, &w);
	if (r == 0) {
		l->who = &w.may;
		r = collect(l, c);
		who_free(&w);
	}
	told.rows.more = l->more;
	told.rows.rows = (struct control_rows){ l->rows, l->n };
	if (r < 0)
		peer_error(&a->peer, c->id, r, "the list could not be made");
	else
		peer_send(&a->peer, &told);
	free(l->rows);
	free(l->users.all);
	free(l->keys.all);
	arena_free(&l->arena);
}
