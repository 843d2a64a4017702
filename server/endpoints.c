#include "server/endpoints.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "server/agent.h"
#include "server/contacts.h"
#include "server/who.h"

struct group {
	int64_t id;
	struct span name;
};

struct listing {
	struct app *app;
	const struct authorise_who *who;
	struct arena arena;
	struct buf folded;    /* what is looked for; n 0: all */
	struct span after;    /* not reached yet; absent: reached */
	struct control_endpoint *rows;
	size_t n, most;
	bool more;
	struct group *groups;
	size_t n_groups;
};

static int keep_group(int64_t id, const char *name, void *data)
{
	struct listing *l = data;
	struct group *more = reallocarray(l->groups, l->n_groups + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	l->groups = more;
	more[l->n_groups] = (struct group){ id, arena_copy(&l->arena, span_of(name)) };
	return more[l->n_groups++].name.p ? 0 : -ENOMEM;
}

static struct span group_name(const struct listing *l, int64_t id)
{
	for (size_t i = 0; i < l->n_groups; i++)
		if (l->groups[i].id == id)
			return l->groups[i].name;
	return SPAN("");
}

static bool is_meant(const struct listing *l, const struct depot_endpoint *e, const char *address)
{
	struct authorise_what what = { .group = e->computers };

	if (authorise(l->who, AUTHORISE_OPEN_SNAPSHOT, &what) < 0)
		return false;
	return l->folded.n == 0 || text_contains_folded(span_of(e->name), buf_span(&l->folded)) ||
	       text_contains_folded(span_of(address), buf_span(&l->folded));
}

static struct span copy(struct listing *l, const char *text, size_t most)
{
	return arena_copy(&l->arena, text_cut(span_of(text), most));
}

static void fill(struct listing *l, const struct depot_endpoint *e, const struct agent *here, const char *address)
{
	struct server *s = l->app->peer.server;
	struct control_endpoint *row = &l->rows[l->n++];

	*row = (struct control_endpoint){
		.endpoint = copy(l, e->key, 64), .host = copy(l, e->name, 255), .group = group_name(l, e->computers),
		.address = copy(l, address, 64), .version = copy(l, here ? here->peer.version : e->agent, 32),
		.state = e->revoked_ms ? CONTROL_REVOKED : here ? CONTROL_HERE : CONTROL_AWAY,
		.last_contact = here ? clock_now() : contacts_last(s->contacts, e->id, e->contact_ms),
		.first = here ? here->first : 0, .last = here ? here->last : 0,
	};
}

static int take(const struct depot_endpoint *e, void *data)
{
	struct listing *l = data;
	const struct agent *here;
	const char *address;

	if (l->after.p) {
		if (span_eq(l->after, span_of(e->key)))
			l->after = SPAN_NONE;
		return 0;
	}
	here = agent_find(l->app->peer.server, e->key);
	address = here ? here->peer.address : e->address;
	if (!is_meant(l, e, address))
		return 0;
	l->more = l->n == l->most;
	if (!l->more)
		fill(l, e, here, address);
	return l->more;
}

static int collect(struct listing *l, const struct control *c)
{
	int r;

	l->most = c->list.n;
	l->after = c->list.after;
	l->rows = calloc(l->most, sizeof(*l->rows));
	if (!l->rows)
		return -ENOMEM;
	text_fold(&l->folded, c->list.match);
	r = depot_group_each(l->app->peer.server->depot, DEPOT_COMPUTERS, keep_group, l);
	if (r >= 0)
		r = depot_endpoint_each(l->app->peer.server->depot, NULL, take, l);
	return r < 0 ? r : l->arena.failed || l->folded.failed ? -ENOMEM : 0;
}

void endpoints_answer(struct app *a, const struct control *c)
{
	struct control answer = { .type = CONTROL_ENDPOINTS, .id = c->id };
	struct listing l = { .app = a, .arena = ARENA_INIT };
	struct who w;
	int r = who_load(a->peer.server->depot, a->name, a->user, &w);

	if (r == 0) {
		l.who = &w.may;
		r = collect(&l, c);
		who_free(&w);
	}
	answer.rows.more = l.more;
	answer.rows.rows = (struct control_rows){ l.rows, l.n };
	if (r < 0)
		peer_error(&a->peer, c->id, r, "the list could not be made");
	else
		peer_send(&a->peer, &answer);
	free(l.rows);
	free(l.groups);
	buf_free(&l.folded);
	arena_free(&l.arena);
}

static int keep_one(const struct depot_endpoint *e, void *data)
{
	struct endpoints_one *one = data;

	*one = (struct endpoints_one){ e->id, e->computers, e->revoked_ms != 0, strdup(e->name) };
	return one->name ? 1 : -ENOMEM;
}

int endpoints_find(struct depot *d, const char *key, struct endpoints_one *ret)
{
	bool is_key = strlen(key) == DEPOT_KEY && strspn(key, "0123456789abcdef") == DEPOT_KEY;
	int r = is_key ? depot_endpoint_each(d, key, keep_one, ret) : 0;

	return r < 0 ? r : r == 1 ? 0 : -ENOENT;
}
