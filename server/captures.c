#include "server/captures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "server/browse.h"
#include "server/capture.h"
#include "server/endpoints.h"
#include "server/fetch.h"
#include "server/stored.h"

static bool find(struct app *a, const struct control *c, enum authorise_request request, struct stored *ret)
{
	return stored_find(a, c->id, DEPOT_SNAPSHOT, c->fetch.capture, request, ret);
}

void captures_pause(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	struct capture *it;

	if (!find(a, c, AUTHORISE_CAPTURE, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	stored_answer(a, c->id, it ? capture_pause(it) : -EINVAL, "it is not under way");
}

void captures_resume(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	struct capture *it;

	if (!find(a, c, AUTHORISE_CAPTURE, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	stored_answer(a, c->id, it ? capture_resume(it) : -EINVAL, "it is not under way");
	if (it)
		capture_go_on(a->peer.server, it->key);
}

void captures_delete(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	struct capture *it;
	int r;

	if (!find(a, c, AUTHORISE_DELETE_SNAPSHOT, &one))
		return;
	it = capture_find(a->peer.server, one.id);
	r = it ? capture_delete(it) : stored_delete(a->peer.server, &one);
	if (r == 0)
		stored_note(a, AUTHORISE_DELETE_SNAPSHOT, &one);
	stored_answer(a, c->id, r, "it could not be deleted");
}

void captures_fetch(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	int fd, r;

	if (!find(a, c, AUTHORISE_OPEN_SNAPSHOT, &one))
		return;
	if (!*one.sha256) {
		peer_error(&a->peer, c->id, EBUSY, "it is not whole yet");
		return;
	}
	fd = stored_open(a->peer.server, &one);
	r = fd < 0 ? fd : fetch_new(a, c->id, fd, one.name, one.sha256);
	if (r < 0)
		peer_error(&a->peer, c->id, r, "it could not be opened");
	else
		stored_note(a, AUTHORISE_OPEN_SNAPSHOT, &one);
}

void captures_open(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
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
		stored_note(a, AUTHORISE_OPEN_SNAPSHOT, &one);
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

static void fill(struct stored_list *l, const struct depot_object *o, void *data)
{
	const struct capture *way = *o->sha256 ? NULL : capture_find(l->app->peer.server, o->id);
	struct control_snapshot *row = data;
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, o->id);
	*row = (struct control_snapshot){
		.capture = stored_copy(l, id, 64), .endpoint = stored_endpoint(l, o->endpoint),
		.host = stored_copy(l, o->host, 255), .name = stored_copy(l, o->name, 255), .taken = o->created_ms,
		.state = way ? way->state : *o->sha256 ? CONTROL_CAPTURE_DONE : CONTROL_CAPTURE_FAILED,
		.done = way ? way->done : (uint64_t)o->size, .bytes = (uint64_t)o->size,
		.sha256 = *o->sha256 ? stored_copy(l, o->sha256, 64) : SPAN_NONE, .by = stored_user(l, o->user),
	};
}

void captures_list(struct app *a, const struct control *c)
{
	struct stored_list l = { .app = a, .kind = DEPOT_SNAPSHOT, .request = AUTHORISE_OPEN_SNAPSHOT, .arena = ARENA_INIT,
				 .row = sizeof(struct control_snapshot), .fill = fill };

	stored_list(&l, c, AUTHORISE_LIST_SNAPSHOTS, CONTROL_CAPTURES);
}
