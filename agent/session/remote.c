#include "agent/session/remote.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/session/messages.h"
#include "agent/wire/frame.h"
#include "agent/wire/wire.h"

enum { POLL_MS = 20, GUARD_MS = 50, TEXT_SIZE = 6000, KEEP_BYTES = 1 << 20 };

struct remote {
	struct reader base;
	int fd;
	int lost; /* negative errno: the connection cannot be used any more */
	const char *why; /* what the guard said; NULL else */
	remote_guard_fn *guard;
	int64_t call_ms;
	uint64_t last_id;
	struct frame_decoder in;
	void (*on_close)(void *data);
	void *close_data;
};

/* One call on its way. */
struct exchange {
	struct remote *r;
	const struct messages_call *call;
	union messages_answer *answer;
	struct cancel *cancel;
	vault_progress_fn *progress;
	void *progress_data;
	char *text; /* TEXT_SIZE: what the other side says about an error */
	struct buf out;
	double told; /* progress passed on */
	int64_t heard_ms, cancelled_ms; /* monotonic; 0: not cancelled */
	int64_t moved_ms, looked_ms;    /* the last progress; the guard's last look */
	bool done;
	int result; /* once done */
};

static const struct message_limits answer_limits = { WIRE_ANSWER_BYTES, WIRE_ANSWER_VALUES };

/* ---- one call ---- */

static int handle(struct exchange *x, struct message *m)
{
	bool chatter = message_is(m, "alive") || message_is(m, "progress");

	if (m->id != x->call->id)
		return chatter && m->id < x->call->id ? 0 : -EPROTO;
	if (chatter) {
		double fraction = message_is(m, "progress") ? messages_get_progress(m) : 0;

		if (m->error)
			return m->error;
		/* Rising only: a thousand times at most, however often the other side says something. */
		if (fraction > x->told) {
			x->told = fraction;
			x->moved_ms = clock_monotonic();
			if (x->progress)
				x->progress(fraction, x->progress_data);
		}
		return 0;
	}
	x->result = message_is(m, "error") ? messages_get_error(m, x->text, TEXT_SIZE)
	                                   : messages_get_answer(m, x->call, x->answer);
	x->done = true;
	return x->result == -EPROTO ? -EPROTO : 0;
}

