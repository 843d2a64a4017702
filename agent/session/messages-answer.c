#include "agent/session/messages.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/session/messages-pieces.h"
#include "agent/wire/wire.h"

enum {
	PLENTY = WIRE_ANSWER_BYTES / 3, /* of an answer, from where on it is kept short */
	SHORT_TEXT = 64, NODE_TEXT = 4096,
	MAX_IMAGES = 100000, /* more than any reader gives */
};

static const char *const answer_names[MESSAGES_TYPE_COUNT] = {
	[MESSAGES_OPEN] = "opened",
	[MESSAGES_CANCEL] = "cancelled",
	[MESSAGES_INFO] = "info",
	[MESSAGES_COUNT] = "count",
	[MESSAGES_PAGE] = "page",
	[MESSAGES_HISTOGRAM] = "histogram",
	[MESSAGES_PROCESS] = "process",
	[MESSAGES_TIMELINE] = "timeline",
	[MESSAGES_TREE] = "tree",
	[MESSAGES_DISTRIBUTION] = "distribution",
	[MESSAGES_LANES] = "lanes",
	[MESSAGES_STORY] = "story",
	[MESSAGES_COMPLETENESS] = "completeness",
	[MESSAGES_VALUES] = "values",
	[MESSAGES_CELLS] = "cells",
	[MESSAGES_SPACE] = "space",
	[MESSAGES_INVENTORY] = "inventory",
};

/* ---- pieces ---- */

static void out_of_memory(struct message_in *in)
{
	in->message->error = -ENOMEM;
}

int64_t messages_get_time(struct message_in *in, const char *name)
{
	int64_t t = message_int(in, name);

	return t < CLOCK_MIN ? CLOCK_MIN : t > CLOCK_MAX ? CLOCK_MAX : t;
}

static int32_t get_i32(struct message_in *in, const char *name)
{
	return (int32_t)message_int_in(in, name, INT32_MIN, INT32_MAX);
}

static int get_category(struct message_in *in)
{
	return (int)message_int_in(in, NULL, 0, EVENT_CATEGORY_COUNT - 1);
}

void messages_put_shared(struct buf *out, struct span v, size_t max)
{
	if (v.n > SHORT_TEXT && out->n > PLENTY)
		v = SPAN("…");
	message_put_text(out, NULL, (struct span){ v.p, v.n < max ? v.n : max });
}

void messages_put_counts(struct buf *out, const char *name, const uint64_t *counts, size_t n)
{
	message_open_list(out, name);
	for (size_t i = 0; i < n; i++)
		message_put_uint(out, NULL, counts[i]);
	message_close_list(out);
}

void messages_get_counts(struct message_in *in, const char *name, uint64_t *counts, size_t n)
{
	struct message_in list = message_list(in, name);

	for (size_t i = 0; i < n && !in->message->error; i++)
		counts[i] = message_uint(&list, NULL);
	message_at_end(&list);
}

void messages_put_bins_counts(struct buf *out, const char *name, const uint64_t *counts, size_t n)
{
	message_open_list(out, name);
	for (size_t i = 0; i < n;) {
		size_t zeros = 0;

		while (i + zeros < n && counts[i + zeros] == 0)
			zeros++;
		if (zeros)
			message_put_int(out, NULL, -(int64_t)zeros);
		else
			message_put_int(out, NULL, counts[i] < INT64_MAX ? (int64_t)counts[i] : INT64_MAX);
		i += zeros ? zeros : 1;
	}
	message_close_list(out);
}

void messages_get_bins_counts(struct message_in *in, const char *name, uint64_t *counts, size_t n)
{
	struct message_in list = message_list(in, name);
	size_t i = 0;

	memset(counts, 0, n * sizeof(*counts));
	while (i < n && !in->message->error) {
		int64_t v = message_int_in(&list, NULL, -(int64_t)(n - i), INT64_MAX);

		if (v < 0)
			i += (size_t)-v;
		else
			counts[i++] = (uint64_t)v;
	}
	message_at_end(&list);
}

void *messages_get_array(struct message_in *list, struct arena *arena, size_t size, size_t max, size_t *ret_n)
{
	size_t n = message_left(list);
	void *p;

	*ret_n = 0;
	if (n > max)
		message_bad(list);
	if (n == 0 || list->message->error)
		return NULL;
	p = arena_alloc(arena, n * size);
	if (!p) {
		out_of_memory(list);
		return NULL;
	}
	memset(p, 0, n * size);
	*ret_n = n;
	return p;
}

