#include "agent/session/messages.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/session/messages-pieces.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"
#include "recorder/store/vault.h"

static const char *const call_names[MESSAGES_TYPE_COUNT] = {
	[MESSAGES_OPEN] = "session.open",
	[MESSAGES_CANCEL] = "cancel",
	[MESSAGES_INFO] = "reader.info",
	[MESSAGES_COUNT] = "reader.count",
	[MESSAGES_PAGE] = "reader.page",
	[MESSAGES_HISTOGRAM] = "reader.histogram",
	[MESSAGES_PROCESS] = "reader.process",
	[MESSAGES_TIMELINE] = "reader.timeline",
	[MESSAGES_TREE] = "reader.tree",
	[MESSAGES_DISTRIBUTION] = "reader.distribution",
	[MESSAGES_LANES] = "reader.lanes",
	[MESSAGES_STORY] = "reader.story",
	[MESSAGES_COMPLETENESS] = "reader.completeness",
	[MESSAGES_VALUES] = "reader.values",
	[MESSAGES_CELLS] = "reader.cells",
	[MESSAGES_SPACE] = "reader.space",
	[MESSAGES_INVENTORY] = "reader.inventory",
};

static bool has_where(enum messages_type t)
{
	return t == MESSAGES_COUNT || t == MESSAGES_PAGE || t == MESSAGES_HISTOGRAM || t == MESSAGES_DISTRIBUTION ||
	       t == MESSAGES_LANES || t == MESSAGES_VALUES;
}

static bool has_range(enum messages_type t)
{
	return has_where(t) || t == MESSAGES_TIMELINE || t == MESSAGES_COMPLETENESS;
}

static bool has_process(enum messages_type t)
{
	return t == MESSAGES_PROCESS || t == MESSAGES_TIMELINE || t == MESSAGES_TREE || t == MESSAGES_STORY;
}

static bool has_bins(enum messages_type t)
{
	return t == MESSAGES_HISTOGRAM || t == MESSAGES_TIMELINE || t == MESSAGES_LANES;
}

/* ---- calls ---- */

static void put_where(struct buf *out, const struct expr *where)
{
	AUTO_BUF text = BUF_INIT;

	if (where)
		expr_print(where, &text);
	if (text.failed)
		out->failed = true;
	message_put_text(out, "where", where ? buf_span(&text) : SPAN_NONE);
}

static uint32_t at_most(uint32_t v, uint32_t max)
{
	return v < max ? v : max;
}

int messages_bound_call(struct messages_call *c)
{
	if ((c->type == MESSAGES_HISTOGRAM || c->type == MESSAGES_TIMELINE) && (c->n < 1 || c->n > READER_MAX_BINS))
		return -EINVAL;
	if (c->type == MESSAGES_LANES && (c->n > READER_MAX_BINS || (unsigned)c->by >= READER_GROUPS ||
	                                  c->max_children > READER_MAX_LANES ||
	                                  c->n * c->max_children > READER_MAX_LANE_COUNTS))
		return -EINVAL;
	if (c->type == MESSAGES_VALUES && (!c->wish.field || (unsigned)c->wish.order > READER_RARE_FIRST ||
	                                   c->wish.max > READER_MAX_VALUES || c->wish.part.n > READER_VALUE_BYTES))
		return -EINVAL;
	if (c->type == MESSAGES_SPACE && c->n > READER_MAX_COSTS)
		return -EINVAL;
	if (c->type == MESSAGES_CELLS && !reader_cells_wish_is_sound(&c->cells))
		return -EINVAL;
	if (c->type == MESSAGES_PAGE && c->n > MESSAGES_MAX_ROWS)
		c->n = MESSAGES_MAX_ROWS;
	if (c->max_children > MESSAGES_MAX_NODES)
		c->max_children = MESSAGES_MAX_NODES;
	c->limits.depth_up = at_most(c->limits.depth_up, MESSAGES_MAX_NODES);
	c->limits.depth_down = at_most(c->limits.depth_down, MESSAGES_MAX_NODES);
	c->limits.max_peers = at_most(c->limits.max_peers, MESSAGES_MAX_NODES);
	c->limits.max_children = at_most(c->limits.max_children, MESSAGES_MAX_NODES);
	return 0;
}

