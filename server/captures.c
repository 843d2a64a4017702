#include "server/captures.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "server/browse.h"
#include "server/capture.h"
#include "server/endpoints.h"
#include "server/fetch.h"
#include "server/who.h"

/* ---- one of them ---- */

/* As the depot has it. */
struct one {
	int64_t id;
	int64_t computers;
	int64_t user;
	char sha256[PART_NAME], name[256], host[256];
	bool found;
};

static int keep_one(const struct depot_object *o, void *data)
{
	struct one *one = data;

	if (o->id != one->id)
		return 0;
	one->computers = o->computers;
	one->user = o->user;
	snprintf(one->sha256, sizeof(one->sha256), "%s", o->sha256);
	snprintf(one->name, sizeof(one->name), "%s", o->name);
	snprintf(one->host, sizeof(one->host), "%s", o->host);
	one->found = true;
	return 1;
}

/* The one that is meant, when the user may do that to it; else the call is answered. */
static bool find(struct app *a, const struct control *c, enum authorise_request request, struct one *ret)
{
	struct authorise_what what = { .group = -1 }; /* nobody's: the role is still what it is judged by */
	int r = span_to_i64(c->fetch.capture, &ret->id) < 0 ? 0 :
		depot_object_each(a->peer.server->depot, DEPOT_SNAPSHOT, NULL, keep_one, ret);

	if (ret->found)
		what = (struct authorise_what){ .owner = ret->user, .group = ret->computers };
	if (r < 0)
		peer_error(&a->peer, c->id, r, "the server failed");
	if (r < 0 || !app_allows(a, c->id, request, &what, ret->found ? ret->host : c->fetch.capture.p))
		return false;
	if (!ret->found)
		peer_error(&a->peer, c->id, ENOENT, "there is none");
	return ret->found;
}

static void note(struct app *a, enum authorise_request request, const struct one *one)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s: %s", one->host, *one->name ? one->name : "under way");
	server_note(a->peer.server, a->user, a->peer.address, authorise_request_name(request), about.n ? about.p : one->host,
		    "ok");
}

static void answer(struct app *a, const struct control *c, int r, const char *text)
{
	if (r < 0)
		peer_error(&a->peer, c->id, r, text);
	else
		peer_done(&a->peer, c->id);
}