static void *get_memory(struct message_in *in, size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		out_of_memory(in);
	return p;
}

/* ---- count ---- */

static void put_count(struct buf *out, const struct reader_count *c)
{
	message_put_uint(out, "total", c->total);
	message_put_uint(out, "events", c->events);
	messages_put_counts(out, "categories", c->by_category, EVENT_CATEGORY_COUNT);
	message_put_uint(out, "step", c->step);
	message_open_list(out, "anchors");
	for (size_t i = 0; i < c->n_anchors; i++)
		message_put_int(out, NULL, c->anchors[i]);
	message_close_list(out);
}

static void get_count(struct message_in *in, const struct messages_call *call, struct reader_count *c)
{
	struct message_in list;
	size_t n;

	c->total = message_uint(in, "total");
	c->events = message_uint(in, "events");
	messages_get_counts(in, "categories", c->by_category, EVENT_CATEGORY_COUNT);
	c->step = message_uint(in, "step");
	list = message_list(in, "anchors");
	n = message_left(&list);
	/* Rows 0, step, 2 step … below total: row number → anchor must never leave the array. */
	if (c->step != call->step || n != (call->step ? c->total / call->step + (c->total % call->step != 0) : 0))
		message_bad(in);
	if (n == 0 || in->message->error)
		return;
	c->anchors = get_memory(in, n, sizeof(*c->anchors));
	c->n_anchors = c->anchors ? n : 0;
	for (size_t i = 0; i < c->n_anchors; i++)
		c->anchors[i] = message_int(&list, NULL);
}

/* ---- page ---- */

static void put_row(struct buf *out, const struct reader_row *r)
{
	const struct span texts[] = { r->executable, r->command_line, r->user, r->comm, r->object, r->object2 };

	message_open_list(out, NULL);
	message_put_int(out, NULL, r->id);
	message_put_int(out, NULL, r->time_ms);
	message_put_int(out, NULL, r->process);
	message_put_int(out, NULL, r->image);
	message_put_int(out, NULL, r->pid);
	message_put_int(out, NULL, r->action);
	message_put_int(out, NULL, r->category);
	message_put_int(out, NULL, r->result);
	message_put_int(out, NULL, r->port);
	message_put_int(out, NULL, r->port2);
	message_put_int(out, NULL, r->flags);
	message_put_int(out, NULL, r->uid);
	message_put_int(out, NULL, r->euid);
	message_put_int(out, NULL, r->auid);
	message_put_int(out, NULL, r->session);
	message_put_uint(out, NULL, r->serial);
	message_put_uint(out, NULL, r->count);
	message_put_int(out, NULL, r->span_ms);
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		message_put_text(out, NULL, texts[k]);
	message_close_list(out);
}

static void put_page(struct buf *out, const struct reader_page *p)
{
	bool more = p->more;

	message_open_list(out, "rows");
	for (size_t i = 0; i < p->n; i++) {
		size_t before = out->n;

		put_row(out, &p->rows[i]);
		if (i > 0 && out->n > PLENTY && !out->failed) {
			out->n = before;
			more = true;
			break;
		}
	}
	message_close_list(out);
	message_put_bool(out, "more", more);
}

static void get_row(struct message_in *list, struct arena *arena, struct reader_row *ret)
{
	struct span *const texts[] = { &ret->executable, &ret->command_line, &ret->user, &ret->comm, &ret->object,
	                               &ret->object2 };
	struct message_in r = message_list(list, NULL);

	ret->id = message_int(&r, NULL);
	ret->time_ms = messages_get_time(&r, NULL);
	ret->process = message_int(&r, NULL);
	ret->image = message_int(&r, NULL);
	ret->pid = message_int(&r, NULL);
	ret->action = get_i32(&r, NULL);
	ret->category = get_category(&r);
	ret->result = get_i32(&r, NULL);
	ret->port = get_i32(&r, NULL);
	ret->port2 = get_i32(&r, NULL);
	ret->flags = get_i32(&r, NULL);
	ret->uid = message_int(&r, NULL);
	ret->euid = message_int(&r, NULL);
	ret->auid = message_int(&r, NULL);
	ret->session = message_int(&r, NULL);
	ret->serial = message_uint(&r, NULL);
	ret->count = message_uint(&r, NULL);
	ret->span_ms = messages_get_time(&r, NULL);
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		*texts[k] = message_text(&r, NULL, arena);
	message_at_end(&r);
}