static int receive(struct exchange *x)
{
	char bytes[65536];
	struct frame f;
	ssize_t n = recv(x->r->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int r;

	if (n == 0)
		return -EPIPE;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	x->heard_ms = clock_monotonic();
	r = frame_feed(&x->r->in, bytes, (size_t)n);
	if (r < 0)
		return r;
	while (!x->done && (r = frame_next(&x->r->in, &f)) == 1) {
		struct message m;

		r = f.kind == FRAME_TEXT ? message_parse(f.payload, &answer_limits, &m) : -EPROTO;
		if (r == 0) {
			r = handle(x, &m);
			message_free(&m);
		}
		if (r < 0)
			break;
	}
	return r < 0 ? r : 0;
}

static int transmit(struct exchange *x)
{
	ssize_t n = send(x->r->fd, x->out.p, x->out.n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	buf_consume(&x->out, (size_t)n);
	return 0;
}

static int put_frame(struct buf *out, const struct messages_call *call)
{
	size_t begin = frame_begin(out);

	messages_put_call(out, call);
	return frame_end(out, begin, FRAME_TEXT, WIRE_REQUEST_BYTES);
}

/* Whatever it says of itself. */
static int ask_guard(struct exchange *x, int64_t now)
{
	if (!x->r->guard || now - x->looked_ms < GUARD_MS)
		return 0;
	x->looked_ms = now;
	x->r->why = x->r->guard(x->r->close_data, false);
	return x->r->why ? -EPIPE : 0;
}

static int check_clocks(struct exchange *x)
{
	int64_t now = clock_monotonic();

	if (!x->cancelled_ms && x->cancel && atomic_load(&x->cancel->requested)) {
		struct messages_call c = { .type = MESSAGES_CANCEL, .id = x->call->id };
		int r = put_frame(&x->out, &c);

		if (r < 0)
			return r;
		x->cancelled_ms = now;
	}
	if (now - x->heard_ms > WIRE_SILENCE_MS || now - x->moved_ms > x->r->call_ms ||
	    (x->cancelled_ms && now - x->cancelled_ms > WIRE_CANCEL_MS))
		return -ETIMEDOUT;
	return ask_guard(x, now);
}

/* 0 once the call is done (x->result), or why the connection is lost. */
static int exchange(struct exchange *x)
{
	while (!x->done) {
		struct pollfd p = { .fd = x->r->fd, .events = (short)(POLLIN | (x->out.n ? POLLOUT : 0)) };
		int r = check_clocks(x);

		if (r < 0)
			return r;
		if (poll(&p, 1, POLL_MS) < 0 && errno != EINTR)
			return -errno;
		if (p.revents & (POLLIN | POLLHUP | POLLERR))
			r = receive(x);
		else if (p.revents & POLLOUT)
			r = transmit(x);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *lost_text(int error)
{
	switch (error) {
	case -EPIPE: return "the process that reads the recording has ended";
	case -ETIMEDOUT: return "the process that reads the recording does not answer";
	case -EPROTO: return "the process that reads the recording answers nonsense";
	default: return "the process that reads the recording cannot be reached";
	}
}

static int lose(struct remote *r, int error)
{
	if (!r->lost) {
		r->lost = error;
		shutdown(r->fd, SHUT_RDWR);
		if (r->guard)
			r->guard(r->close_data, true);
	}
	snprintf(r->base.error, sizeof(r->base.error), "%s", r->why ? r->why : lost_text(r->lost));
	return r->lost;
}

static int call_remote(struct exchange *x, struct messages_call *call)
{
	struct remote *r = x->r;
	int error;

	r->base.error[0] = 0;
	x->text[0] = 0;
	if (r->lost)
		return lose(r, r->lost);
	error = messages_bound_call(call);
	if (error < 0)
		return error;
	call->id = ++r->last_id;
	x->call = call;
	error = put_frame(&x->out, call);
	if (error < 0) {
		buf_free(&x->out);
		return error == -EMSGSIZE ? -E2BIG : error;
	}
	x->heard_ms = x->moved_ms = clock_monotonic();
	error = exchange(x);
	buf_free(&x->out);
	if (error == 0 && r->in.at == r->in.in.n && r->in.in.cap > KEEP_BYTES) {
		frame_decoder_free(&r->in);
		r->in = FRAME_DECODER_INIT(WIRE_ANSWER_BYTES);
	}
	if (error < 0)
		return lose(r, error);
	snprintf(r->base.error, sizeof(r->base.error), "%.*s", (int)sizeof(r->base.error) - 1, x->text);
	return x->result;
}

static int call_simple(struct reader *base, struct cancel *cancel, struct messages_call call,
                       union messages_answer *ret)
{
	char text[TEXT_SIZE];
	struct exchange x = { .r = (struct remote *)base, .answer = ret, .cancel = cancel, .text = text,
	                      .progress = base->progress, .progress_data = base->progress_data };

	return call_remote(&x, &call);
}

int remote_open(struct reader *base, const char *path, unsigned flags, struct cancel *cancel,
                vault_progress_fn *progress, void *data, char **ret_error)
{
	char text[TEXT_SIZE];
	struct messages_call call = { .type = MESSAGES_OPEN, .path = span_of(path), .flags = flags };
	struct exchange x = { .r = (struct remote *)base, .cancel = cancel, .progress = progress, .progress_data = data,
	                      .text = text };
	int r = call_remote(&x, &call);

	if (r < 0 && text[0])
		*ret_error = strdup(text);
	return r;
}

/* ---- the reader ---- */

#define CALL(member, ...) \
	union messages_answer a; \
	int error = call_simple(r, c, (struct messages_call){ __VA_ARGS__ }, &a); \
	if (error == 0) \
		*ret = a.member; \
	return error

static int remote_info(struct reader *r, struct cancel *c, struct reader_info *ret)
{
	CALL(info, .type = MESSAGES_INFO);
}

static int remote_count(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                        uint64_t step, struct reader_count *ret)
{
	CALL(count, .type = MESSAGES_COUNT, .where = where, .range = range, .step = step);
}

static int remote_page(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                       struct reader_place at, size_t n, struct reader_page *ret)
{
	CALL(page, .type = MESSAGES_PAGE, .where = where, .range = range, .at = at, .n = n);
}

static int remote_histogram(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                            size_t n_bins, struct reader_histogram *ret)
{
	CALL(histogram, .type = MESSAGES_HISTOGRAM, .where = where, .range = range, .n = n_bins);
}

static int remote_process(struct reader *r, struct cancel *c, int64_t process, struct reader_process *ret)
{
	CALL(process, .type = MESSAGES_PROCESS, .process = process);
}

static int remote_timeline(struct reader *r, struct cancel *c, int64_t process, struct reader_range range,
                           size_t n_bins, size_t max_children, struct reader_timeline *ret)
{
	CALL(timeline, .type = MESSAGES_TIMELINE, .process = process, .range = range, .n = n_bins,
	     .max_children = max_children);
}

static int remote_tree(struct reader *r, struct cancel *c, int64_t process, struct reader_tree_limits limits,
                       struct reader_tree *ret)
{
	CALL(tree, .type = MESSAGES_TREE, .process = process, .limits = limits);
}

static int remote_distribution(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                               struct reader_distribution *ret)
{
	CALL(distribution, .type = MESSAGES_DISTRIBUTION, .where = where, .range = range);
}

static int remote_lanes(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                        enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret)
{
	CALL(lanes, .type = MESSAGES_LANES, .where = where, .range = range, .by = by, .n = n_bins, .max_children = max_lanes);
}

static int remote_story(struct reader *r, struct cancel *c, int64_t process, size_t max, struct reader_story *ret)
{
	CALL(story, .type = MESSAGES_STORY, .process = process, .max_children = max);
}

static int remote_completeness(struct reader *r, struct cancel *c, struct reader_range range, unsigned kinds,
                               struct reader_completeness *ret)
{
	CALL(completeness, .type = MESSAGES_COMPLETENESS, .range = range, .kinds = kinds);
}

static int remote_values(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                         const struct reader_values_wish *wish, struct reader_values *ret)
{
	CALL(values, .type = MESSAGES_VALUES, .where = where, .range = range, .wish = *wish);
}

static int remote_space(struct reader *r, struct cancel *c, size_t max, struct reader_space *ret)
{
	CALL(space, .type = MESSAGES_SPACE, .n = max);
}

static int remote_inventory(struct reader *r, struct cancel *c, struct reader_inventory *ret)
{
	CALL(inventory, .type = MESSAGES_INVENTORY);
}

static int remote_cells(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret)
{
	CALL(cells, .type = MESSAGES_CELLS, .cells = *wish);
}

static void remote_close(struct reader *base)
{
	struct remote *r = (struct remote *)base;

	close(r->fd);
	if (r->on_close)
		r->on_close(r->close_data);
	frame_decoder_free(&r->in);
	free(r);
}

static const struct reader_ops remote_ops = {
	.info = remote_info,
	.count = remote_count,
	.page = remote_page,
	.histogram = remote_histogram,
	.process = remote_process,
	.timeline = remote_timeline,
	.tree = remote_tree,
	.distribution = remote_distribution,
	.lanes = remote_lanes,
	.story = remote_story,
	.completeness = remote_completeness,
	.values = remote_values,
	.cells = remote_cells,
	.space = remote_space,
	.inventory = remote_inventory,
	.close = remote_close,
};

struct reader *remote_reader_new(int fd)
{
	struct remote *r = calloc(1, sizeof(*r));

	if (!r) {
		close(fd);
		return NULL;
	}
	r->base.ops = &remote_ops;
	r->fd = fd;
	r->in = FRAME_DECODER_INIT(WIRE_ANSWER_BYTES);
	r->call_ms = WIRE_CALL_MS;
	return &r->base;
}

void remote_guard(struct reader *base, remote_guard_fn *fn)
{
	((struct remote *)base)->guard = fn;
}

void remote_set_patience(struct reader *base, int64_t call_ms)
{
	((struct remote *)base)->call_ms = call_ms;
}

void remote_on_close(struct reader *base, void (*fn)(void *data), void *data)
{
	struct remote *r = (struct remote *)base;

	r->on_close = fn;
	r->close_data = data;
}

void *remote_close_data(const struct reader *base)
{
	return base->ops == &remote_ops ? ((const struct remote *)base)->close_data : NULL;
}