void messages_put_call(struct buf *out, const struct messages_call *c)
{
	message_begin(out, c->id, call_names[c->type]);
	if (has_where(c->type))
		put_where(out, c->where);
	if (has_range(c->type)) {
		message_put_int(out, "from", c->range.from_ms);
		message_put_int(out, "to", c->range.to_ms);
	}
	if (has_process(c->type))
		message_put_int(out, "process", c->process);
	if (has_bins(c->type))
		message_put_uint(out, "bins", c->n);
	if (c->type == MESSAGES_TIMELINE || c->type == MESSAGES_STORY)
		message_put_uint(out, "children", c->max_children);
	if (c->type == MESSAGES_LANES) {
		message_put_uint(out, "by", c->by);
		message_put_uint(out, "lanes", c->max_children);
	}
	if (c->type == MESSAGES_COMPLETENESS)
		message_put_uint(out, "kinds", c->kinds);
	if (c->type == MESSAGES_VALUES)
		messages_put_wish(out, &c->wish);
	if (c->type == MESSAGES_CELLS)
		messages_put_cells_wish(out, &c->cells);
	if (c->type == MESSAGES_SPACE)
		message_put_uint(out, "costs", c->n);
	if (c->type == MESSAGES_COUNT)
		message_put_uint(out, "step", c->step);
	if (c->type == MESSAGES_PAGE) {
		message_put_bool(out, "newest", c->at.order == READER_NEWEST_FIRST);
		message_put_int(out, "at", c->at.id);
		message_put_uint(out, "skip", c->at.skip);
		message_put_uint(out, "n", c->n);
	}
	if (c->type == MESSAGES_TREE) {
		message_open_list(out, "limits");
		message_put_uint(out, NULL, c->limits.depth_up);
		message_put_uint(out, NULL, c->limits.depth_down);
		message_put_uint(out, NULL, c->limits.max_peers);
		message_put_uint(out, NULL, c->limits.max_children);
		message_close_list(out);
	}
	if (c->type == MESSAGES_OPEN) {
		message_put_text(out, "path", c->path);
		message_put_bool(out, "check", c->flags & VAULT_CHECK);
		message_put_bool(out, "live", c->flags & VAULT_LIVE);
	}
	message_end(out);
}

static int get_where(struct message_in *in, struct arena *arena, struct messages_call *ret,
                     struct expr_error *ret_error)
{
	struct span text = message_text(in, "where", arena);
	struct expr *e = NULL;
	int r;

	if (!text.p || in->message->error)
		return 0;
	r = expr_parse(text, &e, ret_error);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	ret->where = e;
	return 0;
}

static void get_limits(struct message_in *in, struct reader_tree_limits *ret)
{
	struct message_in list = message_list(in, "limits");

	ret->depth_up = (uint32_t)message_int_in(&list, NULL, 0, MESSAGES_MAX_NODES);
	ret->depth_down = (uint32_t)message_int_in(&list, NULL, 0, MESSAGES_MAX_NODES);
	ret->max_peers = (uint32_t)message_int_in(&list, NULL, 0, MESSAGES_MAX_NODES);
	ret->max_children = (uint32_t)message_int_in(&list, NULL, 0, MESSAGES_MAX_NODES);
	message_at_end(&list);
}

static void get_open(struct message_in *in, struct arena *arena, struct messages_call *c)
{
	c->path = message_text(in, "path", arena);
	if (!c->path.n || c->path.n >= MESSAGES_MAX_PATH || memchr(c->path.p, 0, c->path.n))
		message_bad(in);
	c->flags = (message_bool(in, "check") ? VAULT_CHECK : 0u) | (message_bool(in, "live") ? VAULT_LIVE : 0u);
}

static void get_arguments(struct message_in *in, struct arena *arena, struct messages_call *c)
{
	if (has_range(c->type)) {
		c->range.from_ms = message_int(in, "from");
		c->range.to_ms = message_int(in, "to");
	}
	if (has_process(c->type))
		c->process = message_int(in, "process");
	if (has_bins(c->type))
		c->n = (uint64_t)message_int_in(in, "bins", c->type != MESSAGES_LANES, READER_MAX_BINS);
	if (c->type == MESSAGES_LANES) {
		c->by = (enum reader_group)message_int_in(in, "by", 0, READER_GROUPS - 1);
		c->max_children = (uint64_t)message_int_in(in, "lanes", 0, READER_MAX_LANES);
		if (c->n * c->max_children > READER_MAX_LANE_COUNTS)
			message_bad(in);
	}
	if (c->type == MESSAGES_TIMELINE || c->type == MESSAGES_STORY)
		c->max_children = (uint64_t)message_int_in(in, "children", 0, MESSAGES_MAX_NODES);
	if (c->type == MESSAGES_COMPLETENESS)
		c->kinds = (unsigned)message_int_in(in, "kinds", 0, UINT16_MAX);
	if (c->type == MESSAGES_VALUES)
		messages_get_wish(in, arena, &c->wish);
	if (c->type == MESSAGES_CELLS)
		messages_get_cells_wish(in, arena, &c->cells);
	if (c->type == MESSAGES_SPACE)
		c->n = (uint64_t)message_int_in(in, "costs", 0, READER_MAX_COSTS);
	if (c->type == MESSAGES_COUNT)
		c->step = message_uint(in, "step");
	if (c->type == MESSAGES_PAGE) {
		c->at.order = message_bool(in, "newest") ? READER_NEWEST_FIRST : READER_OLDEST_FIRST;
		c->at.id = message_int(in, "at");
		c->at.skip = message_uint(in, "skip");
		c->n = (uint64_t)message_int_in(in, "n", 0, MESSAGES_MAX_ROWS);
	}
	if (c->type == MESSAGES_TREE)
		get_limits(in, &c->limits);
	if (c->type == MESSAGES_OPEN)
		get_open(in, arena, c);
}