static void get_page(struct message_in *in, const struct messages_call *call, struct reader_page *p)
{
	struct message_in list;

	p->more = message_bool(in, "more");
	list = message_list(in, "rows");
	p->rows = messages_get_array(&list, &p->arena, sizeof(*p->rows), call->n, &p->n);
	for (size_t i = 0; i < p->n && !in->message->error; i++)
		get_row(&list, &p->arena, &p->rows[i]);
}

/* ---- bins ---- */

static void put_bins(struct buf *out, const struct reader_histogram *h)
{
	message_put_int(out, "from", h->from_ms);
	message_put_int(out, "bin", h->bin_ms);
	message_put_uint(out, "bins", h->n_bins);
	messages_put_bins_counts(out, "counts", h->counts, h->n_bins * EVENT_CATEGORY_COUNT);
}

/* Everything but the counts. */
static void get_bins(struct message_in *in, const struct messages_call *call, struct reader_histogram *h)
{
	int64_t length, end;

	h->from_ms = message_int(in, "from");
	h->bin_ms = message_int_in(in, "bin", 0, INT64_MAX);
	h->n_bins = (size_t)message_int_in(in, "bins", 0, (int64_t)call->n);
	if ((h->n_bins && h->bin_ms == 0) || __builtin_mul_overflow((int64_t)h->n_bins, h->bin_ms, &length) ||
	    __builtin_add_overflow(h->from_ms, length, &end))
		message_bad(in);
}

static void get_histogram(struct message_in *in, const struct messages_call *call, struct reader_histogram *h)
{
	get_bins(in, call, h);
	if (in->message->error)
		return;
	h->counts = get_memory(in, h->n_bins * EVENT_CATEGORY_COUNT + 1, sizeof(*h->counts));
	if (h->counts)
		messages_get_bins_counts(in, "counts", h->counts, h->n_bins * EVENT_CATEGORY_COUNT);
}

/* ---- process ---- */

static void put_image(struct buf *out, const struct reader_image *i)
{
	const struct span texts[] = { i->executable, i->comm, i->command_line, i->cwd, i->user, i->audit_user, i->tty,
	                              i->md5, i->sha256, i->cgroup, i->script };

	message_open_list(out, NULL);
	message_put_int(out, NULL, i->id);
	message_put_int(out, NULL, i->start_ms);
	message_put_int(out, NULL, i->end_ms);
	message_put_int(out, NULL, i->origin);
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		messages_put_shared(out, texts[k], SIZE_MAX);
	message_put_int(out, NULL, i->hash_reason);
	message_put_int(out, NULL, i->uid);
	message_put_int(out, NULL, i->gid);
	message_put_int(out, NULL, i->euid);
	message_put_int(out, NULL, i->egid);
	message_put_int(out, NULL, i->auid);
	message_put_int(out, NULL, i->session);
	message_open_list(out, NULL);
	for (size_t k = 0; k < i->n_args; k++)
		messages_put_shared(out, i->args[k], SIZE_MAX);
	message_close_list(out);
	message_close_list(out);
}

static void put_process(struct buf *out, const struct reader_process *p)
{
	message_put_int(out, "process", p->id);
	message_put_int(out, "pid", p->pid);
	message_put_int(out, "ns_pid", p->ns_pid);
	message_put_int(out, "boot", p->boot);
	message_put_int(out, "start", p->start_ms);
	message_put_int(out, "end", p->end_ms);
	message_put_bool(out, "start_known", p->start_known);
	message_put_int(out, "origin", p->origin);
	message_put_int(out, "exit", p->exit_code);
	message_put_int(out, "signal", p->signal);
	message_put_text(out, "host", p->host);
	message_put_int(out, "parent", p->parent);
	message_put_int(out, "parent_image", p->parent_image);
	message_put_int(out, "parent_pid", p->parent_pid);
	message_put_text(out, "parent_executable", p->parent_executable);
	message_put_text(out, "parent_command_line", p->parent_command_line);
	message_put_uint(out, "children", p->children);
	messages_put_counts(out, "categories", p->by_category, EVENT_CATEGORY_COUNT);
	message_open_list(out, "images");
	for (size_t i = 0; i < p->n_images; i++)
		put_image(out, &p->images[i]);
	message_close_list(out);
}

