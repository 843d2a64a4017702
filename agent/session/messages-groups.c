/* The answers about groups: lanes, and what a logon caused. */
#include <errno.h>

#include "agent/session/messages-pieces.h"

enum { LANE_TEXT = 4096 };

/* ---- lanes ---- */

void messages_put_lanes(struct buf *out, const struct reader_lanes *l)
{
	size_t each = l->n_bins * EVENT_CATEGORY_COUNT;

	message_put_int(out, "from", l->from_ms);
	message_put_int(out, "bin", l->bin_ms);
	message_put_uint(out, "bins", l->n_bins);
	message_put_uint(out, "left_out", l->left_out);
	message_put_uint(out, "events_left_out", l->events_left_out);
	message_open_list(out, "lanes");
	for (size_t i = 0; i < l->n; i++) {
		message_open_list(out, NULL);
		messages_put_shared(out, l->lanes[i].name, LANE_TEXT);
		message_put_int(out, NULL, l->lanes[i].key);
		message_put_uint(out, NULL, l->lanes[i].total);
		messages_put_counts(out, NULL, l->lanes[i].by_category, EVENT_CATEGORY_COUNT);
		if (each)
			messages_put_bins_counts(out, NULL, l->lanes[i].counts, each);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_lane(struct message_in *list, struct reader_lanes *l, struct reader_lane *lane)
{
	size_t each = l->n_bins * EVENT_CATEGORY_COUNT;
	struct message_in r = message_list(list, NULL);

	lane->name = message_text(&r, NULL, &l->arena);
	lane->key = message_int(&r, NULL);
	lane->total = message_uint(&r, NULL);
	messages_get_counts(&r, NULL, lane->by_category, EVENT_CATEGORY_COUNT);
	if (each && !list->message->error) {
		lane->counts = arena_alloc(&l->arena, each * sizeof(*lane->counts));
		if (lane->counts)
			messages_get_bins_counts(&r, NULL, lane->counts, each);
		else
			list->message->error = -ENOMEM;
	}
	message_at_end(&r);
}

void messages_get_lanes(struct message_in *in, const struct messages_call *call, struct reader_lanes *l)
{
	struct message_in list;
	int64_t length, end;

	l->from_ms = message_int(in, "from");
	l->bin_ms = message_int_in(in, "bin", 0, INT64_MAX);
	l->n_bins = (size_t)message_int_in(in, "bins", 0, (int64_t)call->n);
	l->left_out = message_uint(in, "left_out");
	l->events_left_out = message_uint(in, "events_left_out");
	if ((l->n_bins && l->bin_ms == 0) || __builtin_mul_overflow((int64_t)l->n_bins, l->bin_ms, &length) ||
	    __builtin_add_overflow(l->from_ms, length, &end))
		message_bad(in);
	list = message_list(in, "lanes");
	l->lanes = messages_get_array(&list, &l->arena, sizeof(*l->lanes), call->max_children, &l->n);
	for (size_t i = 0; i < l->n && !in->message->error; i++)
		get_lane(&list, l, &l->lanes[i]);
}

/* ---- what a logon caused ---- */

void messages_put_story(struct buf *out, const struct reader_story *s)
{
	messages_put_nodes(out, "nodes", s->tree.nodes, s->tree.n);
	message_put_uint(out, "left_out", s->left_out);
	message_put_int(out, "session", s->session);
	message_put_int(out, "auid", s->auid);
	message_put_int(out, "logon", s->logon_ms);
	message_put_text(out, "user", s->user);
	message_put_text(out, "source", s->source);
	message_put_text(out, "terminal", s->terminal);
	message_put_text(out, "logon_type", s->type);
}

void messages_get_story(struct message_in *in, const struct messages_call *call, struct reader_story *s)
{
	s->tree.nodes = messages_get_nodes(in, "nodes", &s->tree.arena, MESSAGES_NODES_MOST, &s->tree.n);
	s->left_out = message_uint(in, "left_out");
	s->session = message_int(in, "session");
	s->auid = message_int(in, "auid");
	s->logon_ms = messages_get_time(in, "logon");
	s->user = message_text(in, "user", &s->tree.arena);
	s->source = message_text(in, "source", &s->tree.arena);
	s->terminal = message_text(in, "terminal", &s->tree.arena);
	s->type = message_text(in, "logon_type", &s->tree.arena);
	if (s->tree.n == 0 || s->tree.n > call->max_children)
		message_bad(in);
}