int messages_get_call(struct message *m, struct arena *arena, struct messages_call *ret, struct expr_error *ret_error)
{
	struct messages_call c = { .id = m->id };
	struct message_in in = message_root(m);
	int r = 0;

	while (c.type < MESSAGES_TYPE_COUNT && !message_is(m, call_names[c.type]))
		c.type++;
	if (c.type == MESSAGES_TYPE_COUNT)
		return -EPROTO;
	get_arguments(&in, arena, &c);
	if (has_where(c.type) && !m->error)
		r = get_where(&in, arena, &c, ret_error);
	if (r == 0)
		r = m->error;
	if (r < 0) {
		expr_free((struct expr *)c.where);
		return r;
	}
	*ret = c;
	return 0;
}

/* ---- errors and the rest ---- */

void messages_put_error(struct buf *out, uint64_t id, int error, const char *text)
{
	message_begin(out, id, "error");
	message_put_text(out, "error", span_of(error_name(error)));
	message_put_text(out, "text", text && *text ? span_of(text) : SPAN_NONE);
	message_end(out);
}

/* As much of s as fits, never half a character. */
static void copy_visible(char *text, size_t size, struct span s)
{
	AUTO_BUF visible = BUF_INIT;
	size_t n;

	text_visible(&visible, s);
	n = visible.failed ? 0 : visible.n < size ? visible.n : size - 1;
	while (n > 0 && n < visible.n && ((unsigned char)visible.p[n] & 0xc0) == 0x80)
		n--;
	memcpy(text, buf_span(&visible).p, n);
	text[n] = 0;
}

int messages_get_error(struct message *m, char *text, size_t size)
{
	struct message_in in = message_root(m);
	struct arena arena = ARENA_INIT;
	int r = -EPROTO;

	if (message_is(m, "error")) {
		struct span name = message_text(&in, "error", &arena), what = message_text(&in, "text", &arena);

		r = m->error ? m->error : error_number(name);
		copy_visible(text, size, what);
	}
	arena_free(&arena);
	return r;
}

void messages_put_progress(struct buf *out, uint64_t id, double fraction)
{
	message_begin(out, id, "progress");
	message_put_int(out, "permille", fraction >= 1 ? 1000 : fraction > 0 ? (int64_t)(fraction * 1000) : 0);
	message_end(out);
}

double messages_get_progress(struct message *m)
{
	struct message_in in = message_root(m);

	return (double)message_int_in(&in, "permille", 0, 1000) / 1000;
}

void messages_put_alive(struct buf *out, uint64_t id)
{
	message_begin(out, id, "alive");
	message_end(out);
}

void messages_answer_free(enum messages_type type, union messages_answer *a)
{
	switch (type) {
	case MESSAGES_INFO: reader_info_free(&a->info); break;
	case MESSAGES_COUNT: reader_count_free(&a->count); break;
	case MESSAGES_PAGE: reader_page_free(&a->page); break;
	case MESSAGES_HISTOGRAM: reader_histogram_free(&a->histogram); break;
	case MESSAGES_PROCESS: reader_process_free(&a->process); break;
	case MESSAGES_TIMELINE: reader_timeline_free(&a->timeline); break;
	case MESSAGES_TREE: reader_tree_free(&a->tree); break;
	case MESSAGES_DISTRIBUTION: reader_distribution_free(&a->distribution); break;
	case MESSAGES_LANES: reader_lanes_free(&a->lanes); break;
	case MESSAGES_STORY: reader_story_free(&a->story); break;
	case MESSAGES_COMPLETENESS: reader_completeness_free(&a->completeness); break;
	case MESSAGES_VALUES: reader_values_free(&a->values); break;
	case MESSAGES_CELLS: reader_cells_free(&a->cells); break;
	case MESSAGES_SPACE: reader_space_free(&a->space); break;
	case MESSAGES_INVENTORY: reader_inventory_free(&a->inventory); break;
	default: break;
	}
}