static void get_image(struct message_in *list, struct arena *arena, struct reader_image *i)
{
	struct span *const texts[] = { &i->executable, &i->comm, &i->command_line, &i->cwd, &i->user, &i->audit_user,
	                               &i->tty, &i->md5, &i->sha256, &i->cgroup, &i->script };
	struct message_in r = message_list(list, NULL), args;

	i->id = message_int(&r, NULL);
	i->start_ms = messages_get_time(&r, NULL);
	i->end_ms = messages_get_time(&r, NULL);
	i->origin = get_i32(&r, NULL);
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		*texts[k] = message_text(&r, NULL, arena);
	i->hash_reason = get_i32(&r, NULL);
	i->uid = message_int(&r, NULL);
	i->gid = message_int(&r, NULL);
	i->euid = message_int(&r, NULL);
	i->egid = message_int(&r, NULL);
	i->auid = message_int(&r, NULL);
	i->session = message_int(&r, NULL);
	args = message_list(&r, NULL);
	i->args = messages_get_array(&args, arena, sizeof(*i->args), SIZE_MAX, &i->n_args);
	for (size_t k = 0; k < i->n_args; k++)
		i->args[k] = message_text(&args, NULL, arena);
	message_at_end(&r);
}

static void get_process(struct message_in *in, const struct messages_call *call, struct reader_process *p)
{
	struct message_in list;

	p->id = message_int(in, "process");
	p->pid = message_int(in, "pid");
	p->ns_pid = message_int(in, "ns_pid");
	p->boot = message_int(in, "boot");
	p->start_ms = messages_get_time(in, "start");
	p->end_ms = messages_get_time(in, "end");
	p->start_known = message_bool(in, "start_known");
	p->origin = get_i32(in, "origin");
	p->exit_code = get_i32(in, "exit");
	p->signal = get_i32(in, "signal");
	p->host = message_text(in, "host", &p->arena);
	p->parent = message_int(in, "parent");
	p->parent_image = message_int(in, "parent_image");
	p->parent_pid = message_int(in, "parent_pid");
	p->parent_executable = message_text(in, "parent_executable", &p->arena);
	p->parent_command_line = message_text(in, "parent_command_line", &p->arena);
	p->children = message_uint(in, "children");
	messages_get_counts(in, "categories", p->by_category, EVENT_CATEGORY_COUNT);
	list = message_list(in, "images");
	p->images = messages_get_array(&list, &p->arena, sizeof(*p->images), MAX_IMAGES, &p->n_images);
	for (size_t i = 0; i < p->n_images && !in->message->error; i++)
		get_image(&list, &p->arena, &p->images[i]);
	if (p->id != call->process)
		message_bad(in);
}

/* ---- nodes, timeline, tree ---- */

