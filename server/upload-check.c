#include "server/upload-check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/session/confine.h"
#include "agent/wire/frame.h"
#include "agent/wire/message.h"

/* What it tells of a recording is small, but for lists of what was lost. */
enum { MAX_ANSWER = 4 << 20, MAX_VALUES = 1 << 17, TEXT = 256, PIECE = 16 << 10, PATIENCE_MS = 120000 };

struct upload_check {
	struct fdm *fdm;
	upload_check_fn *fn;
	void *data;
	int fd;
	bool watched;
	pid_t child;
	int64_t begun;
	struct frame_decoder in;
};

static void finish(struct upload_check *c, int error, const char *text)
{
	fdm_remove(c->fdm, c->fd);
	c->watched = false;
	c->fn(error, text, c->data);
}

/* ---- its answer ---- */

static void read_error(struct message *m, char text[TEXT])
{
	struct message_in in = message_root(m);
	struct arena arena = ARENA_INIT;
	struct span said = message_text(&in, "text", &arena);

	snprintf(text, TEXT, "%.*s", SPAN_FMT(!m->error && said.n ? said : SPAN("it cannot be read")));
	arena_free(&arena);
}

/* 1 when it is no answer, but a sign of life. */
static int judge(struct span payload, char text[TEXT])
{
	static const struct message_limits limits = { MAX_ANSWER, MAX_VALUES };
	struct message m;
	int r = message_parse(payload, &limits, &m);

	if (r < 0)
		return r;
	if (message_is(&m, "info"))
		r = 0;
	else if (message_is(&m, "alive") || message_is(&m, "progress"))
		r = 1;
	else
		r = -EBADMSG;
	if (r < 0)
		read_error(&m, text);
	message_free(&m);
	return r;
}

static int on_readable(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct upload_check *c = data;
	char piece[PIECE], text[TEXT] = "it cannot be read";
	struct frame f;
	ssize_t n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
	int r;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	r = n <= 0 ? -EPIPE : frame_feed(&c->in, piece, (size_t)n);
	while (r == 0 && (r = frame_next(&c->in, &f)) == 1) {
		r = judge(f.payload, text);
		if (r <= 0) {
			finish(c, r, text);
			return 0;
		}
		r = 0;
	}
	if (r < 0)
		finish(c, r, text);
	return 0;
}

/* ---- from beginning to end ---- */

static int ask(struct upload_check *c)
{
	AUTO_BUF out = BUF_INIT;
	size_t at = frame_begin(&out);
	int r;

	message_begin(&out, 1, "reader.info");
	message_end(&out);
	r = out.failed ? -ENOMEM : frame_end(&out, at, FRAME_TEXT, MAX_ANSWER);
	if (r < 0)
		return r;
	return send(c->fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)out.n ? 0 : -EPIPE;
}

int upload_check_new(struct fdm *fdm, const char *path, upload_check_fn *fn, void *data, struct upload_check **ret)
{
	struct upload_check *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	*c = (struct upload_check){ .fdm = fdm, .fn = fn, .data = data, .fd = -1, .begun = clock_monotonic(),
				    .in = FRAME_DECODER_INIT(MAX_ANSWER) };
	r = confine_serve_kept(path, &c->fd, &c->child);
	if (r == 0)
		r = fdm_add(fdm, c->fd, EPOLLIN, on_readable, c);
	c->watched = r == 0 && c->fd >= 0;
	if (r == 0)
		r = ask(c);
	if (r < 0) {
		upload_check_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void upload_check_free(struct upload_check *c)
{
	if (!c)
		return;
	if (c->watched)
		fdm_remove(c->fdm, c->fd);
	if (c->fd >= 0)
		close(c->fd);
	if (c->child > 0)
		confine_end(c->child);
	frame_decoder_free(&c->in);
	free(c);
}

void upload_check_tick(struct upload_check *c, int64_t now)
{
	if (confine_memory(c->child) > CONFINE_MEMORY)
		finish(c, -ENOMEM, "reading it took more memory than is allowed");
	else if (now - c->begun > PATIENCE_MS)
		finish(c, -ETIMEDOUT, "reading it took too long");
}