void captures_pause(struct app *a, const struct control *c)
{
	struct one one = { 0 };
	struct capture *it;

	if (!find(a, c, AUTHORISE_CAPTURE, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	answer(a, c, it ? capture_pause(it) : -EINVAL, "it is not under way");
}

void captures_resume(struct app *a, const struct control *c)
{
	struct one one = { 0 };
	struct capture *it;

	if (!find(a, c, AUTHORISE_CAPTURE, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	answer(a, c, it ? capture_resume(it) : -EINVAL, "it is not under way");
	if (it)
		capture_go_on(a->peer.server, it->key);
}

/* The bytes go when nothing else has them. */
static int delete_whole(struct server *s, const struct one *one)
{
	AUTO_BUF path = BUF_INIT;
	bool last;
	int r = depot_object_delete(s->depot, one->id, &last);

	if (r < 0 || !last)
		return r;
	buf_printf(&path, "%s/%s", s->objects, one->sha256);
	if (!path.failed && unlink(path.p) < 0 && errno != ENOENT)
		log_error("%s: is not removed: %s", path.p, strerror(errno));
	return 0;
}

void captures_delete(struct app *a, const struct control *c)
{
	struct one one = { 0 };
	struct capture *it;
	int r;

	if (!find(a, c, AUTHORISE_DELETE_SNAPSHOT, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	r = it ? capture_delete(it) : delete_whole(a->peer.server, &one);
	if (r == 0)
		note(a, AUTHORISE_DELETE_SNAPSHOT, &one);
	answer(a, c, r, "it could not be deleted");
}

void captures_fetch(struct app *a, const struct control *c)
{
	struct server *s = a->peer.server;
	struct one one = { 0 };
	AUTO_BUF path = BUF_INIT;
	int fd, r;

	if (!find(a, c, AUTHORISE_OPEN_SNAPSHOT, &one))
		return;
	if (!*one.sha256) {
		peer_error(&a->peer, c->id, EBUSY, "it is not whole yet");
		return;
	}
	buf_printf(&path, "%s/%s", s->objects, one.sha256);
	fd = path.failed ? -1 : open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	r = fd < 0 ? -errno : fetch_new(a, c->id, fd, one.name, one.sha256);
	if (r < 0)
		peer_error(&a->peer, c->id, r, "it could not be opened");
	else
		note(a, AUTHORISE_OPEN_SNAPSHOT, &one);
}

void captures_open(struct app *a, const struct control *c)
{
	struct one one = { 0 };
	AUTO_BUF path = BUF_INIT;
	int r;

	if (!find(a, c, AUTHORISE_OPEN_SNAPSHOT, &one))
		return;
	if (!*one.sha256) {
		peer_error(&a->peer, c->id, EBUSY, "it is not whole yet");
		return;
	}
	buf_printf(&path, "%s/%s", a->peer.server->objects, one.sha256);
	r = path.failed ? -ENOMEM : browse_new(a, c->id, path.p);
	if (r < 0)
		peer_error(&a->peer, c->id, r, r == -EMFILE ? "too many snapshots are open" : "it could not be opened");
	else
		note(a, AUTHORISE_OPEN_SNAPSHOT, &one);
}

static void start(struct app *a, const struct control *c, const struct endpoints_one *e)
{
	struct control told;
	struct capture *it;
	char id[24];
	int r = e->revoked ? -EPERM : capture_new(a, c->endpoint.endpoint.p, e->name, e->id, e->computers, &it);

	if (r < 0) {
		peer_error(&a->peer, c->id, r, r == -EPERM ? "it is revoked" : r == -EBUSY ? "a capture of it is under way" :
			   r == -EMFILE ? "too many captures are under way" : "it could not be begun");
		return;
	}
	told = capture_message(it, id);
	told.id = c->id;
	peer_send(&a->peer, &told);
	server_note(a->peer.server, a->user, a->peer.address, "capture", e->name, "begun");
	capture_go_on(a->peer.server, it->key);
}

void captures_start(struct app *a, const struct control *c)
{
	struct authorise_what what = { .group = -1 };
	struct endpoints_one e;
	int r = endpoints_find(a->peer.server->depot, c->endpoint.endpoint.p, &e);

	if (r < 0) {
		if (app_allows(a, c->id, AUTHORISE_CAPTURE, &what, c->endpoint.endpoint.p))
			peer_error(&a->peer, c->id, r, "there is none");
		return;
	}
	what.group = e.computers;
	if (app_allows(a, c->id, AUTHORISE_CAPTURE, &what, e.name))
		start(a, c, &e);
	free(e.name);
}

/* ---- all of them ---- */

struct name {
	int64_t id; /* of a user, or an endpoint */
	struct span text;
};

struct names {
	struct name *all;
	size_t n;
};

struct listing {
	struct app *app;
	const struct authorise_who *who;
	struct arena arena;
	int64_t after; /* not reached yet; 0: reached */
	struct control_snapshot *rows;
	size_t n, most;
	bool more;
	struct names users, keys;
};

static int keep_name(struct listing *l, struct names *to, int64_t id, const char *text)
{
	struct name *more = reallocarray(to->all, to->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	to->all = more;
	more[to->n] = (struct name){ id, arena_copy(&l->arena, span_of(text)) };
	return more[to->n++].text.p ? 0 : -ENOMEM;
}

static int keep_user(const struct depot_user *u, void *data)
{
	struct listing *l = data;

	return keep_name(l, &l->users, u->id, u->name);
}

static int keep_endpoint(const struct depot_endpoint *e, void *data)
{
	struct listing *l = data;

	return keep_name(l, &l->keys, e->id, e->key);
}

static struct span name_of(const struct names *names, int64_t id)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->all[i].id == id)
			return names->all[i].text;
	return SPAN("");
}

static struct span copy(struct listing *l, const char *text, size_t most)
{
	return arena_copy(&l->arena, text_cut(span_of(text), most));
}

static void fill(struct listing *l, const struct depot_object *o)
{
	const struct capture *way = *o->sha256 ? NULL : capture_find(l->app->peer.server, o->id);
	struct control_snapshot *row = &l->rows[l->n++];
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, o->id);
	*row = (struct control_snapshot){
		.capture = copy(l, id, 64), .endpoint = name_of(&l->keys, o->endpoint), .host = copy(l, o->host, 255),
		.name = copy(l, o->name, 255), .taken = o->created_ms,
		.state = way ? way->state : *o->sha256 ? CONTROL_CAPTURE_DONE : CONTROL_CAPTURE_FAILED,
		.done = way ? way->done : (uint64_t)o->size, .bytes = (uint64_t)o->size,
		.sha256 = *o->sha256 ? copy(l, o->sha256, 64) : SPAN_NONE, .by = name_of(&l->users, o->user),
	};
}

static int take(const struct depot_object *o, void *data)
{
	struct listing *l = data;
	struct authorise_what what = { .owner = o->user, .group = o->computers };

	if (l->after) {
		if (o->id == l->after)
			l->after = 0;
		return 0;
	}
	if (authorise(l->who, AUTHORISE_OPEN_SNAPSHOT, &what) < 0)
		return 0;
	l->more = l->n == l->most;
	if (!l->more)
		fill(l, o);
	return l->more;
}

static int collect(struct listing *l, const struct control *c)
{
	struct depot *d = l->app->peer.server->depot;
	int r;

	l->most = c->list.n;
	if (c->list.after.p && span_to_i64(c->list.after, &l->after) < 0)
		return -EINVAL;
	l->rows = calloc(l->most, sizeof(*l->rows));
	if (!l->rows)
		return -ENOMEM;
	r = depot_user_each(d, NULL, keep_user, l);
	if (r >= 0)
		r = depot_endpoint_each(d, NULL, keep_endpoint, l);
	if (r >= 0)
		r = depot_object_each(d, DEPOT_SNAPSHOT, c->list.match.p, take, l);
	return r < 0 ? r : l->arena.failed ? -ENOMEM : 0;
}

void captures_list(struct app *a, const struct control *c)
{
	struct control told = { .type = CONTROL_CAPTURES, .id = c->id };
	struct listing l = { .app = a, .arena = ARENA_INIT };
	struct who w;
	int r;

	peer_pay(&a->peer, APP_LIST_COST);
	if (!app_allows(a, c->id, AUTHORISE_LIST_SNAPSHOTS, NULL, ""))
		return;
	r = who_load(a->peer.server->depot, a->name, a->user, &w);
	if (r == 0) {
		l.who = &w.may;
		r = collect(&l, c);
		who_free(&w);
	}
	told.rows.more = l.more;
	told.rows.rows = (struct control_rows){ l.rows, l.n };
	if (r < 0)
		peer_error(&a->peer, c->id, r, "the list could not be made");
	else
		peer_send(&a->peer, &told);
	free(l.rows);
	free(l.users.all);
	free(l.keys.all);
	arena_free(&l.arena);
}