void messages_put_nodes(struct buf *out, const char *name, const struct reader_node *nodes, size_t n)
{
	message_open_list(out, name);
	for (size_t i = 0; i < n; i++) {
		message_open_list(out, NULL);
		message_put_int(out, NULL, nodes[i].process);
		message_put_int(out, NULL, nodes[i].parent);
		message_put_int(out, NULL, nodes[i].pid);
		message_put_int(out, NULL, nodes[i].start_ms);
		message_put_int(out, NULL, nodes[i].end_ms);
		message_put_int(out, NULL, nodes[i].exit_code);
		message_put_int(out, NULL, nodes[i].signal);
		message_put_bool(out, NULL, nodes[i].start_known);
		message_put_uint(out, NULL, nodes[i].children);
		messages_put_shared(out, nodes[i].name, NODE_TEXT);
		messages_put_shared(out, nodes[i].executable, NODE_TEXT);
		messages_put_shared(out, nodes[i].command_line, NODE_TEXT);
		messages_put_shared(out, nodes[i].user, NODE_TEXT);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_node(struct message_in *list, struct arena *arena, struct reader_node *n)
{
	struct message_in r = message_list(list, NULL);

	n->process = message_int(&r, NULL);
	n->parent = message_int(&r, NULL);
	n->pid = message_int(&r, NULL);
	n->start_ms = messages_get_time(&r, NULL);
	n->end_ms = messages_get_time(&r, NULL);
	n->exit_code = get_i32(&r, NULL);
	n->signal = get_i32(&r, NULL);
	n->start_known = message_bool(&r, NULL);
	n->children = (uint32_t)message_int_in(&r, NULL, 0, UINT32_MAX);
	n->name = message_text(&r, NULL, arena);
	n->executable = message_text(&r, NULL, arena);
	n->command_line = message_text(&r, NULL, arena);
	n->user = message_text(&r, NULL, arena);
	message_at_end(&r);
}

struct reader_node *messages_get_nodes(struct message_in *in, const char *name, struct arena *arena, size_t max,
                                     size_t *ret_n)
{
	struct message_in list = message_list(in, name);
	struct reader_node *nodes = messages_get_array(&list, arena, sizeof(*nodes), max, ret_n);

	for (size_t i = 0; i < *ret_n && !in->message->error; i++)
		get_node(&list, arena, &nodes[i]);
	return nodes;
}

static void put_timeline(struct buf *out, const struct reader_timeline *t)
{
	put_bins(out, &t->bins);
	messages_put_bins_counts(out, "child_counts", t->child_bins.counts, t->child_bins.n_bins * EVENT_CATEGORY_COUNT);
	message_put_uint(out, "left_out", t->children_left_out);
	messages_put_nodes(out, "children", t->children, t->n_children);
	message_open_list(out, "marks");
	for (size_t i = 0; i < t->n_child_marks; i++) {
		message_put_uint(out, NULL, t->child_marks[i].child);
		message_put_uint(out, NULL, t->child_marks[i].bin);
		message_put_uint(out, NULL, t->child_marks[i].category);
		message_put_uint(out, NULL, t->child_marks[i].count);
	}
	message_close_list(out);
}

static void get_marks(struct message_in *in, struct reader_timeline *t)
{
	struct message_in list = message_list(in, "marks");
	size_t n = message_left(&list) / 4;

	if (n > READER_MAX_CHILD_MARKS || (n && (!t->n_children || !t->bins.n_bins)))
		message_bad(in);
	if (n == 0 || in->message->error)
		return;
	t->child_marks = arena_alloc(&t->arena, n * sizeof(*t->child_marks));
	if (!t->child_marks) {
		out_of_memory(in);
		return;
	}
	t->n_child_marks = n;
	for (size_t i = 0; i < n; i++) {
		t->child_marks[i].child = (uint32_t)message_int_in(&list, NULL, 0, (int64_t)t->n_children - 1);
		t->child_marks[i].bin = (uint32_t)message_int_in(&list, NULL, 0, (int64_t)t->bins.n_bins - 1);
		t->child_marks[i].category = (uint32_t)get_category(&list);
		t->child_marks[i].count = message_uint(&list, NULL);
	}
	message_at_end(&list);
}

static void get_timeline(struct message_in *in, const struct messages_call *call, struct reader_timeline *t)
{
	size_t n;

	get_bins(in, call, &t->bins);
	if (in->message->error)
		return;
	n = t->bins.n_bins * EVENT_CATEGORY_COUNT;
	t->child_bins = t->bins;
	t->bins.counts = arena_alloc(&t->arena, n * sizeof(*t->bins.counts));
	t->child_bins.counts = arena_alloc(&t->arena, n * sizeof(*t->child_bins.counts));
	if (!t->bins.counts || !t->child_bins.counts) {
		out_of_memory(in);
		return;
	}
	messages_get_bins_counts(in, "counts", t->bins.counts, n);
	messages_get_bins_counts(in, "child_counts", t->child_bins.counts, n);
	t->children_left_out = message_uint(in, "left_out");
	t->children = messages_get_nodes(in, "children", &t->arena, call->max_children, &t->n_children);
	get_marks(in, t);
}

static void put_tree(struct buf *out, const struct reader_tree *t)
{
	message_put_uint(out, "ancestors", t->n_ancestors);
	message_put_uint(out, "peers", t->n_peers);
	message_put_uint(out, "peers_left_out", t->peers_left_out);
	message_put_uint(out, "children_left_out", t->children_left_out);
	messages_put_nodes(out, "nodes", t->nodes, t->n);
}

static void get_tree(struct message_in *in, const struct messages_call *call, struct reader_tree *t)
{
	t->nodes = messages_get_nodes(in, "nodes", &t->arena, MESSAGES_NODES_MOST, &t->n);
	t->n_ancestors = (size_t)message_int_in(in, "ancestors", 0, call->limits.depth_up);
	t->n_peers = (size_t)message_int_in(in, "peers", 0, call->limits.max_peers);
	t->peers_left_out = message_uint(in, "peers_left_out");
	t->children_left_out = message_uint(in, "children_left_out");
	if (t->n < 1 + t->n_ancestors + t->n_peers || t->nodes[0].process != call->process)
		message_bad(in);
}

/* ---- distribution ---- */

static void put_distribution(struct buf *out, const struct reader_distribution *d)
{
	message_open_list(out, "shares");
	for (size_t i = 0; i < d->n; i++) {
		message_open_list(out, NULL);
		message_put_int(out, NULL, d->shares[i].action);
		message_put_uint(out, NULL, d->shares[i].count);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_distribution(struct message_in *in, struct reader_distribution *d)
{
	struct message_in list = message_list(in, "shares");
	size_t n = message_left(&list);

	if (n == 0 || in->message->error)
		return;
	d->shares = get_memory(in, n, sizeof(*d->shares));
	d->n = d->shares ? n : 0;
	for (size_t i = 0; i < d->n && !in->message->error; i++) {
		struct message_in r = message_list(&list, NULL);

		d->shares[i].action = get_i32(&r, NULL);
		d->shares[i].count = message_uint(&r, NULL);
		message_at_end(&r);
	}
}

/* ---- all ---- */

void messages_put_answer(struct buf *out, uint64_t id, enum messages_type type, const union messages_answer *a)
{
	message_begin(out, id, answer_names[type]);
	switch (type) {
	case MESSAGES_INFO: messages_put_info(out, &a->info); break;
	case MESSAGES_COUNT: put_count(out, &a->count); break;
	case MESSAGES_PAGE: put_page(out, &a->page); break;
	case MESSAGES_HISTOGRAM: put_bins(out, &a->histogram); break;
	case MESSAGES_PROCESS: put_process(out, &a->process); break;
	case MESSAGES_TIMELINE: put_timeline(out, &a->timeline); break;
	case MESSAGES_TREE: put_tree(out, &a->tree); break;
	case MESSAGES_DISTRIBUTION: put_distribution(out, &a->distribution); break;
	case MESSAGES_LANES: messages_put_lanes(out, &a->lanes); break;
	case MESSAGES_STORY: messages_put_story(out, &a->story); break;
	case MESSAGES_COMPLETENESS: messages_put_completeness(out, &a->completeness); break;
	case MESSAGES_VALUES: messages_put_values(out, &a->values); break;
	case MESSAGES_CELLS: messages_put_cells(out, &a->cells); break;
	case MESSAGES_SPACE: messages_put_space(out, &a->space); break;
	case MESSAGES_INVENTORY: messages_put_inventory(out, &a->inventory); break;
	default: break;
	}
	message_end(out);
}

static void get_answer(struct message_in *in, const struct messages_call *call, union messages_answer *a)
{
	switch (call->type) {
	case MESSAGES_INFO: messages_get_info(in, &a->info); break;
	case MESSAGES_COUNT: get_count(in, call, &a->count); break;
	case MESSAGES_PAGE: get_page(in, call, &a->page); break;
	case MESSAGES_HISTOGRAM: get_histogram(in, call, &a->histogram); break;
	case MESSAGES_PROCESS: get_process(in, call, &a->process); break;
	case MESSAGES_TIMELINE: get_timeline(in, call, &a->timeline); break;
	case MESSAGES_TREE: get_tree(in, call, &a->tree); break;
	case MESSAGES_DISTRIBUTION: get_distribution(in, &a->distribution); break;
	case MESSAGES_LANES: messages_get_lanes(in, call, &a->lanes); break;
	case MESSAGES_STORY: messages_get_story(in, call, &a->story); break;
	case MESSAGES_COMPLETENESS: messages_get_completeness(in, &a->completeness); break;
	case MESSAGES_VALUES: messages_get_values(in, call, &a->values); break;
	case MESSAGES_CELLS: messages_get_cells(in, call, &a->cells); break;
	case MESSAGES_SPACE: messages_get_space(in, call, &a->space); break;
	case MESSAGES_INVENTORY: messages_get_inventory(in, &a->inventory); break;
	default: break;
	}
}

int messages_get_answer(struct message *m, const struct messages_call *call, union messages_answer *ret)
{
	struct message_in in = message_root(m);
	union messages_answer a;

	if (!message_is(m, answer_names[call->type]))
		return -EPROTO;
	memset(&a, 0, sizeof(a));
	get_answer(&in, call, &a);
	if (m->error) {
		messages_answer_free(call->type, &a);
		return m->error;
	}
	if (ret)
		*ret = a;
	return 0;
}
