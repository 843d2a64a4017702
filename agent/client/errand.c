#include "agent/client/errand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/buf.h"
#include "agent/wire/wire.h"

enum { READY_MS = WIRE_TICKET_MS + 10000, TICKET_MAX = 64 };

struct errand {
	struct errand_config config;
	const struct task_kind *kind;
	struct task_order order;
	char target[sizeof("/data/") + TICKET_MAX];
	uint64_t call;
	struct greet *greet;
	struct link *link;  /* welcomed, and no task's yet */
	struct task *task;
};

static void destroy(struct errand *e)
{
	greet_free(e->greet);
	free((char *)(uintptr_t)e->order.path.p);
	free(e);
}

static void end(struct errand *e, const char *text)
{
	e->config.ended(e, text, e->config.data);
	destroy(e);
}

static void on_task_done(const char *text, void *data)
{
	end(data, text);
}

/* ---- until the other end is there ---- */

static bool is_ready(enum websocket_kind kind, struct span payload)
{
	static const struct message_limits limits = { WIRE_GREETING_BYTES, WIRE_CONTROL_VALUES };
	struct arena arena = ARENA_INIT;
	struct control c;
	struct message m;
	bool ready = false;

	if (kind != WEBSOCKET_TEXT || message_parse(payload, &limits, &m) < 0)
		return false;
	ready = control_get(&m, CONTROL_SERVER, &arena, &c) == 0 && c.type == CONTROL_DATA_READY;
	message_free(&m);
	arena_free(&arena);
	return ready;
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	struct errand *e = data;
	int r;

	if (!is_ready(kind, payload)) {
		link_close(l, WEBSOCKET_PROTOCOL, "data.ready is expected");
		return;
	}
	link_set_due(l, 0);
	e->link = NULL;
	r = e->kind->start(e->config.env, l, &e->order, on_task_done, e, &e->task);
	if (r < 0) {
		e->link = l;
		link_close(l, WEBSOCKET_INTERNAL, strerror(-r));
	}
}

static void on_closed(struct link *l, const struct link_end *why, void *data)
{
	char text[GREET_TEXT];

	end(data, greet_explain(l, why, text));
}

static const struct link_handler handler = { .message = on_message, .closed = on_closed };

static void on_greeted(struct link *l, const struct greet_end *why, void *data)
{
	struct errand *e = data;

	e->greet = NULL;
	if (!l) {
		e->config.dialled(e, e->call, why->error, why->text, e->config.data);
		destroy(e);
		return;
	}
	e->link = l;
	link_set_handler(l, &handler, e);
	link_set_due(l, READY_MS);
	e->config.dialled(e, e->call, 0, NULL, e->config.data);
}

/* ---- from outside ---- */

static bool is_ticket(struct span t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", t.p[i], 64))
			return false;
	return t.n > 0 && t.n <= TICKET_MAX;
}

static int take_order(struct errand *e, const struct control *c)
{
	char *path = c->dial.path.p ? malloc(c->dial.path.n + 1) : NULL;

	if (c->dial.path.p && !path)
		return -ENOMEM;
	if (path) {
		memcpy(path, c->dial.path.p, c->dial.path.n);
		path[c->dial.path.n] = 0;
	}
	e->order = (struct task_order){ (enum control_task)c->dial.task, { path, c->dial.path.n }, c->dial.process,
					c->dial.max_bytes };
	return 0;
}

int errand_new(const struct errand_config *config, struct errand **ret)
{
	const struct control *c = config->dial;
	const struct task_kind *kind = task_find((enum control_task)c->dial.task);
	struct errand *e;
	int r;

	if (!kind)
		return -ENOSYS;
	if (!is_ticket(c->dial.ticket))
		return -EINVAL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->config = *config;
	e->config.dial = NULL;
	e->kind = kind;
	e->call = c->id;
	snprintf(e->target, sizeof(e->target), "/data/%.*s", SPAN_FMT(c->dial.ticket));
	r = take_order(e, c);
	if (r == 0) {
		struct greet_config greet = config->greet;

		greet.target = e->target;
		greet.done = on_greeted;
		greet.data = e;
		r = greet_new(&greet, &e->greet);
	}
	if (r < 0)
		destroy(e);
	else
		*ret = e;
	return r;
}

const char *errand_name(const struct errand *e)
{
	return e->kind->name;
}

void errand_check(struct errand *e, int64_t now)
{
	if (e->task && e->kind->check)
		e->kind->check(e->task, now);
}

void errand_stop(struct errand *e, enum websocket_code code, const char *why)
{
	if (e->task) {
		e->kind->stop(e->task, code, why);
	} else if (e->link) {
		link_close(e->link, code, why);
	} else {
		e->config.dialled(e, e->call, -ECANCELED, why, e->config.data);
		destroy(e);
	}
}
