#include "server/files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "server/fetch.h"
#include "server/save.h"
#include "server/session.h"
#include "server/stored.h"

/* ---- save ---- */

static void save(struct app *a, const struct control *c, const struct session *live)
{
	struct authorise_what what = { .group = live->computers };
	AUTO_BUF about = BUF_INIT;
	struct endpoints_one e;
	int r;

	buf_printf(&about, "%s: %.*s", live->host, SPAN_FMT(c->file.path));
	if (!app_allows(a, c->id, AUTHORISE_SAVE_FILE, &what, about.n ? about.p : live->host))
		return;
	r = endpoints_find(a->peer.server->depot, live->key, &e);
	if (r < 0) {
		peer_error(&a->peer, c->id, r, "there is none");
		return;
	}
	save_begin(a, c, live->key, &e);
	free(e.name);
}

void files_save(struct app *a, const struct control *c)
{
	const struct session *s = session_find(a->peer.server, c->file.session);
	struct authorise_what nobodys = { .group = -1 };

	if (s && s->app == a && s->connected)
		save(a, c, s);
	else if (app_allows(a, c->id, AUTHORISE_SAVE_FILE, &nobodys, ""))
		peer_error(&a->peer, c->id, ENOENT, "there is no such session");
}

/* ---- what is kept ---- */

static void read_about(const struct depot_object *o, struct control_file *row)
{
	static const struct message_limits limits = { 65536, 64 };
	struct message_in in;
	struct message m;

	if (message_parse(span_of(o->about), &limits, &m) < 0)
		return;
	in = message_root(&m);
	row->mode = message_uint(&in, "mode");
	row->uid = message_uint(&in, "uid");
	row->gid = message_uint(&in, "gid");
	row->modified = message_int(&in, "modified");
	message_free(&m);
}

static void fill(struct stored_list *l, const struct depot_object *o, void *data)
{
	struct control_file *row = data;
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, o->id);
	*row = (struct control_file){
		.file = stored_copy(l, id, 64), .endpoint = stored_endpoint(l, o->endpoint),
		.host = stored_copy(l, o->host, 255), .path = stored_copy(l, o->name, 4096), .saved = o->created_ms,
		.bytes = (uint64_t)o->size, .sha256 = stored_copy(l, o->sha256, 64), .by = stored_user(l, o->user),
	};
	read_about(o, row);
}

void files_list(struct app *a, const struct control *c)
{
	struct stored_list l = { .app = a, .kind = DEPOT_FILE, .request = AUTHORISE_OPEN_FILE, .arena = ARENA_INIT,
				 .row = sizeof(struct control_file), .whole = true, .fill = fill };

	stored_list(&l, c, AUTHORISE_LIST_FILES, CONTROL_FILES);
}

void files_fetch(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	const char *slash;
	int fd, r;

	if (!stored_find(a, c->id, DEPOT_FILE, c->fetch.capture, AUTHORISE_OPEN_FILE, &one))
		return;
	slash = strrchr(one.name, '/');
	fd = stored_open(a->peer.server, &one);
	r = fd < 0 ? fd : fetch_new(a, c->id, fd, slash && slash[1] ? slash + 1 : one.name, one.sha256);
	if (r < 0)
		peer_error(&a->peer, c->id, r, "it could not be opened");
	else
		stored_note(a, AUTHORISE_OPEN_FILE, &one);
}

void files_delete(struct app *a, const struct control *c)
{
	struct stored one = { 0 };
	int r;

	if (save_cancel(a, c->fetch.capture)) {
		peer_done(&a->peer, c->id);
		return;
	}
	if (!stored_find(a, c->id, DEPOT_FILE, c->fetch.capture, AUTHORISE_DELETE_FILE, &one))
		return;
	r = stored_delete(a->peer.server, &one);
	if (r == 0)
		stored_note(a, AUTHORISE_DELETE_FILE, &one);
	stored_answer(a, c->id, r, "it could not be deleted");
}
